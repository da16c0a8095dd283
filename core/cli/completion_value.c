/* SPDX-License-Identifier: MIT */
/* From a placeholder of the help to what can stand there; see completion.h. */
#include "completion_private.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct offering {
    const struct program *program;
    const char *prefix;
};

static void offer(const struct offering *offering, const char *text, size_t size, const char *about)
{
    char *word = NULL;

    if (asprintf(&word, "%s%.*s", offering->prefix, (int)size, text) < 0)
        return;
    completion_offer(offering->program, word, about);
    free(word);
}

static int visit_name(void *data, const char *name, const char *about)
{
    offer(data, name, strlen(name), about);
    return 0;
}

/* To say that the config is wrong is not for here; there are names without it. */
static void offer_names(const struct offering *offering, int what)
{
    struct acsmtp_error ignored = ACSMTP_ERROR_INIT;
    struct acsmtp_driver_options options = program_driver_options(offering->program);
    const char *rest = offering->program->completing + strlen(offering->prefix);
    struct offering copy = *offering;

    if (acsmtp_names(&options, what, rest, visit_name, &copy, &ignored) == ACSMTP_OK)
        return;
    options.config_file = NULL;
    options.flags = ACSMTP_DRIVER_CONFIG_ONLY;
    if (acsmtp_names(&options, what, rest, visit_name, &copy, &ignored) != ACSMTP_OK)
        acsmtp_error_clear(&ignored);
}

/* "FILE" is also meant by "FILE.so". */
static int is_placeholder(const char *part, size_t size, const char *name)
{
    size_t length = strlen(name);

    return size >= length && strncmp(part, name, length) == 0 &&
           (size == length || part[length] == '.');
}

static void offer_paths(const char *kind, const char *prefix, const char *more)
{
    (void)printf("%s\t%s%s\n", kind, prefix, more);
}

static void offer_placeholder(const struct offering *offering, const char *part, size_t size)
{
    static const struct {
        const char *name;
        int names;
    } known[] = {
        {"PROFILE", ACSMTP_NAMES_PROFILE},
        {"CLOUD", ACSMTP_NAMES_CLOUD},
        {"PLUGIN", ACSMTP_NAMES_PLUGIN},
        {"KEY=VALUE", ACSMTP_NAMES_KEY},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (is_placeholder(part, size, known[i].name))
            offer_names(offering, known[i].names);
    if (is_placeholder(part, size, "FILE"))
        offer_paths("files", offering->prefix, "");
    if (is_placeholder(part, size, "FOLDER"))
        offer_paths("folders", offering->prefix, "");
    if (is_placeholder(part, size, "@FILE") &&
        offering->program->completing[strlen(offering->prefix)] == '@')
        offer_paths("files", offering->prefix, "@");
}

/* "PLUGIN,...": behind each comma begins another one. */
static void offer_list(const struct program *program, const char *argument, const char *prefix)
{
    const char *word = program->completing, *comma = strrchr(word + strlen(prefix), ',');
    char *before = strndup(word, comma ? (size_t)(comma + 1 - word) : strlen(prefix));
    const struct offering offering = {.program = program, .prefix = before};

    if (before)
        offer_placeholder(&offering, argument, strcspn(argument, ","));
    free(before);
}

void completion_values(const struct program *program, const char *argument, const char *prefix)
{
    const struct offering offering = {.program = program, .prefix = prefix};

    if (strstr(argument, ",...")) {
        offer_list(program, argument, prefix);
        return;
    }
    while (*argument) {
        size_t size = strcspn(argument, "|");

        if (islower((unsigned char)argument[0]))
            offer(&offering, argument, size, NULL);
        else
            offer_placeholder(&offering, argument, size);
        argument += size + (argument[size] == '|');
    }
}
