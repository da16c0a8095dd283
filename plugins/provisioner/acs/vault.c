/* SPDX-License-Identifier: MIT */
/* Key Vault's secrets; see vault.h. Reference: Key Vault REST API 7.4, Set Secret and its kin. */
#include "vault.h"

#include "arm.h"
#include "guid.h"
#include "secret_body.h"

#include <acsmtp/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int vault_send(struct deployment *deployment, struct acsmtp_context *context,
                      const char *method, const char *path, const struct acsmtp_secret *body,
                      struct client_reply *reply, struct acsmtp_error *err)
{
    char target[256];
    const struct client_request request = {
        .service = CLIENT_VAULT,
        .method = method,
        .host = deployment->vault_uri,
        .target = target,
        .secret_body = body,
        .is_repeatable = 1,
    };

    (void)snprintf(target, sizeof target, "%s%sapi-version=" VERSION_SECRETS, path,
                   strchr(path, '?') ? "&" : "?");
    return client_send(deployment->client, context, &request, reply, err);
}

int vault_opens(struct deployment *deployment, struct acsmtp_context *context,
                struct acsmtp_error *err)
{
    CLIENT_AUTO_REPLY struct client_reply reply = {.status = 0};
    int status = vault_send(deployment, context, "GET", "/secrets?maxresults=1", NULL, &reply, err);

    if (status == ACSMTP_OK && reply.status != 200)
        status = client_fail(&reply, "look into the key vault", err);
    return status;
}

int vault_is_transient(const struct acsmtp_error *err)
{
    return client_failed_with(err, "ForbiddenByRbac") || strcmp(err->code, "dns") == 0 ||
           strcmp(err->code, "connect_refused") == 0;
}

/* ---- reading ---- */

static void copy_guid(char guid[GUID_MAX], const struct acsmtp_json *tags, const char *key)
{
    const char *text = acsmtp_json_string(tags, key);

    (void)snprintf(guid, GUID_MAX, "%s", guid_is(text) ? text : "");
}

static void read_tags(const struct deployment *deployment, const struct acsmtp_json *tags,
                      struct vault_secret *secret)
{
    copy_guid(secret->key_id, tags, "keyId");
    copy_guid(secret->application_id, tags, "applicationId");
    copy_guid(secret->previous_key_id, tags, "previousKeyId");
    (void)acsmtp_json_integer(tags, "previousUntil", &secret->previous_until);
    secret->is_marked = arm_same(acsmtp_json_string(tags, ARM_TAG), deployment->marker);
}

int vault_read(struct deployment *deployment, struct acsmtp_context *context, const char *name,
               struct vault_secret *secret, struct acsmtp_error *err)
{
    CLIENT_AUTO_REPLY struct client_reply reply = {.status = 0};
    ACSMTP_AUTO_SECRET struct acsmtp_secret *value = NULL;
    char path[128];
    int status;

    *secret = (struct vault_secret){.is_there = 0};
    (void)snprintf(path, sizeof path, "/secrets/%s", name);
    status = vault_send(deployment, context, "GET", path, NULL, &reply, err);
    if (status != ACSMTP_OK || reply.status == 404)
        return status;
    if (reply.status != 200)
        return client_fail(&reply, "read the client secret's tags", err);
    /* The value comes along and is of no use here. */
    value = acsmtp_json_take_secret(reply.json, "value", err);
    secret->is_there = value != NULL;
    read_tags(deployment, acsmtp_json_get(reply.json, "tags"), secret);
    return ACSMTP_OK;
}

/* ---- writing ---- */

struct writing {
    struct deployment *deployment;
    const char *name;
    const struct acsmtp_secret *body;
};

static int is_conflict(const struct acsmtp_error *err)
{
    return client_failed_with(err, "ObjectIsBeingDeleted") ||
           client_failed_with(err, "ObjectIsBeingRecovered") ||
           client_failed_with(err, "ObjectIsDeletedButRecoverable") || vault_is_transient(err);
}

