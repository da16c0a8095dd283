/* SPDX-License-Identifier: MIT */
/*
 * acsmtp-plugin-check: the conformance battery for plugins. It is started by "acsmtp plugin check",
 * which explains its options; it is a program of its own because a plugin finds the host's
 * functions in the program that loads it, where the battery watches them.
 */
#include "canary.h"
#include "checks.h"
#include "driver/plugin_file.h"
#include "provider.h"
#include "report.h"
#include "runner.h"
#include "server.h"
#include <acsmtp/secret.h>
#include <acsmtp/text.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { WORDS_MAX = 128, CHECKS_MAX = 64, REPLY_MAX = 1 << 20, LIMIT_MS = 60000, SAMPLES = 100 };

struct words {
    const char *options[WORDS_MAX], *environment[WORDS_MAX], *only[WORDS_MAX];
    size_t option_count, environment_count, only_count;
    const char *reply, *challenge, *provider, *path;
    int64_t limit_ms;
    unsigned seed, samples;
    int json, list;
};

static int complain(int code, const char *format, ...) ACSMTP_PRINTF(2, 3);
static int complain(int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)fputs("acsmtp: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    return code;
}

/* ---- words ---- */

static int add(const char **list, size_t *count, const char *word)
{
    if (*count == WORDS_MAX)
        return complain(EX_USAGE, "more than %d times the same option", WORDS_MAX);
    list[(*count)++] = word;
    return EX_OK;
}

static int add_assignment(const char **list, size_t *count, const char *word)
{
    if (!strchr(word, '=') || word[0] == '=')
        return complain(EX_USAGE, "'%s' is not of the form NAME=VALUE", word);
    return add(list, count, word);
}

static int is_check(const char *name)
{
    size_t length = strlen(name);

    /* "life" stands for all that begin with "life." */
    for (size_t i = 0; check_at(i); i++)
        if (strncmp(check_at(i)->name, name, length) == 0 &&
            (check_at(i)->name[length] == '\0' || check_at(i)->name[length] == '.'))
            return 1;
    return 0;
}

static int add_only(struct words *words, const char *name)
{
    const char *nearest = NULL;

    if (is_check(name))
        return add(words->only, &words->only_count, name);
    for (size_t i = 0; check_at(i); i++)
        nearest = acsmtp_suggest(name, (const char *const[]){nearest, check_at(i)->name}, 2);
    if (nearest)
        return complain(EX_USAGE, "there is no check '%s'; did you mean '%s'?", name, nearest);
    return complain(EX_USAGE, "there is no check '%s'; --list-checks tells all", name);
}

static int read_number(const char *option, const char *value, unsigned *number)
{
    char *end;
    unsigned long read = strtoul(value, &end, 10);

    if (*value < '0' || *value > '9' || *end || read > UINT_MAX)
        return complain(EX_USAGE, "%s: '%s' is no number", option, value);
    *number = (unsigned)read;
    return EX_OK;
}

static int read_word(struct words *words, int letter, const char *value)
{
    switch (letter) {
    case 'o':
        return add_assignment(words->options, &words->option_count, value);
    case 'e':
        return add_assignment(words->environment, &words->environment_count, value);
    case 'c':
        return add_only(words, value);
    case 'r':
        words->reply = value;
        return EX_OK;
    case 'h':
        if (strpbrk(value, "\r\n"))
            return complain(EX_USAGE, "--challenge: a line break cannot stand in a header field");
        words->challenge = value;
        return EX_OK;
    case 't':
        if (!acsmtp_duration_parse(value, &words->limit_ms) || words->limit_ms < 1)
            return complain(EX_USAGE, "--limit: '%s' is no duration (10s, 2m)", value);
        return EX_OK;
    case 'p':
        words->provider = value;
        return EX_OK;
    case 's':
        return read_number("--seed", value, &words->seed);
    case 'n':
        if (read_number("--samples", value, &words->samples) != EX_OK)
            return EX_USAGE;
        return words->samples ? EX_OK : complain(EX_USAGE, "--samples: at least 1");
    case 'j':
        words->json = 1;
        return EX_OK;
    case 'l':
        words->list = 1;
        return EX_OK;
    default:
        return EX_USAGE;
    }
}

