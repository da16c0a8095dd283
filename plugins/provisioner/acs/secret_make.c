/* SPDX-License-Identifier: MIT */
/*
 * Client secrets; see secret_make.h. addPassword shows the text once and makes another secret each
 * time it is called: before it is called again, what the last call may have made is removed, and
 * nothing is done between it and the vault.
 */
#include "secret_make.h"

#include "arm.h"
#include "graph.h"
#include "rfc3339.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void application_target(const struct resource *resource, const char *action,
                               char target[256])
{
    (void)snprintf(target, 256, "/v1.0/applications/%s%s", resource_login(resource)->object_id,
                   action);
}

/* Read the application's credentials again. */
static int list_credentials(struct resource *resource, struct acsmtp_context *context,
                            struct acsmtp_error *err)
{
    struct login *login = resource_login(resource);
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    const struct acsmtp_json *credentials;
    char target[256];
    int status;

    application_target(resource, "", target);
    status = graph_get(resource->deployment, context, target, &json, err);
    if (status != ACSMTP_OK)
        return status;
    if (!json)
        return acsmtp_fail(err, ACSMTP_TEMPORARY, "the application is gone");
    credentials = acsmtp_json_get(json, "passwordCredentials");
    acsmtp_json_free(login->credentials);
    login->credentials =
        credentials ? acsmtp_json_dup(credentials, err) : acsmtp_json_new_array(err);
    return login->credentials ? ACSMTP_OK : ACSMTP_SYSTEM;
}

/* Graph says 400 or 404 to a key that is not there: whether it is, only the list tells. */
static int is_gone(struct resource *resource, struct acsmtp_context *context, const char *key_id)
{
    const struct acsmtp_json *credentials;
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    size_t i;

    if (list_credentials(resource, context, &unwanted) != ACSMTP_OK)
        return 0;
    credentials = resource_login(resource)->credentials;
    for (i = 0; i < acsmtp_json_length(credentials); i++)
        if (arm_same(acsmtp_json_string(acsmtp_json_item(credentials, i), "keyId"), key_id))
            return 0;
    return 1;
}

int secret_unmake(struct resource *resource, struct acsmtp_context *context,
                  struct schedule_step *step, const char *key_id, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *body = ARM_TEXTS(err, {"keyId", key_id});
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    char target[256];
    const struct graph_change post = {"POST", target, body, NULL};
    int status;

    if (!body)
        return ACSMTP_SYSTEM;
    application_target(resource, "/removePassword", target);
    status = graph_change(resource, context, step, &post, NULL, &failure);
    if (status == ACSMTP_OK || is_gone(resource, context, key_id))
        return ACSMTP_OK;
    *err = failure;
    return status;
}

/* ---- making ---- */

static struct acsmtp_json *add_body(const struct resource *resource, struct acsmtp_error *err)
{
    int64_t life = resource->deployment->parameters->secret_lifetime_ms / 1000;
    struct acsmtp_json *body = acsmtp_json_new_object(err);
    char end[RFC3339_MAX];

    rfc3339_write((int64_t)time(NULL) + life, end);
    if (body &&
        acsmtp_json_set(body, "passwordCredential",
                        ARM_TEXTS(err, {"displayName", SECRET_DISPLAY_NAME}, {"endDateTime", end}),
                        err) == ACSMTP_OK)
        return body;
    acsmtp_json_free(body);
    return NULL;
}

int secret_clean_up(struct resource *resource, struct acsmtp_context *context,
                    struct schedule_step *step, const struct vault_secret *vault,
                    struct acsmtp_error *err)
{
    const struct login *login = resource_login(resource);
    struct secret_state state;
    int status = list_credentials(resource, context, err);
    size_t i;

    if (status != ACSMTP_OK)
        return status;
    secret_state_read(login->credentials, login->application_id, vault, (int64_t)time(NULL), 0,
                      &state);
    for (i = 0; status == ACSMTP_OK && i < state.stale_count; i++)
        status = secret_unmake(resource, context, step, state.stale[i], err);
    return status;
}

struct adding {
    struct resource *resource;
    struct schedule_step *step;
    const struct vault_secret *vault;
    const struct acsmtp_json *body;
    struct acsmtp_json **made;
    int attempts;
};

