/* SPDX-License-Identifier: MIT */
/* initiateVerification and cancelVerification; see arm_domain_verification.h. */
#include "arm_domain_verification.h"

#include "arm_communication.h"
#include "email_domain.h"
#include "scaled_clock.h"
#include "tree.h"

#include <string.h>
#include <strings.h>

void domain_verification_render(struct json_object *entry, struct json_object *properties,
                                int64_t now)
{
    struct json_object *states = tree_get(properties, "verificationStates", NULL);
    for (size_t i = 0; states != NULL && EMAIL_DOMAIN_VERIFICATIONS[i] != NULL; i++) {
        const char *name = EMAIL_DOMAIN_VERIFICATIONS[i];
        const char *status = communication_domain_status(entry, name, now);
        struct json_object *state = tree_get(states, name, NULL);
        if (state == NULL || tree_get(entry, "private", "verifications", name, NULL) == NULL) {
            continue;
        }
        tree_set_string(state, "status", status);
        if (strcmp(status, "VerificationFailed") == 0) {
            /* UNVERIFIED which codes there are */
            tree_set_string(state, "errorCode", "DnsRecordNotFound");
        } else {
            tree_set_string(state, "errorCode", "None"); /* recorded: a string */
        }
    }
}

/* The verification that the body names; NULL when the reply is an error already. */
static const char *asked_for(struct arm_call *call)
{
    const char *asked = tree_string(call->body, "verificationType", "");
    if (call->entry == NULL) {
        arm_not_found(call);
        return NULL;
    }
    for (size_t i = 0; EMAIL_DOMAIN_VERIFICATIONS[i] != NULL; i++) {
        if (strcasecmp(EMAIL_DOMAIN_VERIFICATIONS[i], asked) == 0) {
            return EMAIL_DOMAIN_VERIFICATIONS[i];
        }
    }
    /* UNVERIFIED code and words */
    arm_error_detail(call, 400, "InvalidVerificationType",
                     "verificationType must be Domain, SPF, DKIM, DKIM2 or DMARC.",
                     "verificationType");
    return NULL;
}

static void set_pending(struct arm_call *call, const char *name, const char *meanwhile,
                        const char *outcome, int64_t done_ms)
{
    struct json_object *own = tree_get(call->entry, "private", NULL);
    own = own == NULL ? tree_set_object(call->entry, "private") : own;
    struct json_object *all = tree_get(own, "verifications", NULL);
    all = all == NULL ? tree_set_object(own, "verifications") : all;
    struct json_object *pending = tree_set_object(all, name);
    tree_set_string(pending, "meanwhile", meanwhile);
    tree_set_string(pending, "outcome", outcome);
    tree_set_int(pending, "done_ms", done_ms);
    call->changed = true;
}

void domain_verification_initiate(struct arm_call *call)
{
    const char *name = asked_for(call);
    if (name == NULL) {
        return;
    }
    struct json_object *switches = tree_get(call->tree, "arm_switches", NULL);
    if (strcmp(communication_domain_status(call->entry, name, call->now), "Verified") != 0) {
        set_pending(call, name, "VerificationRequested",
                    tree_string(switches, "verification", "Verified"),
                    scaled_clock_after(call->tree, tree_int(switches, "verification_ms", 0)));
    }
    arm_lro_act(call, ARM_LRO_STATUS, 0);
    arm_empty(call, 202);
}

void domain_verification_cancel(struct arm_call *call)
{
    const char *name = asked_for(call);
    if (name == NULL) {
        return;
    }
    if (strcmp(communication_domain_status(call->entry, name, call->now), "Verified") != 0) {
        set_pending(call, name, "CancellationRequested", "NotStarted",
                    scaled_clock_after(call->tree, 1000));
    }
    arm_lro_act(call, ARM_LRO_STATUS, 0);
    arm_empty(call, 202);
}
