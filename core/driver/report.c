/* SPDX-License-Identifier: MIT */
/*
 * What a chain did: one attempt a member, in the order in which they were asked.
 */
#include "report_private.h"
#include <stdlib.h>
#include <string.h>

/* Two walks over the longest chain and what nested ones add: far more than anybody reads. */
#define ATTEMPTS_MAX 256

struct acsmtp_report {
    size_t length;
    char *transport;
    struct acsmtp_attempt attempts[ATTEMPTS_MAX];
};

struct acsmtp_report *acsmtp_report_new(struct acsmtp_error *err)
{
    struct acsmtp_report *report = calloc(1, sizeof *report);

    if (!report)
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    return report;
}

void acsmtp_report_free(struct acsmtp_report *report)
{
    size_t i;

    if (!report)
        return;
    for (i = 0; i < report->length; i++) {
        free((char *)report->attempts[i].plugin);
        free((char *)report->attempts[i].message);
    }
    free(report->transport);
    free(report);
}

size_t acsmtp_report_length(const struct acsmtp_report *report)
{
    return report ? report->length : 0;
}

const struct acsmtp_attempt *acsmtp_report_attempt(const struct acsmtp_report *report, size_t index)
{
    return report && index < report->length ? &report->attempts[index] : NULL;
}

const char *acsmtp_report_transport(const struct acsmtp_report *report)
{
    return report ? report->transport : NULL;
}

void report_set_transport(struct acsmtp_report *report, const char *plugin)
{
    if (!report)
        return;
    free(report->transport);
    report->transport = strdup(plugin);
}

void report_add(struct acsmtp_report *report, const char *plugin, int status, const char *message,
                const char *hint, int64_t elapsed_ms)
{
    struct acsmtp_attempt attempt = {
        .size = sizeof attempt, .status = status, .hint = hint, .elapsed_ms = elapsed_ms};

    if (!report || report->length == ATTEMPTS_MAX)
        return;
    attempt.plugin = strdup(plugin);
    attempt.message = strdup(message);
    if (attempt.plugin && attempt.message) {
        report->attempts[report->length++] = attempt;
        return;
    }
    free((char *)attempt.plugin);
    free((char *)attempt.message);
}
