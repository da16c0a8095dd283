/* SPDX-License-Identifier: MIT */
/* The deployment for Bicep and Terraform; see export.h. */
#include "export.h"

#include "export_files.h"

#include <stdlib.h>
#include <string.h>

#define HOUR_MS 3600000
#define VALUES_MAX 20
#define BICEP_SCHEMA                                                                               \
    "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"

/* One parameter under its name in each language, NULL where it is not known. */
struct value {
    const char *bicep, *terraform;
    enum { TEXT, SWITCH, NUMBER } type;
    const char *text; /* NULL: not set */
    int64_t number;
};

/* Whole hours; shorter times are for tests. */
static int64_t hours(int64_t milliseconds)
{
    return milliseconds < HOUR_MS ? 1 : milliseconds / HOUR_MS;
}

static size_t list_values(const struct parameters *p, struct value values[VALUES_MAX])
{
    const struct value all[] = {
        {NULL, "subscription_id", TEXT, p->subscription, 0},
        {"resourceGroupName", "resource_group_name", TEXT, p->resource_group, 0},
        {"location", "location", TEXT, p->location, 0},
        {"dataLocation", "data_location", TEXT, p->data_location, 0},
        {"communicationServiceName", "communication_service_name", TEXT, p->communication_name, 0},
        {"emailServiceName", "email_service_name", TEXT, p->email_name, 0},
        {"keyVaultName", "key_vault_name", TEXT, p->key_vault_name, 0},
        {"managedIdentityName", "managed_identity_name", TEXT, p->identity_name, 0},
        {"legacyUsername", "legacy_username", TEXT, p->legacy_username, 0},
        {"modernUsername", "modern_username", TEXT, p->modern_username, 0},
        {"identityUsername", "identity_username", TEXT, p->identity_username, 0},
        {"customDomain", "custom_domain", TEXT, p->custom_domain, 0},
        /* Azure links verified domains only: one's own is linked by a second run. */
        {"linkDomain", "link_domain", SWITCH, NULL, p->custom_domain == NULL},
        {"purgeProtection", "purge_protection", SWITCH, NULL, p->purge_protection},
        /* Terraform looks whether there is a vault to recover; Bicep fails when there is none. */
        {"recoverKeyVault", NULL, SWITCH, NULL, 0},
        {NULL, "recover_key_vault", SWITCH, NULL, p->recover_key_vault},
        {NULL, "secret_lifetime_hours", NUMBER, NULL, hours(p->secret_lifetime_ms)},
        {NULL, "secret_rotation_hours", NUMBER, NULL,
         hours(p->secret_lifetime_ms - p->renew_before_ms)}};

    _Static_assert(sizeof all / sizeof all[0] <= VALUES_MAX, "VALUES_MAX is too small");
    memcpy(values, all, sizeof all);
    return sizeof all / sizeof all[0];
}

static struct acsmtp_json *new_value(const struct value *value, struct acsmtp_error *err)
{
    switch (value->type) {
    case NUMBER:
        return acsmtp_json_new_integer(value->number, err);
    case SWITCH:
        return acsmtp_json_new_boolean(value->number != 0, err);
    default:
        return value->text ? acsmtp_json_new_string(value->text, err)
                           : acsmtp_json_parse("null", 4, err);
    }
}

/* ---- files ---- */

static int add_text(struct acsmtp_json *object, const char *key, const char *text,
                    struct acsmtp_error *err)
{
    return acsmtp_json_set(object, key, acsmtp_json_new_string(text, err), err);
}

static int add_document(struct acsmtp_json *files, const char *name,
                        const struct acsmtp_json *document, struct acsmtp_error *err)
{
    char *text = acsmtp_json_format_pretty(document);
    int status =
        text ? add_text(files, name, text, err) : acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");

    free(text);
    return status;
}

/* ---- Bicep: {"parameters": {NAME: {"value": ...}}}, where an empty text is one that is not set
 * ---- */

static int add_bicep_value(struct acsmtp_json *values, const struct value *value,
                           struct acsmtp_error *err)
{
    struct acsmtp_json *one = acsmtp_json_new_object(err);
    int status;

    if (value->type == TEXT && !value->text)
        status = add_text(one, "value", "", err);
    else
        status = acsmtp_json_set(one, "value", new_value(value, err), err);
    if (status == ACSMTP_OK)
        return acsmtp_json_set(values, value->bicep, one, err);
    acsmtp_json_free(one);
    return status;
}

static int add_bicep_values(struct acsmtp_json *files, const struct parameters *parameters,
                            struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *document = acsmtp_json_new_object(err);
    ACSMTP_AUTO_JSON struct acsmtp_json *values = acsmtp_json_new_object(err);
    struct value all[VALUES_MAX];
    size_t count = list_values(parameters, all);
    int status = ACSMTP_OK;

    for (size_t i = 0; status == ACSMTP_OK && i < count; i++)
        if (all[i].bicep)
            status = add_bicep_value(values, &all[i], err);
    if (status == ACSMTP_OK)
        status = add_text(document, "$schema", BICEP_SCHEMA, err);
    if (status == ACSMTP_OK)
        status = add_text(document, "contentVersion", "1.0.0.0", err);
    if (status == ACSMTP_OK)
        status =
            acsmtp_json_set(document, "parameters", ACSMTP_STEAL(struct acsmtp_json, values), err);
    return status == ACSMTP_OK ? add_document(files, "main.parameters.json", document, err)
                               : status;
}

struct acsmtp_json *export_bicep(const struct parameters *parameters, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *files = acsmtp_json_new_object(err);

    if (files && add_text(files, "main.bicep", export_main_bicep, err) == ACSMTP_OK &&
        add_text(files, "resources.bicep", export_resources_bicep, err) == ACSMTP_OK &&
        add_text(files, "bicepconfig.json", export_bicepconfig_json, err) == ACSMTP_OK &&
        add_bicep_values(files, parameters, err) == ACSMTP_OK &&
        add_text(files, "README.md", export_bicep_md, err) == ACSMTP_OK)
        return ACSMTP_STEAL(struct acsmtp_json, files);
    return NULL;
}

/* ---- Terraform: {NAME: value} ---- */

static int add_terraform_values(struct acsmtp_json *files, const struct parameters *parameters,
                                struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *document = acsmtp_json_new_object(err);
    struct value all[VALUES_MAX];
    size_t count = list_values(parameters, all);
    int status = ACSMTP_OK;

    for (size_t i = 0; status == ACSMTP_OK && i < count; i++)
        if (all[i].terraform)
            status = acsmtp_json_set(document, all[i].terraform, new_value(&all[i], err), err);
    return status == ACSMTP_OK ? add_document(files, "terraform.tfvars.json", document, err)
                               : status;
}

struct acsmtp_json *export_terraform(const struct parameters *parameters, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *files = acsmtp_json_new_object(err);

    if (files && add_text(files, "main.tf", export_main_tf, err) == ACSMTP_OK &&
        add_text(files, "variables.tf", export_variables_tf, err) == ACSMTP_OK &&
        add_terraform_values(files, parameters, err) == ACSMTP_OK &&
        add_text(files, "README.md", export_terraform_md, err) == ACSMTP_OK)
        return ACSMTP_STEAL(struct acsmtp_json, files);
    return NULL;
}
