/* SPDX-License-Identifier: MIT */
/*
 * One deployment: its parameters, what was found or made so far, and the list of its resources.
 * Each resource kind is one file (resource_*.c) that can look, ensure and remove; plan, apply, show
 * and destroy are walks over the list.
 */
#ifndef ACS_DEPLOYMENT_H
#define ACS_DEPLOYMENT_H

#include "client.h"
#include "parameters.h"
#include "schedule.h"

#include <acsmtp/json.h>

enum change {
    CHANGE_UNKNOWN,
    CHANGE_KEEP,
    CHANGE_CREATE,
    CHANGE_UPDATE,
    CHANGE_DELETE,
    CHANGE_ABSENT
};

struct deployment;

/* One resource of a deployment: a row that names it, and what a look at Azure found. */
struct resource {
    const char *id; /* of its step */
    const char *const *needs;
    const struct resource_kind *kind;
    struct deployment *deployment;
    const void *argument; /* which of several: the client, the principal */
    char title[160];
    enum change change;              /* what apply has to do, after look() */
    const char *reason;              /* why, when it is not plain; static text or NULL */
    struct acsmtp_json *differences; /* [{"path", "before", "after"}], NULL: none */
    int is_ours;                     /* marked as made by acsmtp: destroy may remove it */
};

struct resource_kind {
    /* Find out what is there; sets change, differences, is_ours, and the facts that others need. A
     * parent that does not exist yet makes its children CHANGE_CREATE without asking. */
    int (*look)(struct resource *resource, struct acsmtp_context *context,
                struct schedule_step *step, struct acsmtp_error *err);
    /* After look(): make it so, if change says so, and wait until others can build on it. */
    int (*ensure)(struct resource *resource, struct acsmtp_context *context,
                  struct schedule_step *step, struct acsmtp_error *err);
    /* After look(): remove it if it is there and ours. NULL: goes with its parent. */
    int (*remove)(struct resource *resource, struct acsmtp_context *context,
                  struct schedule_step *step, struct acsmtp_error *err);
};

#endif
