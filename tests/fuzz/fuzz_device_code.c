/* SPDX-License-Identifier: MIT */
/* What Entra answers to the first request of a sign-in: whatever passes is shown to a person. */
#include "dialogue.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static int is_plain(const char *text)
{
    while (*text > 0x20 && *text < 0x7f)
        text++;
    return *text == '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct dialogue_code code;
    struct acsmtp_secret *reply = acsmtp_secret_new(data, size, NULL);

    if (!reply)
        return 0;
    if (dialogue_parse(reply, &code, &err) == ACSMTP_OK) {
        must(code.device_code != NULL && code.user_code[0] && is_plain(code.user_code));
        must(strncmp(code.uri, "https://", 8) == 0 && is_plain(code.uri));
        must(!strpbrk(code.uri, "@<>\"'") && !strpbrk(code.user_code, "@/:"));
        must(code.interval >= 1 && code.interval <= 60);
        must(code.expires_in >= 1 && code.expires_in <= 86400);
    } else {
        must(err.status != ACSMTP_OK && code.device_code == NULL);
    }
    acsmtp_secret_free(code.device_code);
    acsmtp_secret_free(reply);
    return 0;
}
