/* SPDX-License-Identifier: MIT */
/* acsmtp plugin dump: what a plugin says of itself, for programs. None of its operations is run. */
#include "cmd_plugin.h"
#include "output.h"
#include "plugin_list.h"
#include <acsmtp/secret.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const struct option_help dump_help = {
    .command = "acsmtp plugin dump",
    .synopsis = "acsmtp plugin dump FILE.so|PLUGIN",
    .description = "Print everything that a plugin says of itself as one JSON document, with or\n"
                   "without --json: name, kind, version, ABI, its promise about threads, the\n"
                   "operations that it has, its options with types, defaults and limits. None of\n"
                   "its operations is run.",
    .epilog = "FILE.so is a file in any folder, PLUGIN the name of one that is installed. It is\n"
              "loaded, which runs what it has for that (constructors) with all your rights: this\n"
              "is no way to look at a file that is not trusted.",
};

/* ---- operations: those of its kind that are not NULL ---- */

struct operation_row {
    const char *name;
    size_t offset;
};

#define ROW(kind, operation)                                                                       \
    {                                                                                              \
#operation, offsetof(struct acsmtp_##kind##_ops, operation)                                \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, 0                                                                                    \
    }

static const struct operation_row credential_rows[] = {
    ROW(credential, open),    ROW(credential, probe),
    ROW(credential, acquire), ROW(credential, report),
    ROW(credential, close),   ROW(credential, look),
    ROW(credential, forget),  END};
static const struct operation_row transport_rows[] = {ROW(transport, open),
                                                      ROW(transport, connect),
                                                      ROW(transport, send),
                                                      ROW(transport, disconnect),
                                                      ROW(transport, close),
                                                      ROW(transport, diagnose),
                                                      END};
static const struct operation_row composer_rows[] = {ROW(composer, open), ROW(composer, compose),
                                                     ROW(composer, close), END};
static const struct operation_row provisioner_rows[] = {
    ROW(provisioner, open),
    ROW(provisioner, plan),
    ROW(provisioner, apply),
    ROW(provisioner, show),
    ROW(provisioner, verify),
    ROW(provisioner, rotate),
    ROW(provisioner, destroy),
    {"export", offsetof(struct acsmtp_provisioner_ops, export_as)},
    ROW(provisioner, close),
    ROW(provisioner, diagnose),
    END};
static const struct operation_row keyring_rows[] = {ROW(keyring, open),  ROW(keyring, get),
                                                    ROW(keyring, set),   ROW(keyring, remove),
                                                    ROW(keyring, close), END};

/* The plugin's own table, and the rows that read it. */
static const void *operations_of(const struct acsmtp_plugin *plugin,
                                 const struct operation_row **rows)
{
    switch (plugin->kind) {
    case ACSMTP_KIND_CREDENTIAL:
        *rows = credential_rows;
        return plugin->credential;
    case ACSMTP_KIND_TRANSPORT:
        *rows = transport_rows;
        return plugin->transport;
    case ACSMTP_KIND_COMPOSER:
        *rows = composer_rows;
        return plugin->composer;
    case ACSMTP_KIND_KEYRING:
        *rows = keyring_rows;
        return plugin->keyring;
    default:
        *rows = provisioner_rows;
        return plugin->provisioner;
    }
}

static struct acsmtp_json *operations_json(const struct acsmtp_plugin *plugin,
                                           struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *array = acsmtp_json_new_array(err);
    const struct operation_row *row;
    const char *table = operations_of(plugin, &row);

    for (; array && row->name; row++) {
        void (*operation)(void);

        memcpy(&operation, table + row->offset, sizeof operation);
        if (operation && acsmtp_json_append(array, acsmtp_json_new_string(row->name, err), err))
            return NULL;
    }
    return ACSMTP_STEAL(struct acsmtp_json, array);
}

/* ---- the document ---- */

static const char *threads_name(uint32_t threads)
{
    static const char *const names[] = {[ACSMTP_THREADS_ONE] = "one",
                                        [ACSMTP_THREADS_INSTANCE] = "instance",
                                        [ACSMTP_THREADS_ANY] = "any"};

    return threads < sizeof names / sizeof names[0] ? names[threads] : names[ACSMTP_THREADS_ONE];
}

static int print(const struct acsmtp_plugin *plugin, const char *path, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *document = output_document(err);
    ACSMTP_AUTO_JSON struct acsmtp_json *object = plugin_describe(plugin, path, err);
    char abi[32];

    (void)snprintf(abi, sizeof abi, "%u.%u", plugin->abi_major, plugin->abi_minor);
    if (!document || !object || output_set_text(object, "abi", abi, err) ||
        output_set_text(object, "threads", threads_name(plugin->threads), err) ||
        acsmtp_json_set(object, "operations", operations_json(plugin, err), err) ||
        acsmtp_json_set(document, "plugin", ACSMTP_STEAL(struct acsmtp_json, object), err))
        return -1;
    return output_json(document);
}

/* ---- the plugin ---- */

struct wanted {
    struct acsmtp_error *err;
    int code; /* of the last that was printed */
    int count;
};

static int visit(void *data, const char *path, const struct acsmtp_plugin *plugin,
                 const char *problem)
{
    struct wanted *wanted = data;

    if (wanted->count++)
        return 0; /* the first in the order of the search is the one that is used */
    if (!plugin)
        return acsmtp_fail(wanted->err, ACSMTP_SYSTEM, "%s", problem);
    wanted->code = print(plugin, path, wanted->err);
    return 0;
}

static int dump(struct program *program, const char *word)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct wanted wanted = {.err = &err, .code = EX_OK};
    const struct acsmtp_plugin *plugin = NULL;
    int is_file = strchr(word, '/') || strstr(word, ".so");

    if (is_file && acsmtp_plugin_load(word, &plugin, &err) == ACSMTP_OK)
        wanted.code = print(plugin, word, &err);
    if (!is_file && program_open(program, &err) == ACSMTP_OK &&
        acsmtp_driver_plugins(program->driver, word, visit, &wanted, &err) == ACSMTP_OK)
        return wanted.code;
    return err.status == ACSMTP_OK ? wanted.code : program_fail(program, &err);
}

int cmd_plugin_dump(struct program *program, int argc, char **argv)
{
    struct option_set set = {.title = "Options"};
    int code;
    int first = program_parse(program, &dump_help, &set, argc, argv, &code);

    if (first < 0)
        return code;
    if (first == argc)
        return options_usage(&dump_help, "the file or the name of a plugin is missing");
    if (first + 1 < argc)
        return options_usage(&dump_help, "unexpected argument '%s'", argv[first + 1]);
    return dump(program, argv[first]);
}
