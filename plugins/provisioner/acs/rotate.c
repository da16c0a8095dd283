/* SPDX-License-Identifier: MIT */
/*
 * rotate: a new client secret for both applications at the same time. The vault's new version is
 * the switch; the old secret stays valid for the grace, so that who has read it a moment ago is not
 * refused. Interrupted in the grace, the next apply removes what is left.
 */
#include "operations.h"

#include "resource_secret.h"
#include "result.h"
#include "walk.h"

static int rotate_one(void *data, struct acsmtp_context *context, struct schedule_step *step,
                      struct acsmtp_error *err)
{
    struct resource *resource = data;
    int status = resource_secret_rotate(resource, context, step, err);

    if (status == ACSMTP_OK)
        schedule_changed(step, "update", NULL);
    return status;
}

static int check_ready(struct deployment *deployment, struct acsmtp_error *err)
{
    static const char *const needed[] = {"application-legacy", "application-modern", "key-vault",
                                         "secret-legacy", "secret-modern"};
    size_t i;

    for (i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (!deployment_has(deployment, needed[i]))
            return acsmtp_fail(err, ACSMTP_CONFIG,
                               "there is nothing to rotate: %s does not exist, run apply first",
                               deployment_find(deployment, needed[i])->title);
    return ACSMTP_OK;
}

int operation_rotate(struct operation *operation, struct acsmtp_error *err)
{
    static const char *const none[] = {NULL};
    struct resource *legacy = deployment_find(operation->deployment, "secret-legacy");
    struct resource *modern = deployment_find(operation->deployment, "secret-modern");
    const struct schedule_item items[] = {
        {legacy->id, legacy->title, none, rotate_one, legacy},
        {modern->id, modern->title, none, rotate_one, modern},
    };
    int status = walk_look(operation->deployment, operation->context, NULL, err);

    if (status == ACSMTP_OK)
        status = check_ready(operation->deployment, err);
    if (status == ACSMTP_OK && (operation->request->flags & ACSMTP_PROVISION_READ_ONLY)) {
        legacy->change = modern->change = CHANGE_UPDATE;
        return result_add_plan(operation->result, operation->deployment, err);
    }
    if (status == ACSMTP_OK)
        status = schedule_run(items, 2, 0, operation->context, operation->observer, err);
    if (status == ACSMTP_OK)
        status =
            result_add_output(operation->result, operation->deployment, operation->context, err);
    return status;
}
