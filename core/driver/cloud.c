/* SPDX-License-Identifier: MIT */
/*
 * Clouds: the one table of Azure's host names in the whole project, and the reader of descriptions
 * that stand in a file (the emulator writes one) or in the config. Every value is checked here
 * once, so that a plugin can put it into a URL.
 */
#include "cloud.h"
#include "cloud_form.h"
#include "config_private.h"
#include "digest.h"
#include "settings_build.h"
#include <stdio.h>
#include <string.h>

enum {
    AUTHORITY_HOST,
    RESOURCE_MANAGER,
    GRAPH,
    KEY_VAULT_DOMAIN,
    IMDS,
    EMAIL_DOMAIN,
    SMTP_HOST,
    SMTP_PORT,
    CA_FILE,
    TENANT_ID,
    SCOPE,
    ENDPOINTS
};

static const struct {
    const char *name;   /* for acsmtp_context_endpoint() */
    const char *object; /* the member of a description that the value is a member of, or NULL */
    const char *key;    /* its key there */
    enum cloud_form form;
} endpoints[ENDPOINTS] = {
    [AUTHORITY_HOST] = {"authority_host", NULL, "authority_host", FORM_URL},
    [RESOURCE_MANAGER] = {"resource_manager", NULL, "resource_manager", FORM_URL},
    [GRAPH] = {"graph", NULL, "graph", FORM_URL},
    [KEY_VAULT_DOMAIN] = {"key_vault_domain", NULL, "key_vault_domain", FORM_HOST},
    [IMDS] = {"imds", NULL, "imds", FORM_URL},
    [EMAIL_DOMAIN] = {"email_domain", NULL, "email_domain", FORM_HOST},
    [SMTP_HOST] = {"smtp_host", "smtp", "host", FORM_HOST},
    [SMTP_PORT] = {"smtp_port", "smtp", "port", FORM_PORT},
    [CA_FILE] = {"ca_file", NULL, "ca_file", FORM_PATH},
    [TENANT_ID] = {"tenant_id", NULL, "tenant_id", FORM_TENANT},
    [SCOPE] = {"scope", NULL, "scope", FORM_SCOPE},
};

/* What a description may hold besides: for the tests and tools that read the same file. */
static const char *const other_keys[] = {"base", "smtp", "inbox", "subscription_id", "operator"};

static const struct {
    const char *name;
    const char *values[ENDPOINTS];
} clouds[] = {
    {"public",
     {
         [AUTHORITY_HOST] = "https://login.microsoftonline.com",
         [RESOURCE_MANAGER] = "https://management.azure.com",
         [GRAPH] = "https://graph.microsoft.com",
         [KEY_VAULT_DOMAIN] = "vault.azure.net",
         [IMDS] = "http://169.254.169.254",
         [EMAIL_DOMAIN] = "azurecomm.net",
         [SMTP_HOST] = "smtp.azurecomm.net",
         [SMTP_PORT] = "587",
         [SCOPE] = "https://communication.azure.com/.default",
     }},
    /*
     * UNVERIFIED: whether ACS offers SMTP in this cloud, under which host, and with which scope.
     * There is no host here, so that "host" must be said in the transport; the scope is the public
     * cloud's until "scope" in the profile says another.
     */
    {"usgov",
     {
         [AUTHORITY_HOST] = "https://login.microsoftonline.us",
         [RESOURCE_MANAGER] = "https://management.usgovcloudapi.net", /* UNVERIFIED */
         [GRAPH] = "https://graph.microsoft.us",                      /* UNVERIFIED */
         [KEY_VAULT_DOMAIN] = "vault.usgovcloudapi.net",
         [IMDS] = "http://169.254.169.254",
         [SMTP_PORT] = "587",
         [SCOPE] = "https://communication.azure.com/.default", /* UNVERIFIED */
     }},
    /* UNVERIFIED in the same way: whether ACS mail exists in this cloud at all. */
    {"china",
     {
         [AUTHORITY_HOST] = "https://login.chinacloudapi.cn",
         [RESOURCE_MANAGER] = "https://management.chinacloudapi.cn", /* UNVERIFIED */
         [GRAPH] = "https://microsoftgraph.chinacloudapi.cn",        /* UNVERIFIED */
         [KEY_VAULT_DOMAIN] = "vault.azure.cn",
         [IMDS] = "http://169.254.169.254",
         [SMTP_PORT] = "587",
         [SCOPE] = "https://communication.azure.com/.default", /* UNVERIFIED */
     }},
};

