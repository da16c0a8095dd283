/* SPDX-License-Identifier: MIT */
/* Claims challenges come from servers: whatever is kept of one is a JSON object on one line. */
#include "base/claims_challenge.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    char *json = text ? claims_challenge_read(text) : NULL;

    if (json && (json[0] != '{' || strpbrk(json, "\r\n")))
        abort();
    free(json);
    free(text);
    return 0;
}
