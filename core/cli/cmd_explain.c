/* SPDX-License-Identifier: MIT */
/*
 * acsmtp explain: what an error of any program means, and what ends it. It opens no config and
 * loads no plugin; what is known stands in the library's tables of failures.
 */
#include "output.h"
#include "program.h"
#include <acsmtp/json.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    LINE_SIZE = 65536, /* the rest of a longer line is not looked at */
    FOUND_MAX = 256,
    GUESSES_MAX = 200,     /* lines that a known code is looked for near to: that takes its time */
    EXIT_NOTHING_KNOWN = 1 /* as grep says that nothing was found */
};

struct explain_options {
    int list;
};

static const struct option_row explain_rows[] = {
    {"list", 0, OPTION_FLAG, NULL, offsetof(struct explain_options, list),
     "print every failure that is known"},
};

static const struct option_help explain_help = {
    .command = "acsmtp explain",
    .synopsis = "acsmtp explain TEXT...\n"
                "acsmtp explain < LOG\n"
                "acsmtp explain --list",
    .description =
        "Say what an error means: the likely cause, where to look to be sure, the command that\n"
        "ends it. The text may come from acsmtp or any other program, whole or in part; of a log\n"
        "on standard input every line that is known is explained once. Contacts nobody.",
    .epilog = "Examples:\n"
              "  acsmtp explain AADSTS7000215\n"
              "  acsmtp explain 535 5.7.3 Authentication unsuccessful\n"
              "  curl -v ... 2>&1 | acsmtp explain\n"
              "\n"
              "Exit codes: 0 something was explained, 1 nothing of it is known, 64 wrong usage.",
};

/* One known failure and where it was seen first. */
struct found {
    struct acsmtp_explanation what;
    unsigned long line;  /* from 1 */
    unsigned long count; /* of lines */
    char text[256];      /* the line, without secrets and control characters */
};

struct findings {
    struct found items[FOUND_MAX];
    size_t count;
    unsigned guesses;
    char nearest[64]; /* a known code near to one that is not known */
};

/* ---- reading ---- */

/* What is shown of a line has passed the same filter as every error. */
static void keep_text(struct found *found, const char *line)
{
    struct acsmtp_error shown = ACSMTP_ERROR_INIT;

    (void)acsmtp_fail(&shown, ACSMTP_SYSTEM, "%s", line);
    (void)snprintf(found->text, sizeof found->text, "%.*s", (int)sizeof found->text - 1,
                   shown.message);
}

static void look_at(struct findings *findings, const char *line, unsigned long number)
{
    struct acsmtp_explanation what = {.size = sizeof what};
    const char *nearest;
    size_t i;

    if (!acsmtp_explain(line, &what)) {
        if (findings->nearest[0] || findings->guesses++ >= GUESSES_MAX)
            return;
        nearest = acsmtp_explain_nearest(line);
        if (nearest)
            (void)snprintf(findings->nearest, sizeof findings->nearest, "%s", nearest);
        return;
    }
    for (i = 0; i < findings->count && strcmp(findings->items[i].what.name, what.name) != 0;)
        i++;
    if (i == FOUND_MAX)
        return;
    if (i == findings->count) {
        findings->items[findings->count++] = (struct found){.what = what, .line = number};
        keep_text(&findings->items[i], line);
    }
    findings->items[i].count++;
}

/* One line without its end; 0 behind the last. A NUL becomes a blank. */
static int read_line(FILE *file, char *line, size_t capacity)
{
    size_t size = 0;
    int c = getc(file);

    if (c == EOF)
        return 0;
    for (; c != EOF && c != '\n'; c = getc(file))
        if (size < capacity - 1)
            line[size++] = (char)(c ? c : ' ');
    line[size] = '\0';
    return 1;
}

static int look_at_input(struct findings *findings)
{
    static char line[LINE_SIZE];
    unsigned long number = 0;

    while (read_line(stdin, line, sizeof line))
        look_at(findings, line, ++number);
    if (!ferror(stdin))
        return EX_OK;
    talk("cannot read standard input");
    return EX_IOERR;
}

static void look_at_words(struct findings *findings, int argc, char **argv)
{
    static char text[LINE_SIZE];
    size_t used = 0;

    for (int i = 0; i < argc && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? " " : "", argv[i]);
    look_at(findings, text, 1);
}

/* ---- telling ---- */

static void print_what(const struct acsmtp_explanation *what)
{
    (void)printf("  cause     %s\n", what->cause);
    if (what->evidence)
        (void)printf("  look at   %s\n", what->evidence);
    if (what->command)
        (void)printf("  do        %s\n", what->command);
}

