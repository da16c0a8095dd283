/* SPDX-License-Identifier: MIT */
/* Walks; see walk.h. */
#include "walk.h"

#include <stdio.h>
#include <string.h>

static int look(struct resource *resource, struct acsmtp_context *context,
                struct schedule_step *step, struct acsmtp_error *err)
{
    acsmtp_json_free(resource->differences);
    resource->differences = NULL;
    resource->reason = NULL;
    resource->change = CHANGE_UNKNOWN;
    resource->exists = resource->is_ours = resource->is_busy = resource->is_in_bin = 0;
    return resource->kind->look(resource, context, step, err);
}

static int look_one(void *data, struct acsmtp_context *context, struct schedule_step *step,
                    struct acsmtp_error *err)
{
    struct resource *resource = data;
    int status = look(resource, context, step, err);

    if (status == ACSMTP_OK)
        schedule_changed(step, change_name(resource->change), resource->reason);
    return status;
}

/* ---- what an earlier run has begun ---- */

static int is_settled(void *data, struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct resource *resource = data;
    int status = look(resource, context, NULL, err);

    if (status == ACSMTP_OK && resource->is_busy)
        return acsmtp_fail(err, ACSMTP_TEMPORARY, "Azure is still working on %s", resource->title);
    return status;
}

static int is_temporary(const struct acsmtp_error *err)
{
    return err->status == ACSMTP_TEMPORARY;
}

static int settle(struct resource *resource, struct acsmtp_context *context,
                  struct schedule_step *step, struct acsmtp_error *err)
{
    const struct schedule_retry retry = {
        .what = "waiting until Azure has finished what was begun before",
        .attempt = is_settled,
        .is_transient = is_temporary,
        .data = resource,
        .wait_ms = resource->deployment->parameters->wait_ms,
        .poll_ms = resource->deployment->parameters->poll_ms,
    };

    return schedule_retry(step, context, &retry, err);
}

/* ---- ensure ---- */

int walk_ensure_one(void *data, struct acsmtp_context *context, struct schedule_step *step,
                    struct acsmtp_error *err)
{
    struct resource *resource = data;
    int status = look(resource, context, step, err);

    if (status == ACSMTP_OK && resource->is_busy)
        status = settle(resource, context, step, err);
    if (status == ACSMTP_OK && resource->change != CHANGE_KEEP)
        status = resource->kind->ensure(resource, context, step, err);
    if (status == ACSMTP_OK)
        schedule_changed(step, change_name(resource->change), resource->reason);
    return status;
}

/* ---- remove ---- */

int walk_is_removable(const struct resource *resource)
{
    int purge = (resource->deployment->flags & ACSMTP_PROVISION_PURGE) != 0;

    return resource->kind->remove &&
           ((resource->exists && resource->is_ours) || (resource->is_in_bin && purge));
}

static int remove_one(void *data, struct acsmtp_context *context, struct schedule_step *step,
                      struct acsmtp_error *err)
{
    struct resource *resource = data;
    int status = ACSMTP_OK;

    if (resource->is_busy)
        status = settle(resource, context, step, err);
    if (status != ACSMTP_OK)
        return status;
    if (walk_is_removable(resource)) {
        resource->change = CHANGE_DELETE;
        status = resource->kind->remove(resource, context, step, err);
    } else {
        resource->change = resource->exists ? CHANGE_KEEP : CHANGE_ABSENT;
    }
    if (status != ACSMTP_OK)
        return status;
    if (resource->change == CHANGE_DELETE)
        resource->exists = 0;
    schedule_changed(step, change_name(resource->change), resource->reason);
    return ACSMTP_OK;
}

/* ---- all of them ---- */

typedef int step_work(void *data, struct acsmtp_context *context, struct schedule_step *step,
                      struct acsmtp_error *err);

static int walk(struct deployment *deployment, step_work *work, int reversed,
                struct acsmtp_context *context, const struct acsmtp_provision_observer *observer,
                struct acsmtp_error *err)
{
    struct schedule_item items[RESOURCES_MAX];
    size_t i;

    for (i = 0; i < deployment->resource_count; i++) {
        struct resource *resource = &deployment->resources[i];

        items[i] = (struct schedule_item){.id = resource->id,
                                          .title = resource->title,
                                          .needs = resource->needs,
                                          .run = work,
                                          .data = resource};
    }
    return schedule_run(items, deployment->resource_count, reversed, context, observer, err);
}

int walk_look(struct deployment *deployment, struct acsmtp_context *context,
              const struct acsmtp_provision_observer *observer, struct acsmtp_error *err)
{
    return walk(deployment, look_one, 0, context, observer, err);
}

int walk_ensure(struct deployment *deployment, struct acsmtp_context *context,
                const struct acsmtp_provision_observer *observer, struct acsmtp_error *err)
{
    return walk(deployment, walk_ensure_one, 0, context, observer, err);
}

int walk_remove(struct deployment *deployment, struct acsmtp_context *context,
                const struct acsmtp_provision_observer *observer, struct acsmtp_error *err)
{
    return walk(deployment, remove_one, 1, context, observer, err);
}
