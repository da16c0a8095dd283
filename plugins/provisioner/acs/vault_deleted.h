/* SPDX-License-Identifier: MIT */
/* Key vaults in the bin: deleted, kept for days, their names still taken. */
#ifndef ACS_VAULT_DELETED_H
#define ACS_VAULT_DELETED_H

#include "deployment.h"

struct vault_deleted {
    int is_there;
    int is_ours; /* it was the vault of this deployment: same id, our mark */
    char location[64];
    char purge_date[40];
};

/* The deleted vault that has the deployment's name, in whichever region. */
int vault_deleted_find(struct deployment *deployment, struct acsmtp_context *context,
                       struct vault_deleted *deleted, struct acsmtp_error *err) ACSMTP_CHECK;

int vault_deleted_purge(struct resource *resource, struct acsmtp_context *context,
                        struct schedule_step *step, const struct vault_deleted *deleted,
                        struct acsmtp_error *err) ACSMTP_CHECK;

#endif
