/* SPDX-License-Identifier: MIT */
/*
 * The key vault. Access by roles is said explicitly, since the default of new vaults has changed
 * with the api-version. A deleted vault keeps its name for days: a namesake in the bin is recovered
 * when that was asked for, else the message says what there is to do.
 */
#include "arm.h"
#include "resource.h"
#include "vault_deleted.h"

#include <stdio.h>
#include <string.h>

#define ROLES "enableRbacAuthorization"
#define PURGE_PROTECTION "enablePurgeProtection" /* only true is taken */
#define RETENTION_DAYS 7 /* the shortest that Key Vault takes: secrets here can be made anew */

/* Its address, told by Azure; without the slash that some have at the end. */
static int keep_uri(struct deployment *deployment, const struct acsmtp_json *json,
                    struct acsmtp_error *err)
{
    const char *uri = acsmtp_json_string(acsmtp_json_get(json, "properties"), "vaultUri");
    size_t size = uri ? strlen(uri) : 0;

    if (size > 0 && uri[size - 1] == '/')
        size--;
    if (size == 0 || size >= sizeof deployment->vault_uri || strncmp(uri, "https://", 8) != 0)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the key vault has no vaultUri");
    (void)snprintf(deployment->vault_uri, sizeof deployment->vault_uri, "%.*s", (int)size, uri);
    return ACSMTP_OK;
}

/* A switch that is off and is to be on. */
static int compare(struct resource *resource, const struct acsmtp_json *properties,
                   const char *name, struct acsmtp_error *err)
{
    char path[64];

    if (acsmtp_json_true(properties, name))
        return ACSMTP_OK;
    resource->change = CHANGE_UPDATE;
    (void)snprintf(path, sizeof path, "properties.%s", name);
    return resource_is_off(resource, path, err);
}

/* Only a vault of ours is switched to access by roles: that locks out whoever its policies let in.
 */
static int check_switches(struct resource *resource, const struct acsmtp_json *json,
                          struct acsmtp_error *err)
{
    const struct deployment *deployment = resource->deployment;
    const struct acsmtp_json *properties = acsmtp_json_get(json, "properties");
    int status;

    if (deployment->flags & ACSMTP_PROVISION_DESTROY)
        return ACSMTP_OK;
    if (!resource->is_ours && !acsmtp_json_true(properties, ROLES))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "%s works with access policies: switch it to role-based access (" ROLES
                           "), or name another vault with option key_vault",
                           resource->title);
    status = compare(resource, properties, ROLES, err);
    if (status == ACSMTP_OK && resource->is_ours && deployment->parameters->purge_protection)
        status = compare(resource, properties, PURGE_PROTECTION, err);
    return status;
}

/* No vault: perhaps one in the bin. */
static int look_for_deleted(struct resource *resource, struct acsmtp_context *context,
                            struct acsmtp_error *err)
{
    struct vault_deleted deleted;
    int status = vault_deleted_find(resource->deployment, context, &deleted, err);

    if (status != ACSMTP_OK || !deleted.is_there)
        return status;
    resource->is_in_bin = deleted.is_ours;
    resource->reason = resource->deployment->parameters->recover_key_vault
                           ? "recovered: a deleted vault of this name exists"
                           : "a deleted vault of this name exists: apply will ask for "
                             "recover_key_vault, or purge it first";
    return ACSMTP_OK;
}

static int vault_look(struct resource *resource, struct acsmtp_context *context,
                      struct schedule_step *step, struct acsmtp_error *err)
{
    struct deployment *deployment = resource->deployment;
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    int status = arm_look(resource, context, deployment->vault_id, VERSION_KEY_VAULT, &json, err);

    (void)step;
    if (status != ACSMTP_OK || resource->is_busy)
        return status;
    status = arm_compare_location(resource, json, deployment->parameters->location, err);
    if (status == ACSMTP_OK && !json && deployment_has(deployment, "provider-key-vault"))
        status = look_for_deleted(resource, context, err);
    if (status != ACSMTP_OK || !json)
        return status;
    status = keep_uri(deployment, json, err);
    return status == ACSMTP_OK ? check_switches(resource, json, err) : status;
}

/* ---- making ---- */

static int add_switches(struct acsmtp_json *properties, const struct parameters *parameters,
                        struct acsmtp_error *err)
{
    int status = acsmtp_json_set(properties, ROLES, acsmtp_json_new_boolean(1, err), err);

    if (status == ACSMTP_OK && parameters->purge_protection)
        status =
            acsmtp_json_set(properties, PURGE_PROTECTION, acsmtp_json_new_boolean(1, err), err);
    return status;
}

static int add_retention(struct acsmtp_json *properties, struct acsmtp_error *err)
{
    int status =
        acsmtp_json_set(properties, "enableSoftDelete", acsmtp_json_new_boolean(1, err), err);

    if (status == ACSMTP_OK)
        status = acsmtp_json_set(properties, "softDeleteRetentionInDays",
                                 acsmtp_json_new_integer(RETENTION_DAYS, err), err);
    return status;
}

