/* SPDX-License-Identifier: MIT */
/*
 * Walks over the resources of a deployment, as many at the same time as their order allows.
 * Each resource is looked at anew, right before something is done to it.
 */
#ifndef ACS_WALK_H
#define ACS_WALK_H

#include "deployment.h"

/* Find out what is there. Shows no steps when `observer` is NULL. */
int walk_look(struct deployment *deployment, struct acsmtp_context *context,
              const struct acsmtp_provision_observer *observer,
              struct acsmtp_error *err) ACSMTP_CHECK;

/* Make everything so. */
int walk_ensure(struct deployment *deployment, struct acsmtp_context *context,
                const struct acsmtp_provision_observer *observer,
                struct acsmtp_error *err) ACSMTP_CHECK;

/* After walk_look(): remove what is there and ours, children first. */
int walk_remove(struct deployment *deployment, struct acsmtp_context *context,
                const struct acsmtp_provision_observer *observer,
                struct acsmtp_error *err) ACSMTP_CHECK;

/* Whether destroy would remove it. */
int walk_is_removable(const struct resource *resource);

/* One resource: look, wait until Azure has done with it, make it so. What a step of its own does.
 */
int walk_ensure_one(void *resource, struct acsmtp_context *context, struct schedule_step *step,
                    struct acsmtp_error *err) ACSMTP_CHECK;

#endif
