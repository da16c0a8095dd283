/* SPDX-License-Identifier: MIT */
/* One call of one of a provisioner's operations, held to what provision.h says of all of them. */
#ifndef PROVISION_CALL_H
#define PROVISION_CALL_H

#include "session.h"
#include "steps.h"
#include <acsmtp/json.h>

/* An operation, how it is called, and what it did. */
struct provision_call {
    const char *name;
    acsmtp_provision_operation *operation;
    uint32_t flags;             /* enum acsmtp_provision_flag, or-ed */
    int is_watched;             /* it has an observer */
    enum contract_rule reads;   /* what says that it sends nothing but reads; RULE_NONE: nothing */
    struct steps *steps;        /* that it told; NULL without an observer */
    struct acsmtp_json *result; /* what it gave */
};

/* Its status; what it must not do is a verdict. The call is released in any case. */
int provision_call_run(struct session *session, struct acsmtp_context *context,
                       struct provision_call *call, struct acsmtp_error *err);
void provision_call_release(struct provision_call *call);

#endif
