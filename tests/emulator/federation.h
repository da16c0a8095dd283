/* SPDX-License-Identifier: MIT */
/* Workload identity federation: tokens of other issuers (Kubernetes, build services) that an
 * application has been told to trust. The emulator signs them all with its own key, in the place of
 * the issuers' keys that Entra would fetch. */
#ifndef EMULATOR_FEDERATION_H
#define EMULATOR_FEDERATION_H

#include "tokens.h"

#include <stdbool.h>

/* Whether the assertion claims to be issued by somebody else than the client itself. */
bool federation_applies(const char *assertion, const char *client_id);

/* The AADSTS number that refuses it for the application, 0 when it is good. */
int federation_check(const struct tokens *tokens, struct json_object *application,
                     const char *assertion);
/* Entra's words for such a number. */
const char *federation_words(int number);

/* A token of an issuer of one of the application's federated credentials; free() it. NULL when the
 * application has no credential of that name. */
char *federation_issue(const struct tokens *tokens, struct json_object *application,
                       const char *credential, int64_t expires_in);
#endif
