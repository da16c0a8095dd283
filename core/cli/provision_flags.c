/* SPDX-License-Identifier: MIT */
/* See provision_flags.h. The same table makes the flags, their help and what a slip is compared
 * with. */
#include "provision_flags.h"
#include <stdlib.h>
#include <string.h>

enum { HELP_WIDTH = 70 };

static int out_of_memory(struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
}

/* ---- help ---- */

static void put_details(FILE *out, const struct acsmtp_option *option)
{
    (void)fputs(option->summary, out);
    if (option->flags & ACSMTP_REQUIRED)
        (void)fputs(" Required.", out);
    for (size_t i = 0; option->values && option->values[i]; i++)
        (void)fprintf(out, "%s%s", i ? ", " : " One of: ", option->values[i]);
    if (option->values && option->values[0])
        (void)fputc('.', out);
    if (option->flags & ACSMTP_LIST)
        (void)fputs(" Repeatable.", out);
    if (option->default_value && *option->default_value)
        (void)fprintf(out, " Default: %s.", option->default_value);
    if (option->environment)
        (void)fprintf(out, " Environment: %s.", option->environment);
}

/* Blanks become line ends where a line would grow too long. */
static void wrap(char *text)
{
    char *line = text, *blank = NULL;

    for (char *c = text; *c; c++) {
        if (*c == ' ')
            blank = c;
        if (c - line < HELP_WIDTH || !blank)
            continue;
        *blank = '\n';
        line = blank + 1;
        blank = NULL;
    }
}

static char *summary_dup(const struct acsmtp_option *option)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    put_details(out, option);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    wrap(text);
    return text;
}

static const char *argument_of(const struct acsmtp_option *option)
{
    static const char *const arguments[] = {
        [ACSMTP_STRING] = "TEXT",       [ACSMTP_INTEGER] = "NUMBER",   [ACSMTP_BOOLEAN] = NULL,
        [ACSMTP_DURATION] = "DURATION", [ACSMTP_CHAIN] = "PLUGIN,...",
    };

    return option->type > 0 && option->type < (int)(sizeof arguments / sizeof arguments[0])
               ? arguments[option->type]
               : "TEXT";
}

/* ---- rows ---- */

static char *flag_name_dup(const char *name)
{
    char *copy = strdup(name);

    for (char *c = copy; c && *c; c++)
        if (*c == '_')
            *c = '-';
    return copy;
}

static int type_of(const struct acsmtp_option *option)
{
    if (option->flags & ACSMTP_SECRET)
        return OPTION_SECRET;
    return option->type == ACSMTP_BOOLEAN ? OPTION_SWITCH : OPTION_LIST;
}

static int add_row(struct provision_flags *flags, const struct acsmtp_option *option,
                   int (*is_taken)(const char *name))
{
    struct option_row *row = &flags->rows[flags->count];
    char *name = flag_name_dup(option->name);

    if (!name)
        return 0;
    if (is_taken(name)) {
        free(name);
        return 1;
    }
    *row = (struct option_row){.name = name,
                               .type = type_of(option),
                               .argument = argument_of(option),
                               .offset = flags->count * sizeof *flags->values,
                               .summary = summary_dup(option)};
    flags->places[flags->count++] = (size_t)(option - flags->plugin->options);
    return row->summary != NULL;
}

int provision_flags_build(struct provision_flags *flags, const struct acsmtp_plugin *plugin,
                          int (*is_taken)(const char *name), struct acsmtp_error *err)
{
    size_t count = plugin->option_count + 1U;

    *flags = (struct provision_flags){.plugin = plugin};
    (void)snprintf(flags->title, sizeof flags->title, "Options of the provisioner '%s'",
                   plugin->name);
    flags->rows = calloc(count, sizeof *flags->rows);
    flags->values = calloc(count, sizeof *flags->values);
    flags->places = calloc(count, sizeof *flags->places);
    if (!flags->rows || !flags->values || !flags->places)
        return out_of_memory(err);
    for (size_t i = 0; i < plugin->option_count; i++)
        if (!add_row(flags, &plugin->options[i], is_taken))
            return out_of_memory(err);
    return ACSMTP_OK;
}

struct option_set provision_flags_set(struct provision_flags *flags)
{
    return (struct option_set){
        .rows = flags->rows, .count = flags->count, .target = flags->values, .title = flags->title};
}

/* ---- what was given ---- */

static int collect(const struct acsmtp_option *option, const struct text_list *values,
                   struct text_list *given)
{
    size_t i = option->flags & ACSMTP_LIST || !values->count ? 0 : values->count - 1;

    for (; i < values->count; i++) {
        char *text = NULL;

        if (asprintf(&text, "%s=%s", option->name, values->items[i]) < 0)
            return 0;
        if (text_list_add(given, text) != 0) {
            free(text);
            return 0;
        }
    }
    return 1;
}

int provision_flags_collect(const struct provision_flags *flags, struct text_list *given,
                            struct acsmtp_error *err)
{
    for (size_t i = 0; i < flags->count; i++)
        if (!collect(&flags->plugin->options[flags->places[i]], &flags->values[i], given))
            return out_of_memory(err);
    return ACSMTP_OK;
}

void provision_flags_release(struct provision_flags *flags)
{
    for (size_t i = 0; i < flags->count; i++) {
        free((char *)flags->rows[i].name);
        free((char *)flags->rows[i].summary);
        text_list_release(&flags->values[i]);
    }
    free(flags->rows);
    free(flags->values);
    free(flags->places);
    *flags = (struct provision_flags){0};
}
