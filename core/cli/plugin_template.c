/* SPDX-License-Identifier: MIT */
/* See plugin_template.h. */
#include "plugin_template.h"
#include "plugin_template_files.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 64 }; /* of the registry */

const struct plugin_template plugin_templates[] = {
    {"credential", template_credential_plugin_c_in, template_credential_README_md_in,
     template_credential_test_py_in, template_common_server_py_in},
    {"transport", template_transport_plugin_c_in, template_transport_README_md_in,
     template_transport_test_py_in, template_common_server_py_in},
    {"composer", template_composer_plugin_c_in, template_composer_README_md_in,
     template_composer_test_py_in, NULL},
    {"keyring", template_keyring_plugin_c_in, template_keyring_README_md_in,
     template_keyring_test_py_in, NULL},
    {"provisioner", template_provisioner_plugin_c_in, template_provisioner_README_md_in,
     template_provisioner_test_py_in, template_common_server_py_in},
    {0},
};

const struct plugin_template *plugin_template_find(const char *kind)
{
    for (const struct plugin_template *found = plugin_templates; found->kind; found++)
        if (strcmp(found->kind, kind) == 0)
            return found;
    return NULL;
}

void plugin_template_files(const struct plugin_template *found,
                           struct plugin_template_file files[PLUGIN_TEMPLATE_FILES])
{
    const struct plugin_template_file all[PLUGIN_TEMPLATE_FILES] = {
        {"@name@.c", {found->source}},
        {"CMakeLists.txt", {template_common_CMakeLists_txt_in}},
        {"README.md", {found->readme, template_common_README_md_in}},
        {"test.py", {found->test}},
        {"harness.py", {template_common_harness_py_in}},
        {".gitignore", {template_common_gitignore_in}},
        {found->server ? "server.py" : NULL, {found->server}},
    };

    memcpy(files, all, sizeof all);
}

int plugin_template_check_name(const char *name, struct acsmtp_error *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

    if (!*name || *name == '-' || name[strspn(name, allowed)])
        return acsmtp_fail(
            err, ACSMTP_CONFIG,
            "'%.80s' is not the name of a plugin: small letters, digits and hyphens, "
            "a letter first",
            name);
    if (*name >= '0' && *name <= '9')
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "'%.80s' begins with a digit, and names in C begin with a letter", name);
    if (strlen(name) > NAME_MAX_LENGTH)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the name has %zu characters; a plugin's has up to %d", strlen(name),
                           NAME_MAX_LENGTH);
    return ACSMTP_OK;
}

/* What stands for the placeholder that begins here, and how long that is; NULL: it is none. */
static const char *value_at(const char *text, const char *const values[][2], size_t *length)
{
    for (; (*values)[0]; values++) {
        *length = strlen((*values)[0]);
        if (strncmp(text, (*values)[0], *length) == 0)
            return (*values)[1];
    }
    return NULL;
}

char *plugin_template_expand(const char *text, const char *kind, const char *name,
                             struct acsmtp_error *err)
{
    char module[NAME_MAX_LENGTH + 1];
    const char *const values[][2] = {
        {"@name@", name}, {"@module@", module}, {"@kind@", kind}, {NULL, NULL}};
    char *expanded = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&expanded, &size);
    size_t length = 0;
    const char *value;

    if (!out) {
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        return NULL;
    }
    (void)snprintf(module, sizeof module, "%s", name);
    for (char *hyphen = module; (hyphen = strchr(hyphen, '-'));)
        *hyphen = '_';
    while (*text) {
        value = value_at(text, values, &length);
        if (value)
            (void)fputs(value, out);
        else
            (void)fputc(*text, out);
        text += value ? length : 1;
    }
    if (fclose(out) == 0)
        return expanded;
    free(expanded);
    (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    return NULL;
}
