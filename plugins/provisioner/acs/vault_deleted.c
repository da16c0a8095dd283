/* SPDX-License-Identifier: MIT */
/* Deleted key vaults; see vault_deleted.h. */
#include "vault_deleted.h"

#include "arm.h"

#include <stdio.h>
#include <string.h>

static void copy(char *out, size_t capacity, const struct acsmtp_json *json, const char *key)
{
    const char *text = acsmtp_json_string(json, key);

    (void)snprintf(out, capacity, "%s", text ? text : "");
}

/* It becomes part of a path. */
static int is_region(const char *text)
{
    return text[0] && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789") == strlen(text);
}

static void read_deleted(const struct deployment *deployment, const struct acsmtp_json *item,
                         struct vault_deleted *deleted)
{
    const struct acsmtp_json *properties = acsmtp_json_get(item, "properties");
    const char *mark = acsmtp_json_string(acsmtp_json_get(properties, "tags"), ARM_TAG);

    copy(deleted->location, sizeof deleted->location, properties, "location");
    copy(deleted->purge_date, sizeof deleted->purge_date, properties, "scheduledPurgeDate");
    deleted->is_ours = arm_same(acsmtp_json_string(properties, "vaultId"), deployment->vault_id) &&
                       arm_same(mark, deployment->marker);
    deleted->is_there = is_region(deleted->location);
}

/* The list and not the one: the one is asked for by region, and it may have been another. */
int vault_deleted_find(struct deployment *deployment, struct acsmtp_context *context,
                       struct vault_deleted *deleted, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *items = NULL;
    char id[ARM_ID_MAX];
    size_t i;
    int status;

    *deleted = (struct vault_deleted){.is_there = 0};
    (void)snprintf(id, sizeof id, "/subscriptions/%s/providers/Microsoft.KeyVault/deletedVaults",
                   deployment->parameters->subscription);
    status = arm_list(deployment, context, id, VERSION_KEY_VAULT, NULL, &items, err);
    for (i = 0; status == ACSMTP_OK && i < acsmtp_json_length(items); i++) {
        const struct acsmtp_json *item = acsmtp_json_item(items, i);

        if (arm_same(acsmtp_json_string(item, "name"), deployment->parameters->key_vault_name))
            read_deleted(deployment, item, deleted);
    }
    return status;
}

int vault_deleted_purge(struct resource *resource, struct acsmtp_context *context,
                        struct schedule_step *step, const struct vault_deleted *deleted,
                        struct acsmtp_error *err)
{
    const struct parameters *parameters = resource->deployment->parameters;
    char id[ARM_ID_MAX];
    struct arm_change purge = {"POST", id, VERSION_KEY_VAULT, NULL};

    (void)snprintf(id, sizeof id,
                   "/subscriptions/%s/providers/Microsoft.KeyVault/locations/%s/deletedVaults/%s/"
                   "purge",
                   parameters->subscription, deleted->location, parameters->key_vault_name);
    return arm_change(resource, context, step, &purge, NULL, err);
}
