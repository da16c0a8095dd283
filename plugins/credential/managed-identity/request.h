/* SPDX-License-Identifier: MIT */
/* One question to a managed identity endpoint. */
#ifndef MANAGED_IDENTITY_REQUEST_H
#define MANAGED_IDENTITY_REQUEST_H

#include "source.h"

#include <acsmtp/context.h>
#include <acsmtp/http.h>
#include <acsmtp/secret.h>

/* All borrowed. */
struct request {
    const struct acsmtp_settings *settings;
    const struct source *source;
    const char *scope;
    const struct acsmtp_secret
        *proof; /* a header field that is a secret ("Name: value"), or NULL */
};

/* The header field that shows the source's secret, for the caller to free; NULL where there is
 * none. */
int request_proof(const struct request *request, struct acsmtp_context *context,
                  struct acsmtp_secret **proof, struct acsmtp_error *err) ACSMTP_CHECK;

/* As acsmtp_http_send(). CONFIG when the chosen identity cannot be asked for here. */
int request_send(const struct request *request, struct acsmtp_context *context,
                 struct acsmtp_http_response **response, struct acsmtp_error *err) ACSMTP_CHECK;

#endif
