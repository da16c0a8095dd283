/* SPDX-License-Identifier: MIT */
/* Telling findings, see diagnose.h: with the filters that every error's message passes. */
#include <acsmtp/diagnose.h>
#include <stdarg.h>
#include <stddef.h>

void acsmtp_tell(const struct acsmtp_finding_sink *sink, const struct acsmtp_finding *finding,
                 const char *format, ...)
{
    struct acsmtp_error filter = ACSMTP_ERROR_INIT;
    struct acsmtp_finding told = *finding;
    va_list args;

    va_start(args, format);
    (void)acsmtp_vfail(&filter, ACSMTP_SYSTEM, format, args);
    va_end(args);
    told.size = sizeof told;
    told.detail = filter.message;
    sink->tell(sink->data, &told);
}

void acsmtp_tell_error(const struct acsmtp_finding_sink *sink, const char *check,
                       const char *subject, const struct acsmtp_error *error)
{
    const struct acsmtp_finding finding = {.size = sizeof finding,
                                           .grade = ACSMTP_GRADE_BAD,
                                           .check = check,
                                           .subject = subject,
                                           .detail = error->message,
                                           .error = error,
                                           .elapsed_ms = -1};

    sink->tell(sink->data, &finding);
}
