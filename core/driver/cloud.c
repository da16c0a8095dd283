/* SPDX-License-Identifier: MIT */
/*
 * Clouds: the one table of Azure's host names in the whole project. Everything else asks the
 * context for endpoints. Authority, Resource Manager, Graph and vaults are those of the Azure CLI
 * (az cloud list), with which tests/system/test_clouds.py compares them.
 */
#include "cloud_private.h"
#include "config_private.h"
#include <stdio.h>
#include <string.h>

const struct cloud_endpoint cloud_endpoints[CLOUD_ENDPOINTS] = {
    [CLOUD_AUTHORITY_HOST] = {"authority_host", NULL, "authority_host", FORM_URL},
    [CLOUD_RESOURCE_MANAGER] = {"resource_manager", NULL, "resource_manager", FORM_URL},
    [CLOUD_GRAPH] = {"graph", NULL, "graph", FORM_URL},
    [CLOUD_KEY_VAULT_DOMAIN] = {"key_vault_domain", NULL, "key_vault_domain", FORM_HOST},
    [CLOUD_IMDS] = {"imds", NULL, "imds", FORM_URL},
    [CLOUD_EMAIL_DOMAIN] = {"email_domain", NULL, "email_domain", FORM_HOST},
    [CLOUD_SMTP_HOST] = {"smtp_host", "smtp", "host", FORM_HOST},
    [CLOUD_SMTP_PORT] = {"smtp_port", "smtp", "port", FORM_PORT},
    [CLOUD_CA_FILE] = {"ca_file", NULL, "ca_file", FORM_PATH},
    [CLOUD_TENANT_ID] = {"tenant_id", NULL, "tenant_id", FORM_TENANT},
    [CLOUD_SCOPE] = {"scope", NULL, "scope", FORM_SCOPE},
};

static const struct {
    const char *name;
    const char *values[CLOUD_ENDPOINTS];
} clouds[] = {
    {"public",
     {
         [CLOUD_AUTHORITY_HOST] = "https://login.microsoftonline.com",
         [CLOUD_RESOURCE_MANAGER] = "https://management.azure.com",
         [CLOUD_GRAPH] = "https://graph.microsoft.com",
         [CLOUD_KEY_VAULT_DOMAIN] = "vault.azure.net",
         [CLOUD_IMDS] = "http://169.254.169.254",
         [CLOUD_EMAIL_DOMAIN] = "azurecomm.net",
         [CLOUD_SMTP_HOST] = "smtp.azurecomm.net",
         [CLOUD_SMTP_PORT] = "587",
         [CLOUD_SCOPE] = "https://communication.azure.com/.default",
     }},
    /*
     * UNVERIFIED: whether ACS offers SMTP in this cloud, under which host, and with which scope.
     * There is no host here, so that "host" must be said in the transport; the scope is the public
     * cloud's until "scope" in the profile says another.
     */
    {"usgov",
     {
         [CLOUD_AUTHORITY_HOST] = "https://login.microsoftonline.us",
         [CLOUD_RESOURCE_MANAGER] = "https://management.usgovcloudapi.net",
         [CLOUD_GRAPH] = "https://graph.microsoft.us",
         [CLOUD_KEY_VAULT_DOMAIN] = "vault.usgovcloudapi.net",
         [CLOUD_IMDS] = "http://169.254.169.254",
         [CLOUD_SMTP_PORT] = "587",
         [CLOUD_SCOPE] = "https://communication.azure.com/.default", /* UNVERIFIED */
     }},
    /* UNVERIFIED in the same way: whether ACS mail exists in this cloud at all. */
    {"china",
     {
         [CLOUD_AUTHORITY_HOST] = "https://login.chinacloudapi.cn",
         [CLOUD_RESOURCE_MANAGER] = "https://management.chinacloudapi.cn",
         [CLOUD_GRAPH] = "https://microsoftgraph.chinacloudapi.cn",
         [CLOUD_KEY_VAULT_DOMAIN] = "vault.azure.cn",
         [CLOUD_IMDS] = "http://169.254.169.254",
         [CLOUD_SMTP_PORT] = "587",
         [CLOUD_SCOPE] = "https://communication.azure.com/.default", /* UNVERIFIED */
     }},
};

#define CLOUDS (sizeof clouds / sizeof clouds[0])

int cloud_set_value(struct cloud *cloud, size_t index, const char *text, struct acsmtp_error *err)
{
    char *copy = strdup(text);
    size_t size;

    if (!copy)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    for (size = strlen(copy); cloud_endpoints[index].form == FORM_URL && copy[size - 1] == '/';
         size--)
        copy[size - 1] = '\0';
    free(cloud->values[index]);
    cloud->values[index] = copy;
    return ACSMTP_OK;
}

int cloud_set_base(struct cloud *cloud, const char *name, struct acsmtp_error *err)
{
    size_t i, j;
    int status = ACSMTP_OK;

    for (i = 0; i < CLOUDS && strcmp(clouds[i].name, name) != 0; i++)
        ;
    if (i == CLOUDS)
        return ACSMTP_UNAVAILABLE;
    for (j = 0; status == ACSMTP_OK && j < CLOUD_ENDPOINTS; j++)
        if (clouds[i].values[j])
            status = cloud_set_value(cloud, j, clouds[i].values[j], err);
    return status;
}

size_t cloud_names(const char *names[CLOUD_NAMES_MAX])
{
    size_t i;

    for (i = 0; i < CLOUDS && i < CLOUD_NAMES_MAX; i++)
        names[i] = clouds[i].name;
    return i;
}

/* ---- the cloud ---- */

static int make_digest(struct cloud *cloud, struct acsmtp_error *err)
{
    CONFIG_AUTO_FREE char *text = NULL;
    size_t size = 0, i;
    FILE *stream = open_memstream(&text, &size);

    if (!stream)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    for (i = 0; i < CLOUD_ENDPOINTS; i++)
        (void)fprintf(stream, "%s=%s\n", cloud_endpoints[i].name,
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
    status = cloud_read(made, value, err);
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
    for (i = 0; i < CLOUD_ENDPOINTS; i++)
        free(cloud->values[i]);
    free(cloud);
}

const char *cloud_get(const struct cloud *cloud, const char *name)
{
    size_t i;

    for (i = 0; i < CLOUD_ENDPOINTS; i++)
        if (strcmp(cloud_endpoints[i].name, name) == 0)
            return cloud->values[i];
    return NULL;
}

int cloud_apply(const struct cloud *cloud, struct acsmtp_context *context, struct acsmtp_error *err)
{
    int status = ACSMTP_OK;
    size_t i;

    for (i = 0; status == ACSMTP_OK && i < CLOUD_ENDPOINTS; i++)
        if (cloud->values[i])
            status = acsmtp_context_set_endpoint(context, cloud_endpoints[i].name, cloud->values[i],
                                                 err);
    return status;
}

const char *cloud_digest(const struct cloud *cloud)
{
    return cloud->digest;
}
