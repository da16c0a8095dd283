/* SPDX-License-Identifier: MIT */
/* Making and unmaking client secrets of an application. */
#ifndef ACS_SECRET_MAKE_H
#define ACS_SECRET_MAKE_H

#include "deployment.h"
#include "secret_state.h"

/*
 * A new client secret, and its text in the vault. When the vault does not take it, the credential
 * is removed again. A valid one that it replaces is noted there, to be removed after the grace.
 * `vault` is what the vault held before, and afterwards what it holds.
 */
int secret_make(struct resource *resource, struct acsmtp_context *context,
                struct schedule_step *step, struct vault_secret *vault,
                struct acsmtp_error *err) ACSMTP_CHECK;

/* Remove one credential. OK when it is not there. */
int secret_unmake(struct resource *resource, struct acsmtp_context *context,
                  struct schedule_step *step, const char *key_id,
                  struct acsmtp_error *err) ACSMTP_CHECK;

/* Read the application's credentials again, and remove those of ours that the vault does not hold
 * and whose grace, if they were replaced, is over. */
int secret_clean_up(struct resource *resource, struct acsmtp_context *context,
                    struct schedule_step *step, const struct vault_secret *vault,
                    struct acsmtp_error *err) ACSMTP_CHECK;

#endif
