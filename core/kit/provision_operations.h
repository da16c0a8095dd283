/* SPDX-License-Identifier: MIT */
/*
 * The operations of provisioner plugins as the battery calls them; operations_provisioner.c says in
 * which order. All have the form of struct operation's run().
 */
#ifndef PROVISION_OPERATIONS_H
#define PROVISION_OPERATIONS_H

#include "session.h"

typedef int provision_operation(struct session *session, struct acsmtp_context *context,
                                struct acsmtp_error *err);

/* What reads. */
provision_operation provision_export, provision_plan, provision_plan_destroy, provision_show,
    provision_diagnose;

/* What changes things at the provider. */
provision_operation provision_apply, provision_verify, provision_rotate, provision_destroy;

/* The same with READ_ONLY, and without an observer. */
provision_operation provision_rehearse_apply, provision_rehearse_rotate, provision_rehearse_destroy;

/* After a disturbed life: the next apply() must succeed, and the next life begins with nothing. */
provision_operation provision_resume, provision_clean_up;

#endif
