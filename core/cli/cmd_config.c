/* SPDX-License-Identifier: MIT */
/* acsmtp config: is it right, what does it come to, where is it, and how does one begin. */
#include "config_example.h"
#include "config_schema.h"
#include "output.h"
#include "plugin_list.h"
#include "program.h"
#include <acsmtp/secret.h>
#include <acsmtp/text.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const struct option_help config_help = {
    .command = "acsmtp config",
    .synopsis = "acsmtp config [check]\n"
                "acsmtp config show\n"
                "acsmtp config init\n"
                "acsmtp config path\n"
                "acsmtp config schema",
    .description =
        "check   read the config, load the plugins that its profiles name, check every setting\n"
        "show    print the config as it is after all layers were merged, without secrets\n"
        "init    write a commented config to begin with, where there is none yet\n"
        "path    list the files that are read, in order\n"
        "schema  print a JSON Schema of the config with the plugins that are installed, so that\n"
        "        an editor completes and checks it: \"$schema\" in the config says where it is",
    .epilog =
        "The config is JSON, comments allowed, merged from: config.json and conf.d/*.json of the\n"
        "system, $XDG_CONFIG_HOME/acsmtp/config.json (~/.config/...), the file of --config or\n"
        "ACSMTP_CONFIG; then ACSMTP_PROFILE and ACSMTP_CLOUD, then the command line. Of a key "
        "that\n"
        "stands in several the last one counts; \"credentials+\", \"transports+\" and "
        "\"plugin_path+\"\n"
        "add to a list. 'acsmtp config path' tells the full names.\n"
        "\n"
        "  { \"default_profile\": \"acs\",\n"
        "    \"profiles\": { \"acs\": {\n"
        "      \"from\": \"donotreply@example.com\", \"username\": \"smtp-user@example.com\",\n"
        "      \"credentials\": [ \"NAME\", { \"plugin\": \"NAME\", \"OPTION\": \"VALUE\" } ],\n"
        "      \"transports\": [ \"NAME\" ] } } }\n"
        "\n"
        "'acsmtp plugins' lists the names.\n"
        "\n"
        "Exit codes: 0 all is right, 64 wrong usage, 73 a file cannot be created, 78 the\n"
        "configuration is wrong (the message tells file and line).",
};

/* ---- check ---- */

static int check_profile(const struct program *program, const char *name, struct acsmtp_error *err)
{
    struct acsmtp_driver_options options = program_driver_options(program);
    struct acsmtp_driver *driver = NULL;
    int status;

    options.profile = name;
    status = acsmtp_driver_open(&options, &driver, err);
    if (status == ACSMTP_OK)
        status = acsmtp_driver_check(driver, err);
    acsmtp_driver_close(driver);
    acsmtp_error_prefix(err, "profile '%s'", name);
    return status;
}

/* Every profile; the one that was asked for when one was. */
static int check_profiles(struct program *program, const struct acsmtp_json *profiles,
                          struct acsmtp_json *names, struct acsmtp_error *err)
{
    const char *name;

    for (size_t i = 0; (name = acsmtp_json_key(profiles, i)); i++) {
        if (program->profile && strcmp(program->profile, name) != 0)
            continue;
        if (!acsmtp_json_key(acsmtp_json_get(profiles, name), 0)) /* nothing was written */
            continue;
        if (check_profile(program, name, err) != ACSMTP_OK ||
            acsmtp_json_append(names, acsmtp_json_new_string(name, err), err) != ACSMTP_OK)
            return err->status;
    }
    if (!acsmtp_json_length(names))
        return acsmtp_fail(err, ACSMTP_CONFIG, "there is no profile to check");
    return ACSMTP_OK;
}

static struct acsmtp_json *merged_config(struct program *program, struct acsmtp_error *err)
{
    char *text = acsmtp_driver_config_dup(program->driver, err);
    struct acsmtp_json *config = text ? acsmtp_json_parse(text, strlen(text), err) : NULL;

    free(text);
    return config;
}

static int config_check(struct program *program)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *config = NULL;
    ACSMTP_AUTO_JSON struct acsmtp_json *document = output_document(&err);
    ACSMTP_AUTO_JSON struct acsmtp_json *names = acsmtp_json_new_array(&err);

    if (document && names && program_open(program, &err) == ACSMTP_OK)
        config = merged_config(program, &err);
    if (!config ||
        check_profiles(program, acsmtp_json_get(config, "profiles"), names, &err) != ACSMTP_OK)
        return program_fail(program, &err);
    if (!program->json) {
        for (size_t i = 0; i < acsmtp_json_length(names); i++)
            (void)printf("profile '%s': ok\n", acsmtp_json_text(acsmtp_json_item(names, i)));
        return EX_OK;
    }
    if (acsmtp_json_set(document, "profiles", ACSMTP_STEAL(struct acsmtp_json, names), &err) != 0)
        return program_fail(program, &err);
    return output_json(document);
}