static void print_seen_as(const struct acsmtp_explanation *what)
{
    (void)printf("  seen as  ");
    if (what->server_code)
        (void)printf(" %d", (int)what->server_code);
    if (what->code)
        (void)printf(" %s", what->code);
    if (what->text)
        (void)printf(" \"%s\"", what->text);
    if (what->words)
        (void)printf("%s %s", what->server_code || what->code || what->text ? " |" : "",
                     what->words);
    (void)printf("\n");
}

/* In a log: where it was seen, and the first line itself. */
static void print_place(const struct found *found)
{
    (void)printf("  (line %lu", found->line);
    if (found->count > 1)
        (void)printf(", and in %lu more", found->count - 1);
    (void)printf(")\n  %s", found->text);
}

static void print_found(const struct findings *findings, int is_log)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct found *found = &findings->items[i];

        (void)printf("%s%s", i ? "\n" : "", found->what.name);
        if (is_log)
            print_place(found);
        (void)printf("\n");
        print_what(&found->what);
    }
}

static struct acsmtp_json *what_json(const struct acsmtp_explanation *what,
                                     struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);

    if (!object || output_set_text(object, "name", what->name, err) != 0 ||
        output_set_text(object, "cause", what->cause, err) != 0 ||
        output_set_text(object, "evidence", what->evidence, err) != 0 ||
        output_set_text(object, "command", what->command, err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

static int set_number(struct acsmtp_json *object, const char *key, unsigned long value,
                      struct acsmtp_error *err)
{
    return acsmtp_json_set(object, key, acsmtp_json_new_integer((int64_t)value, err), err);
}

static struct acsmtp_json *found_json(const struct found *found, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = what_json(&found->what, err);

    if (!object || set_number(object, "line", found->line, err) != 0 ||
        set_number(object, "lines", found->count, err) != 0 ||
        output_set_text(object, "text", found->text, err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

static int print_json(struct acsmtp_json *explanations, const char *nearest,
                      struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *document = output_document(err);

    if (!document) {
        acsmtp_json_free(explanations);
        talk_error(err);
        return EX_OSERR;
    }
    if (acsmtp_json_set(document, "explanations", explanations, err) != 0 ||
        output_set_text(document, "did_you_mean", nearest, err) != 0) {
        talk_error(err);
        return EX_OSERR;
    }
    return output_json(document);
}

static int tell_json(const struct findings *findings)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *array = acsmtp_json_new_array(&err);

    for (size_t i = 0; array && i < findings->count; i++)
        if (acsmtp_json_append(array, found_json(&findings->items[i], &err), &err) != 0)
            break;
    return print_json(ACSMTP_STEAL(struct acsmtp_json, array),
                      findings->count ? NULL : findings->nearest, &err);
}

static int tell(const struct program *program, const struct findings *findings, int is_log)
{
    int code = EX_OK;

    if (program->json)
        code = tell_json(findings);
    else
        print_found(findings, is_log);
    if (code != EX_OK || findings->count)
        return code;
    if (findings->nearest[0])
        talk("nothing of this is known; did you mean '%s'?", findings->nearest);
    else
        talk("nothing of this is known; 'acsmtp explain --list' prints what is");
    return EXIT_NOTHING_KNOWN;
}

/* ---- --list ---- */

static int list_json(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *array = acsmtp_json_new_array(&err);
    struct acsmtp_explanation what = {.size = sizeof what};

    for (size_t i = 0; array && acsmtp_explanation(i, &what); i++)
        if (acsmtp_json_append(array, what_json(&what, &err), &err) != 0)
            break;
    return print_json(ACSMTP_STEAL(struct acsmtp_json, array), NULL, &err);
}

static int list(const struct program *program)
{
    struct acsmtp_explanation what = {.size = sizeof what};

    if (program->json)
        return list_json();
    for (size_t i = 0; acsmtp_explanation(i, &what); i++) {
        (void)printf("%s%s\n", i ? "\n" : "", what.name);
        print_seen_as(&what);
        print_what(&what);
    }
    return EX_OK;
}

int cmd_explain(struct program *program, int argc, char **argv)
{
    static struct findings findings;
    struct explain_options options = {0};
    struct option_set set = {.rows = explain_rows,
                             .count = sizeof explain_rows / sizeof explain_rows[0],
                             .target = &options,
                             .title = "Options"};
    int code;
    int first = program_parse(program, &explain_help, &set, argc, argv, &code);

    if (first < 0)
        return code;
    if (options.list)
        return first < argc ? options_usage(&explain_help, "--list takes no text") : list(program);
    if (first < argc) {
        look_at_words(&findings, argc - first, argv + first);
        return tell(program, &findings, 0);
    }
    if (isatty(STDIN_FILENO))
        return options_usage(&explain_help, "no text given, and none comes in");
    code = look_at_input(&findings);
    return code == EX_OK ? tell(program, &findings, 1) : code;
}