static int read_words(struct words *words, int argc, char **argv)
{
    static const struct option options[] = {
        {"option", required_argument, NULL, 'o'},    {"environment", required_argument, NULL, 'e'},
        {"only", required_argument, NULL, 'c'},      {"reply", required_argument, NULL, 'r'},
        {"challenge", required_argument, NULL, 'h'}, {"provider", required_argument, NULL, 'p'},
        {"samples", required_argument, NULL, 'n'},   {"limit", required_argument, NULL, 't'},
        {"seed", required_argument, NULL, 's'},      {"json", no_argument, NULL, 'j'},
        {"list-checks", no_argument, NULL, 'l'},     {NULL, 0, NULL, 0}};
    int letter, code = EX_OK;

    while (code == EX_OK && (letter = getopt_long(argc, argv, "o:", options, NULL)) != -1)
        code = read_word(words, letter, optarg);
    if (code != EX_OK || words->list)
        return code;
    if (argc - optind != 1)
        return complain(EX_USAGE, "usage: acsmtp-plugin-check [OPTION]... FILE.so");
    words->path = argv[optind];
    return EX_OK;
}

/* ---- what is checked ---- */

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
        return complain(EX_NOINPUT, "%s: %s", words->path ? words->path : "", strerror(errno));
    if (subject_name(words->path, subject->name) != 0)
        return complain(EX_DATAERR,
                        "%s: a plugin's file is called NAME.so, NAME being of a-z, 0-9 and '-'",
                        words->path);
    path = plugin_file_resolve(words->path, &err);
    if (!path)
        return complain(EX_DATAERR, "%s: %s", words->path, err.message);
    subject->path = path;
    return EX_OK;
}

static char *how_again(const struct words *words)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);

    if (!stream)
        return NULL;
    (void)fprintf(stream, "acsmtp plugin check %s", words->path);
    for (size_t i = 0; i < words->option_count; i++)
        (void)fprintf(stream, " -o '%s'", words->options[i]);
    for (size_t i = 0; i < words->environment_count; i++)
        (void)fprintf(stream, " --environment '%s'", words->environment[i]);
    if (words->reply)
        (void)fprintf(stream, " --reply %s", words->reply);
    if (words->challenge)
        (void)fprintf(stream, " --challenge '%s'", words->challenge);
    if (words->provider)
        (void)fprintf(stream, " --provider %s", words->provider);
    if (words->samples != SAMPLES)
        (void)fprintf(stream, " --samples %u", words->samples);
    (void)fprintf(stream, " --seed %u --only", words->seed);
    (void)fclose(stream);
    return text;
}

/* ---- the battery ---- */

static int is_chosen(const struct words *words, const char *name)
{
    for (size_t i = 0; i < words->only_count; i++) {
        size_t length = strlen(words->only[i]);

        if (strncmp(name, words->only[i], length) == 0 &&
            (name[length] == '\0' || name[length] == '.'))
            return 1;
    }
    return words->only_count == 0;
}

static int run_all(const struct words *words, struct report *report, struct result *results)
{
    for (size_t i = 0; check_at(i) && report->count < CHECKS_MAX; i++) {
        struct result *result = &results[report->count];

        if (!is_chosen(words, check_at(i)->name))
            continue;
        if (runner_run(report->subject, check_at(i), words->limit_ms, result) != 0)
            return complain(EX_OSERR, "cannot run a check: %s", strerror(errno));
        report->count++;
        if (!words->json)
            report_print(report, result);
    }
    if (words->json)
        return report_json(report) == 0 ? EX_OK : complain(EX_OSERR, "out of memory");
    report_print_sum(report);
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
        return complain(EX_NOINPUT, "--reply: %s cannot be read, or is empty", words->reply);
    if (words->provider && provider_use(words->provider, &err) != ACSMTP_OK)
        return complain(access(words->provider, R_OK) == 0 ? EX_DATAERR : EX_NOINPUT,
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
    char *reply = NULL, *again = how_again(words);
    int code = set_up(words, &reply);

    if (code == EX_OK)
        code = describe(words, &subject);
    if (code == EX_OK) {
        canary_start(subject.seed);
        report.again = again ? again : "acsmtp plugin check --only";
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
    struct words words = {.limit_ms = LIMIT_MS, .seed = 1, .samples = SAMPLES};
    int code = read_words(&words, argc, argv);

    if (code == EX_OK)
        code = words.list ? list_checks() : check(&words);
    if (fflush(stdout) != 0 && code == EX_OK)
        return EX_IOERR;
    return code;
}
