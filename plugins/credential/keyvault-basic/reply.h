/* SPDX-License-Identifier: MIT */
/* What a vault's answers mean: a secret, or one of many refusals. */
#ifndef KEYVAULT_REPLY_H
#define KEYVAULT_REPLY_H

#include "identifier.h"

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <acsmtp/http.h>
#include <acsmtp/secret.h>

/*
 * The value out of a 200. CONFIG when it is empty or cannot be a password (line breaks), PROTOCOL
 * when the reply is not a secret. A validity that is over or has not begun is only logged: the
 * service hands such secrets out, and whether they still work is for the mail server to say.
 */
int keyvault_reply_secret(const struct acsmtp_context *context,
                          const struct acsmtp_http_response *response, struct acsmtp_secret **value,
                          struct acsmtp_error *err) ACSMTP_CHECK;

/* The failure that any other status stands for. */
int keyvault_reply_refuse(const struct acsmtp_http_response *response,
                          const struct keyvault_identifier *identifier, struct acsmtp_error *err);

#endif
