/* SPDX-License-Identifier: MIT */
/*
 * Reading descriptions of clouds: a name, a file (the emulator writes one), or an object in the
 * config. Every value is checked here once, so that a plugin can put it into a URL.
 */
#include "cloud_private.h"
#include "config_private.h"
#include <stdio.h>
#include <string.h>

/* What a description may hold besides: for the tests and tools that read the same file. */
static const char *const other_keys[] = {"base", "smtp", "inbox", "subscription_id", "operator"};

struct reading {
    struct cloud *cloud;
    const struct acsmtp_json *json;
    const char *file; /* where the description stands, NULL: in the config */
    const char *name; /* for messages */
    struct acsmtp_error *err;
};

static int bad_value(const struct reading *reading, size_t index)
{
    return acsmtp_fail(reading->err, ACSMTP_CONFIG, "%s: '%s%s%s' must be %s", reading->name,
                       cloud_endpoints[index].object ? cloud_endpoints[index].object : "",
                       cloud_endpoints[index].object ? "." : "", cloud_endpoints[index].key,
                       cloud_form_text(cloud_endpoints[index].form));
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
        return bad_value(reading, index);
    if (cloud_endpoints[index].form == FORM_PATH) {
        made = config_path_beside(reading->file, text, reading->err);
        if (!made)
            return reading->err->status;
        text = made;
    }
    return cloud_set_value(reading->cloud, index, text, reading->err);
}

/* Every key that a description may have; the two of "smtp" stand one level deeper. */
static size_t known_keys(const char *names[CLOUD_ENDPOINTS + 8])
{
    size_t count = 0, i;

    for (i = 0; i < CLOUD_ENDPOINTS; i++)
        if (!cloud_endpoints[i].object)
            names[count++] = cloud_endpoints[i].key;
    for (i = 0; i < sizeof other_keys / sizeof other_keys[0]; i++)
        names[count++] = other_keys[i];
    return count;
}

/*
 * In the config an unknown key is an error. A file may say more than is used here (it is written by
 * a program that grows); there only what looks like a slip of the pen is one.
 */
static int check_keys(const struct reading *reading)
{
    const char *names[CLOUD_ENDPOINTS + 8];
    size_t count = known_keys(names), i, j;
    char near[128];
    const char *key;

    for (i = 0; (key = acsmtp_json_key(reading->json, i)); i++) {
        for (j = 0; j < count && strcmp(names[j], key) != 0; j++)
            ;
        if (j < count)
            continue;
        config_suggestion(key, names, count, near, sizeof near);
        if (!reading->file || near[0])
            return acsmtp_fail(reading->err, ACSMTP_CONFIG, "%s: unknown key '%.60s'%s",
                               reading->name, key, near);
    }
    return ACSMTP_OK;
}

static int read_description(const struct reading *reading)
{
    const struct acsmtp_json *base = acsmtp_json_get(reading->json, "base");
    const struct acsmtp_json *smtp = acsmtp_json_get(reading->json, "smtp");
    int status = check_keys(reading);
    size_t i;

    if (status == ACSMTP_OK && base)
        status = cloud_set_base(reading->cloud,
                                acsmtp_json_text(base) ? acsmtp_json_text(base) : "", reading->err);
    if (status == ACSMTP_UNAVAILABLE)
        return acsmtp_fail(reading->err, ACSMTP_CONFIG, "%s: 'base' must be public, usgov or china",
                           reading->name);
    if (status == ACSMTP_OK && smtp && acsmtp_json_type(smtp) != ACSMTP_JSON_OBJECT)
        return acsmtp_fail(reading->err, ACSMTP_CONFIG,
                           "%s: 'smtp' must be an object with host and port", reading->name);
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
    config_file_release(&file);
    reading.json = json;
    return json ? read_description(&reading) : err->status;
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