/* ---- show ---- */

static int config_show(struct program *program)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *config = NULL;

    if (program_open(program, &err) == ACSMTP_OK)
        config = merged_config(program, &err);
    return config ? output_json(config) : program_fail(program, &err);
}

/* ---- path ---- */

struct layers {
    struct acsmtp_json *array; /* NULL: print */
    struct acsmtp_error *err;
    char *last;
};

static void add_layer(void *data, const char *path, int exists)
{
    struct layers *layers = data;
    struct acsmtp_json *layer;

    free(layers->last);
    layers->last = strdup(path);
    if (!layers->array)
        return;
    layer = acsmtp_json_new_object(layers->err);
    if (layer && (output_set_text(layer, "path", path, layers->err) != 0 ||
                  acsmtp_json_set(layer, "exists", acsmtp_json_new_boolean(exists, layers->err),
                                  layers->err) != 0)) {
        acsmtp_json_free(layer);
        return;
    }
    (void)acsmtp_json_append(layers->array, layer, layers->err);
}

static int config_path(struct program *program)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_driver_options options = program_driver_options(program);
    ACSMTP_AUTO_JSON struct acsmtp_json *document = output_document(&err);
    ACSMTP_AUTO_JSON struct acsmtp_json *array = acsmtp_json_new_array(&err);
    struct layers layers = {.array = array, .err = &err};

    if (array)
        acsmtp_driver_layers(&options, add_layer, &layers);
    free(layers.last);
    if (!document || err.status != ACSMTP_OK)
        return program_fail(program, &err);
    if (!program->json) {
        for (size_t i = 0; i < acsmtp_json_length(array); i++) {
            const struct acsmtp_json *layer = acsmtp_json_item(array, i);

            (void)printf("%s%s\n", acsmtp_json_string(layer, "path"),
                         acsmtp_json_true(layer, "exists") ? "" : " (absent)");
        }
        return EX_OK;
    }
    if (acsmtp_json_set(document, "layers", ACSMTP_STEAL(struct acsmtp_json, array), &err) != 0)
        return program_fail(program, &err);
    return output_json(document);
}

/* ---- init ---- */

/* The last layer is the one that belongs to whoever asks: the user's file, or that of --config. */
static int init_at(const char *path, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *plugins = NULL;
    struct acsmtp_driver *driver = NULL;
    struct acsmtp_driver_options options = {.size = sizeof options,
                                            .flags = ACSMTP_DRIVER_CONFIG_ONLY};

    if (acsmtp_driver_open(&options, &driver, err) == ACSMTP_OK)
        plugins = plugin_list(driver, NULL, err);
    acsmtp_driver_close(driver);
    return plugins ? config_example_create(path, plugins, err) : err->status;
}

static int config_init(struct program *program)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_driver_options options = program_driver_options(program);
    struct layers layers = {.err = &err};
    int code = EX_OK;

    acsmtp_driver_layers(&options, add_layer, &layers);
    if (!layers.last)
        (void)acsmtp_fail(&err, ACSMTP_CONFIG,
                          "there is no place for a config of yours: neither "
                          "XDG_CONFIG_HOME nor HOME is set");
    else
        (void)init_at(layers.last, &err);
    if (err.status != ACSMTP_OK)
        code = program_fail(program, &err);
    else if (program->json)
        code = config_path(program);
    else
        (void)printf("%s\n", layers.last);
    if (code == EX_OK)
        (void)fprintf(stderr, "Edit it, then: acsmtp config check\n");
    free(layers.last);
    return code;
}

/* ---- the command ---- */

static const struct {
    const char *name;
    int (*run)(struct program *program);
} actions[] = {{"check", config_check},
               {"show", config_show},
               {"init", config_init},
               {"path", config_path},
               {"schema", config_schema}};
enum { ACTIONS = sizeof actions / sizeof actions[0] };

int cmd_config(struct program *program, int argc, char **argv)
{
    struct option_set set = {.title = "Options"};
    const char *nearest = NULL;
    int code;
    int first = program_parse(program, &config_help, &set, argc, argv, &code);
    const char *what;

    if (first < 0)
        return code;
    if (argc - first > 1)
        return options_usage(&config_help, "unexpected argument '%s'", argv[first + 1]);
    what = first < argc ? argv[first] : "check";
    for (size_t i = 0; i < ACTIONS; i++) {
        if (strcmp(actions[i].name, what) == 0)
            return actions[i].run(program);
        nearest = acsmtp_suggest(what, (const char *const[]){nearest, actions[i].name}, 2);
    }
    if (nearest)
        return options_usage(&config_help, "unknown action '%s'; did you mean '%s'?", what,
                             nearest);
    return options_usage(&config_help, "unknown action '%s'", what);
}
