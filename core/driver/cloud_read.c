/* SPDX-License-Identifier: MIT */
/*
 * Reading descriptions of clouds: a name, a file (the emulator writes one), or an object in the
 * config. Every value is checked here once, so that a plugin can put it into a URL.
 */
#include "cloud_private.h"
#include "config_private.h"
#include "locate.h"
#include <stdio.h>
#include <string.h>

/* The last four are for the tests and tools that read the same file. */
const char *const cloud_other_keys[CLOUD_OTHER_KEYS] = {
    "base", "smtp", "inbox", "subscription_id", "operator", "platform"};

struct reading {
    struct cloud *cloud;
    const struct acsmtp_json *json;
    const char *file;                 /* where the description stands, NULL: in the config */
    const char *name;                 /* for messages */
    const struct acsmtp_secret *text; /* of the file */
    struct acsmtp_error *err;
};

/* The name of the description, with the line of a dotted path in it where that is known. */
static void where(const struct reading *reading, const char *path, char *text, size_t capacity)
{
    const char *bytes = acsmtp_secret_data(reading->text);
    size_t size = acsmtp_secret_size(reading->text), offset;

    if (locate_path(bytes, size, path, &offset))
        (void)snprintf(text, capacity, "%s:%zu", reading->name,
                       locate_offset(bytes, size, offset).line);
    else
        (void)snprintf(text, capacity, "%s", reading->name);
}

static int bad_value(const struct reading *reading, const char *path, const char *wanted)
{
    char place[CONFIG_WHERE_MAX];

    where(reading, path, place, sizeof place);
    return acsmtp_fail(reading->err, ACSMTP_CONFIG, "%s: '%s' must be %s", place, path, wanted);
}

static int bad_endpoint(const struct reading *reading, size_t index)
{
    const struct cloud_endpoint *endpoint = &cloud_endpoints[index];
    char path[64];

    (void)snprintf(path, sizeof path, "%s%s%s", endpoint->object ? endpoint->object : "",
                   endpoint->object ? "." : "", endpoint->key);
    return bad_value(reading, path, cloud_form_text(endpoint->form));
}

static int read_endpoint(const struct reading *reading, size_t index)
{
    const struct acsmtp_json *parent =
        cloud_endpoints[index].object
            ? acsmtp_json_get(reading->json, cloud_endpoints[index].object)
            : reading->json;
    const struct acsmtp_json *value = acsmtp_json_get(parent, cloud_endpoints[index].key);
    const char *text = acsmtp_json_text(value);
    CONFIG_AUTO_FREE char *made = NULL;
    char number[24];
    int64_t port;

    if (acsmtp_json_type(value) == ACSMTP_JSON_NULL)
        return ACSMTP_OK;
    if (cloud_endpoints[index].form == FORM_PORT &&
        acsmtp_json_integer(parent, cloud_endpoints[index].key, &port)) {
        (void)snprintf(number, sizeof number, "%lld", (long long)port);
        text = number;
    }
    if (!text || !cloud_has_form(cloud_endpoints[index].form, text))
        return bad_endpoint(reading, index);
    if (cloud_endpoints[index].form == FORM_PATH) {
        made = config_path_beside(reading->file, text, reading->err);
        if (!made)
            return reading->err->status;
        text = made;
    }
    return cloud_set_value(reading->cloud, index, text, reading->err);
}

#define KEYS_MAX (CLOUD_ENDPOINTS + CLOUD_OTHER_KEYS)

/* Every key that a description (object NULL), or an object in it, may have. */
static size_t known_keys(const char *object, const char *names[KEYS_MAX])
{
    size_t count = 0, i;

    for (i = 0; i < CLOUD_ENDPOINTS; i++)
        if (object ? cloud_endpoints[i].object && strcmp(cloud_endpoints[i].object, object) == 0
                   : !cloud_endpoints[i].object)
            names[count++] = cloud_endpoints[i].key;
    for (i = 0; !object && i < CLOUD_OTHER_KEYS; i++)
        names[count++] = cloud_other_keys[i];
    return count;
}

