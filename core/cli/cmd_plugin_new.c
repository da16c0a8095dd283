/* SPDX-License-Identifier: MIT */
/* acsmtp plugin new: a folder that is a plugin already, to be changed into the one that is wanted.
 */
#include "cmd_plugin.h"
#include "new_folder.h"
#include "output.h"
#include "plugin_list.h"
#include "plugin_template.h"
#include <acsmtp/secret.h>
#include <acsmtp/text.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define KINDS "credential|transport|composer|keyring|provisioner"

static const struct option_help new_help = {
    .command = "acsmtp plugin new",
    .synopsis = "acsmtp plugin new [--directory FOLDER] " KINDS " NAME",
    .description = "Write a folder that builds, with CMake or the compiler alone, into a working\n"
                   "plugin of that kind: source, tests that bring the other side, README.\n"
                   "  credential   asks a token service for an access token\n"
                   "  transport    hands mails to a gateway over HTTP\n"
                   "  composer     writes messages of plain text\n"
                   "  keyring      keeps secrets in the files of a folder\n"
                   "  provisioner  makes senders at a mail desk, over HTTP",
    .epilog = "A NAME is up to 64 small letters, digits and hyphens, a letter first. Nothing that\n"
              "is there already is written over. What was written is yours.\n"
              "\n"
              "  acsmtp plugin new credential desk && cd desk\n"
              "  cc -shared -o desk.so desk.c $(pkg-config --cflags --libs acsmtp-plugin)\n"
              "  python3 test.py\n"
              "\n"
              "Exit codes: 0 done, 64 wrong usage, 73 the folder cannot be written or is there.",
};

struct request {
    const char *kind, *name;
    const char *directory; /* NULL: as the plugin is called */
};

static const struct option_row new_rows[] = {
    {"directory", 'd', OPTION_TEXT, "FOLDER", offsetof(struct request, directory),
     "folder to write, in the place of ./NAME"},
};

/* ---- what is wrong with the words ---- */

static int unknown_kind(const char *kind)
{
    const char *nearest = NULL;

    for (const struct plugin_template *found = plugin_templates; found->kind; found++)
        nearest = acsmtp_suggest(kind, (const char *const[]){nearest, found->kind}, 2);
    if (nearest)
        return options_usage(&new_help, "unknown kind '%s'; did you mean '%s'?", kind, nearest);
    return options_usage(&new_help, "unknown kind '%s': one of " KINDS, kind);
}

/* A second plugin of a name would be shadowed by the first, or shadow it. */
static int check_free(const struct program *program, const char *name)
{
    struct acsmtp_driver_options options = program_driver_options(program);
    ACSMTP_AUTO_JSON struct acsmtp_json *plugins = NULL;
    struct acsmtp_error ignored = ACSMTP_ERROR_INIT;
    struct acsmtp_driver *driver = NULL;

    options.flags |= ACSMTP_DRIVER_CONFIG_ONLY;
    if (acsmtp_driver_open(&options, &driver, &ignored) == ACSMTP_OK)
        plugins = plugin_list(driver, name, &ignored);
    acsmtp_driver_close(driver);
    if (!acsmtp_json_length(plugins))
        return EX_OK;
    return options_usage(&new_help, "a plugin '%s' is installed already (%s); choose another name",
                         name, acsmtp_json_string(acsmtp_json_item(plugins, 0), "path"));
}

static int check_request(const struct program *program, const struct request *request)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    if (!plugin_template_find(request->kind))
        return unknown_kind(request->kind);
    if (plugin_template_check_name(request->name, &err) != ACSMTP_OK)
        return options_usage(&new_help, "%s", err.message);
    return check_free(program, request->name);
}

/* ---- the folder ---- */

static int add_file(struct new_folder *folder, const struct request *request,
                    const struct plugin_template_file *file, struct acsmtp_error *err)
{
    char *name = plugin_template_expand(file->name, request->kind, request->name, err);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    for (size_t i = 0; name && out && i < PLUGIN_TEMPLATE_PARTS && file->parts[i]; i++) {
        char *part = plugin_template_expand(file->parts[i], request->kind, request->name, err);

        (void)fputs(part ? part : "", out);
        free(part);
    }
    if (!out || fclose(out) != 0)
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    if (err->status == ACSMTP_OK)
        (void)new_folder_add(folder, name, text, err);
    free(text);
    free(name);
    return err->status;
}

static int write_folder(struct new_folder *folder, const struct request *request,
                        struct acsmtp_error *err)
{
    struct plugin_template_file files[PLUGIN_TEMPLATE_FILES];
    const char *path = request->directory ? request->directory : request->name;
    int status = new_folder_make(folder, path, err);

    plugin_template_files(plugin_template_find(request->kind), files);
    for (size_t i = 0; status == ACSMTP_OK && files[i].name; i++)
        status = add_file(folder, request, &files[i], err);
    return status;
}

/* ---- what was done ---- */

static int print_document(const struct new_folder *folder, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *document = output_document(err);
    ACSMTP_AUTO_JSON struct acsmtp_json *files = acsmtp_json_new_array(err);

    for (size_t i = 0; i < folder->count && err->status == ACSMTP_OK; i++)
        (void)acsmtp_json_append(files, acsmtp_json_new_string(folder->names[i], err), err);
    if (err->status == ACSMTP_OK)
        (void)output_set_text(document, "folder", folder->path, err);
    if (err->status == ACSMTP_OK)
        (void)acsmtp_json_set(document, "files", ACSMTP_STEAL(struct acsmtp_json, files), err);
    return err->status == ACSMTP_OK ? output_json(document) : EX_OSERR;
}

static int print_names(const struct new_folder *folder)
{
    for (size_t i = 0; i < folder->count; i++)
        (void)printf("%s/%s\n", folder->path, folder->names[i]);
    (void)fflush(stdout);
    (void)fputs("How to build, test and install it: ", stderr);
    output_text(stderr, folder->path);
    (void)fputs("/README.md\n", stderr);
    return EX_OK;
}

static int make(struct program *program, const struct request *request)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct new_folder folder = {.fd = -1};
    int code;

    if (write_folder(&folder, request, &err) != ACSMTP_OK) {
        new_folder_discard(&folder);
        return program_fail(program, &err);
    }
    code = program->json ? print_document(&folder, &err) : print_names(&folder);
    new_folder_release(&folder);
    return code;
}

int cmd_plugin_new(struct program *program, int argc, char **argv)
{
    struct request request = {0};
    struct option_set set = {.rows = new_rows,
                             .count = sizeof new_rows / sizeof new_rows[0],
                             .target = &request,
                             .title = "Options"};
    int code;
    int first = program_parse(program, &new_help, &set, argc, argv, &code);

    if (first < 0)
        return code;
    if (argc - first < 2)
        return options_usage(&new_help, "%s is missing",
                             first == argc ? "the kind of the plugin" : "the name of the plugin");
    if (argc - first > 2)
        return options_usage(&new_help, "unexpected argument '%s'", argv[first + 2]);
    request.kind = argv[first];
    request.name = argv[first + 1];
    code = check_request(program, &request);
    return code == EX_OK ? make(program, &request) : code;
}
