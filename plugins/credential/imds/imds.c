/* SPDX-License-Identifier: MIT */
/*
 * A managed identity's token from the instance metadata service of an Azure virtual machine. No
 * secret is involved: who can reach the service may have a token of every identity of the machine.
 */
#include <acsmtp/http.h>
#include <acsmtp/json.h>
#include <acsmtp/plugin.h>
#include <acsmtp/token.h>
#include <azure.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define IMDS_TOKEN_PATH "/metadata/identity/oauth2/token"
#define IMDS_API_VERSION "2018-02-01"
#define IMDS_PROBE_MS 1000
#define IMDS_UPDATE_MS 10000

/*
 * AZURE_CLIENT_ID is not among the environment names: it usually names a service principal, and
 * the metadata service answers 400 to an id that is not assigned to the machine.
 */
static const struct acsmtp_option imds_options[] = {
    {.name = "client_id",
     .type = ACSMTP_STRING,
     .summary = "Client id of a user-assigned identity; none: the system-assigned one."},
    {.name = "object_id",
     .type = ACSMTP_STRING,
     .summary = "Object (principal) id of a user-assigned identity."},
    {.name = "resource_id",
     .type = ACSMTP_STRING,
     .summary = "Azure resource id of a user-assigned identity (/subscriptions/...)."},
    {.name = "endpoint",
     .type = ACSMTP_STRING,
     .environment = "AZURE_POD_IDENTITY_AUTHORITY_HOST",
     .summary = "Where the metadata service is, a URL without path; the cloud's unless given."},
};

/* How the identity is chosen: our option and the query's parameter. */
static const struct imds_selector {
    const char *option, *parameter;
} imds_selectors[] = {
    {"client_id", "client_id"}, {"object_id", "object_id"}, {"resource_id", "msi_res_id"}};

static const struct imds_selector *imds_selected(const struct acsmtp_settings *settings)
{
    for (size_t i = 0; i < sizeof imds_selectors / sizeof imds_selectors[0]; i++) {
        if (acsmtp_settings_has(settings, imds_selectors[i].option))
            return &imds_selectors[i];
    }
    return NULL;
}

static int imds_open(const struct acsmtp_settings *settings, void **instance,
                     struct acsmtp_error *err)
{
    int given = 0;

    for (size_t i = 0; i < sizeof imds_selectors / sizeof imds_selectors[0]; i++)
        given += acsmtp_settings_has(settings, imds_selectors[i].option);
    if (given > 1)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "client_id, object_id and resource_id exclude one another");
    *instance = (void *)settings;
    return ACSMTP_OK;
}

static int imds_base(const struct acsmtp_settings *settings, const struct acsmtp_context *context,
                     char *url, size_t capacity, struct acsmtp_error *err)
{
    const char *endpoint = acsmtp_settings_string(settings, "endpoint");
    size_t size;
    int length;

    if (!endpoint)
        endpoint = acsmtp_context_endpoint(context, "imds");
    if (!endpoint)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                           "this cloud names no metadata service (set endpoint)");
    size = strlen(endpoint);
    while (size > 0 && endpoint[size - 1] == '/')
        size--;
    length = snprintf(url, capacity, "%.*s" IMDS_TOKEN_PATH, (int)size, endpoint);
    if (length < 0 || (size_t)length >= capacity)
        return acsmtp_fail(err, ACSMTP_CONFIG, "endpoint is too long");
    return ACSMTP_OK;
}

/* The service tells "nobody there" by what the HTTP service could not do. */
static int imds_is_absent(const struct acsmtp_error *failure)
{
    return strcmp(failure->code, "connect_refused") == 0 ||
           strcmp(failure->code, "connect_unreachable") == 0 || strcmp(failure->code, "dns") == 0;
}

/* Docker Desktop's proxy answers in the place of a metadata service that is not there. */
static int imds_is_fake(const struct acsmtp_http_response *response)
{
    return acsmtp_http_status(response) == 403 &&
           strstr(acsmtp_secret_data(acsmtp_http_body(response)), "unreachable") != NULL;
}

static int imds_unavailable(struct acsmtp_error *err, const char *why)
{
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                       "no instance metadata service here (%s): not an Azure virtual machine, or "
                       "it is blocked",
                       why);
}

/*
 * Without the Metadata header the real service answers 400 at once. Whatever answers, something is
 * there; silence for a second is taken as absence only here, inside a chain, since a container that
 * has just started may have to wait longer.
 */