static int unknown_key(const struct reading *reading, const char *path, const char *near)
{
    char place[CONFIG_WHERE_MAX];

    where(reading, path, place, sizeof place);
    return acsmtp_fail(reading->err, ACSMTP_CONFIG, "%s: unknown key '%.60s'%s", place, path, near);
}

/*
 * In the config an unknown key is an error. A file may say more than is used here (it is written by
 * a program that grows); there only what looks like a slip of the pen is one.
 */
static int check_keys(const struct reading *reading, const struct acsmtp_json *json,
                      const char *object)
{
    const char *names[KEYS_MAX];
    size_t count = known_keys(object, names), i, j;
    char near[128], path[256];
    const char *key;

    for (i = 0; (key = acsmtp_json_key(json, i)); i++) {
        for (j = 0; j < count && strcmp(names[j], key) != 0; j++)
            ;
        if (j < count)
            continue;
        config_suggestion(key, names, count, near, sizeof near);
        (void)snprintf(path, sizeof path, "%s%s%s", object ? object : "", object ? "." : "", key);
        if (!reading->file || near[0])
            return unknown_key(reading, path, near);
    }
    return ACSMTP_OK;
}

static int read_base(const struct reading *reading, const struct acsmtp_json *base)
{
    const char *name = acsmtp_json_text(base);
    int status = cloud_set_base(reading->cloud, name ? name : "", reading->err);

    if (status == ACSMTP_UNAVAILABLE)
        return bad_value(reading, "base", "public, usgov or china");
    return status;
}

static int read_description(const struct reading *reading)
{
    const struct acsmtp_json *base = acsmtp_json_get(reading->json, "base");
    const struct acsmtp_json *smtp = acsmtp_json_get(reading->json, "smtp");
    int status = check_keys(reading, reading->json, NULL);
    size_t i;

    if (status == ACSMTP_OK && base)
        status = read_base(reading, base);
    if (status == ACSMTP_OK && smtp && acsmtp_json_type(smtp) != ACSMTP_JSON_OBJECT)
        status = bad_value(reading, "smtp", "an object with host and port");
    if (status == ACSMTP_OK)
        status = check_keys(reading, smtp, "smtp");
    for (i = 0; status == ACSMTP_OK && i < CLOUD_ENDPOINTS; i++)
        status = read_endpoint(reading, i);
    return status;
}

static int read_file(struct cloud *cloud, const char *path, struct acsmtp_error *err)
{
    CONFIG_AUTO_FREE char *real = realpath(path, NULL);
    struct reading reading = {.cloud = cloud, .file = real, .name = path, .err = err};
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    struct config_file file;
    int status = config_file_read(real ? real : path, 0, &file, err);

    if (status != ACSMTP_OK) {
        acsmtp_error_prefix(err, "cloud");
        return status;
    }
    json = config_file_parse(&file, err);
    reading.json = json;
    reading.text = file.text;
    status = json ? read_description(&reading) : err->status;
    config_file_release(&file);
    return status;
}

static int read_name(struct cloud *cloud, const char *name, struct acsmtp_error *err)
{
    const char *names[CLOUD_NAMES_MAX];
    size_t count = cloud_names(names);
    char near[128], all[64];
    int status = cloud_set_base(cloud, name, err);

    if (status != ACSMTP_UNAVAILABLE)
        return status;
    if (strpbrk(name, "/."))
        return read_file(cloud, name, err);
    config_suggestion(name, names, count, near, sizeof near);
    config_join(names, count, all, sizeof all);
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "there is no cloud '%.80s'%s (%s, or the path of a description, which has "
                       "a '.' or '/' in it)",
                       name, near, all);
}

int cloud_read(struct cloud *cloud, const struct acsmtp_json *value, struct acsmtp_error *err)
{
    struct reading reading = {.cloud = cloud, .json = value, .name = "cloud", .err = err};
    const char *text = acsmtp_json_text(value);

    if (!value)
        return cloud_set_base(cloud, "public", err);
    if (text)
        return read_name(cloud, text, err);
    if (acsmtp_json_type(value) == ACSMTP_JSON_OBJECT)
        return read_description(&reading);
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "cloud: neither a name, nor the path of a description, nor one itself");
}
