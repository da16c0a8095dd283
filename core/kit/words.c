/* SPDX-License-Identifier: MIT */
/* The words of the battery, see words.h. */
#include "words.h"
#include "checks.h"
#include <acsmtp/text.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { LIMIT_MS = 60000, SAMPLES = 100 };

int words_complain(int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)fputs("acsmtp: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    return code;
}

static int add(const char **list, size_t *count, const char *word)
{
    if (*count == WORDS_MAX)
        return words_complain(EX_USAGE, "more than %d times the same option", WORDS_MAX);
    list[(*count)++] = word;
    return EX_OK;
}

static int add_assignment(const char **list, size_t *count, const char *word)
{
    if (!strchr(word, '=') || word[0] == '=')
        return words_complain(EX_USAGE, "'%s' is not of the form NAME=VALUE", word);
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
        return words_complain(EX_USAGE, "there is no check '%s'; did you mean '%s'?", name,
                              nearest);
    return words_complain(EX_USAGE, "there is no check '%s'; --list-checks tells all", name);
}

static int read_number(const char *option, const char *value, unsigned *number)
{
    char *end;
    unsigned long read = strtoul(value, &end, 10);

    if (*value < '0' || *value > '9' || *end || read > UINT_MAX)
        return words_complain(EX_USAGE, "%s: '%s' is no number", option, value);
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
            return words_complain(EX_USAGE,
                                  "--challenge: a line break cannot stand in a header field");
        words->challenge = value;
        return EX_OK;
    case 't':
        if (!acsmtp_duration_parse(value, &words->limit_ms) || words->limit_ms < 1)
            return words_complain(EX_USAGE, "--limit: '%s' is no duration (10s, 2m)", value);
        return EX_OK;
    case 'p':
        words->provider = value;
        return EX_OK;
    case 's':
        return read_number("--seed", value, &words->seed);
    case 'n':
        if (read_number("--samples", value, &words->samples) != EX_OK)
            return EX_USAGE;
        return words->samples ? EX_OK : words_complain(EX_USAGE, "--samples: at least 1");
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

int words_read(struct words *words, int argc, char **argv)
{
    static const struct option options[] = {
        {"option", required_argument, NULL, 'o'},    {"environment", required_argument, NULL, 'e'},
        {"only", required_argument, NULL, 'c'},      {"reply", required_argument, NULL, 'r'},
        {"challenge", required_argument, NULL, 'h'}, {"provider", required_argument, NULL, 'p'},
        {"samples", required_argument, NULL, 'n'},   {"limit", required_argument, NULL, 't'},
        {"seed", required_argument, NULL, 's'},      {"json", no_argument, NULL, 'j'},
        {"list-checks", no_argument, NULL, 'l'},     {NULL, 0, NULL, 0}};
    int letter, code = EX_OK;

    *words = (struct words){.limit_ms = LIMIT_MS, .seed = 1, .samples = SAMPLES};
    while (code == EX_OK && (letter = getopt_long(argc, argv, "o:", options, NULL)) != -1)
        code = read_word(words, letter, optarg);
    if (code != EX_OK || words->list)
        return code;
    if (argc - optind != 1)
        return words_complain(EX_USAGE, "usage: acsmtp-plugin-check [OPTION]... FILE.so");
    words->path = argv[optind];
    return EX_OK;
}

char *words_again(const struct words *words)
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

int words_choose(const struct words *words, const char *name)
{
    for (size_t i = 0; i < words->only_count; i++) {
        size_t length = strlen(words->only[i]);

        if (strncmp(name, words->only[i], length) == 0 &&
            (name[length] == '\0' || name[length] == '.'))
            return 1;
    }
    return words->only_count == 0;
}
