/* SPDX-License-Identifier: MIT */
/* What the files of the Key Vault service share. */
#ifndef EMULATOR_KEYVAULT_H
#define EMULATOR_KEYVAULT_H

#include "emulator.h"
#include "resources.h"

#include <stdbool.h>

struct keyvault_call {
    struct emulator *emulator;
    const struct http_request *request;
    struct http_reply *reply;
    struct json_object *state;
    char vault_name[64];
    struct json_object *vault;
    struct json_object *claims;
    char scope[RESOURCE_ID_SIZE]; /* of the vault's roles: its resource id in lower case */
};

enum keyvault_action { KEYVAULT_GET, KEYVAULT_LIST, KEYVAULT_SET };

/* Who is calling: false when the reply is a 401 already. Sets claims. */
bool keyvault_authenticate(struct keyvault_call *call);
/* May the caller do this to the secret: false when the reply is a 403 already. */
bool keyvault_authorize(struct keyvault_call *call, enum keyvault_action action, const char *name);
void keyvault_error(struct keyvault_call *call, unsigned status, const char *code,
                    const char *inner, const char *message);
#endif
