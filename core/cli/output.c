/* SPDX-License-Identifier: MIT */
/* Everything that reaches standard output and standard error, see output.h. */
#include "output.h"
#include <acsmtp/context.h>
#include <acsmtp/secret.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* The first write that failed, for output_close(). */
static int output_errno;

/* Words of a command line pass the filter of every error: who calls sendmail may be a stranger. */
void talk(const char *format, ...)
{
    struct acsmtp_error line = ACSMTP_ERROR_INIT;
    va_list args;

    va_start(args, format);
    (void)acsmtp_vfail(&line, ACSMTP_SYSTEM, format, args);
    va_end(args);
    (void)fprintf(stderr, "acsmtp: %s\n", line.message);
}

void output_text(FILE *out, const char *text)
{
    struct acsmtp_error shown = ACSMTP_ERROR_INIT;

    (void)acsmtp_fail(&shown, ACSMTP_SYSTEM, "%s", text);
    (void)fputs(shown.message, out);
}

/* Many messages may fail for one reason: its way out is told once. */
void talk_error(const struct acsmtp_error *err)
{
    static const char *told;
    const char *hint = acsmtp_hint(err);

    if (err->retry_after > 0)
        talk("%s (it asks to wait %d s)", err->message, (int)err->retry_after);
    else
        talk("%s", err->message);
    if (hint && hint != told)
        (void)fprintf(stderr, "hint: %s\n", hint);
    told = hint;
}

void talk_log(void *data, int level, const char *line)
{
    (void)data;
    if (level == ACSMTP_LOG_ERROR)
        (void)fprintf(stderr, "acsmtp: %s\n", line);
    else if (level == ACSMTP_LOG_WARNING)
        (void)fprintf(stderr, "acsmtp: warning: %s\n", line);
    else
        (void)fprintf(stderr, "%s\n", line);
}

int output_bytes(const void *bytes, size_t size)
{
    const char *next = bytes;

    (void)fflush(stdout);
    while (size) {
        ssize_t written = write(STDOUT_FILENO, next, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            output_errno = written < 0 ? errno : EIO;
            return -1;
        }
        next += written;
        size -= (size_t)written;
    }
    return 0;
}

int output_close(int code)
{
    int failed = fflush(stdout) != 0 || ferror(stdout);

    if (failed && !output_errno)
        output_errno = errno;
    if (!failed && !output_errno)
        return code;
    if (output_errno != EPIPE)
        talk("cannot write to standard output: %s", strerror(output_errno));
    return code == EX_OK ? EX_IOERR : code;
}

/* ---- JSON ---- */

int output_line(const struct acsmtp_json *document)
{
    char *text = acsmtp_json_format(document);
    size_t size = text ? strlen(text) : 0;
    int failed;

    if (!text) {
        talk("out of memory");
        return EX_OSERR;
    }
    text[size] = '\n'; /* where its end was: the length is known */
    failed = output_bytes(text, size + 1) != 0;
    acsmtp_wipe(text, size + 1);
    free(text);
    return failed ? EX_IOERR : EX_OK;
}

int output_json(const struct acsmtp_json *document)
{
    char *text = acsmtp_json_format_pretty(document);
    int failed;

    if (!text) {
        talk("out of memory");
        return EX_OSERR;
    }
    failed = output_bytes(text, strlen(text)) != 0 || output_bytes("\n", 1) != 0;
    acsmtp_wipe(text, strlen(text));
    free(text);
    return failed ? EX_IOERR : EX_OK;
}

