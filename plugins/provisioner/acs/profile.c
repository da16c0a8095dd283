/* SPDX-License-Identifier: MIT */
/*
 * A profile that sends with what was made, and holds no secret: the password of the legacy client
 * is read from the key vault each time, with the credentials that provisioning itself has used. On
 * a machine in Azure that has the managed identity, and when a user name is bound to it, the
 * identity sends without any secret.
 */
#include "arm.h"
#include "result.h"

#include <stdio.h>

/* Stands for the chain that this provisioner was given, which only the host has as text. */
#define OWN_CHAIN "@credentials"

static int can_send(const struct deployment *deployment, const char *role)
{
    char row[64];

    (void)snprintf(row, sizeof row, "smtp-username-%s", role);
    return deployment_has(deployment, "linked-domain") && deployment_has(deployment, row);
}

static int can_use_vault(const struct deployment *deployment)
{
    return can_send(deployment, "legacy") && deployment_has(deployment, "secret-legacy");
}

static int append_identity(struct acsmtp_json *chain, const struct deployment *deployment,
                           struct acsmtp_error *err)
{
    const struct login *login = &deployment->logins[LOGIN_IDENTITY];

    return acsmtp_json_append(
        chain, ARM_TEXTS(err, {"plugin", "imds"}, {"client_id", login->application_id}), err);
}

static int append_vault(struct acsmtp_json *chain, const struct deployment *deployment,
                        struct acsmtp_error *err)
{
    const struct login *login = &deployment->logins[LOGIN_LEGACY];
    char username[384];

    (void)snprintf(username, sizeof username, "%.64s@%s", login->username, deployment->mail_domain);
    return acsmtp_json_append(chain,
                              ARM_TEXTS(err, {"plugin", "keyvault-basic"},
                                        {"vault", deployment->parameters->key_vault_name},
                                        {"secret", login->secret_name}, {"username", username},
                                        {"credentials", OWN_CHAIN}),
                              err);
}

static int set_chain(struct acsmtp_json *profile, const struct deployment *deployment,
                     struct acsmtp_error *err)
{
    struct acsmtp_json *chain = acsmtp_json_new_array(err);
    int status = chain ? ACSMTP_OK : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK && can_send(deployment, "identity"))
        status = append_identity(chain, deployment, err);
    if (status == ACSMTP_OK && can_use_vault(deployment))
        status = append_vault(chain, deployment, err);
    if (status == ACSMTP_OK)
        return acsmtp_json_set(profile, "credentials", chain, err);
    acsmtp_json_free(chain);
    return status;
}

static int set_transports(struct acsmtp_json *profile, struct acsmtp_error *err)
{
    static const char text[] = "[\"smtp-xoauth2\",\"smtp-login\"]";

    return acsmtp_json_set(profile, "transports", acsmtp_json_parse(text, sizeof text - 1, err),
                           err);
}

/* The user name that goes with a token; a password brings its own. */
static const struct login *first_login(const struct deployment *deployment)
{
    return &deployment->logins[can_send(deployment, "identity") ? LOGIN_IDENTITY : LOGIN_LEGACY];
}

int profile_new(const struct deployment *deployment, struct acsmtp_json **profile,
                struct acsmtp_error *err)
{
    const struct login *login = first_login(deployment);
    char from[384], username[384];
    struct acsmtp_json *made;
    int status;

    if (!can_send(deployment, "identity") && !can_use_vault(deployment))
        return ACSMTP_OK;
    (void)snprintf(username, sizeof username, "%.64s@%s", login->username, deployment->mail_domain);
    /* DoNotReply is there from the start, also where the quota forbids further senders. */
    (void)snprintf(from, sizeof from, "%s@%s",
                   deployment_has(deployment, "sender-legacy")
                       ? deployment->logins[LOGIN_LEGACY].username
                       : "DoNotReply",
                   deployment->mail_domain);
    made = ARM_TEXTS(err, {"from", from}, {"username", username});
    status = made ? set_chain(made, deployment, err) : ACSMTP_SYSTEM;
    if (status == ACSMTP_OK)
        status = set_transports(made, err);
    if (status == ACSMTP_OK)
        *profile = made;
    else
        acsmtp_json_free(made);
    return status;
}
