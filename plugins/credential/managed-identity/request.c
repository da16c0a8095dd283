/* SPDX-License-Identifier: MIT */
/* Putting the question together as each source wants it; see request.h. */
#include "request.h"

#include <azure.h>
#include <stdio.h>
#include <string.h>

#define URL_MAX 8192U
#define FORM_TYPE "application/x-www-form-urlencoded"

static int add(struct acsmtp_secret *query, const char *name, const char *value,
               struct acsmtp_error *err)
{
    return value ? acsmtp_http_form_add(query, name, value, strlen(value), err) : ACSMTP_OK;
}

/* The identity that is asked for: the chosen one, or what the platform calls the default. */
static int add_selector(const struct request *request, struct acsmtp_secret *query,
                        struct acsmtp_error *err)
{
    const struct source *source = request->source;
    const char *option = source_selected(request->settings);
    const char *parameter = option ? source_parameter(source, option) : NULL;

    if (option && !parameter)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "%s cannot choose an identity by %s; leave it out, or use another "
                           "source",
                           source->name, option);
    if (option)
        return add(query, parameter, acsmtp_settings_string(request->settings, option), err);
    if (!source->default_client)
        return ACSMTP_OK;
    return add(query, source->selectors.client_id,
               acsmtp_settings_string(request->settings, source->default_client), err);
}

static int make_query(const struct request *request, struct acsmtp_secret *query,
                      struct acsmtp_error *err)
{
    char resource[AZURE_RESOURCE_MAX];
    int status = azure_resource(request->scope, resource, sizeof resource, err);

    if (status == ACSMTP_OK)
        status = add(query, "api-version", request->source->api_version, err);
    if (status == ACSMTP_OK)
        status = add(query, "resource", resource, err);
    return status == ACSMTP_OK ? add_selector(request, query, err) : status;
}

/* The agent listens on IPv4 alone, whatever "localhost" is first. */
static const char *arc_host(const char *endpoint, const char **rest)
{
    static const char local[] = "http://localhost:";

    *rest = endpoint;
    if (strncmp(endpoint, local, sizeof local - 1) != 0)
        return "";
    *rest = endpoint + sizeof local - 1;
    return "http://127.0.0.1:";
}

static int make_url(const struct request *request, const struct acsmtp_secret *query, char *url,
                    struct acsmtp_error *err)
{
    const char *endpoint = acsmtp_settings_string(request->settings, request->source->endpoint);
    int is_post = strcmp(request->source->method, "POST") == 0;
    const char *rest = endpoint;
    const char *host = request->source->is_challenged ? arc_host(endpoint, &rest) : "";
    int length = snprintf(url, URL_MAX, "%s%s%s%s", host, rest,
                          is_post                 ? ""
                          : strchr(endpoint, '?') ? "&"
                                                  : "?",
                          is_post ? "" : acsmtp_secret_data(query));

    if (request->source->is_pinned && strncmp(endpoint, "https://", 8) != 0)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the endpoint of %s must begin with https://",
                           request->source->name);
    if (length < 0 || (size_t)length >= URL_MAX)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the endpoint or the identity's id is too long");
    return ACSMTP_OK;
}

int request_proof(const struct request *request, struct acsmtp_context *context,
                  struct acsmtp_secret **proof, struct acsmtp_error *err)
{
    const struct source *source = request->source;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *value = NULL;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *field = NULL;
    int status;

    if (!source->secret)
        return ACSMTP_OK;
    status = acsmtp_settings_secret(request->settings, context, source->secret, &value, err);
    if (status != ACSMTP_OK)
        return status;
    field = acsmtp_secret_new(source->secret_header, strlen(source->secret_header), err);
    status = field ? acsmtp_secret_append(field, ": ", 2, err) : ACSMTP_SYSTEM;
    if (status == ACSMTP_OK)
        status =
            acsmtp_secret_append(field, acsmtp_secret_data(value), acsmtp_secret_size(value), err);
    if (status == ACSMTP_OK)
        *proof = ACSMTP_STEAL(struct acsmtp_secret, field);
    return status;
}

/*
 * "Metadata: true" goes to everybody: Automation wants it beside its own header, the others do not
 * mind. The default retry is what the SDKs do here, but 404 is final at Service Fabric.
 */
int request_send(const struct request *request, struct acsmtp_context *context,
                 struct acsmtp_http_response **response, struct acsmtp_error *err)
{
    const char *const headers[] = {"Accept: application/json", "Metadata: true",
                                   request->proof ? acsmtp_secret_data(request->proof) : NULL,
                                   NULL};
    int is_post = strcmp(request->source->method, "POST") == 0;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *query = acsmtp_secret_new("", 0, err);
    char url[URL_MAX];
    struct acsmtp_http_request http = {
        .size = sizeof http,
        .method = request->source->method,
        .url = url,
        .headers = headers,
        .content_type = is_post ? FORM_TYPE : NULL,
        .body = is_post ? query : NULL,
        .timeout_ms = -1,
        .connect_timeout_ms = -1,
    };
    int status = query ? make_query(request, query, err) : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = make_url(request, query, url, err);
    if (request->source->is_pinned)
        http.peer_sha1 = acsmtp_settings_string(request->settings, "thumbprint");
    return status == ACSMTP_OK ? acsmtp_http_send(context, &http, response, err) : status;
}
