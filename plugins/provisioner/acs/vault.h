/* SPDX-License-Identifier: MIT */
/* The data plane of the deployment's key vault: its client secrets. */
#ifndef ACS_VAULT_H
#define ACS_VAULT_H

#include "deployment.h"

#include <acsmtp/secret.h>

/* What the vault holds under a secret's name, without the value. */
struct vault_secret {
    int is_there;
    char key_id[GUID_MAX];          /* tag keyId: the application's credential it is the text of */
    char application_id[GUID_MAX];  /* tag applicationId */
    char previous_key_id[GUID_MAX]; /* tag previousKeyId: the credential it took the place of */
    int64_t previous_until;         /* tag previousUntil: Unix seconds, until when that one stays */
    int is_marked;                  /* tag acsmtp: written by this deployment */
};

/* TEMPORARY with the code of the vault while the caller's role has not reached it. */
int vault_opens(struct deployment *deployment, struct acsmtp_context *context,
                struct acsmtp_error *err) ACSMTP_CHECK;

/* Failures of a vault that is new, or whose roles are: they pass. */
int vault_is_transient(const struct acsmtp_error *err);

int vault_read(struct deployment *deployment, struct acsmtp_context *context, const char *name,
               struct vault_secret *secret, struct acsmtp_error *err) ACSMTP_CHECK;

/* Write a new version. `expires` in Unix seconds. One that was deleted by hand is recovered first.
 */
int vault_write(struct resource *resource, struct acsmtp_context *context,
                struct schedule_step *step, const char *name, const struct vault_secret *secret,
                const struct acsmtp_secret *value, int64_t expires,
                struct acsmtp_error *err) ACSMTP_CHECK;

/* Delete, and with `purge` for good. */
int vault_delete(struct resource *resource, struct acsmtp_context *context,
                 struct schedule_step *step, const char *name, int purge,
                 struct acsmtp_error *err) ACSMTP_CHECK;

#endif
