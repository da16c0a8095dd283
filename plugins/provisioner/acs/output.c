/* SPDX-License-Identifier: MIT */
/*
 * provision-output.json: what exists, by name and id. Where secrets are is told, what they are is
 * not. What does not exist is null, so that every key is always there.
 */
#include "records.h"
#include "result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
    const char *key, *value;
};

static int set_texts(struct acsmtp_json *object, const struct text *texts, size_t count,
                     struct acsmtp_error *err)
{
    int status = ACSMTP_OK;
    size_t i;

    for (i = 0; status == ACSMTP_OK && i < count; i++)
        status = result_set_text(object, texts[i].key, texts[i].value, err);
    return status;
}

static int set_boolean(struct acsmtp_json *object, const char *key, int value,
                       struct acsmtp_error *err)
{
    return acsmtp_json_set(object, key, acsmtp_json_new_boolean(value, err), err);
}

static const char *if_there(const struct deployment *deployment, const char *row, const char *value)
{
    return deployment_has(deployment, row) ? value : NULL;
}

static int set_services(struct acsmtp_json *output, const struct deployment *d,
                        struct acsmtp_error *err)
{
    const struct parameters *p = d->parameters;
    const struct text texts[] = {
        {"tenant_id", d->tenant},
        {"subscription_id", p->subscription},
        {"resource_group", p->resource_group},
        {"resource_group_id", if_there(d, "resource-group", d->group_id)},
        {"location", p->location},
        {"data_location", p->data_location},
        {"communication_service", p->communication_name},
        {"communication_service_id", if_there(d, "communication-service", d->communication_id)},
        {"communication_service_host", d->communication_host},
        {"email_service", p->email_name},
        {"email_service_id", if_there(d, "email-service", d->email_id)},
        {"domain", p->domain_name},
        {"domain_id", if_there(d, "domain", d->domain_id)},
        {"from_sender_domain", if_there(d, "domain", d->mail_domain)},
        {"key_vault", p->key_vault_name},
        {"key_vault_id", if_there(d, "key-vault", d->vault_id)},
        {"key_vault_uri", if_there(d, "key-vault", d->vault_uri)},
        {"key_vault_role_assignment_id", d->vault_role_assignment},
    };

    int status = set_texts(output, texts, sizeof texts / sizeof texts[0], err);

    if (status == ACSMTP_OK)
        status = set_boolean(output, "domain_verified", d->is_verified, err);
    if (status == ACSMTP_OK)
        status = set_boolean(output, "domain_linked", deployment_has(d, "linked-domain"), err);
    return status;
}

/* "legacy-client@DOMAIN" when the row is there, else "". */
static void make_address(const struct deployment *deployment, const struct login *login,
                         const char *kind, char address[384])
{
    char row[64];

    (void)snprintf(row, sizeof row, "%s-%s", kind, login->role);
    address[0] = '\0';
    if (login->username && deployment_has(deployment, row))
        (void)snprintf(address, 384, "%.64s@%s", login->username, deployment->mail_domain);
}

/* What an application and the managed identity have in common. */
static int set_login(struct acsmtp_json *object, const struct deployment *d,
                     const struct login *login, struct acsmtp_error *err)
{
    char username[384], sender[384];
    const struct text texts[] = {
        {"role_assignment_id", login->role_assignment},
        {"smtp_username", username},
        {"smtp_username_resource", login->smtp_resource},
        {"sender", sender},
    };

    make_address(d, login, "smtp-username", username);
    make_address(d, login, "sender", sender);
    return set_texts(object, texts, sizeof texts / sizeof texts[0], err);
}

static int set_application(struct acsmtp_json *object, const struct deployment *d,
                           const struct login *login, struct acsmtp_error *err)
{
    char secret[64];
    int has_secret =
        snprintf(secret, sizeof secret, "secret-%s", login->role) > 0 && deployment_has(d, secret);
    const struct text texts[] = {
        {"application_id", login->application_id},
        {"object_id", login->object_id},
        {"service_principal_id", login->principal_id},
        {"secret_name", has_secret ? login->secret_name : NULL},
        {"secret_expires", login->secret_expires},
    };

    return set_texts(object, texts, sizeof texts / sizeof texts[0], err);
}

