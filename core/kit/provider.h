/* SPDX-License-Identifier: MIT */
/*
 * A stand-in for the provider of a plugin, which the user has started on this machine. What the
 * plugin sends to addresses of this machine reaches it, where no script says otherwise; all else
 * goes to the scripted server as always. The file of --provider describes it, a JSON object:
 *
 *	"cloud"    as in a config: its endpoints are those that the plugin asks its context for
 *	"tokens"   {SCOPE: TOKEN}: what the nested chain gives
 *	"secrets"  [NAME]: members of replies that hold a secret, besides those that are known here
 *
 * All are optional. There is one provider in a process; it is set up before any check begins.
 */
#ifndef PROVIDER_H
#define PROVIDER_H

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <acsmtp/http.h>

/* Read the description. 0, or the status and `err`. */
int provider_use(const char *path, struct acsmtp_error *err);
void provider_forget(void);

int provider_is_there(void);

/* Whether a request for this URL is the provider's: there is one, and the URL is on this machine.
 */
int provider_takes(const char *url);

/* Put its endpoints into the context, if it tells any. 1 when it does. */
int provider_apply(struct acsmtp_context *context);

/* The token for a scope, borrowed; NULL when there is none. */
const char *provider_token(const char *scope);

/* Whether it tells tokens: then there are no others. */
int provider_has_tokens(void);

/* Take the secrets of a reply among those that must not be seen anywhere. */
void provider_learn(const struct acsmtp_http_response *response);

#endif
