/* SPDX-License-Identifier: MIT */
/*
 * A managed identity's token where Azure gives one without a virtual machine's metadata service:
 * App Service, Functions, Container Apps, Automation, Azure Arc, Service Fabric, Machine Learning,
 * Cloud Shell. Virtual machines have the plugin "imds".
 */
#include "arc.h"
#include "request.h"

#include <acsmtp/json.h>
#include <acsmtp/plugin.h>
#include <acsmtp/token.h>
#include <azure.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const managed_identity_sources[] = {
    "auto", "service-fabric", "app-service", "machine-learning", "cloud-shell", "arc", NULL,
};

/* AZURE_CLIENT_ID mostly names a service principal, which no managed identity is. */
static const struct acsmtp_option managed_identity_options[] = {
    {.name = "client_id",
     .type = ACSMTP_STRING,
     .summary = "Client id of a user-assigned identity; none: the system-assigned one."},
    {.name = "object_id",
     .type = ACSMTP_STRING,
     .summary = "Object (principal) id of a user-assigned identity."},
    {.name = "resource_id",
     .type = ACSMTP_STRING,
     .summary = "Azure resource id of a user-assigned identity (/subscriptions/...)."},
    {.name = "source",
     .type = ACSMTP_STRING,
     .default_value = "auto",
     .values = managed_identity_sources,
     .summary = "Where this program runs; auto: what the environment says."},
    {.name = "endpoint",
     .type = ACSMTP_STRING,
     .environment = "IDENTITY_ENDPOINT",
     .summary = "Endpoint of App Service and of Service Fabric."},
    {.name = "header",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .environment = "IDENTITY_HEADER",
     .summary = "What must be shown to that endpoint."},
    {.name = "thumbprint",
     .type = ACSMTP_STRING,
     .environment = "IDENTITY_SERVER_THUMBPRINT",
     .summary = "SHA-1 of the certificate of Service Fabric's endpoint, 40 hex digits."},
    {.name = "msi_endpoint",
     .type = ACSMTP_STRING,
     .environment = "MSI_ENDPOINT",
     .summary = "Endpoint of Machine Learning and of Cloud Shell."},
    {.name = "msi_secret",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .environment = "MSI_SECRET",
     .summary = "What must be shown to Machine Learning's endpoint."},
    {.name = "default_client_id",
     .type = ACSMTP_STRING,
     .environment = "DEFAULT_IDENTITY_CLIENT_ID",
     .summary = "Client id of Machine Learning's own identity."},
    {.name = "imds_endpoint",
     .type = ACSMTP_STRING,
     .environment = "IMDS_ENDPOINT",
     .summary = "Set by the Azure Arc agent, beside IDENTITY_ENDPOINT."},
    {.name = "arc_endpoint",
     .type = ACSMTP_STRING,
     .default_value = "http://127.0.0.1:40342/metadata/identity/oauth2/token",
     .environment = "IDENTITY_ENDPOINT",
     .summary = "Endpoint of the Azure Arc agent."},
    {.name = "arc_agent",
     .type = ACSMTP_STRING,
     .default_value = "/opt/azcmagent/bin/himds",
     .summary = "Program whose presence tells that this machine is managed by Azure Arc."},
    {.name = "arc_key_folder",
     .type = ACSMTP_STRING,
     .default_value = "/var/opt/azcmagent/tokens",
     .summary = "The only folder whose .key files the Azure Arc agent may ask for."},
};

static int managed_identity_open(const struct acsmtp_settings *settings, void **instance,
                                 struct acsmtp_error *err)
{
    static const char *const selectors[] = {"client_id", "object_id", "resource_id"};
    const struct source *source;
    int given = 0;

    for (size_t i = 0; i < sizeof selectors / sizeof selectors[0]; i++)
        given += acsmtp_settings_has(settings, selectors[i]);
    if (given > 1)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "client_id, object_id and resource_id exclude one another");
    *instance = (void *)settings;
    return source_choose(settings, &source, err);
}

/* ---- what came back ---- */

/* App Service has errors of a shape of its own. */
static void managed_identity_read_error(const struct acsmtp_secret *body, struct azure_error *said)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    const char *message;

    if (azure_error_read(body, said))
        return;
    json = acsmtp_json_parse(acsmtp_secret_data(body), acsmtp_secret_size(body), NULL);
    message = acsmtp_json_string(json, "message");
    if (message)
        (void)snprintf(said->text, sizeof said->text, "%s", message);
}

static int managed_identity_refuse(const struct request *request,
                                   const struct acsmtp_http_response *response,
                                   struct acsmtp_error *err)
{
    const char *option = source_selected(request->settings);
    int number = acsmtp_http_status(response);
    struct azure_error said;