static struct acsmtp_json *make_properties(const struct deployment *deployment, int is_recovery,
                                           struct acsmtp_error *err)
{
    struct acsmtp_json *properties = ARM_TEXTS(err, {"tenantId", deployment->tenant},
                                               {"createMode", is_recovery ? "recover" : NULL});
    int status = properties ? ACSMTP_OK : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = acsmtp_json_set(properties, "sku",
                                 ARM_TEXTS(err, {"family", "A"}, {"name", "standard"}), err);
    if (status == ACSMTP_OK && !is_recovery)
        status = add_switches(properties, deployment->parameters, err);
    if (status == ACSMTP_OK && !is_recovery)
        status = add_retention(properties, err);
    if (status != ACSMTP_OK) {
        acsmtp_json_free(properties);
        properties = NULL;
    }
    return properties;
}

static int put_vault(struct resource *resource, struct acsmtp_context *context,
                     struct schedule_step *step, const char *location, int is_recovery,
                     struct acsmtp_error *err)
{
    struct deployment *deployment = resource->deployment;
    const struct arm_making making = {deployment->vault_id, VERSION_KEY_VAULT, location, NULL};
    struct acsmtp_json *properties = make_properties(deployment, is_recovery, err);
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    int status = properties ? arm_make(resource, context, step, &making, properties, &json, err)
                            : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = keep_uri(deployment, json, err);
    return status;
}

static int patch_vault(struct resource *resource, struct acsmtp_context *context,
                       struct schedule_step *step, struct acsmtp_error *err)
{
    const struct deployment *deployment = resource->deployment;
    struct acsmtp_json *properties = acsmtp_json_new_object(err);
    ACSMTP_AUTO_JSON struct acsmtp_json *body = acsmtp_json_new_object(err);
    struct arm_change patch = {"PATCH", deployment->vault_id, VERSION_KEY_VAULT, body};
    int status =
        body && properties ? add_switches(properties, deployment->parameters, err) : ACSMTP_SYSTEM;

    if (status != ACSMTP_OK) {
        acsmtp_json_free(properties);
        return status;
    }
    status = acsmtp_json_set(body, "properties", properties, err);
    return status == ACSMTP_OK ? arm_change(resource, context, step, &patch, NULL, err) : status;
}

/* A recovered vault is as it was: perhaps with access policies, perhaps not made by us. */
static int recovered(struct resource *resource, struct acsmtp_context *context,
                     struct schedule_step *step, struct acsmtp_error *err)
{
    const char *reason = resource->reason;
    int status;

    acsmtp_json_free(resource->differences);
    resource->differences = NULL;
    status = vault_look(resource, context, step, err);
    if (status == ACSMTP_OK && resource->differences)
        status = patch_vault(resource, context, step, err);
    resource->change = CHANGE_CREATE;
    resource->reason = reason;
    return status;
}

static int make_vault(struct resource *resource, struct acsmtp_context *context,
                      struct schedule_step *step, struct acsmtp_error *err)
{
    const struct parameters *parameters = resource->deployment->parameters;
    struct vault_deleted deleted;
    int status;

    if (resource->exists)
        return put_vault(resource, context, step, parameters->location, 0, err);
    status = vault_deleted_find(resource->deployment, context, &deleted, err);
    if (status != ACSMTP_OK)
        return status;
    if (deleted.is_there && !parameters->recover_key_vault)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "a deleted key vault of the name '%s' exists until %s: recover it with "
                           "option recover_key_vault, purge it, or choose another name with option "
                           "key_vault",
                           parameters->key_vault_name, deleted.purge_date);
    if (deleted.is_there) {
        status = put_vault(resource, context, step, deleted.location, 1, err);
        return status == ACSMTP_OK ? recovered(resource, context, step, err) : status;
    }
    status = arm_check_name(resource, context, step, "Microsoft.KeyVault/vaults",
                            parameters->key_vault_name, "key_vault", VERSION_KEY_VAULT, err);
    if (status == ACSMTP_OK)
        status = put_vault(resource, context, step, parameters->location, 0, err);
    return status;
}

static int vault_ensure(struct resource *resource, struct acsmtp_context *context,
                        struct schedule_step *step, struct acsmtp_error *err)
{
    int status = resource->exists && resource->differences
                     ? patch_vault(resource, context, step, err)
                     : make_vault(resource, context, step, err);

    if (status == ACSMTP_OK)
        resource->exists = 1;
    return status;
}

static int vault_remove(struct resource *resource, struct acsmtp_context *context,
                        struct schedule_step *step, struct acsmtp_error *err)
{
    struct deployment *deployment = resource->deployment;
    struct vault_deleted deleted;
    int status = ACSMTP_OK;

    if (resource->exists)
        status = arm_unmake(resource, context, step, deployment->vault_id, VERSION_KEY_VAULT, err);
    if (status != ACSMTP_OK || !(deployment->flags & ACSMTP_PROVISION_PURGE))
        return status;
    status = vault_deleted_find(deployment, context, &deleted, err);
    if (status == ACSMTP_OK && deleted.is_there)
        status = vault_deleted_purge(resource, context, step, &deleted, err);
    return status;
}

const struct resource_kind resource_vault = {vault_look, vault_ensure, vault_remove};