#define CLOUDS (sizeof clouds / sizeof clouds[0])

struct cloud {
    char *values[ENDPOINTS];
    char digest[DIGEST_HEX];
};

/* ---- reading ---- */

struct reading {
    struct cloud *cloud;
    const struct acsmtp_json *json;
    const char *file; /* where the description stands, NULL: in the config */
    const char *name; /* for messages */
    struct acsmtp_error *err;
};

static int set_value(struct cloud *cloud, size_t index, const char *text, struct acsmtp_error *err)
{
    char *copy = strdup(text);
    size_t size;

    if (!copy)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    for (size = strlen(copy); endpoints[index].form == FORM_URL && copy[size - 1] == '/'; size--)
        copy[size - 1] = '\0';
    free(cloud->values[index]);
    cloud->values[index] = copy;
    return ACSMTP_OK;
}

static int set_base(struct cloud *cloud, const char *name, struct acsmtp_error *err)
{
    size_t i, j;
    int status = ACSMTP_OK;

    for (i = 0; i < CLOUDS && strcmp(clouds[i].name, name) != 0; i++)
        ;
    if (i == CLOUDS)
        return ACSMTP_UNAVAILABLE;
    for (j = 0; status == ACSMTP_OK && j < ENDPOINTS; j++)
        if (clouds[i].values[j])
            status = set_value(cloud, j, clouds[i].values[j], err);
    return status;
}

static int bad_value(const struct reading *reading, size_t index)
{
    return acsmtp_fail(reading->err, ACSMTP_CONFIG, "%s: '%s%s%s' must be %s", reading->name,
                       endpoints[index].object ? endpoints[index].object : "",
                       endpoints[index].object ? "." : "", endpoints[index].key,
                       cloud_form_text(endpoints[index].form));
}

static int read_endpoint(const struct reading *reading, size_t index)
{
    const struct acsmtp_json *parent = endpoints[index].object
                                           ? acsmtp_json_get(reading->json, endpoints[index].object)
                                           : reading->json;
    const struct acsmtp_json *value = acsmtp_json_get(parent, endpoints[index].key);
    const char *text = acsmtp_json_text(value);
    CONFIG_AUTO_FREE char *made = NULL;
    char number[24];
    int64_t port;

    if (acsmtp_json_type(value) == ACSMTP_JSON_NULL)
        return ACSMTP_OK;
    if (endpoints[index].form == FORM_PORT &&
        acsmtp_json_integer(parent, endpoints[index].key, &port)) {
        (void)snprintf(number, sizeof number, "%lld", (long long)port);
        text = number;
    }
    if (!text || !cloud_has_form(endpoints[index].form, text))
        return bad_value(reading, index);
    if (endpoints[index].form == FORM_PATH) {
        made = config_path_beside(reading->file, text, reading->err);
        if (!made)
            return reading->err->status;
        text = made;
    }
    return set_value(reading->cloud, index, text, reading->err);
}

