/* SPDX-License-Identifier: MIT */
/* Key Vault's control plane: vaults are made without any header of a long-running operation; their
 * provisioningState says RegisteringDns until their name can be resolved. */
#include "arm_vault.h"
#include "arm_types.h"
#include "scaled_clock.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define VAULTS "Microsoft.KeyVault/vaults"

int64_t arm_vault_switch(const struct arm_call *call, const char *name)
{
    return tree_int(tree_get(call->tree, "keyvault_switches", NULL), name, 0);
}

void arm_vault_register(struct arm_call *call, struct json_object *entry)
{
    int64_t wait = arm_vault_switch(call, "dns_ms");
    tree_set_string(resources_properties(entry), "provisioningState", "RegisteringDns");
    /* Without a wait the very reply to this call says Succeeded. */
    tree_set_int(entry, "ready_ms", wait == 0 ? call->now : scaled_clock_after(call->tree, wait));
}

/* A client that came by Azure's own name, through a proxy, gets Azure's own names. */
static struct json_object *render(const struct arm_call *call, const char *key,
                                  struct json_object *entry)
{
    char uri[160];
    struct json_object *resource = arm_render_entry(call, key, entry);
    const char *name = tree_string(resource, "name", "");
    if (strstr(call->request->base, "management.azure.com") != NULL) {
        snprintf(uri, sizeof(uri), "https://%.24s.vault.azure.net/", name);
    } else {
        snprintf(uri, sizeof(uri), "https://%.24s.vault.localhost:%u/", name,
                 (unsigned)call->emulator->services[SERVICE_KEYVAULT].port);
    }
    struct json_object *properties = tree_get(resource, "properties", NULL);
    tree_set_string(properties, "vaultUri", uri);
    json_object_object_del(properties, "createMode");
    return resource;
}

/* The properties that the body asks for, on top of the present ones; NULL after a 400. */
static struct json_object *asked_properties(struct arm_call *call)
{
    bool creating = call->entry == NULL;
    struct json_object *properties =
        creating ? json_object_new_object() : tree_dup(resources_properties(call->entry));
    if (!arm_vault_store(call, properties, creating)) {
        json_object_put(properties);
        return NULL;
    }
    return properties;
}

static void create(struct arm_call *call, const char *location)
{
    struct arm_new vault = {.type = VAULTS, .location = location, .tags = true};
    struct json_object *properties = asked_properties(call);
    if (properties == NULL) {
        return;
    }
    struct json_object *entry = arm_new_entry(call, &vault);
    json_object_object_add(tree_get(entry, "resource", NULL), "properties", properties);
    struct json_object *data =
        tree_set_object(tree_get(call->tree, "vaults", NULL), call->path.name);
    tree_set_object(data, "secrets");
    arm_vault_register(call, entry);
    arm_get(call);
    /* UNVERIFIED whether a new vault is told by 200 or 201; the specification allows both. */
    call->reply->status = 201;
}

static void update(struct arm_call *call)
{
    struct json_object *properties = asked_properties(call);
    if (properties != NULL) {
        json_object_object_add(tree_get(call->entry, "resource", NULL), "properties", properties);
        arm_set_tags(call, call->entry);
        call->changed = true;
        arm_get(call);
    }
}

/* UNVERIFIED code and words */
static void refuse_move(struct arm_call *call, const char *location, const char *present)
{
    arm_error(call, 409, "InvalidResourceLocation",
              "The resource '%s' already exists in location '%s' in resource group '%s'. A "
              "resource with the same name cannot be created in location '%s'. Please select a "
              "new resource name.",
              call->path.name, present, call->path.group, location);
}

static void refuse_taken(struct arm_call *call)
{
    arm_error(call, 409, "VaultAlreadyExists",
              "The vault name '%s' is already in use. Vault names are globally unique so it is "
              "possible that the name is already taken. If you are sure that the vault name was "
              "not taken then it is possible that a vault with the same name was recently deleted "
              "but not purged after being placed in a recoverable state.",
              call->path.name);
}

/* A soft-deleted vault comes back only in its own group and place, and only when asked for. */
static void put_namesake(struct arm_call *call, struct json_object *deleted, const char *location)
{
    struct json_object *resource = tree_get(deleted, "resource", NULL);
    const char *mode = arm_property(call, "createMode", false);
    if (strcasecmp(tree_string(resource, "location", ""), location) != 0) {
        refuse_taken(call);
    } else if (tree_bool(deleted, "purging", false) || mode == NULL ||
               strcasecmp(mode, "recover") != 0 ||
               strcasecmp(tree_string(resource, "id", ""), call->path.id) != 0) {
        arm_error(call, 409, "ConflictError",
                  "A vault with the same name already exists in deleted state. You need to either "
                  "recover or purge existing key vault. Follow this link "
                  "https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft "
                  "delete.");
    } else {
        arm_vault_recover(call, deleted);
        arm_get(call);
        call->reply->status = 201;
    }
}

