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
#include <acsmtp/secret.h>

/* All borrowed. */
struct entra_request {
    const char *authority; /* https://HOST[/], as the option or the cloud says it */
    const char *tenant;    /* id or domain, "adfs" for a federation server */
    const char *client_id;
    const char *scope;  /* RESOURCE/.default */
    const char *claims; /* claims challenge, or NULL */
};

/*
 * A form of the client credentials grant (RFC 6749 section 4.4) that lacks only the proof of
 * identity; the caller frees it. CONFIG when scope, tenant or client id cannot be right.
 */
int entra_form_new(const struct entra_request *request, struct acsmtp_secret **form,
                   struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Send the form and fill `out`. DENIED when Entra refuses the client; CONFIG when it does not know
 * the tenant or the scope; TEMPORARY when it throttles, fails or cannot be reached. err->code is
 * AADSTS..., err->server_text the first line of its words with the correlation id.
 */
int entra_post(struct acsmtp_context *context, const struct entra_request *request,
               const struct acsmtp_secret *form, struct acsmtp_credential *out,
               struct acsmtp_error *err) ACSMTP_CHECK;

#endif
