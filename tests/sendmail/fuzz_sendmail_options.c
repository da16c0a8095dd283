/* SPDX-License-Identifier: MIT */
/*
 * The flags of sendmail, as a stranger may write them (words end at a NUL): what is taken from them
 * holds nothing that could go on as something else, and nothing behind them is a flag.
 */
#include <cli/output.h>
#include <cli/sendmail.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the parser says is another's business here. */
void talk(const char *format, ...)
{
    if (strchr(format, '\n'))
        abort();
}

void program_print_version(void)
{
}

static void check(const struct sendmail_options *options, int first, int argc, char **argv)
{
    int is_open = 0;

    for (const char *at = options->full_name; at && *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            abort();
    if (options->envid && (strpbrk(options->envid, " \r\n<>") || strlen(options->envid) > 100))
        abort();
    if (options->ret && strcmp(options->ret, "FULL") != 0 && strcmp(options->ret, "HDRS") != 0)
        abort();
    if (strspn(options->notify, "NEVERSUCFAILDY,") != strlen(options->notify))
        abort();
    for (int i = 1; i < argc; i++)
        is_open |= i < first && strcmp(argv[i], "--") == 0;
    for (int i = first; i < argc; i++)
        if (argv[i][0] == '-' && !is_open)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char name[] = "sendmail";
    char *text = malloc(sizeof name + size + 1), *argv[WORDS_MAX + 1] = {text}, *copy[WORDS_MAX];
    struct sendmail_options options = {0};
    struct program program = {0};
    int argc = 1, code = 0, first;

    memcpy(text, name, sizeof name);
    memcpy(text + sizeof name, data, size);
    text[sizeof name + size] = '\0';
    for (char *at = text + sizeof name; at < text + sizeof name + size && argc < WORDS_MAX;
         at += strlen(at) + 1)
        argv[argc++] = at;
    memcpy(copy, argv, sizeof copy);
    first = sendmail_options_parse(&program, &options, argc, argv, &code);
    if (memcmp(copy, argv, sizeof copy) != 0) /* the words keep their places */
        abort();
    if (first >= 0)
        check(&options, first, argc, argv);
    free(text);
    return 0;
}
