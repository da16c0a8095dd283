/* SPDX-License-Identifier: MIT */
/*
 * acsmtp-plugin-check: the conformance battery for plugins. It is started by "acsmtp plugin check",
 * which explains its options; it is a program of its own because a plugin finds the host's
 * functions in the program that loads it, where the battery watches them.
 */
#include "canary.h"
#include "checks.h"
#include "driver/plugin_file.h"
#include "host.h"
#include "provider.h"
#include "report.h"
#include "runner.h"
#include "server.h"
#include "verdict.h"
#include "words.h"
#include <acsmtp/secret.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { CHECKS_MAX = 64, REPLY_MAX = 1 << 20 };

/* The whole file, at most REPLY_MAX bytes; NULL when it is empty, longer, or cannot be read. */
static char *read_reply(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text;
    size_t size;

    if (!file)
        return NULL;
    text = calloc(1, REPLY_MAX + 1);
    size = text ? fread(text, 1, REPLY_MAX, file) : 0;
    if (ferror(file) || !feof(file))
        size = 0;
    (void)fclose(file);
    if (size)
        return text;
    free(text);
    return NULL;
}

static int describe(const struct words *words, struct subject *subject)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char *path;

    *subject = (struct subject){.options = words->options,
                                .option_count = words->option_count,
                                .environment = words->environment,
                                .environment_count = words->environment_count,
                                .seed = words->seed,
                                .samples = words->samples};
    if (!words->path || access(words->path, R_OK) != 0)
        return words_complain(EX_NOINPUT, "%s: %s", words->path ? words->path : "",
                              strerror(errno));
    if (subject_name(words->path, subject->name) != 0)
        return words_complain(
            EX_DATAERR, "%s: a plugin's file is called NAME.so, NAME being of a-z, 0-9 and '-'",
            words->path);
    path = plugin_file_resolve(words->path, &err);
    if (!path)
        return words_complain(EX_DATAERR, "%s: %s", words->path, err.message);
    subject->path = path;
    return EX_OK;
}

static int run_all(const struct words *words, struct report *report, struct result *results)
{
    for (size_t i = 0; check_at(i) && report->count < CHECKS_MAX; i++) {
        struct result *result = &results[report->count];

        if (!words_choose(words, check_at(i)->name))
            continue;
        if (runner_run(report->subject, check_at(i), words->limit_ms, result) != 0)
            return words_complain(EX_OSERR, "cannot run a check: %s", strerror(errno));
        report->count++;
        if (!words->json)
            report_print(report, result);
        if (result->verdict.is_last)
            break;
    }
    if (words->json)
        return report_json(report) == 0 ? EX_OK : words_complain(EX_OSERR, "out of memory");
    report_print_sum(report);
    return EX_OK;
}

/* ---- the user's options ---- */

static void try_options(struct subject *subject)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    if (subject_take(subject) == 0 && host_settings_try(subject, &err) == ACSMTP_CONFIG)
        (void)verdict_skip("%s", err.message);
}

/* What the plugin does not take is no verdict on it. Whatever else is wrong, the checks tell. */
static int check_options_given(const struct words *words, const struct subject *subject)
{
    static const struct check attempt = {"options", "the user's options", try_options};
    struct result result;

    if (!words->option_count)
        return EX_OK;
    if (runner_run(subject, &attempt, words->limit_ms, &result) != 0)
        return words_complain(EX_OSERR, "cannot look at the options: %s", strerror(errno));
    if (result.verdict.outcome == OUTCOME_SKIP)
        return words_complain(EX_USAGE, "-o: %s", result.verdict.detail);
    return EX_OK;
}

static int list_checks(void)
{
    for (size_t i = 0; check_at(i); i++)
        (void)printf("%-22s %s\n", check_at(i)->name, check_at(i)->summary);
    return EX_OK;
}

/* Server and provider as the user wants them; *reply is borrowed until the end. */
static int set_up(const struct words *words, char **reply)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    *reply = words->reply ? read_reply(words->reply) : NULL;
    if (words->reply && !*reply)
        return words_complain(EX_NOINPUT, "--reply: %s cannot be read, or is empty", words->reply);
    if (words->provider && provider_use(words->provider, &err) != ACSMTP_OK)
        return words_complain(access(words->provider, R_OK) == 0 ? EX_DATAERR : EX_NOINPUT,
                              "--provider: %s", err.message);
    reply_use(*reply);
    server_challenge(words->challenge);
    return EX_OK;
}

static int check(const struct words *words)
{
    struct result results[CHECKS_MAX];
    struct subject subject;
    struct report report = {.subject = &subject, .results = results};
    char *reply = NULL, *again = words_again(words);
    int code = set_up(words, &reply);

    if (code == EX_OK)
        code = describe(words, &subject);
    if (code == EX_OK) {
        canary_start(subject.seed);
        report.again = again ? again : "acsmtp plugin check --only";
        code = check_options_given(words, &subject);
        if (code == EX_OK)
            code = run_all(words, &report, results);
        free((char *)subject.path);
    }
    provider_forget();
    free(reply);
    free(again);
    if (code == EX_OK && report_count(&report, OUTCOME_FAIL))
        return 1;
    return code;
}

int main(int argc, char **argv)
{
    struct words words;
    int code = words_read(&words, argc, argv);

    if (code == EX_OK)
        code = words.list ? list_checks() : check(&words);
    if (fflush(stdout) != 0 && code == EX_OK)
        return EX_IOERR;
    return code;
}
