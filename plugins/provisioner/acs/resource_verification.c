/* SPDX-License-Identifier: MIT */
/*
 * The proof that the domain is ours, before which nothing can be linked or send. An Azure-managed
 * domain proves itself: apply waits for it. For a customer's domain somebody has to publish DNS
 * records first: apply says so and stops here, and `verify` does it.
 */
#include "arm.h"
#include "resource.h"
#include "verified.h"

static int verification_look(struct resource *resource, struct acsmtp_context *context,
                             struct schedule_step *step, struct acsmtp_error *err)
{
    const struct deployment *deployment = resource->deployment;

    (void)context;
    (void)step;
    (void)err;
    resource->exists = deployment->is_verified;
    resource->change = resource->exists     ? CHANGE_KEEP
                       : deployment->domain ? CHANGE_UPDATE
                                            : CHANGE_CREATE;
    if (!resource->exists && deployment->parameters->custom_domain)
        resource->reason = "not verified: apply stops here until the DNS records are published "
                           "and `acsmtp provision verify` has succeeded";
    return ACSMTP_OK;
}

static int is_verified(void *data, struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct deployment *deployment = data;
    int status = verified_refresh(deployment, context, err);

    if (status == ACSMTP_OK && !deployment->is_verified)
        return acsmtp_fail(err, ACSMTP_TEMPORARY, "the Azure-managed domain is not verified yet");
    return status;
}

static int is_temporary(const struct acsmtp_error *err)
{
    return err->status == ACSMTP_TEMPORARY;
}

static int verification_ensure(struct resource *resource, struct acsmtp_context *context,
                               struct schedule_step *step, struct acsmtp_error *err)
{
    struct deployment *deployment = resource->deployment;
    const struct schedule_retry wait = {
        .what = "waiting for Azure to verify its domain",
        .attempt = is_verified,
        .is_transient = is_temporary,
        .data = deployment,
        .wait_ms = deployment->parameters->wait_ms,
        .poll_ms = deployment->parameters->poll_ms,
    };

    if (deployment->parameters->custom_domain)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the domain '%s' is not verified: publish the DNS records that `acsmtp "
                           "provision verify` prints, let it finish, then apply again",
                           deployment->parameters->custom_domain);
    return schedule_retry(step, context, &wait, err);
}

const struct resource_kind resource_verification = {verification_look, verification_ensure, NULL};