static int imds_probe(void *instance, struct acsmtp_context *context, struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    char url[1024];
    struct acsmtp_http_request get = {
        .size = sizeof get,
        .method = "GET",
        .url = url,
        .timeout_ms = IMDS_PROBE_MS,
        .connect_timeout_ms = IMDS_PROBE_MS,
        .retry = &acsmtp_http_retry_none,
    };
    int status = imds_base(instance, context, url, sizeof url, err);

    if (status != ACSMTP_OK)
        return status;
    status = acsmtp_http_send(context, &get, &response, &failure);
    if (status == ACSMTP_OK && !imds_is_fake(response))
        return ACSMTP_OK;
    if (status == ACSMTP_OK)
        return imds_unavailable(err, "a proxy answers that it is unreachable");
    acsmtp_error_server(err, failure.server_code, failure.code, NULL);
    if (status == ACSMTP_TEMPORARY || status == ACSMTP_PROTOCOL)
        return imds_unavailable(err, failure.message);
    return acsmtp_fail(err, status, "%s", failure.message);
}

static int imds_query(const struct acsmtp_settings *settings, const char *scope,
                      struct acsmtp_secret *query, struct acsmtp_error *err)
{
    const struct imds_selector *selector = imds_selected(settings);
    const char *value = selector ? acsmtp_settings_string(settings, selector->option) : NULL;
    char resource[AZURE_RESOURCE_MAX];
    int status = azure_resource(scope, resource, sizeof resource, err);

    if (status == ACSMTP_OK)
        status = acsmtp_http_form_add(query, "api-version", IMDS_API_VERSION,
                                      strlen(IMDS_API_VERSION), err);
    if (status == ACSMTP_OK)
        status = acsmtp_http_form_add(query, "resource", resource, strlen(resource), err);
    if (status == ACSMTP_OK && selector)
        status = acsmtp_http_form_add(query, selector->parameter, value, strlen(value), err);
    return status;
}

/* Into plain memory: a living secret would be blanked in the trace, and a URL holds none. */
static int imds_url(const struct acsmtp_settings *settings, const struct acsmtp_context *context,
                    const char *scope, char *url, size_t capacity, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *query = acsmtp_secret_new("", 0, err);
    char base[512];
    int length;
    int status = query ? imds_query(settings, scope, query, err) : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = imds_base(settings, context, base, sizeof base, err);
    if (status != ACSMTP_OK)
        return status;
    length = snprintf(url, capacity, "%s?%s", base, acsmtp_secret_data(query));
    if (length < 0 || (size_t)length >= capacity)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the identity's id is too long");
    return ACSMTP_OK;
}

/*
 * The documented reasons to ask again: 404 (being updated), 429, and 5xx not before a second has
 * passed; 410 means that the service is back within 70 s, which the second table waits for.
 */
static const int16_t imds_statuses[] = {404, 408, 429, 500, 501, 502, 503, 504,
                                        505, 506, 507, 508, 510, 511, 0};
static const int16_t imds_update_statuses[] = {404, 408, 410, 429, 500, 501, 502, 503,
                                               504, 505, 506, 507, 508, 510, 511, 0};
static const int32_t imds_delays[] = {1250, 2500, 5000};
static const int32_t imds_update_delays[] = {IMDS_UPDATE_MS};
static const struct acsmtp_http_retry imds_retry = {
    .size = sizeof imds_retry,
    .attempts = 4,
    .delays_ms = imds_delays,
    .delay_count = 3,
    .statuses = imds_statuses,
};
static const struct acsmtp_http_retry imds_update_retry = {
    .size = sizeof imds_update_retry,
    .attempts = 9,
    .delays_ms = imds_update_delays,
    .delay_count = 1,
    .statuses = imds_update_statuses,
};

static int imds_send(struct acsmtp_context *context, const char *url,
                     const struct acsmtp_http_retry *retry, struct acsmtp_http_response **response,
                     struct acsmtp_error *err)
{
    static const char *const headers[] = {"Metadata: true", NULL};
    struct acsmtp_http_request get = {
        .size = sizeof get,
        .method = "GET",
        .url = url,
        .headers = headers,
        .timeout_ms = -1,
        .connect_timeout_ms = -1,
        .retry = retry,
    };

    return acsmtp_http_send(context, &get, response, err);
}

static int imds_get(struct acsmtp_context *context, const char *url,
                    struct acsmtp_http_response **response, struct acsmtp_error *err)
{
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    int status = imds_send(context, url, &imds_retry, response, &failure);

