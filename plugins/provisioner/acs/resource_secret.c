/* SPDX-License-Identifier: MIT */
/*
 * A client secret: a credential of the application in Graph, its text in the key vault and nowhere
 * else. It is made once, and made anew when it is missing, near its end, or rotated.
 */
#include "resource_secret.h"

#include "arm.h"
#include "resource.h"
#include "rfc3339.h"
#include "secret_make.h"
#include "vault.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int read_vault(struct resource *resource, struct acsmtp_context *context,
                      struct vault_secret *vault, struct acsmtp_error *err)
{
    return vault_read(resource->deployment, context, resource_login(resource)->secret_name, vault,
                      err);
}

/* What is there, and what it means for apply. */
static int judge(struct resource *resource, const struct vault_secret *vault,
                 struct secret_state *state, struct acsmtp_error *err)
{
    const struct parameters *parameters = resource->deployment->parameters;
    struct login *login = resource_login(resource);

    secret_state_read(login->credentials, login->application_id, vault, (int64_t)time(NULL),
                      parameters->renew_before_ms, state);
    resource->exists = vault->is_there;
    resource->is_ours = vault->is_marked;
    login->secret_expires[0] = '\0';
    if (state->end > 0)
        rfc3339_write(state->end, login->secret_expires);
    resource->change = CHANGE_KEEP;
    if (state->need == SECRET_MISSING) {
        resource->change = vault->is_there ? CHANGE_UPDATE : CHANGE_CREATE;
        if (vault->is_there)
            resource->reason = vault->is_marked
                                   ? "what the key vault holds is no credential of the application"
                                   : "not written by acsmtp: apply will not replace it";
    } else if (state->need == SECRET_ENDS_SOON) {
        resource->change = CHANGE_UPDATE;
        resource->reason = "ends soon: a new one takes its place";
        return resource_differs(resource, "endDateTime", login->secret_expires, NULL, err);
    } else if (state->stale_count > 0) {
        resource->change = CHANGE_UPDATE;
        resource->reason = "a credential that the key vault does not hold any more is removed";
        return resource_differs(resource, "passwordCredentials", state->stale[0], NULL, err);
    }
    return ACSMTP_OK;
}

/* Without the role the vault cannot be asked; what apply will find is not known before. */
static int look_without_vault(struct resource *resource)
{
    int is_known = !deployment_has(resource->deployment, "key-vault") ||
                   acsmtp_json_length(resource_login(resource)->credentials) == 0;

    resource->change = is_known ? CHANGE_CREATE : CHANGE_KEEP;
    if (!is_known)
        resource->reason = "the key vault cannot be read yet: apply looks again";
    return ACSMTP_OK;
}

static int secret_look(struct resource *resource, struct acsmtp_context *context,
                       struct schedule_step *step, struct acsmtp_error *err)
{
    const struct deployment *deployment = resource->deployment;
    struct secret_state state;
    struct vault_secret vault;
    int status;

    (void)step;
    if ((deployment->flags & ACSMTP_PROVISION_DESTROY) &&
        deployment_owns(deployment, "key-vault")) {
        resource->exists = resource->is_ours = 1; /* goes with the vault */
        resource->change = CHANGE_KEEP;
        return ACSMTP_OK;
    }
    if (!deployment->vault_opens)
        return look_without_vault(resource);
    status = read_vault(resource, context, &vault, err);
    return status == ACSMTP_OK ? judge(resource, &vault, &state, err) : status;
}

/* What the vault holds under our name, unless somebody else has put it there. */
static int read_own(struct resource *resource, struct acsmtp_context *context,
                    struct vault_secret *vault, struct acsmtp_error *err)
{
    int status = read_vault(resource, context, vault, err);

    if (status != ACSMTP_OK || !vault->is_there || vault->is_marked)
        return status;
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "the key vault has a secret '%s' that acsmtp did not write: delete it, or "
                       "name another vault with option key_vault",
                       resource_login(resource)->secret_name);
}

/* A new application has none, and Graph may not even find it yet. */
static int clean_up(struct resource *resource, struct acsmtp_context *context,
                    struct schedule_step *step, const struct vault_secret *vault,
                    struct acsmtp_error *err)
{
    if (acsmtp_json_length(resource_login(resource)->credentials) == 0)
        return ACSMTP_OK;
    return secret_clean_up(resource, context, step, vault, err);
}

/* What is left over goes first, so that there never is more than one secret too many. */
static int secret_ensure(struct resource *resource, struct acsmtp_context *context,
                         struct schedule_step *step, struct acsmtp_error *err)
{
    const struct login *login = resource_login(resource);
    struct secret_state state;
    struct vault_secret vault;
    int status = read_own(resource, context, &vault, err);

    if (status == ACSMTP_OK)
        status = clean_up(resource, context, step, &vault, err);
    if (status != ACSMTP_OK)
        return status;
    secret_state_read(login->credentials, login->application_id, &vault, (int64_t)time(NULL),
                      resource->deployment->parameters->renew_before_ms, &state);
    if (state.need == SECRET_VALID)
        return ACSMTP_OK;
    status = secret_make(resource, context, step, &vault, err);
    if (status != ACSMTP_OK)
        return status;
    resource->exists = resource->is_ours = 1;
    return clean_up(resource, context, step, &vault, err);
}

/* In a vault of ours it goes with the vault; in another one only it is ours. */
static int secret_remove(struct resource *resource, struct acsmtp_context *context,
                         struct schedule_step *step, struct acsmtp_error *err)
{
    const struct deployment *deployment = resource->deployment;
    int purge = (deployment->flags & ACSMTP_PROVISION_PURGE) != 0;

    if (deployment_owns(deployment, "key-vault"))
        return ACSMTP_OK;
    return vault_delete(resource, context, step, resource_login(resource)->secret_name, purge, err);
}

/* ---- rotate ---- */

static int wait_for_grace(struct resource *resource, struct acsmtp_context *context,
                          struct schedule_step *step, struct acsmtp_error *err)
{
    char what[96];
    int status;

    (void)snprintf(what, sizeof what, "the old secret stays valid for %lld s",
                   (long long)(resource->deployment->parameters->rotate_grace_ms / 1000));
    schedule_waiting(step, what);
    /* Times in the vault are whole seconds: one more, so that the grace is over for certain. */
    status = acsmtp_context_sleep(
        context, resource->deployment->parameters->rotate_grace_ms / 1000 * 1000 + 1000, err);
    schedule_waiting(step, NULL);
    return status;
}

int resource_secret_rotate(struct resource *resource, struct acsmtp_context *context,
                           struct schedule_step *step, struct acsmtp_error *err)
{
    struct vault_secret vault;
    int status = read_own(resource, context, &vault, err);

    if (status == ACSMTP_OK)
        status = secret_make(resource, context, step, &vault, err);
    resource->change = CHANGE_UPDATE;
    if (status == ACSMTP_OK && vault.previous_key_id[0])
        status = wait_for_grace(resource, context, step, err);
    return status == ACSMTP_OK ? secret_clean_up(resource, context, step, &vault, err) : status;
}

const struct resource_kind resource_secret = {secret_look, secret_ensure, secret_remove};
