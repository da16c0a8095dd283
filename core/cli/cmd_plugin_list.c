/* SPDX-License-Identifier: MIT */
/* acsmtp plugin list and info: which there are, and what the options of one mean. */
#include "cmd_plugin.h"
#include "output.h"
#include "plugin_list.h"
#include "terminal.h"
#include <acsmtp/secret.h>
#include <acsmtp/text.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const struct option_help list_help = {
    .command = "acsmtp plugin list",
    .synopsis = "acsmtp plugin [list]",
    .description = "List the plugins that can be used, and the files that cannot, with the reason.",
    .epilog = "A plugin is a file <kind>/<name>.so in a folder of ACSMTP_PLUGIN_PATH, of\n"
              "\"plugin_path\" in the config, or in the folder it was installed to.",
};

static const struct option_help info_help = {
    .command = "acsmtp plugin info",
    .synopsis = "acsmtp plugin info PLUGIN",
    .description = "Explain a plugin that is installed: its options, their types, defaults and\n"
                   "environment variables.",
    .epilog = "In the config a plugin without options is its name, one with options an object:\n"
              "  { \"plugin\": \"NAME\", \"OPTION\": VALUE }\n"
              "An option marked secret takes {\"env\": NAME}, {\"file\": PATH}, "
              "{\"command\": [...]},\n"
              "{\"prompt\": true}, or the text itself where no one else can read the file.",
};

static const char *text_of(const struct acsmtp_json *object, const char *key)
{
    const char *text = acsmtp_json_string(object, key);

    return text ? text : "";
}

static int print_document(const char *key, struct acsmtp_json *value)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *document = output_document(&err);

    if (!document) {
        acsmtp_json_free(value);
        talk_error(&err);
        return EX_OSERR;
    }
    if (acsmtp_json_set(document, key, value, &err) != 0) {
        talk_error(&err);
        return EX_OSERR;
    }
    return output_json(document);
}

/* ---- list ---- */

static int widest(const struct acsmtp_json *list, const char *key, const char *title)
{
    size_t width = strlen(title);

    for (size_t i = 0; i < acsmtp_json_length(list); i++) {
        size_t size = strlen(text_of(acsmtp_json_item(list, i), key));

        width = size > width ? size : width;
    }
    return (int)width;
}

/* Of the terminal that reads along; INT_MAX when it is none. */
static int line_width(void)
{
    int rows, columns;

    if (!isatty(STDOUT_FILENO))
        return INT_MAX;
    terminal_size(STDOUT_FILENO, &rows, &columns);
    return columns;
}

/* What matters to a person, one line each; `info` tells the rest. */
static void print_narrow(const struct acsmtp_json *list, int kind, int name, int width)
{
    int rest = width - kind - name - 4;

    (void)printf("%-*s  %-*s  SUMMARY\n", kind, "KIND", name, "NAME");
    for (size_t i = 0; i < acsmtp_json_length(list); i++) {
        const struct acsmtp_json *plugin = acsmtp_json_item(list, i);
        const char *summary = text_of(plugin, "summary");

        if (acsmtp_json_get(plugin, "problem"))
            (void)printf("%-*s  %s\n", kind, "(broken)", text_of(plugin, "problem"));
        else
            (void)printf("%-*s  %-*s  %.*s\n", kind, text_of(plugin, "kind"), name,
                         text_of(plugin, "name"),
                         (int)terminal_fit(summary, rest > 0 ? rest : 0, NULL), summary);
    }
}

static void print_list(const struct acsmtp_json *list)
{
    int kind = widest(list, "kind", "KIND"), name = widest(list, "name", "NAME");
    int version = widest(list, "version", "VERSION"), summary = widest(list, "summary", "SUMMARY");

    int width = line_width();

    if (kind + name + version + summary + widest(list, "path", "PATH") + 8 > width) {
        print_narrow(list, kind, name, width);
        return;
    }
    (void)printf("%-*s  %-*s  %-*s  %-*s  PATH\n", kind, "KIND", name, "NAME", version, "VERSION",
                 summary, "SUMMARY");
    for (size_t i = 0; i < acsmtp_json_length(list); i++) {
        const struct acsmtp_json *plugin = acsmtp_json_item(list, i);

        if (acsmtp_json_get(plugin, "problem"))
            (void)printf("%-*s  %s\n", kind, "(broken)", text_of(plugin, "problem"));
        else
            (void)printf("%-*s  %-*s  %-*s  %-*s  %s\n", kind, text_of(plugin, "kind"), name,
                         text_of(plugin, "name"), version, text_of(plugin, "version"), summary,
                         text_of(plugin, "summary"), text_of(plugin, "path"));
    }
}

static int plugins_list(struct program *program)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *list = plugin_list(program->driver, NULL, &err);

    if (!list)
        return program_fail(program, &err);
    if (program->json)
        return print_document("plugins", ACSMTP_STEAL(struct acsmtp_json, list));
    print_list(list);
    if (!acsmtp_json_length(list))
        talk("there is no plugin in ACSMTP_PLUGIN_PATH, in \"plugin_path\" of the config, or "
             "in " ACSMTP_PLUGIN_DIR);
    return EX_OK;
}

/* ---- info ---- */