    if (status == ACSMTP_TEMPORARY && strcmp(failure.code, "lost") == 0) {
        acsmtp_error_clear(&failure);
        status = imds_send(context, url, &imds_retry, response, &failure);
    }
    if (status == ACSMTP_OK && acsmtp_http_status(*response) == 410) {
        acsmtp_log(context, ACSMTP_LOG_INFO, "imds: the metadata service is being updated");
        acsmtp_http_response_free(ACSMTP_STEAL(struct acsmtp_http_response, *response));
        status = acsmtp_context_sleep(context, IMDS_UPDATE_MS, &failure);
        if (status == ACSMTP_OK)
            status = imds_send(context, url, &imds_update_retry, response, &failure);
    }
    if (status == ACSMTP_OK)
        return ACSMTP_OK;
    acsmtp_error_server(err, failure.server_code, failure.code, NULL);
    if (imds_is_absent(&failure))
        return imds_unavailable(err, failure.message);
    return acsmtp_fail(err, status, "%s", failure.message);
}

static int imds_refuse_identity(const struct acsmtp_settings *settings,
                                const struct acsmtp_http_response *response,
                                const struct azure_error *said, struct acsmtp_error *err)
{
    const struct imds_selector *selector = imds_selected(settings);

    if (strcmp(said->kind, "invalid_resource") == 0)
        return azure_fail(err, ACSMTP_CONFIG, response, said, "the scope is not known");
    if (selector)
        return azure_fail(err, ACSMTP_DENIED, response, said,
                          "the identity with %s '%s' is not assigned to this machine",
                          selector->option, acsmtp_settings_string(settings, selector->option));
    return azure_fail(err, ACSMTP_UNAVAILABLE, response, said,
                      "this machine has no system-assigned identity (a user-assigned one needs "
                      "client_id, object_id or resource_id)");
}

static int imds_refuse(const struct acsmtp_settings *settings, const struct acsmtp_context *context,
                       const struct acsmtp_http_response *response, struct acsmtp_error *err)
{
    int number = acsmtp_http_status(response);
    struct azure_error said;
    int known = azure_error_read(acsmtp_http_body(response), &said);

    if (imds_is_fake(response))
        return imds_unavailable(err, "a proxy answers that it is unreachable");
    if (azure_is_temporary(number) ||
        (number == 404 && (known || !acsmtp_context_in_chain(context))))
        return azure_fail(err, ACSMTP_TEMPORARY, response, &said, "metadata service");
    /* Other clouds have a metadata service at the same address, with other pages. */
    if (!known && acsmtp_context_in_chain(context))
        return azure_fail(err, ACSMTP_UNAVAILABLE, response, &said,
                          "something else than Azure's metadata service answers");
    if (number == 400)
        return imds_refuse_identity(settings, response, &said, err);
    return azure_fail(err, known ? ACSMTP_DENIED : ACSMTP_PROTOCOL, response, &said,
                      "metadata service");
}

/* A captive portal or a proxy may stand at the link-local address and answer 200 with a page. */
static int imds_is_json(const struct acsmtp_http_response *response)
{
    const struct acsmtp_secret *body = acsmtp_http_body(response);
    ACSMTP_AUTO_JSON struct acsmtp_json *json =
        acsmtp_json_parse(acsmtp_secret_data(body), acsmtp_secret_size(body), NULL);

    return json != NULL;
}

static int imds_acquire(void *instance, struct acsmtp_context *context,
                        const struct acsmtp_credential_request *request,
                        struct acsmtp_credential *out, struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    int64_t requested_at = (int64_t)time(NULL);
    char url[4096];
    int status = imds_url(instance, context, request->scope, url, sizeof url, err);

    if (status == ACSMTP_OK)
        status = imds_get(context, url, &response, err);
    if (status != ACSMTP_OK)
        return status;
    if (acsmtp_http_status(response) != 200)
        return imds_refuse(instance, context, response, err);
    status = acsmtp_token_parse(acsmtp_http_body(response), &acsmtp_token_format_oauth2,
                                requested_at, out, &failure);
    if (status == ACSMTP_PROTOCOL && acsmtp_context_in_chain(context) && !imds_is_json(response))
        return imds_unavailable(err, "what answers is something else");
    return status == ACSMTP_OK ? ACSMTP_OK : acsmtp_fail(err, status, "%s", failure.message);
}

static void imds_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_credential_ops imds_ops = {
    .size = sizeof imds_ops,
    .open = imds_open,
    .probe = imds_probe,
    .acquire = imds_acquire,
    .close = imds_close,
};

ACSMTP_PLUGIN(imds) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_ANY,
    .name = "imds",
    .version = "1.0",
    .summary = "A token of the managed identity of an Azure virtual machine.",
    ACSMTP_PLUGIN_OPTIONS(imds_options),
    .credential = &imds_ops,
};
