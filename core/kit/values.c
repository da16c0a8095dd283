/* SPDX-License-Identifier: MIT */
/* From an option table to a config's entry, see values.h. */
#include "values.h"
#include "canary.h"
#include <acsmtp/secret.h>
#include <acsmtp/text.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* By the words that names of options are made of; the first that fits. @FOLDER@ is a private one.
 */
static const struct {
    const char *pattern, *value;
} plausible[] = {
    {"*_id", "11111111-2222-3333-4444-555555555555"},
    {"subscription", "11111111-2222-3333-4444-555555555555"},
    {"*url*", "https://kit.example.com/kit"},
    {"*endpoint*", "https://kit.example.com"},
    {"*authority*", "https://kit.example.com"},
    {"*address*", "https://kit.example.com"},
    {"*host*", "kit.example.com"},
    {"*server*", "kit.example.com"},
    {"*domain*", "kit.example.com"},
    {"*user*", "kit@example.com"},
    {"*from*", "kit@example.com"},
    {"*sender*", "kit@example.com"},
    {"*folder*", "@FOLDER@"},
    {"*dir*", "@FOLDER@"},
    {"*path*", "@FOLDER@/file"},
    {"*file*", "@FOLDER@/file"},
    {"*command*", "/usr/bin/true"},
    {"*program*", "/usr/bin/true"},
};

/* The text with the first `word` in it replaced; for the caller to wipe and free(3). */
static char *filled(const char *text, const char *word, const char *by)
{
    const char *at = strstr(text, word);
    char *made = NULL;

    if (!at)
        return strdup(text);
    if (asprintf(&made, "%.*s%s%s", (int)(at - text), text, by, at + strlen(word)) < 0)
        return NULL;
    return made;
}

/* The text with what stands for something in the place of its words; for the caller to wipe and
 * free(3). */
static char *complete(const struct subject *subject, const char *text, unsigned instance)
{
    char canary[CANARY_SIZE + 1], number[16];
    const char *const by[][2] = {
        {"@FOLDER@", subject->folder}, {VALUES_INSTANCE, number}, {VALUES_CANARY, canary}};
    char *made = strdup(text);

    canary_write(canary, CANARY_OPTION, instance);
    (void)snprintf(number, sizeof number, "%u", instance);
    for (size_t i = 0; made && i < sizeof by / sizeof by[0]; i++) {
        char *before = made;

        made = filled(before, by[i][0], by[i][1]);
        acsmtp_wipe(before, strlen(before));
        free(before);
    }
    acsmtp_wipe(canary, sizeof canary);
    return made;
}

static struct acsmtp_json *text_value(const struct subject *subject, const char *text,
                                      unsigned instance, struct acsmtp_error *err)
{
    char *whole = complete(subject, text, instance);
    struct acsmtp_json *value = NULL;

    if (whole)
        value = acsmtp_json_new_string(whole, err);
    else
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    if (whole)
        acsmtp_wipe(whole, strlen(whole));
    free(whole);
    return value;
}

static const char *plausible_text(const struct acsmtp_option *option)
{
    if (option->values && option->values[0])
        return option->values[0];
    if (option->flags & ACSMTP_SECRET)
        return VALUES_CANARY;
    for (size_t i = 0; i < sizeof plausible / sizeof plausible[0]; i++)
        if (fnmatch(plausible[i].pattern, option->name, 0) == 0)
            return plausible[i].value;
    return "kit";
}

static int64_t within(const struct acsmtp_option *option, int64_t wanted)
{
    if (!option->minimum && !option->maximum)
        return wanted;
    if (wanted < option->minimum)
        return option->minimum;
    return wanted > option->maximum ? option->maximum : wanted;
}

static struct acsmtp_json *chain_value(struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *array = acsmtp_json_new_array(err);

    if (!array || acsmtp_json_append(array, acsmtp_json_new_string("kit", err), err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, array);
}

static struct acsmtp_json *required_value(const struct subject *subject,
                                          const struct acsmtp_option *option, unsigned instance,
                                          struct acsmtp_error *err)
{
    char duration[32];

    switch (option->type) {
    case ACSMTP_INTEGER:
        return acsmtp_json_new_integer(within(option, 7), err);
    case ACSMTP_BOOLEAN:
        return acsmtp_json_new_boolean(1, err);
    case ACSMTP_DURATION:
        (void)snprintf(duration, sizeof duration, "%lldms", (long long)within(option, 5000));
        return acsmtp_json_new_string(duration, err);
    case ACSMTP_CHAIN:
        return chain_value(err);
    default:
        return text_value(subject, plausible_text(option), instance, err);
    }
}

/* ---- the user's ---- */

/* What the user gives for an option the index-th time, NULL: nothing. */
static const char *given(const struct subject *subject, const char *name, size_t index)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < subject->option_count; i++)
        if (strncmp(subject->options[i], name, length) == 0 && subject->options[i][length] == '=' &&
            index-- == 0)
            return subject->options[i] + length + 1;
    return NULL;
}

