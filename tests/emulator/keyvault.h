/* SPDX-License-Identifier: MIT */
/* What the files of Key Vault's data plane share. A request that is no GET runs as a transaction of
 * the state: its handler changes `state` in place and sets `changed`. */
#ifndef EMULATOR_KEYVAULT_H
#define EMULATOR_KEYVAULT_H

#include "emulator.h"
#include "resources.h"

#include <stdbool.h>
#include <stdint.h>

enum { KEYVAULT_NAME_MAXIMUM = 127, KEYVAULT_VERSION_LENGTH = 32 };

struct keyvault_call {
    struct emulator *emulator;
    const struct http_request *request;
    struct http_reply *reply;
    struct json_object *state; /* a snapshot, or the copy that a transaction changes */
    bool changed;
    int64_t now; /* of the scaled clock */
    char vault_name[64];
    struct json_object *vault;      /* "secrets" and "deleted_secrets" */
    struct json_object *properties; /* of the resource */
    const char *location;
    struct json_object *claims;
    char scope[RESOURCE_ID_SIZE]; /* of the vault's roles: its resource id in lower case */
    const char *name;             /* of the secret, "" in a list of all */
    const char *version;          /* NULL: the current one */
};

typedef void keyvault_handler(struct keyvault_call *call);

/* What a caller must be allowed: by a role, or in a vault with access policies by a permission. */
struct keyvault_right {
    const char *operation;  /* without "Microsoft.KeyVault/vaults/secrets/" */
    const char *permission; /* "get" */
};

keyvault_handler keyvault_get;
keyvault_handler keyvault_set;
keyvault_handler keyvault_update;
keyvault_handler keyvault_list;
keyvault_handler keyvault_list_versions;
keyvault_handler keyvault_list_deleted;
keyvault_handler keyvault_delete;
keyvault_handler keyvault_get_deleted;
keyvault_handler keyvault_purge;
keyvault_handler keyvault_recover;

/* keyvault_access.c: who is calling, and may it: false when the reply is a 401 or 403 already. */
bool keyvault_authenticate(struct keyvault_call *call);
bool keyvault_authorize(struct keyvault_call *call, const struct keyvault_right *right);
void keyvault_error(struct keyvault_call *call, unsigned status, const char *code,
                    const char *inner, const char *message);

/* keyvault_bundle.c: what is shown of a version of a secret; the caller puts it. id may be NULL. */
struct json_object *keyvault_item(const struct keyvault_call *call, const char *name,
                                  const char *id, struct json_object *version);
/* The same of a deleted secret. */
struct json_object *keyvault_deleted_item(const struct keyvault_call *call, const char *name,
                                          const char *id, struct json_object *secret);
void keyvault_not_found(struct keyvault_call *call, const char *what);
int64_t keyvault_retention_days(const struct keyvault_call *call);
bool keyvault_is_protected(const struct keyvault_call *call);

/* The secret the call names, in the state; NULL when there is none, or not yet again. */
struct json_object *keyvault_secret(const struct keyvault_call *call);
/* The deleted one; NULL when there is none, or no more. */
struct json_object *keyvault_deleted_secret(const struct keyvault_call *call);
/* Whether a PUT of the name may go on: false when the reply is a 409 already. */
bool keyvault_name_is_free(struct keyvault_call *call);
int64_t keyvault_switch(const struct keyvault_call *call, const char *name);
#endif
