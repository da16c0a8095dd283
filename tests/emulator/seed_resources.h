/* SPDX-License-Identifier: MIT */
/* The seed's resources and role assignments, as Resource Manager knows them. */
#ifndef EMULATOR_SEED_RESOURCES_H
#define EMULATOR_SEED_RESOURCES_H

#include <json-c/json.h>

#define SEED_GROUP "rg-acs-smtp"
#define SEED_VAULT "kv-acs-smtp-poc"
#define SEED_IN_GROUP "/resourcegroups/" SEED_GROUP
#define SEED_IN_VAULT SEED_IN_GROUP "/providers/microsoft.keyvault/vaults/" SEED_VAULT

/* Fills "arm", "providers" and "role_assignments"; wants applications and identities to be there.
 */
void seed_resources(struct json_object *tree);
/* Gives the principal a role on what is at `below` in the subscription; "" is all of it. */
void seed_assign(struct json_object *tree, struct json_object *principal, const char *role,
                 const char *below);
#endif
