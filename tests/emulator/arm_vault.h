/* SPDX-License-Identifier: MIT */
/* What the files of Key Vault's control plane share. The vault itself is an entry of "arm", what
 * is in it a member of "vaults"; both become one member of "deleted_vaults", under the name in
 * lower case, when the vault is deleted. */
#ifndef EMULATOR_ARM_VAULT_H
#define EMULATOR_ARM_VAULT_H

#include "arm.h"

/* arm_vault_body.c: puts what the body says into a copy of the vault's properties; what it leaves
 * out stays, or gets its default when `creating`. False when the reply is a 400 already: the copy
 * is of no use then. */
bool arm_vault_store(struct arm_call *call, struct json_object *properties, bool creating);
/* A list of access policies without fault; false when the reply is a 400 already. */
bool arm_vault_check_policies(struct arm_call *call, struct json_object *policies);
/* PUT of accessPolicies/{add|replace|remove} */
arm_handler arm_vault_policies;

/* arm_vault_deleted.c */
arm_removed arm_vault_bury;
/* The deleted vault of that name; NULL when there is none, or no more. Borrowed. */
struct json_object *arm_vault_deleted(const struct arm_call *call, const char *name);
/* Back under its id; its role assignments are gone for good. */
void arm_vault_recover(struct arm_call *call, struct json_object *deleted);
arm_handler arm_vault_get_deleted, arm_vault_list_deleted, arm_vault_purge;

/* arm_vault_name.c: whether it is a name for a vault at all */
bool arm_vault_name_is_good(const char *name);
arm_handler arm_vault_check_name;

/* Waits until the vault's name is in the DNS. */
void arm_vault_register(struct arm_call *call, struct json_object *entry);
int64_t arm_vault_switch(const struct arm_call *call, const char *name);
#endif