    managed_identity_read_error(acsmtp_http_body(response), &said);
    if (azure_is_temporary(number))
        return azure_fail(err, ACSMTP_TEMPORARY, response, &said, "%s", request->source->name);
    if (strcmp(said.kind, "invalid_resource") == 0 || strcmp(said.kind, "invalid_scope") == 0)
        return azure_fail(err, ACSMTP_CONFIG, response, &said, "the scope is not known");
    if ((number == 400 || number == 404) && option)
        return azure_fail(err, ACSMTP_DENIED, response, &said,
                          "the identity with %s '%s' is not assigned here", option,
                          acsmtp_settings_string(request->settings, option));
    if (number == 400 || number == 404)
        return azure_fail(err, ACSMTP_UNAVAILABLE, response, &said,
                          "%s has no system-assigned identity here", request->source->name);
    return azure_fail(err, number == 401 || number == 403 ? ACSMTP_DENIED : ACSMTP_PROTOCOL,
                      response, &said, "%s", request->source->name);
}

static int managed_identity_check_echo(const struct request *request,
                                       const struct acsmtp_http_response *response,
                                       struct acsmtp_error *err)
{
    const struct acsmtp_secret *body = acsmtp_http_body(response);
    const char *option = source_selected(request->settings);
    ACSMTP_AUTO_JSON struct acsmtp_json *reply = NULL;

    if (!request->source->is_challenged || !option)
        return ACSMTP_OK;
    reply = acsmtp_json_parse(acsmtp_secret_data(body), acsmtp_secret_size(body), err);
    return reply ? arc_check_echo(reply, source_parameter(request->source, option),
                                  acsmtp_settings_string(request->settings, option), err)
                 : ACSMTP_PROTOCOL;
}

/* ---- asking ---- */

/* The first question to Azure Arc is answered by a challenge; a direct answer is taken too. */
static int managed_identity_ask(struct request *request, struct acsmtp_context *context,
                                struct acsmtp_secret **proof,
                                struct acsmtp_http_response **response, struct acsmtp_error *err)
{
    const char *folder = acsmtp_settings_string(request->settings, "arc_key_folder");
    int status = request_proof(request, context, proof, err);

    request->proof = *proof;
    if (status == ACSMTP_OK)
        status = request_send(request, context, response, err);
    if (status != ACSMTP_OK || !request->source->is_challenged ||
        acsmtp_http_status(*response) != 401)
        return status;
    status = arc_answer(*response, folder, proof, err);
    request->proof = *proof;
    acsmtp_http_response_free(ACSMTP_STEAL(struct acsmtp_http_response, *response));
    return status == ACSMTP_OK ? request_send(request, context, response, err) : status;
}

/* Only the Arc agent may be there or not; elsewhere the platform has promised its endpoint. */
static int managed_identity_unreachable(const struct request *request, int status,
                                        const struct acsmtp_error *failure,
                                        struct acsmtp_error *err)
{
    acsmtp_error_server(err, failure->server_code, failure->code, NULL);
    if (request->source->is_challenged && strcmp(failure->code, "connect_refused") == 0)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "the Azure Arc agent does not run: %s",
                           failure->message);
    return acsmtp_fail(err, status, "%s: %s", request->source->name, failure->message);
}

static int managed_identity_acquire(void *instance, struct acsmtp_context *context,
                                    const struct acsmtp_credential_request *wanted,
                                    struct acsmtp_credential *out, struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *proof = NULL;
    struct request request = {.settings = instance, .scope = wanted->scope};
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    int64_t requested_at = (int64_t)time(NULL);
    int status = source_choose(instance, &request.source, err);

    if (status != ACSMTP_OK)
        return status;
    status = managed_identity_ask(&request, context, &proof, &response, &failure);
    if (status != ACSMTP_OK)
        return managed_identity_unreachable(&request, status, &failure, err);
    if (acsmtp_http_status(response) != 200)
        return managed_identity_refuse(&request, response, err);
    status = managed_identity_check_echo(&request, response, err);
    if (status == ACSMTP_OK)
        status = acsmtp_token_parse(acsmtp_http_body(response), &acsmtp_token_format_oauth2,
                                    requested_at, out, err);
    acsmtp_error_prefix(err, "%s", request.source->name);
    return status;
}

static int managed_identity_look(void *instance, struct acsmtp_context *context, const char **chain,
                                 struct acsmtp_error *err)
{
    const struct source *source;

    (void)context;
    (void)chain;
    return source_choose(instance, &source, err);
}

static void managed_identity_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_credential_ops managed_identity_ops = {
    .size = sizeof managed_identity_ops,
    .open = managed_identity_open,
    .acquire = managed_identity_acquire,
    .close = managed_identity_close,
    .look = managed_identity_look,
};

ACSMTP_PLUGIN(managed_identity) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_ANY,
    .name = "managed-identity",
    .version = "1.0",
    .summary = "A managed identity's token in App Service, Azure Arc, Service Fabric and others.",
    ACSMTP_PLUGIN_OPTIONS(managed_identity_options),
    .credential = &managed_identity_ops,
};
