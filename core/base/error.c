/* SPDX-License-Identifier: MIT */
/*
 * struct acsmtp_error: set once, prefixed by outer layers, always printable and free of secrets.
 */
#include "utf8.h"
#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <stdio.h>
#include <string.h>

/* An older plugin may own a shorter structure: only what lies within its size is touched. */
static int has_room(const struct acsmtp_error *err, size_t end)
{
    return err && err->size >= end;
}

#define HAS(err, field) has_room(err, offsetof(struct acsmtp_error, field) + sizeof((err)->field))

enum { MESSAGE_SIZE = sizeof((struct acsmtp_error){0}.message) };

/* Redacted first: a secret need not be UTF-8. */
static void set_text(char *field, size_t capacity, const char *text)
{
    (void)snprintf(field, capacity, "%s", text);
    acsmtp_redact(field, capacity);
    utf8_make_printable(field, '\0');
}

int acsmtp_vfail(struct acsmtp_error *err, int status, const char *format, va_list args)
{
    char text[MESSAGE_SIZE];

    if (!HAS(err, message))
        return status;
    if (err->status != ACSMTP_OK)
        return err->status;
    (void)vsnprintf(text, sizeof text, format, args);
    err->status = status;
    set_text(err->message, sizeof err->message, text);
    acsmtp_wipe(text, sizeof text);
    return status;
}

int acsmtp_fail(struct acsmtp_error *err, int status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    status = acsmtp_vfail(err, status, format, args);
    va_end(args);
    return status;
}

int acsmtp_fail_errno(struct acsmtp_error *err, int errnum, const char *format, ...)
{
    char what[MESSAGE_SIZE];
    char reason[128];
    va_list args;
    int status;

    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    status =
        acsmtp_fail(err, ACSMTP_SYSTEM, "%s: %s", what, strerror_r(errnum, reason, sizeof reason));
    acsmtp_wipe(what, sizeof what);
    return status;
}

void acsmtp_error_server(struct acsmtp_error *err, int server_code, const char *code,
                         const char *text)
{
    if (!HAS(err, message))
        return;
    if (!err->server_code)
        err->server_code = server_code;
    if (!err->code[0] && code)
        set_text(err->code, sizeof err->code, code);
    if (!err->server_text[0] && text)
        set_text(err->server_text, sizeof err->server_text, text);
}

void acsmtp_error_prefix(struct acsmtp_error *err, const char *format, ...)
{
    char text[2 * MESSAGE_SIZE];
    va_list args;
    size_t used;

    if (!HAS(err, message) || err->status == ACSMTP_OK)
        return;
    va_start(args, format);
    (void)vsnprintf(text, MESSAGE_SIZE, format, args);
    va_end(args);
    used = strlen(text);
    (void)snprintf(text + used, sizeof text - used, ": %s", err->message);
    set_text(err->message, sizeof err->message, text);
    acsmtp_wipe(text, sizeof text);
}

void acsmtp_error_clear(struct acsmtp_error *err)
{
    uint32_t size;

    if (!HAS(err, message))
        return;
    size = err->size;
    *err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    err->size = size;
}

const char *acsmtp_status_name(int status)
{
    static const char *const names[] = {
        [ACSMTP_OK] = "ok",
        [ACSMTP_UNAVAILABLE] = "unavailable",
        [ACSMTP_DENIED] = "denied",
        [ACSMTP_CONFIG] = "config",
        [ACSMTP_TEMPORARY] = "temporary",
        [ACSMTP_REJECTED] = "rejected",
        [ACSMTP_PROTOCOL] = "protocol",
        [ACSMTP_CANCELLED] = "cancelled",
        [ACSMTP_SYSTEM] = "system",
    };

    if (status < 0 || (size_t)status >= sizeof names / sizeof names[0])
        return "unknown";
    return names[status];
}
