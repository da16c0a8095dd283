/* SPDX-License-Identifier: MIT */
/*
 * A provisioner that keeps to the contract: every file here that includes it replaces one
 * operation, or a part of all of them (TELL, CHANGE_OF, MAKE, UNMAKE, defined before).
 */
#ifndef PROVISIONER_OPERATIONS_H
#define PROVISIONER_OPERATIONS_H

#include "provisioner.h"

#ifndef TELL
#define TELL tell
#endif
#ifndef CHANGE_OF
#define CHANGE_OF change_of
#endif
#ifndef MAKE
#define MAKE make
#endif
#ifndef UNMAKE
#define UNMAKE unmake
#endif

static inline int act(const struct acsmtp_settings *settings, const char *change, int thing,
                      struct acsmtp_error *err)
{
    if (strcmp(change, "create") == 0)
        return MAKE(settings, thing, err);
    return strcmp(change, "delete") == 0 ? UNMAKE(settings, thing, err) : ACSMTP_OK;
}

static inline int add_row(struct acsmtp_json *rows, int thing, const char *change,
                          struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *row = acsmtp_json_new_object(err);

    if (!row || acsmtp_json_set(row, "id", acsmtp_json_new_string(things[thing], err), err) ||
        acsmtp_json_set(row, "title", acsmtp_json_new_string(things[thing], err), err) ||
        acsmtp_json_set(row, "change", acsmtp_json_new_string(change, err), err))
        return ACSMTP_SYSTEM;
    return acsmtp_json_append(rows, ACSMTP_STEAL(struct acsmtp_json, row), err);
}

/* One thing of them; is_dry: only as if. */
static inline int do_one(const struct acsmtp_settings *settings, int thing, enum work work,
                         int is_dry, const struct acsmtp_provision_observer *observer,
                         struct acsmtp_json *rows, struct acsmtp_error *err)
{
    const char *change = CHANGE_OF(settings, thing, work);
    struct acsmtp_step step = step_of(thing, ACSMTP_STEP_RUNNING, NULL, work);
    int status = ACSMTP_OK;

    TELL(observer, &step);
    if (!is_dry)
        status = act(settings, change, thing, err);
    if (status == ACSMTP_OK)
        status = add_row(rows, thing, change, err);
    step.state = status == ACSMTP_OK ? ACSMTP_STEP_DONE : ACSMTP_STEP_FAILED;
    step.change = change;
    TELL(observer, &step);
    return status;
}

/* One thing after the other, the drawer first where they are removed. */
static inline int do_all(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                         enum work work, int is_dry,
                         const struct acsmtp_provision_observer *observer, struct acsmtp_json *rows,
                         struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    for (int thing = 0; thing < THINGS; thing++) {
        const struct acsmtp_step step = step_of(thing, ACSMTP_STEP_PENDING, NULL, work);

        TELL(observer, &step);
    }
    for (int i = 0; i < THINGS; i++) {
        int thing = work == REMOVES ? THINGS - 1 - i : i;
        const struct acsmtp_step skipped = step_of(thing, ACSMTP_STEP_SKIPPED, NULL, work);

        if (status == ACSMTP_OK)
            status = acsmtp_context_check(context, "the desk", err);
        if (status == ACSMTP_OK)
            status = do_one(settings, thing, work, is_dry, observer, rows, err);
        else
            TELL(observer, &skipped);
    }
    return status;
}

static inline int operate(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                          enum work work, int is_dry,
                          const struct acsmtp_provision_observer *observer,
                          struct acsmtp_json **result, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);
    ACSMTP_AUTO_JSON struct acsmtp_json *rows = object ? acsmtp_json_new_array(err) : NULL;
    int status =
        rows ? do_all(settings, context, work, is_dry, observer, rows, err) : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = acsmtp_json_set(object, "changes", ACSMTP_STEAL(struct acsmtp_json, rows), err);
    if (status == ACSMTP_OK)
        *result = ACSMTP_STEAL(struct acsmtp_json, object);
    return status;
}

#define OPERATION(name)                                                                            \
    static inline int name(void *instance, struct acsmtp_context *context,                         \
                           const struct acsmtp_provision_request *request,                         \
                           const struct acsmtp_provision_observer *observer,                       \
                           struct acsmtp_json **result, struct acsmtp_error *err)

static inline int provisioner_open(const struct acsmtp_settings *settings, void **instance,
                                   struct acsmtp_error *err)
{
    (void)err;
    *instance = (void *)settings;
    return ACSMTP_OK;
}

OPERATION(provisioner_plan)
{
    return operate(instance, context, request->flags & ACSMTP_PROVISION_DESTROY ? REMOVES : MAKES,
                   1, observer, result, err);
}

OPERATION(provisioner_apply)
{
    return operate(instance, context, MAKES, (request->flags & ACSMTP_PROVISION_READ_ONLY) != 0,
                   observer, result, err);
}

OPERATION(provisioner_show)
{
    (void)request;
    return operate(instance, context, LOOKS, 1, observer, result, err);
}

OPERATION(provisioner_destroy)
{
    return operate(instance, context, REMOVES, (request->flags & ACSMTP_PROVISION_READ_ONLY) != 0,
                   observer, result, err);
}

static inline void provisioner_close(void *instance)
{
    (void)instance;
}

/* The whole plugin; what is given replaces what stands here, which compilers do not expect. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define PROVISIONER_ENTRY(module) ACSMTP_PLUGIN(module)
#define PROVISIONER(...)                                                                           \
    static const struct acsmtp_provisioner_ops operations = {.size = sizeof operations,            \
                                                             .open = provisioner_open,             \
                                                             .plan = provisioner_plan,             \
                                                             .apply = provisioner_apply,           \
                                                             .show = provisioner_show,             \
                                                             .destroy = provisioner_destroy,       \
                                                             .close = provisioner_close,           \
                                                             __VA_ARGS__};                         \
    PROVISIONER_ENTRY(PLUGIN_MODULE) = {ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_PROVISIONER),               \
                                        .threads = ACSMTP_THREADS_ANY,                             \
                                        .name = PLUGIN_NAME,                                       \
                                        .version = "1.0",                                          \
                                        .summary = "For the test of the check.",                   \
                                        ACSMTP_PLUGIN_OPTIONS(provisioner_options),                \
                                        .provisioner = &operations}

#endif
