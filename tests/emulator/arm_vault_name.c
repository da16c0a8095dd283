/* SPDX-License-Identifier: MIT */
/* Names of vaults: what they may look like, and whether one can be had. */
#include "arm_vault.h"
#include "tree.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { NAME_MINIMUM = 3, NAME_MAXIMUM = 24 };

/* UNVERIFIED beyond length and alphabet: letter first, no hyphen last, no two hyphens together. */
bool arm_vault_name_is_good(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)name[i]) && name[i] != '-') {
            return false;
        }
    }
    return length >= NAME_MINIMUM && length <= NAME_MAXIMUM && isalpha((unsigned char)name[0]) &&
           name[length - 1] != '-' && strstr(name, "--") == NULL;
}

static void answer(struct arm_call *call, const char *reason, const char *message)
{
    struct json_object *json = json_object_new_object();
    tree_set_bool(json, "nameAvailable", reason == NULL);
    if (reason != NULL) {
        tree_set_string(json, "reason", reason);
        tree_set_string(json, "message", message);
    }
    http_reply_json(call->reply, 200, json);
}

void arm_vault_check_name(struct arm_call *call)
{
    const char *name = tree_string(call->body, "name", NULL);
    const char *type = tree_string(call->body, "type", NULL);
    if (!arm_authorize(call, "Microsoft.KeyVault/checkNameAvailability/read", call->path.parent)) {
        return;
    }
    if (name == NULL || type == NULL || strcasecmp(type, "Microsoft.KeyVault/vaults") != 0) {
        /* UNVERIFIED words */
        arm_error(call, 400, "BadRequest", "name, and type Microsoft.KeyVault/vaults, are needed.");
    } else if (!arm_vault_name_is_good(name)) {
        answer(call, "AccountNameInvalid",
               "Vault name must be between 3-24 alphanumeric characters and hyphens.");
    } else if (arm_vault_deleted(call, name) != NULL ||
               !arm_name_is_free(call, "Microsoft.KeyVault/vaults", name)) {
        answer(call, "AlreadyExists", "The name of the vault is already in use.");
    } else {
        answer(call, NULL, NULL);
    }
}
