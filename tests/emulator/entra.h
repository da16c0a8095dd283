/* SPDX-License-Identifier: MIT */
/* What the files of the Entra service share. */
#ifndef EMULATOR_ENTRA_H
#define EMULATOR_ENTRA_H

#include "http.h"

#include <stdbool.h>

/* Writes Entra's error JSON. code is the AADSTS number, text its message without the number. */
void entra_error(const struct http_request *request, struct http_reply *reply, int code,
                 const char *text);
/* The same with an OAuth error that the number does not tell, and a claims challenge (or NULL). */
void entra_error_kind(const struct http_request *request, struct http_reply *reply, int code,
                      const char *error, const char *text, const char *challenge);
/* POST to a token endpoint. v2: /oauth2/v2.0/token, else /oauth2/token. */
void entra_token(struct emulator *emulator, const struct http_request *request,
                 struct json_object *state, const char *tenant, bool v2, struct http_reply *reply);
/* The AADSTS number that refuses the client assertion of application, 0 when it is good. */
int entra_check_assertion(struct json_object *application, const char *assertion,
                          const char *const *audiences);
#endif
