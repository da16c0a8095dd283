/* SPDX-License-Identifier: MIT */
/*
 * A commented config made from the plugins that are installed: what works without settings is
 * switched on, what needs some stands beside it as a comment with the settings that it needs. So
 * the text fits the machine, a plugin of somebody else's included, and names none by itself.
 */
#include "config_example.h"
#include "exitcode.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char head[] =
    "// Configuration of acsmtp. JSON with comments; 'acsmtp config --help' tells where else it "
    "is\n"
    "// read from, 'acsmtp plugins info NAME' which options a plugin has.\n"
    "//\n"
    "//  1. Put in your own sender and user name.\n"
    "//  2. Keep the credential sources that you use; take the // away where settings are needed.\n"
    "//  3. Check and try it:\n"
    "//       acsmtp config check\n"
    "//       acsmtp send --dry-run --to you@example.com --subject Test --text Hello\n"
    "//       acsmtp send -v --to you@example.com --subject Test --text Hello\n"
    "//\n"
    "// An editor completes and checks this file: 'acsmtp config schema > schema.json' beside it, "
    "and\n"
    "// \"$schema\": \"./schema.json\" in it.\n"
    "{\n"
    "  \"default_profile\": \"main\",\n"
    "  \"profiles\": {\n"
    "    \"main\": {\n"
    "      // Who the mail is from: a MailFrom address that is registered on your domain.\n"
    "      \"from\": \"donotreply@example.com\",\n"
    "\n"
    "      // The SMTP user name of the communication service. It is not the sender's address.\n"
    "      \"username\": \"smtp-user@example.com\",\n"
    "\n"
    "      // Asked from the top. A source that does not apply on this machine is passed over; "
    "one\n"
    "      // that is refused ends the search, so that a wrong secret does not stay hidden.\n"
    "      \"credentials\": [";

static const char middle[] =
    "\n      ],\n"
    "\n"
    "      // The first that accepts the kind of credential that was found: a token, or a user "
    "name\n"
    "      // and a password.\n"
    "      \"transports\": [";

static const char tail[] = "\n      ]\n"
                           "    }\n"
                           "  }\n"
                           "}\n";

static int is_kind(const struct acsmtp_json *plugin, const char *kind)
{
    const char *text = acsmtp_json_string(plugin, "kind");

    return text && strcmp(text, kind) == 0;
}

/* What only the user knows: without it the plugin has nothing to work with. */
static int is_needed(const struct acsmtp_json *option)
{
    const char *type = acsmtp_json_string(option, "type");

    if (acsmtp_json_string(option, "default"))
        return 0;
    return acsmtp_json_true(option, "required") || acsmtp_json_true(option, "secret") ||
           (type && strcmp(type, "chain") == 0);
}

static int needs_settings(const struct acsmtp_json *plugin)
{
    const struct acsmtp_json *options = acsmtp_json_get(plugin, "options");

    for (size_t i = 0; i < acsmtp_json_length(options); i++)
        if (is_needed(acsmtp_json_item(options, i)))
            return 1;
    return 0;
}

static void write_secret(FILE *out, const struct acsmtp_json *option)
{
    const char *variable = acsmtp_json_string(option, "environment");
    const char *name = acsmtp_json_string(option, "name");

    (void)fputs("{ \"env\": \"", out);
    if (variable)
        (void)fputs(variable, out);
    else
        for (; name && *name; name++)
            (void)fputc(toupper((unsigned char)*name), out);
    (void)fputs("\" }", out);
}

static void write_option(FILE *out, const struct acsmtp_json *option)
{
    const char *type = acsmtp_json_string(option, "type");
    const struct acsmtp_json *values = acsmtp_json_get(option, "values");

    (void)fprintf(out, ", \"%s\": ", acsmtp_json_string(option, "name"));
    if (acsmtp_json_true(option, "secret"))
        write_secret(out, option);
    else if (type && strcmp(type, "chain") == 0)
        (void)fputs("[ \"...\" ]", out);
    else if (type && strcmp(type, "integer") == 0)
        (void)fputs("0", out);
    else if (type && strcmp(type, "boolean") == 0)
        (void)fputs("true", out);
    else
        (void)fprintf(out, "\"%s\"",
                      acsmtp_json_length(values) ? acsmtp_json_text(acsmtp_json_item(values, 0))
                                                 : "...");
}

