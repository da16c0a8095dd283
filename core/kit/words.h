/* SPDX-License-Identifier: MIT */
/* What the user says to the battery: the command line, read, and written again. */
#ifndef WORDS_H
#define WORDS_H

#include <acsmtp/error.h>
#include <stddef.h>
#include <stdint.h>

enum { WORDS_MAX = 128 };

/* All texts are borrowed from the command line. */
struct words {
    const char *options[WORDS_MAX], *environment[WORDS_MAX], *only[WORDS_MAX];
    size_t option_count, environment_count, only_count;
    const char *reply, *challenge, *provider, *path;
    int64_t limit_ms;
    unsigned seed, samples;
    int json, list;
};

/* Read them. EX_OK, or the exit code after it has said on standard error what is wrong. */
int words_read(struct words *words, int argc, char **argv);

/* Whether the check of that name is to be run. */
int words_choose(const struct words *words, const char *name);

/* What repeats a check, up to its name, for the caller to free(3). NULL when memory fails. */
char *words_again(const struct words *words);

/* One line on standard error; returns the code. */
int words_complain(int code, const char *format, ...) ACSMTP_PRINTF(2, 3);

#endif
