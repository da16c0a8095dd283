/* SPDX-License-Identifier: MIT */
/*
 * Dates: whatever is accepted lies between 1970 and 9999.
 */
#include <acsmtp/token.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[128];
    int64_t seconds;

    if (size >= sizeof text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    for (uint32_t flags = 0; flags <= ACSMTP_TOKEN_LOCAL_TIME; flags++)
        if (acsmtp_date_parse(text, flags, &seconds, NULL) == ACSMTP_OK &&
            (seconds < 0 || seconds > 253402300799))
            abort();
    return 0;
}
