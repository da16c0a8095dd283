/* SPDX-License-Identifier: MIT */
/*
 * One token request to Microsoft Entra's v2.0 endpoint, for every plugin that proves a service
 * principal's identity in its own way: with a client secret, a signed assertion, a federated token.
 *
 *	entra_form_new(&request, &form, err);
 *	acsmtp_http_form_add(form, "client_secret", secret, size, err);
 *	entra_post(context, &request, form, out, err);
 */
#ifndef ENTRA_H
#define ENTRA_H

#include <acsmtp/context.h>
#include <acsmtp/credential.h>
#include <acsmtp/error.h>
#include <acsmtp/http.h>
#include <acsmtp/secret.h>
#include <acsmtp/settings.h>

/* Who asks, and where: the options that every such plugin has. */
#define ENTRA_OPTIONS                                                                              \
    {.name = "tenant_id",                                                                          \
     .type = ACSMTP_STRING,                                                                        \
     .environment = "AZURE_TENANT_ID",                                                             \
     .summary = "Directory (tenant) of the application: its id or one of its domains."},           \
        {.name = "client_id",                                                                      \
         .type = ACSMTP_STRING,                                                                    \
         .environment = "AZURE_CLIENT_ID",                                                         \
         .summary = "Application (client) id."},                                                   \
    {                                                                                              \
        .name = "authority_host", .type = ACSMTP_STRING, .environment = "AZURE_AUTHORITY_HOST",    \
        .summary = "Where Entra is, an https URL; the cloud's unless given."                       \
    }

/* All borrowed. */
struct entra_request {
    const char *authority; /* https://HOST[/], as the option or the cloud says it */
    const char *tenant;    /* id or domain, "adfs" for a federation server */
    const char *client_id;
    const char *scope;  /* RESOURCE/.default */
    const char *claims; /* claims challenge, or NULL */
};

/*
 * Whether there is enough to begin with: client_id and `proof`, the option that proves the
 * identity; the tenant may also come with the request. One of the two alone is CONFIG when somebody
 * wrote it into the config. Otherwise UNAVAILABLE: AZURE_CLIENT_ID and AZURE_TENANT_ID stand in the
 * environment of every AKS pod, whatever the proof that goes with them. `variable` is the
 * environment name of `proof`.
 */
int entra_check_configured(const struct acsmtp_settings *settings, const char *proof,
                           const char *variable, struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * What the options "tenant_id", "client_id" and "authority_host" of a plugin say, the request's own
 * tenant first and the cloud's tenant and authority at last. CONFIG when one of the three is told
 * nowhere.
 */
int entra_describe(const struct acsmtp_settings *settings, const struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct entra_request *entra,
                   struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * A form of the client credentials grant (RFC 6749 section 4.4) that lacks only the proof of
 * identity; the caller frees it. CONFIG when scope, tenant or client id cannot be right.
 */
int entra_form_new(const struct entra_request *request, struct acsmtp_secret **form,
                   struct acsmtp_error *err) ACSMTP_CHECK;

/* The same for another grant ("password"). */
int entra_form_of_grant(const struct entra_request *request, const char *grant,
                        struct acsmtp_secret **form, struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Send the form and fill `out`. DENIED when Entra refuses the client; CONFIG when it does not know
 * the tenant or the scope; TEMPORARY when it throttles, fails or cannot be reached. err->code is
 * AADSTS..., err->server_text the first line of its words with the correlation id.
 */
int entra_post(struct acsmtp_context *context, const struct entra_request *request,
               const struct acsmtp_secret *form, struct acsmtp_credential *out,
               struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * The same for grants whose refusals mean something (device codes, refresh tokens): OK with any
 * complete reply, which the caller frees. entra_refusal() makes the failure out of one that is not
 * a token; it returns the status.
 */
int entra_send(struct acsmtp_context *context, const char *url, const struct acsmtp_secret *form,
               struct acsmtp_http_response **response, struct acsmtp_error *err) ACSMTP_CHECK;
int entra_refusal(const struct acsmtp_http_response *response, const char *url,
                  struct acsmtp_error *err);

/*
 * The whole request of a client that proves itself by a signed assertion (RFC 7523 section 2.2),
 * which is a JWT: PROTOCOL when it is not even three words with dots between them.
 */
int entra_post_assertion(struct acsmtp_context *context, const struct entra_request *request,
                         const struct acsmtp_secret *assertion, struct acsmtp_credential *out,
                         struct acsmtp_error *err) ACSMTP_CHECK;

/* The address that requests go to: also the audience of an assertion. CONFIG when it is no https.
 */
#define ENTRA_ENDPOINT_MAX 1024
int entra_endpoint(const struct entra_request *request, char url[ENTRA_ENDPOINT_MAX],
                   struct acsmtp_error *err) ACSMTP_CHECK;

#endif