struct acsmtp_json *output_document(struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *document = acsmtp_json_new_object(err);

    if (!document || acsmtp_json_set(document, "schema_version",
                                     acsmtp_json_new_integer(OUTPUT_SCHEMA_VERSION, err), err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, document);
}

int output_set_text(struct acsmtp_json *object, const char *key, const char *text,
                    struct acsmtp_error *err)
{
    if (!text || !*text)
        return ACSMTP_OK;
    return acsmtp_json_set(object, key, acsmtp_json_new_string(text, err), err);
}

struct acsmtp_json *output_event(const char *type, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *event = output_document(err);

    if (!event || output_set_text(event, "type", type, err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, event);
}

static int set_number(struct acsmtp_json *object, const char *key, int64_t value,
                      struct acsmtp_error *err)
{
    return acsmtp_json_set(object, key, acsmtp_json_new_integer(value, err), err);
}

struct acsmtp_json *output_error(const struct acsmtp_error *failure, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);

    if (!object ||
        output_set_text(object, "status", acsmtp_status_name(failure->status), err) != 0 ||
        output_set_text(object, "message", failure->message, err) != 0 ||
        output_set_text(object, "code", failure->code, err) != 0 ||
        output_set_text(object, "server_text", failure->server_text, err) != 0 ||
        output_set_text(object, "hint", acsmtp_hint(failure), err) != 0)
        return NULL;
    if (failure->server_code && set_number(object, "server_code", failure->server_code, err) != 0)
        return NULL;
    if (failure->retry_after >= 0 &&
        set_number(object, "retry_after", failure->retry_after, err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

static struct acsmtp_json *attempt_object(const struct acsmtp_attempt *attempt,
                                          struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);

    if (!object || output_set_text(object, "plugin", attempt->plugin, err) != 0 ||
        output_set_text(object, "status", acsmtp_status_name(attempt->status), err) != 0 ||
        output_set_text(object, "message", attempt->message, err) != 0 ||
        output_set_text(object, "hint", attempt->hint, err) != 0 ||
        set_number(object, "elapsed_ms", attempt->elapsed_ms, err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

struct acsmtp_json *output_attempts(const struct acsmtp_report *report, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *array = acsmtp_json_new_array(err);

    for (size_t i = 0; array && i < acsmtp_report_length(report); i++)
        if (acsmtp_json_append(array, attempt_object(acsmtp_report_attempt(report, i), err), err) !=
            0)
            return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, array);
}

/* ---- what a chain did ---- */

const char *report_winner(const struct acsmtp_report *report)
{
    for (size_t i = acsmtp_report_length(report); i > 0; i--) {
        const struct acsmtp_attempt *attempt = acsmtp_report_attempt(report, i - 1);

        if (attempt->status == ACSMTP_OK)
            return attempt->plugin;
    }
    return NULL;
}

/* A refused identity says more than a source that does not exist here. */
static int telling(int status)
{
    static const int order[] = {ACSMTP_DENIED, ACSMTP_CONFIG,    ACSMTP_PROTOCOL, ACSMTP_TEMPORARY,
                                ACSMTP_SYSTEM, ACSMTP_CANCELLED, ACSMTP_REJECTED};

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (order[i] == status)
            return (int)i;
    return (int)(sizeof order / sizeof order[0]);
}

static void print_attempt(const struct acsmtp_attempt *attempt, int width)
{
    int won = attempt->status == ACSMTP_OK;

    (void)fprintf(stderr, "  %-*s  %-11s  %s (%lld ms)\n", width, attempt->plugin,
                  won ? "won" : acsmtp_status_name(attempt->status),
                  attempt->message ? attempt->message : "", (long long)attempt->elapsed_ms);
    if (!won && attempt->hint)
        (void)fprintf(stderr, "  %-*s  %-11s  hint: %s\n", width, "", "", attempt->hint);
}

void talk_report(const struct acsmtp_report *report, size_t first, int cause_first)
{
    size_t count = acsmtp_report_length(report);
    int worst = telling(ACSMTP_UNAVAILABLE);
    size_t width = 0;

    for (size_t i = first; i < count; i++) {
        size_t size = strlen(acsmtp_report_attempt(report, i)->plugin);

        width = size > width ? size : width;
    }
    for (int rank = 0; rank <= worst; rank++)
        for (size_t i = first; i < count; i++) {
            const struct acsmtp_attempt *attempt = acsmtp_report_attempt(report, i);

            if (rank == (cause_first ? telling(attempt->status) : 0))
                print_attempt(attempt, (int)width);
        }
}