static int add_once(void *data, struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct adding *adding = data;
    char target[256];
    const struct graph_change post = {"POST", target, adding->body, NULL};
    int status = ACSMTP_OK;

    application_target(adding->resource, "/addPassword", target);
    /* Whatever a lost reply left behind is a credential that the vault does not hold. */
    if (adding->attempts++ > 0)
        status = secret_clean_up(adding->resource, context, adding->step, adding->vault, err);
    if (status == ACSMTP_OK)
        status = graph_change(adding->resource, context, adding->step, &post, adding->made, err);
    return status;
}

/* The application was made a moment ago: not all of the directory knows it. */
static int may_pass(const struct acsmtp_error *err)
{
    return err->status == ACSMTP_TEMPORARY || graph_is_replicating(err);
}

static int add_password(struct resource *resource, struct acsmtp_context *context,
                        struct schedule_step *step, const struct vault_secret *vault,
                        struct acsmtp_json **made, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *body = add_body(resource, err);
    struct adding adding = {resource, step, vault, body, made, 0};
    const struct schedule_retry retry = {
        .what = "waiting until the directory makes the client secret",
        .attempt = add_once,
        .is_transient = may_pass,
        .data = &adding,
        .wait_ms = resource->deployment->parameters->wait_ms,
        .poll_ms = resource->deployment->parameters->poll_ms,
    };

    return body ? schedule_retry(step, context, &retry, err) : ACSMTP_SYSTEM;
}

/* What the vault's tags will say: the new one, and the one that stays for the grace. */
static int describe(const struct resource *resource, const struct acsmtp_json *made, int has_old,
                    struct vault_secret *vault, struct acsmtp_error *err)
{
    const struct parameters *parameters = resource->deployment->parameters;
    char old[GUID_MAX];

    (void)snprintf(old, sizeof old, "%s", vault->key_id);
    *vault = (struct vault_secret){.is_there = 1, .is_marked = 1};
    if (has_old) {
        (void)snprintf(vault->previous_key_id, GUID_MAX, "%s", old);
        vault->previous_until = (int64_t)time(NULL) + parameters->rotate_grace_ms / 1000;
    }
    (void)snprintf(vault->application_id, GUID_MAX, "%s", resource_login(resource)->application_id);
    return arm_copy_guid(vault->key_id, made, "keyId", "the new client secret", err);
}

static int store(struct resource *resource, struct acsmtp_context *context,
                 struct schedule_step *step, struct acsmtp_json *made,
                 const struct vault_secret *vault, struct acsmtp_error *err)
{
    struct login *login = resource_login(resource);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *text =
        acsmtp_json_take_secret(made, "secretText", err);
    const char *end = acsmtp_json_string(made, "endDateTime");

    if (!text || rfc3339_read(end) == 0)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "addPassword gave no secretText and endDateTime");
    (void)snprintf(login->secret_expires, sizeof login->secret_expires, "%s", end);
    return vault_write(resource, context, step, login->secret_name, vault, text, rfc3339_read(end),
                       err);
}

int secret_make(struct resource *resource, struct acsmtp_context *context,
                struct schedule_step *step, struct vault_secret *vault, struct acsmtp_error *err)
{
    const struct login *login = resource_login(resource);
    ACSMTP_AUTO_JSON struct acsmtp_json *made = NULL;
    const struct vault_secret before = *vault;
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    struct secret_state state;
    int status = add_password(resource, context, step, &before, &made, err);

    if (status != ACSMTP_OK)
        return status;
    secret_state_read(login->credentials, login->application_id, &before, (int64_t)time(NULL), 0,
                      &state);
    status = describe(resource, made, state.need == SECRET_VALID, vault, err);
    if (status != ACSMTP_OK)
        return status;
    status = store(resource, context, step, made, vault, err);
    if (status != ACSMTP_OK) {
        if (secret_unmake(resource, context, step, vault->key_id, &unwanted) != ACSMTP_OK)
            acsmtp_log(context, ACSMTP_LOG_WARNING,
                       "%s: the client secret that could not be stored is left; the next apply "
                       "removes it",
                       resource->id);
        *vault = before;
    }
    return status;
}
