/* SPDX-License-Identifier: MIT */
/* The table of sources, and which of them applies here; see source.h. */
#include "source.h"

#include <string.h>
#include <unistd.h>

/* In the order in which they are looked for: what needs more variables comes first. */
static const struct source sources[] = {
    {
        .name = "service-fabric",
        .method = "GET",
        .api_version = "2019-07-01-preview",
        .endpoint = "endpoint",
        .secret = "header",
        .secret_header = "Secret",
        .is_pinned = 1,
    },
    {
        .name = "app-service", /* Functions, Container Apps and Automation too */
        .method = "GET",
        .api_version = "2019-08-01",
        .endpoint = "endpoint",
        .secret = "header",
        .secret_header = "X-IDENTITY-HEADER",
        .selectors = {"client_id", "principal_id", "mi_res_id"},
    },
    {
        .name = "machine-learning",
        .method = "GET",
        .api_version = "2017-09-01",
        .endpoint = "msi_endpoint",
        .secret = "msi_secret",
        .secret_header = "secret",
        .default_client = "default_client_id",
        .selectors = {.client_id = "clientid"},
    },
    {
        .name = "cloud-shell",
        .method = "POST",
        .endpoint = "msi_endpoint",
    },
    {
        .name = "arc",
        .method = "GET",
        .api_version = "2020-06-01",
        .endpoint = "arc_endpoint",
        .selectors = {"client_id", "object_id", "msi_res_id"},
        .is_challenged = 1,
    },
};
enum { SOURCES = sizeof sources / sizeof sources[0] };

/* The Arc agent also counts when its variables did not reach this process. */
static int has_arc_agent(const struct acsmtp_settings *settings)
{
    return acsmtp_settings_has(settings, "imds_endpoint") ||
           access(acsmtp_settings_string(settings, "arc_agent"), X_OK) == 0;
}

static int applies(const struct acsmtp_settings *settings, const struct source *source)
{
    if (source->is_challenged)
        return has_arc_agent(settings);
    return acsmtp_settings_has(settings, source->endpoint) &&
           (!source->secret || acsmtp_settings_has(settings, source->secret)) &&
           (!source->is_pinned || acsmtp_settings_has(settings, "thumbprint"));
}

static int check_named(const struct acsmtp_settings *settings, const struct source *source,
                       struct acsmtp_error *err)
{
    if (source->is_challenged || applies(settings, source))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG, "source '%s' needs %s%s%s%s", source->name,
                       source->endpoint, source->secret ? " and " : "",
                       source->secret ? source->secret : "",
                       source->is_pinned ? " and thumbprint" : "");
}

int source_choose(const struct acsmtp_settings *settings, const struct source **source,
                  struct acsmtp_error *err)
{
    const char *name = acsmtp_settings_string(settings, "source");

    for (size_t i = 0; i < SOURCES; i++) {
        *source = &sources[i];
        if (strcmp(name, "auto") != 0 && strcmp(name, sources[i].name) == 0)
            return check_named(settings, &sources[i], err);
        if (strcmp(name, "auto") == 0 && applies(settings, &sources[i]))
            return ACSMTP_OK;
    }
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                       "no managed identity endpoint here: this is neither App Service, Functions, "
                       "Container Apps, Azure Arc, Service Fabric, Machine Learning nor Cloud "
                       "Shell");
}

const char *source_selected(const struct acsmtp_settings *settings)
{
    static const char *const options[] = {"client_id", "object_id", "resource_id"};

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (acsmtp_settings_has(settings, options[i]))
            return options[i];
    return NULL;
}

const char *source_parameter(const struct source *source, const char *option)
{
    if (strcmp(option, "client_id") == 0)
        return source->selectors.client_id;
    return strcmp(option, "object_id") == 0 ? source->selectors.object_id
                                            : source->selectors.resource_id;
}