static void put_new(struct arm_call *call, const char *location)
{
    struct json_object *deleted = arm_vault_deleted(call, call->path.name);
    const char *mode = arm_property(call, "createMode", false);
    if (!arm_vault_name_is_good(call->path.name)) {
        arm_error(call, 400, "VaultNameNotValid",
                  "The vault name '%.80s' is invalid. A vault's name must be between 3-24 "
                  "alphanumeric characters. The name must begin with a letter, end with a letter "
                  "or digit, and not contain consecutive hyphens.",
                  call->path.name);
    } else if (deleted != NULL) {
        put_namesake(call, deleted, location);
    } else if (!arm_name_is_free(call, VAULTS, call->path.name)) {
        refuse_taken(call);
    } else if (mode != NULL && strcasecmp(mode, "recover") == 0) {
        /* UNVERIFIED status, code and words */
        arm_error(call, 404, "DeletedVaultNotFound", "There is no deleted vault '%s' to recover.",
                  call->path.name);
    } else {
        create(call, location);
    }
}

static void put_vault(struct arm_call *call)
{
    const char *location = arm_location(call);
    if (location == NULL) {
        return;
    }
    const char *present =
        tree_string(tree_get(call->entry, "resource", NULL), "location", location);
    if (strcasecmp(present, location) != 0) {
        refuse_move(call, location, present);
    } else if (call->entry != NULL) {
        update(call);
    } else {
        put_new(call, location);
    }
}

static void patch_vault(struct arm_call *call)
{
    if (call->entry == NULL) {
        arm_not_found(call);
    } else {
        update(call);
    }
}

static void remove_vault(struct arm_call *call)
{
    char key[RESOURCE_ID_SIZE];
    if (call->entry == NULL) {
        arm_empty(call, 204);
        return;
    }
    resources_key(call->path.id, key);
    arm_remove_at(call, key, call->now);
    arm_empty(call, 200);
}

/* There is no managed HSM here, but tools that list vaults ask for them too. */
static void list_nothing(struct arm_call *call)
{
    arm_reply_list(call, json_object_new_array());
}

/* The older ones are still served; those before 2026-02-01 end on 2027-02-27. */
static const char *const VERSIONS[] = {"2015-06-01", "2016-10-01", "2018-02-14", "2019-09-01",
                                       "2021-10-01", "2022-07-01", "2022-11-01", "2023-02-01",
                                       "2023-07-01", "2024-11-01", "2026-02-01", NULL};

static const struct arm_action DELETED_ACTIONS[] = {{"purge", arm_vault_purge}, {NULL, NULL}};

const struct arm_type ARM_VAULT_TYPES[] = {
    {.name = VAULTS,
     .versions = VERSIONS,
     .get = arm_get,
     .put = put_vault,
     .patch = patch_vault,
     .remove = remove_vault,
     .list = arm_list,
     .render = render,
     .removed = arm_vault_bury},
    {.name = VAULTS "/accessPolicies", .versions = VERSIONS, .put = arm_vault_policies},
    {.name = "Microsoft.KeyVault/checkNameAvailability",
     .versions = VERSIONS,
     .flags = ARM_ANYBODY,
     .post = arm_vault_check_name},
    {.name = "Microsoft.KeyVault/deletedVaults",
     .versions = VERSIONS,
     .list = arm_vault_list_deleted},
    {.name = "Microsoft.KeyVault/managedHSMs", .versions = VERSIONS, .list = list_nothing},
    {.name = "Microsoft.KeyVault/deletedManagedHSMs", .versions = VERSIONS, .list = list_nothing},
    {.name = "Microsoft.KeyVault/locations/deletedVaults",
     .versions = VERSIONS,
     .flags = ARM_ANYBODY,
     .get = arm_vault_get_deleted,
     .actions = DELETED_ACTIONS},
    {.name = "Microsoft.KeyVault/locations/operationResults",
     .versions = VERSIONS,
     .flags = ARM_ANYBODY,
     .get = arm_lro_result},
    {.name = NULL},
};