/* What else can be said, for the reader to choose from. */
static void write_other_names(FILE *out, const struct acsmtp_json *options)
{
    const char *before = "\n        // Further options: ";

    for (size_t i = 0; i < acsmtp_json_length(options); i++) {
        const struct acsmtp_json *option = acsmtp_json_item(options, i);

        if (is_needed(option) || acsmtp_json_string(option, "default"))
            continue;
        (void)fprintf(out, "%s%s", before, acsmtp_json_string(option, "name"));
        before = ", ";
    }
}

static void write_entry(FILE *out, const struct acsmtp_json *plugin, int *written)
{
    const struct acsmtp_json *options = acsmtp_json_get(plugin, "options");
    const char *name = acsmtp_json_string(plugin, "name");
    const char *summary = acsmtp_json_string(plugin, "summary");

    if (!needs_settings(plugin)) {
        /* The comma leads, so that what follows may be a comment or not. */
        (void)fprintf(out, "\n        // %s\n        %s\"%s\"", summary ? summary : "",
                      *written ? ", " : "", name);
        *written = 1;
        return;
    }
    (void)fprintf(out, "\n        // %s\n        // %s{ \"plugin\": \"%s\"", summary ? summary : "",
                  *written ? ", " : "", name);
    for (size_t i = 0; i < acsmtp_json_length(options); i++)
        if (is_needed(acsmtp_json_item(options, i)))
            write_option(out, acsmtp_json_item(options, i));
    (void)fputs(" }", out);
    write_other_names(out, options);
}

static void write_entries(FILE *out, const struct acsmtp_json *plugins, const char *kind)
{
    int written = 0;

    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < acsmtp_json_length(plugins); i++) {
            const struct acsmtp_json *plugin = acsmtp_json_item(plugins, i);

            if (is_kind(plugin, kind) && needs_settings(plugin) == pass)
                write_entry(out, plugin, &written);
        }
}

static void write_example(FILE *out, const struct acsmtp_json *plugins)
{
    (void)fputs(head, out);
    write_entries(out, plugins, "credential");
    (void)fputs(middle, out);
    write_entries(out, plugins, "transport");
    (void)fputs(tail, out);
}

/* ---- the file ---- */

static int cannot_create(const char *path, struct acsmtp_error *err)
{
    acsmtp_error_server(err, 0, EXITCODE_CANNOT_CREATE, NULL);
    return acsmtp_fail_errno(err, errno, "cannot create '%s'", path);
}

/* The folders above a file, for the user alone. */
static int make_parents(char *path, struct acsmtp_error *err)
{
    for (char *slash = *path ? strchr(path + 1, '/') : NULL; slash;
         slash = strchr(slash + 1, '/')) {
        int made;

        *slash = '\0';
        made = mkdir(path, 0700) == 0 || errno == EEXIST;
        if (!made)
            (void)cannot_create(path, err);
        *slash = '/';
        if (!made)
            return err->status;
    }
    return ACSMTP_OK;
}

static int write_file(const char *path, const struct acsmtp_json *plugins, struct acsmtp_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    int failed;

    if (fd < 0)
        return cannot_create(path, err);
    if (!out) {
        (void)close(fd);
        return cannot_create(path, err);
    }
    write_example(out, plugins);
    failed = fflush(out) != 0 || ferror(out) || fsync(fd) != 0;
    if (fclose(out) == 0 && !failed)
        return ACSMTP_OK;
    (void)cannot_create(path, err);
    (void)unlink(path);
    return err->status;
}

int config_example_create(const char *path, const struct acsmtp_json *plugins,
                          struct acsmtp_error *err)
{
    char *copy = strdup(path);
    int status;

    if (!copy)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = make_parents(copy, err);
    free(copy);
    return status == ACSMTP_OK ? write_file(path, plugins, err) : status;
}
