/* SPDX-License-Identifier: MIT */
/* Tokens and passwords that are handed over; see handed.h. */
#include "handed.h"

#include <acsmtp/token.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES (64U * 1024U)

void handed_first_line(struct acsmtp_secret *secret)
{
    const char *text = acsmtp_secret_data(secret);
    const char *end = memchr(text, '\n', acsmtp_secret_size(secret));

    if (!end)
        return;
    if (end > text && end[-1] == '\r')
        end--;
    acsmtp_secret_truncate(secret, (size_t)(end - text));
}

/* Wait until standard input can be read. */
static int wait_for_input(struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
                            {.fd = acsmtp_context_cancel_fd(context), .events = POLLIN}};
    int status = acsmtp_context_check(context, "standard input", err);

    while (status == ACSMTP_OK) {
        int64_t left = acsmtp_context_remaining(context);
        int ready = poll(fds, 2, left > INT_MAX ? -1 : (int)left);

        if (ready < 0 && errno != EINTR)
            return acsmtp_fail_errno(err, errno, "standard input");
        status = acsmtp_context_check(context, "standard input", err);
        if (ready > 0 && fds[0].revents)
            break;
    }
    return status;
}

/* One byte; *got is 0 at the end of the input. */
static int read_byte(struct acsmtp_context *context, char *byte, int *got, struct acsmtp_error *err)
{
    int status = wait_for_input(context, err);
    ssize_t size;

    if (status != ACSMTP_OK)
        return status;
    do
        size = read(STDIN_FILENO, byte, 1);
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return acsmtp_fail_errno(err, errno, "standard input");
    *got = size == 1;
    return ACSMTP_OK;
}

static int read_line(struct acsmtp_context *context, struct acsmtp_secret *line,
                     struct acsmtp_error *err)
{
    char byte = '\0';
    int got = 1;
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK && got && byte != '\n') {
        status = read_byte(context, &byte, &got, err);
        if (status == ACSMTP_OK && got)
            status = acsmtp_secret_append(line, &byte, 1, err);
        if (status == ACSMTP_OK && acsmtp_secret_size(line) > LINE_MAX_BYTES)
            status = acsmtp_fail(err, ACSMTP_CONFIG,
                                 "the first line of standard input is longer than %u bytes",
                                 LINE_MAX_BYTES);
    }
    acsmtp_wipe(&byte, sizeof byte);
    return status;
}

/*
 * One line, byte by byte, so that what follows (a message) is left to who reads next.
 */
static int read_input(struct acsmtp_context *context, struct acsmtp_secret **line,
                      struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *text = NULL;
    int status;

    if (isatty(STDIN_FILENO))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "standard input is a terminal; to be asked for a secret, write "
                           "{\"prompt\": true} in the place of stdin");
    text = acsmtp_secret_new("", 0, err);
    if (!text)
        return ACSMTP_SYSTEM;
    status = read_line(context, text, err);
    if (status != ACSMTP_OK)
        return status;
    handed_first_line(text);
    if (acsmtp_secret_size(text) == 0)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "standard input holds no secret (a message that comes from there takes "
                           "all of it: give the message as FILE; an isolated plugin needs "
                           "\"allow\": [\"stdin\"])");
    *line = ACSMTP_STEAL(struct acsmtp_secret, text);
    return ACSMTP_OK;
}

int handed_open(const struct acsmtp_settings *settings, const char *option, const char *variable,
                void **instance, struct acsmtp_error *err)
{
    struct handed *handed;

    if (!acsmtp_settings_boolean(settings, "stdin") && !acsmtp_settings_has(settings, option))
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                           "nothing was handed over: neither '%s' nor %s is set", option, variable);
    handed = calloc(1, sizeof *handed);
    if (!handed)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    handed->settings = settings;
    handed->option = option;
    *instance = handed;
    return ACSMTP_OK;
}

int handed_read(struct handed *handed, struct acsmtp_context *context,
                struct acsmtp_secret **secret, struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    if (!acsmtp_settings_boolean(handed->settings, "stdin"))
        return acsmtp_settings_secret(handed->settings, context, handed->option, secret, err);
    if (!handed->line)
        status = read_input(context, &handed->line, err);
    if (status != ACSMTP_OK)
        return status;
    *secret = acsmtp_secret_dup(handed->line, err);
    return *secret ? ACSMTP_OK : ACSMTP_SYSTEM;
}

void handed_close(void *instance)
{
    struct handed *handed = instance;

    if (!handed)
        return;
    acsmtp_secret_free(handed->line);
    free(handed);
}

int handed_check_password(const struct acsmtp_secret *password, const char *hint,
                          struct acsmtp_error *err)
{
    const char *text = acsmtp_secret_data(password);
    size_t size = acsmtp_secret_size(password);

    if (strcspn(text, "\r\n") == size)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG, "the password holds a line break or NUL; %s", hint);
}

int64_t handed_token_expiry(const struct acsmtp_secret *token)
{
    ACSMTP_AUTO_CLAIMS struct acsmtp_claims *claims = acsmtp_claims_parse(token, NULL);
    int64_t expiry = 0;

    if (claims && !acsmtp_claims_integer(claims, "exp", &expiry))
        expiry = 0;
    return expiry > 0 ? expiry : 0;
}

int handed_check_expiry(const char *what, int64_t expires_on, struct acsmtp_error *err)
{
    time_t when = (time_t)expires_on;
    struct tm parts;
    char text[32] = "?";

    if (expires_on <= 0 || expires_on > (int64_t)time(NULL))
        return ACSMTP_OK;
    if (gmtime_r(&when, &parts))
        (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return acsmtp_fail(err, ACSMTP_DENIED, "the %s expired at %s", what, text);
}

int handed_set_token(struct acsmtp_credential *out, struct acsmtp_secret *token, int64_t expires_on,
                     struct acsmtp_error *err)
{
    int status;

    if (expires_on == 0)
        expires_on = handed_token_expiry(token);
    status = handed_check_expiry("token", expires_on, err);
    if (status != ACSMTP_OK) {
        acsmtp_secret_free(token);
        return status;
    }
    return acsmtp_credential_set_token(out, token, expires_on, 0, err);
}