static int recover(const struct writing *writing, struct acsmtp_context *context,
                   struct acsmtp_error *err)
{
    CLIENT_AUTO_REPLY struct client_reply reply = {.status = 0};
    char path[128];

    (void)snprintf(path, sizeof path, "/deletedsecrets/%s/recover", writing->name);
    return vault_send(writing->deployment, context, "POST", path, NULL, &reply, err);
}

/* A name in the vault's bin can only be recovered: the new version goes on top of what was there.
 */
static int write_once(void *data, struct acsmtp_context *context, struct acsmtp_error *err)
{
    const struct writing *writing = data;
    CLIENT_AUTO_REPLY struct client_reply reply = {.status = 0};
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    char path[128];
    int status;

    (void)snprintf(path, sizeof path, "/secrets/%s", writing->name);
    status = vault_send(writing->deployment, context, "PUT", path, writing->body, &reply, err);
    if (status != ACSMTP_OK || reply.status == 200)
        return status;
    status = client_fail(&reply, "store the client secret in the key vault", err);
    if (client_failed_with(err, "ObjectIsDeletedButRecoverable"))
        (void)recover(writing, context, &unwanted);
    return status;
}

int vault_write(struct resource *resource, struct acsmtp_context *context,
                struct schedule_step *step, const char *name, const struct vault_secret *secret,
                const struct acsmtp_secret *value, int64_t expires, struct acsmtp_error *err)
{
    struct deployment *deployment = resource->deployment;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *body =
        secret_body_new(deployment->marker, secret, value, expires, err);
    struct writing writing = {deployment, name, body};
    const struct schedule_retry retry = {
        .what = "waiting until the key vault takes the client secret",
        .attempt = write_once,
        .is_transient = is_conflict,
        .data = &writing,
        .wait_ms = deployment->parameters->wait_ms,
        .poll_ms = deployment->parameters->poll_ms,
    };

    return body ? schedule_retry(step, context, &retry, err) : ACSMTP_SYSTEM;
}

/* ---- deleting ---- */

/* 404 is what was wanted. Deletion goes on after the reply: a purge meets 409 until it is done. */
static int purge_once(void *data, struct acsmtp_context *context, struct acsmtp_error *err)
{
    const struct writing *writing = data;
    CLIENT_AUTO_REPLY struct client_reply reply = {.status = 0};
    char path[128];
    int status;

    (void)snprintf(path, sizeof path, "/deletedsecrets/%s", writing->name);
    status = vault_send(writing->deployment, context, "DELETE", path, NULL, &reply, err);
    if (status == ACSMTP_OK && reply.status != 204 && reply.status != 200 && reply.status != 404)
        status = client_fail(&reply, "purge the client secret", err);
    return status;
}

int vault_delete(struct resource *resource, struct acsmtp_context *context,
                 struct schedule_step *step, const char *name, int purge, struct acsmtp_error *err)
{
    const struct parameters *parameters = resource->deployment->parameters;
    CLIENT_AUTO_REPLY struct client_reply reply = {.status = 0};
    struct writing writing = {resource->deployment, name, NULL};
    const struct schedule_retry retry = {
        .what = "waiting until the client secret can be purged",
        .attempt = purge_once,
        .is_transient = is_conflict,
        .data = &writing,
        .wait_ms = parameters->wait_ms,
        .poll_ms = parameters->poll_ms,
    };
    char path[128];
    int status;

    (void)snprintf(path, sizeof path, "/secrets/%s", name);
    status = vault_send(resource->deployment, context, "DELETE", path, NULL, &reply, err);
    if (status == ACSMTP_OK && reply.status != 200 && reply.status != 404)
        status = client_fail(&reply, "delete the client secret", err);
    if (status == ACSMTP_OK && purge)
        status = schedule_retry(step, context, &retry, err);
    return status;
}
