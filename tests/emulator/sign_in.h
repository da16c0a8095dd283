/* SPDX-License-Identifier: MIT */
/* People who sign in with a device code (RFC 8628), and the refresh tokens that they leave behind.
 * What a person does at the browser is a change of the state: device_codes/CODE/status. */
#ifndef EMULATOR_SIGN_IN_H
#define EMULATOR_SIGN_IN_H

#include "http.h"

#include <stdbool.h>

/* POST to /oauth2/v2.0/devicecode. */
void sign_in_device_code(struct emulator *emulator, const struct http_request *request,
                         struct http_reply *reply);
/* Whether a request to the token endpoint is of one of the two grants. */
bool sign_in_applies(const struct http_request *request);
void sign_in_token(struct emulator *emulator, const struct http_request *request,
                   struct http_reply *reply);

/* ---- between sign_in.c and sign_in_grant.c ---- */

struct sign_in {
    struct emulator *emulator;
    const struct http_request *request;
    struct http_reply *reply;
    struct json_object *tree; /* a private copy of the state */
    struct json_object *entra;
    struct form form;
    const char *client_id;
    char audience[512];
};

/* The form and the client; false when it is refused. */
bool sign_in_check(struct sign_in *self);
/* One resource with offline_access and the like beside it. */
bool sign_in_check_scope(struct sign_in *self, const char *scope);
bool sign_in_refuse(struct sign_in *self, int code, const char *error, const char *text);
/* The two grants. Whether the state has changed. */
bool sign_in_redeem_code(struct sign_in *self);
bool sign_in_refresh(struct sign_in *self);
#endif