static void print_values(const struct acsmtp_json *option)
{
    const struct acsmtp_json *values = acsmtp_json_get(option, "values");
    int64_t minimum, maximum;

    for (size_t i = 0; i < acsmtp_json_length(values); i++)
        (void)printf("%s%s",
                     i ? " | " : "      values: ", acsmtp_json_text(acsmtp_json_item(values, i)));
    if (acsmtp_json_length(values))
        (void)printf("\n");
    if (acsmtp_json_integer(option, "minimum", &minimum) &&
        acsmtp_json_integer(option, "maximum", &maximum))
        (void)printf("      range: %lld to %lld%s\n", (long long)minimum, (long long)maximum,
                     strcmp(text_of(option, "type"), "duration") == 0 ? " ms" : "");
}

static void print_option(const struct acsmtp_json *option)
{
    const char *given = acsmtp_json_string(option, "default");
    const char *environment = acsmtp_json_string(option, "environment");

    (void)printf("\n  %s  (%s%s%s%s)\n      %s\n", text_of(option, "name"), text_of(option, "type"),
                 acsmtp_json_true(option, "list") ? ", list" : "",
                 acsmtp_json_true(option, "secret") ? ", secret" : "",
                 acsmtp_json_true(option, "required") ? ", required" : "",
                 text_of(option, "summary"));
    if (given)
        (void)printf("      default: %s\n", given);
    if (environment)
        (void)printf("      environment: %s\n", environment);
    print_values(option);
}

static void print_info(const struct acsmtp_json *plugin)
{
    const struct acsmtp_json *options = acsmtp_json_get(plugin, "options");
    const struct acsmtp_json *accepts = acsmtp_json_get(plugin, "accepts");

    (void)printf("%s (%s plugin, version %s)\n%s\n%s\n", text_of(plugin, "name"),
                 text_of(plugin, "kind"), text_of(plugin, "version"), text_of(plugin, "summary"),
                 text_of(plugin, "path"));
    for (size_t i = 0; i < acsmtp_json_length(accepts); i++)
        (void)printf("%s%s",
                     i ? ", " : "accepts: ", acsmtp_json_text(acsmtp_json_item(accepts, i)));
    if (acsmtp_json_length(accepts))
        (void)printf("\n");
    (void)printf("\n%s\n", acsmtp_json_length(options) ? "Options:" : "No options.");
    for (size_t i = 0; i < acsmtp_json_length(options); i++)
        print_option(acsmtp_json_item(options, i));
}

static int no_such_plugin(struct program *program, const char *name)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *list = plugin_list(program->driver, NULL, &err);
    const char *nearest = NULL;

    for (size_t i = 0; i < acsmtp_json_length(list); i++)
        nearest = acsmtp_suggest(
            name, (const char *const[]){nearest, text_of(acsmtp_json_item(list, i), "name")}, 2);
    acsmtp_error_clear(&err);
    if (nearest)
        (void)acsmtp_fail(&err, ACSMTP_UNAVAILABLE, "there is no plugin '%s'; did you mean '%s'?",
                          name, nearest);
    else
        (void)acsmtp_fail(&err, ACSMTP_UNAVAILABLE,
                          "there is no plugin '%s'; 'acsmtp plugins' lists them", name);
    return program_fail(program, &err);
}

static int plugins_info(struct program *program, const char *name)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *list = plugin_list(program->driver, name, &err);
    int code = EX_OK;

    if (!list && err.status != ACSMTP_CONFIG)
        return program_fail(program, &err);
    if (!acsmtp_json_length(list))
        return no_such_plugin(program, name);
    for (size_t i = 0; i < acsmtp_json_length(list); i++) {
        const struct acsmtp_json *plugin = acsmtp_json_item(list, i);
        const char *problem = acsmtp_json_string(plugin, "problem");

        if (problem) {
            talk("%s", problem);
            code = EX_SOFTWARE;
        } else if (!program->json) {
            print_info(plugin);
        }
    }
    if (program->json && print_document("plugins", ACSMTP_STEAL(struct acsmtp_json, list)) != EX_OK)
        return EX_IOERR;
    return code;
}

/* ---- the commands ---- */

int cmd_plugin_list(struct program *program, int argc, char **argv)
{
    struct option_set set = {.title = "Options"};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int code;
    int first = program_parse(program, &list_help, &set, argc, argv, &code);

    if (first < 0)
        return code;
    if (first < argc)
        return options_usage(&list_help, "unexpected argument '%s'", argv[first]);
    if (program_open(program, &err) != ACSMTP_OK)
        return program_fail(program, &err);
    return plugins_list(program);
}

int cmd_plugin_info(struct program *program, int argc, char **argv)
{
    struct option_set set = {.title = "Options"};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int code;
    int first = program_parse(program, &info_help, &set, argc, argv, &code);

    if (first < 0)
        return code;
    if (first == argc)
        return options_usage(&info_help, "info: the name of a plugin is missing");
    if (first + 1 < argc)
        return options_usage(&info_help, "unexpected argument '%s'", argv[first + 1]);
    if (program_open(program, &err) != ACSMTP_OK)
        return program_fail(program, &err);
    return plugins_info(program, argv[first]);
}
