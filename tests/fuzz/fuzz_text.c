/* SPDX-License-Identifier: MIT */
/*
 * Small readers of text: a duration is within its bounds; what base64 is decoded from, it is
 * encoded to; an address that is accepted can be neither two nor a command; a word is near to
 * itself.
 */
#include <acsmtp/message.h>
#include <acsmtp/secret.h>
#include <acsmtp/text.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LONGEST_MS (366LL * 24 * 60 * 60 * 1000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_duration(const char *text)
{
    int64_t milliseconds = -1;

    if (acsmtp_duration_parse(text, &milliseconds) &&
        (milliseconds < 0 || milliseconds > LONGEST_MS))
        abort();
}

/* Padding may be absent, and the alphabet the other: what is decoded is decoded again to itself. */
static void check_base64(const char *text, size_t size)
{
    char bytes[512], again[512];
    struct acsmtp_secret *encoded;
    ptrdiff_t got = acsmtp_base64_decode(text, size, bytes, sizeof bytes);

    if (got < 0)
        return;
    encoded = acsmtp_secret_new("", 0, NULL);
    if (acsmtp_secret_append_base64(encoded, bytes, (size_t)got, NULL) != 0 ||
        acsmtp_base64_decode(acsmtp_secret_data(encoded), acsmtp_secret_size(encoded), again,
                             sizeof again) != got ||
        memcmp(bytes, again, (size_t)got) != 0)
        abort();
    acsmtp_secret_free(encoded);
}

static void check_address(const char *text)
{
    if (acsmtp_address_check(text, NULL) != ACSMTP_OK)
        return;
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        if (*at < 0x20 || *at == 0x7f)
            abort();
    if (!strchr(text, '@'))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[512];
    const char *candidates[] = {"credentials", text};
    const char *near;

    if (size >= sizeof text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    check_duration(text);
    check_base64(text, size);
    check_address(text);
    near = acsmtp_suggest(text, candidates, 2);
    if (near && near != text && strcasecmp(near, candidates[0]) != 0)
        abort();
    return 0;
}