static int set_identity(struct acsmtp_json *object, const struct deployment *d,
                        const struct login *login, struct acsmtp_error *err)
{
    const struct text texts[] = {
        {"name", d->parameters->identity_name},
        {"id", if_there(d, "identity", d->identity_id)},
        {"client_id", login->application_id},
        {"principal_id", login->principal_id},
    };

    return set_texts(object, texts, sizeof texts / sizeof texts[0], err);
}

static int add_login(struct acsmtp_json *output, const char *key, const struct deployment *d,
                     enum login_role role, struct acsmtp_error *err)
{
    const struct login *login = &d->logins[role];
    struct acsmtp_json *object = acsmtp_json_new_object(err);
    int status = object ? ACSMTP_OK : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = role == LOGIN_IDENTITY ? set_identity(object, d, login, err)
                                        : set_application(object, d, login, err);
    if (status == ACSMTP_OK)
        status = set_login(object, d, login, err);
    if (status == ACSMTP_OK)
        return acsmtp_json_set(output, key, object, err);
    acsmtp_json_free(object);
    return status;
}

static int set_smtp(struct acsmtp_json *output, const struct acsmtp_context *context,
                    struct acsmtp_error *err)
{
    const char *port = acsmtp_context_endpoint(context, "smtp_port");
    int status =
        result_set_text(output, "smtp_host", acsmtp_context_endpoint(context, "smtp_host"), err);

    if (status == ACSMTP_OK && port)
        status = acsmtp_json_set(output, "smtp_port",
                                 acsmtp_json_new_integer(strtol(port, NULL, 10), err), err);
    return status;
}

/* Only a customer's own domain has records to publish. */
static int set_records(struct acsmtp_json *output, const struct deployment *deployment,
                       struct acsmtp_error *err)
{
    struct records *records;
    struct acsmtp_json *list = NULL;
    int status = ACSMTP_OK;

    if (!deployment->parameters->custom_domain || !deployment->domain)
        return acsmtp_json_set(output, "dns_records", acsmtp_json_new_array(err), err);
    records = calloc(1, sizeof *records);
    if (!records)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = records_read(deployment->domain, deployment->mail_domain, records, err);
    if (status == ACSMTP_OK)
        list = records_format_json(records, err);
    free(records);
    return status == ACSMTP_OK ? acsmtp_json_set(output, "dns_records", list, err) : status;
}

/* Providers do not count: a subscription has them anyway. */
static const char *state_of(const struct deployment *deployment)
{
    size_t there = 0, all = 0, i;

    for (i = 0; i < deployment->resource_count; i++) {
        if (strncmp(deployment->resources[i].id, "provider-", 9) == 0)
            continue;
        all++;
        there += deployment->resources[i].exists ? 1 : 0;
    }
    return there == all ? "complete" : there > 0 ? "partial" : "absent";
}

struct acsmtp_json *output_new(const struct deployment *deployment, struct acsmtp_context *context,
                               struct acsmtp_error *err)
{
    struct acsmtp_json *output = result_new(err);
    int status = output ? ACSMTP_OK : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = result_set_text(output, "state", state_of(deployment), err);
    if (status == ACSMTP_OK)
        status = set_services(output, deployment, err);
    if (status == ACSMTP_OK)
        status = add_login(output, "legacy", deployment, LOGIN_LEGACY, err);
    if (status == ACSMTP_OK)
        status = add_login(output, "modern", deployment, LOGIN_MODERN, err);
    if (status == ACSMTP_OK)
        status = add_login(output, "managed_identity", deployment, LOGIN_IDENTITY, err);
    if (status == ACSMTP_OK)
        status = set_smtp(output, context, err);
    if (status == ACSMTP_OK)
        status = set_records(output, deployment, err);
    if (status == ACSMTP_OK)
        return output;
    acsmtp_json_free(output);
    return NULL;
}