/* That there is a chain can be said, but not what is in it: the battery answers for it. */
static struct acsmtp_json *given_chain(const struct acsmtp_option *option, const char *text,
                                       struct acsmtp_error *err)
{
    if (*text != '[' && *text != '{')
        return chain_value(err);
    (void)acsmtp_fail(err, ACSMTP_CONFIG,
                      "option '%s' is a chain, which the check plays; \"tokens\" in the file of "
                      "--provider says what it gives",
                      option->name);
    return NULL;
}

static struct acsmtp_json *typed(const struct subject *subject, const struct acsmtp_option *option,
                                 const char *text, unsigned instance, struct acsmtp_error *err)
{
    char *end;
    long long number = strtoll(text, &end, 10);

    if (option->type == ACSMTP_INTEGER && end != text && !*end)
        return acsmtp_json_new_integer(number, err);
    if (option->type == ACSMTP_BOOLEAN && strcmp(text, "true") == 0)
        return acsmtp_json_new_boolean(1, err);
    if (option->type == ACSMTP_BOOLEAN && strcmp(text, "false") == 0)
        return acsmtp_json_new_boolean(0, err);
    if (option->type == ACSMTP_CHAIN)
        return given_chain(option, text, err);
    return text_value(subject, text, instance, err);
}

static struct acsmtp_json *given_value(const struct subject *subject,
                                       const struct acsmtp_option *option, unsigned instance,
                                       struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *array = NULL;
    const char *text;

    if (!(option->flags & ACSMTP_LIST) || option->type == ACSMTP_CHAIN)
        return typed(subject, option, given(subject, option->name, 0), instance, err);
    array = acsmtp_json_new_array(err);
    for (size_t i = 0; array && (text = given(subject, option->name, i)); i++)
        if (acsmtp_json_append(array, typed(subject, option, text, instance, err), err) != 0)
            return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, array);
}

/* ---- the entry ---- */

static int add_option(const struct subject *subject, const struct acsmtp_option *option,
                      unsigned instance, struct acsmtp_json *entry, struct acsmtp_error *err)
{
    if (given(subject, option->name, 0))
        return acsmtp_json_set(entry, option->name, given_value(subject, option, instance, err),
                               err);
    if (!(option->flags & ACSMTP_REQUIRED) || option->default_value)
        return ACSMTP_OK;
    return acsmtp_json_set(entry, option->name, required_value(subject, option, instance, err),
                           err);
}

/* NAME of NAME=VALUE is an option of the plugin. */
static int check_name(const struct acsmtp_plugin *plugin, const char *assignment,
                      struct acsmtp_error *err)
{
    size_t length = strcspn(assignment, "=");
    const char *nearest = NULL;
    char name[128];

    (void)snprintf(name, sizeof name, "%.*s", (int)length, assignment);
    for (size_t i = 0; i < plugin->option_count; i++) {
        const char *option = plugin->options[i].name;

        if (strlen(option) == length && strncmp(option, assignment, length) == 0)
            return ACSMTP_OK;
        nearest = acsmtp_suggest(name, (const char *const[]){nearest, option}, 2);
    }
    if (nearest)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the plugin has no option '%s'; did you mean '%s'?",
                           name, nearest);
    return acsmtp_fail(err, ACSMTP_CONFIG, "the plugin has no option '%s'", name);
}

/* A file that options can name, with a canary in it and nobody else's to read. */
static void make_file(const struct subject *subject)
{
    char path[512], canary[CANARY_SIZE + 1];
    int fd;

    (void)snprintf(path, sizeof path, "%s/file", subject->folder);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    canary_write(canary, CANARY_OPTION, 0);
    if (fd < 0)
        return;
    if (write(fd, canary, CANARY_SIZE) != CANARY_SIZE)
        (void)unlink(path);
    acsmtp_wipe(canary, sizeof canary);
    (void)close(fd);
}

struct acsmtp_json *values_entry(const struct subject *subject, unsigned instance,
                                 struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *entry = acsmtp_json_new_object(err);
    const struct acsmtp_plugin *plugin = subject->plugin;

    make_file(subject);
    for (size_t i = 0; i < subject->option_count; i++)
        if (check_name(plugin, subject->options[i], err) != ACSMTP_OK)
            return NULL;
    if (!entry || acsmtp_json_set(entry, "plugin", acsmtp_json_new_string(plugin->name, err), err))
        return NULL;
    for (size_t i = 0; i < plugin->option_count; i++)
        if (add_option(subject, &plugin->options[i], instance, entry, err) != ACSMTP_OK)
            return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, entry);
}
