/* SPDX-License-Identifier: MIT */
/*
 * The last gate: a living secret is in no text that has passed it, not percent-encoded either, nor
 * does a control character leave an error. The first byte is the secret's size, which comes next.
 */
#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <base/utf8.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_MIN = 6 }; /* shorter ones are not looked for */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A secret that shows in its own mark would be found in it. */
static int is_told_apart(const char *secret, size_t size)
{
    return size >= SECRET_MIN && !memchr(secret, '\0', size) && !memchr(secret, '<', size) &&
           !memchr(secret, '>', size) && !memmem("secret", 6, secret, size);
}

/* The secret as given, and in front of the text. */
static void check_absent(const char *text, const char *secret, size_t size)
{
    char *shown = malloc(strlen(text) + size + 1);
    size_t shown_size = strlen(text) + size;

    memcpy(shown, secret, size);
    memcpy(shown + size, text, strlen(text) + 1);
    acsmtp_redact(shown, shown_size + 1);
    if (memmem(shown, strlen(shown), secret, size))
        abort();
    free(shown);
}

static void check_text(const char *text, const char *secret, size_t size)
{
    char *encoded = malloc(3 * size + 1), *end = encoded;

    check_absent(text, secret, size);
    for (size_t i = 0; i < size; i++)
        end += snprintf(end, 4, "%%%02x", (unsigned char)secret[i]);
    check_absent(text, encoded, (size_t)(end - encoded));
    free(encoded);
}

static void check_error(const char *text)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    (void)acsmtp_fail(&err, ACSMTP_DENIED, "%s", text);
    acsmtp_error_prefix(&err, "%s", text);
    for (const char *at = err.message; *at; at += utf8_size(at, strlen(at)))
        if (utf8_size(at, strlen(at)) == 0 || utf8_is_control(at, strlen(at)))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t secret_size = size ? data[0] % 64 : 0;
    const char *bytes = (const char *)data + 1;
    struct acsmtp_secret *secret = NULL;
    char *text;

    if (size < 1 + secret_size)
        return 0;
    text = strndup(bytes + secret_size, size - 1 - secret_size);
    if (is_told_apart(bytes, secret_size)) {
        secret = acsmtp_secret_new(bytes, secret_size, NULL);
        check_text(text, bytes, secret_size);
    }
    check_error(text);
    acsmtp_secret_free(secret);
    free(text);
    return 0;
}