/* Every key that a description may have; the two of "smtp" stand one level deeper. */
static size_t known_keys(const char *names[ENDPOINTS + 8])
{
    size_t count = 0, i;

    for (i = 0; i < ENDPOINTS; i++)
        if (!endpoints[i].object)
            names[count++] = endpoints[i].key;
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
    const char *names[ENDPOINTS + 8];
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
        status = set_base(reading->cloud, acsmtp_json_text(base) ? acsmtp_json_text(base) : "",
                          reading->err);
    if (status == ACSMTP_UNAVAILABLE)
        return acsmtp_fail(reading->err, ACSMTP_CONFIG, "%s: 'base' must be public, usgov or china",
                           reading->name);
    if (status == ACSMTP_OK && smtp && acsmtp_json_type(smtp) != ACSMTP_JSON_OBJECT)
        return acsmtp_fail(reading->err, ACSMTP_CONFIG,
                           "%s: 'smtp' must be an object with host and port", reading->name);
    for (i = 0; status == ACSMTP_OK && i < ENDPOINTS; i++)
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
    const char *names[CLOUDS];
    char near[128], all[64];
    size_t i;
    int status = set_base(cloud, name, err);

    if (status != ACSMTP_UNAVAILABLE)
        return status;
    if (strpbrk(name, "/."))
        return read_file(cloud, name, err);
    for (i = 0; i < CLOUDS; i++)
        names[i] = clouds[i].name;
    config_suggestion(name, names, CLOUDS, near, sizeof near);
    config_join(names, CLOUDS, all, sizeof all);
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "there is no cloud '%.80s'%s (%s, or the path of a description, which has "
                       "a '.' or '/' in it)",
                       name, near, all);
}

static int read_value(struct cloud *cloud, const struct acsmtp_json *value,
                      struct acsmtp_error *err)
{
    struct reading reading = {.cloud = cloud, .json = value, .name = "cloud", .err = err};
    const char *text = acsmtp_json_text(value);

    if (!value)
        return set_base(cloud, "public", err);
    if (text)
        return read_name(cloud, text, err);
    if (acsmtp_json_type(value) == ACSMTP_JSON_OBJECT)
        return read_description(&reading);
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "cloud: neither a name, nor the path of a description, nor one itself");
}

/* ---- the cloud ---- */

static int make_digest(struct cloud *cloud, struct acsmtp_error *err)
{
    CONFIG_AUTO_FREE char *text = NULL;
    size_t size = 0, i;
    FILE *stream = open_memstream(&text, &size);

    if (!stream)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    for (i = 0; i < ENDPOINTS; i++)
        (void)fprintf(stream, "%s=%s\n", endpoints[i].name,
                      cloud->values[i] ? cloud->values[i] : "");
    if (fclose(stream) != 0)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    digest_hex("cloud", text, size, cloud->digest);
    return ACSMTP_OK;
}

int cloud_open(const struct acsmtp_json *value, struct cloud **cloud, struct acsmtp_error *err)
{
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    struct cloud *made = calloc(1, sizeof *made);
    int status;

    err = err ? err : &unwanted;
    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = read_value(made, value, err);
    if (status == ACSMTP_OK)
        status = make_digest(made, err);
    if (status == ACSMTP_OK)
        *cloud = made;
    else
        cloud_free(made);
    return status;
}

void cloud_free(struct cloud *cloud)
{
    size_t i;

    if (!cloud)
        return;
    for (i = 0; i < ENDPOINTS; i++)
        free(cloud->values[i]);
    free(cloud);
}

const char *cloud_get(const struct cloud *cloud, const char *name)
{
    size_t i;

    for (i = 0; i < ENDPOINTS; i++)
        if (strcmp(endpoints[i].name, name) == 0)
            return cloud->values[i];
    return NULL;
}

int cloud_apply(const struct cloud *cloud, struct acsmtp_context *context, struct acsmtp_error *err)
{
    int status = ACSMTP_OK;
    size_t i;

    for (i = 0; status == ACSMTP_OK && i < ENDPOINTS; i++)
        if (cloud->values[i])
            status = acsmtp_context_set_endpoint(context, endpoints[i].name, cloud->values[i], err);
    return status;
}

const char *cloud_digest(const struct cloud *cloud)
{
    return cloud->digest;
}
