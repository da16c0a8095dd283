/* SPDX-License-Identifier: MIT */
/* Both forms of the result, see report.h. */
#include "report.h"
#include <acsmtp/json.h>
#include <acsmtp/secret.h>
#include <stdio.h>
#include <stdlib.h>

enum { SCHEMA_VERSION = 1 };

static const char *outcome_word(int outcome)
{
    static const char *const words[] = {
        [OUTCOME_PASS] = "pass", [OUTCOME_FAIL] = "fail", [OUTCOME_SKIP] = "skip"};

    return words[outcome];
}

size_t report_count(const struct report *report, int outcome)
{
    size_t count = 0;

    for (size_t i = 0; i < report->count; i++)
        count += report->results[i].verdict.outcome == outcome;
    return count;
}

/* ---- for people ---- */

void report_print(const struct report *report, const struct result *result)
{
    static const char *const words[] = {
        [OUTCOME_PASS] = "PASS", [OUTCOME_FAIL] = "FAIL", [OUTCOME_SKIP] = "SKIP"};
    const struct verdict *verdict = &result->verdict;

    (void)printf("%s  %-22s %s\n", words[verdict->outcome], result->check->name,
                 result->check->summary);
    if (verdict->outcome != OUTCOME_PASS)
        (void)printf("      %s\n", verdict->detail);
    if (verdict->outcome == OUTCOME_FAIL)
        (void)printf("      contract (%s): \"%s\"\n      again: %s %s\n",
                     contract_header((enum contract_rule)verdict->rule),
                     contract_sentence((enum contract_rule)verdict->rule), report->again,
                     result->check->name);
    (void)fflush(stdout);
}

static int64_t elapsed(const struct report *report)
{
    int64_t sum = 0;

    for (size_t i = 0; i < report->count; i++)
        sum += report->results[i].elapsed_ms;
    return sum;
}

void report_print_sum(const struct report *report)
{
    (void)printf("%s: %zu checks, %zu passed, %zu failed, %zu skipped, %.1f s\n",
                 report->subject->name, report->count, report_count(report, OUTCOME_PASS),
                 report_count(report, OUTCOME_FAIL), report_count(report, OUTCOME_SKIP),
                 (double)elapsed(report) / 1000);
}

/* ---- for programs ---- */

static int set_text(struct acsmtp_json *object, const char *key, const char *text,
                    struct acsmtp_error *err)
{
    return acsmtp_json_set(object, key, acsmtp_json_new_string(text, err), err);
}

static int set_number(struct acsmtp_json *object, const char *key, int64_t number,
                      struct acsmtp_error *err)
{
    return acsmtp_json_set(object, key, acsmtp_json_new_integer(number, err), err);
}

static struct acsmtp_json *result_json(const struct result *result, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);
    const struct verdict *verdict = &result->verdict;
    enum contract_rule rule = (enum contract_rule)verdict->rule;

    if (!object || set_text(object, "check", result->check->name, err) ||
        set_text(object, "summary", result->check->summary, err) ||
        set_text(object, "verdict", outcome_word(verdict->outcome), err) ||
        set_number(object, "elapsed_ms", result->elapsed_ms, err) ||
        (verdict->outcome != OUTCOME_PASS && set_text(object, "detail", verdict->detail, err)) ||
        (verdict->outcome == OUTCOME_FAIL &&
         (set_text(object, "header", contract_header(rule), err) ||
          set_text(object, "contract", contract_sentence(rule), err))))
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

static struct acsmtp_json *results_json(const struct report *report, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *array = acsmtp_json_new_array(err);

    for (size_t i = 0; array && i < report->count; i++)
        if (acsmtp_json_append(array, result_json(&report->results[i], err), err))
            return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, array);
}

int report_json(const struct report *report)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *document = acsmtp_json_new_object(&err);
    char *text;

    if (!document || set_number(document, "schema_version", SCHEMA_VERSION, &err) ||
        set_text(document, "plugin", report->subject->name, &err) ||
        set_text(document, "path", report->subject->path, &err) ||
        set_number(document, "seed", report->subject->seed, &err) ||
        set_number(document, "passed", (int64_t)report_count(report, OUTCOME_PASS), &err) ||
        set_number(document, "failed", (int64_t)report_count(report, OUTCOME_FAIL), &err) ||
        set_number(document, "skipped", (int64_t)report_count(report, OUTCOME_SKIP), &err) ||
        set_number(document, "elapsed_ms", elapsed(report), &err) ||
        acsmtp_json_set(document, "checks", results_json(report, &err), &err))
        return -1;
    text = acsmtp_json_format_pretty(document);
    if (!text)
        return -1;
    (void)puts(text);
    free(text);
    return 0;
}
