/* SPDX-License-Identifier: MIT */
/* plan, apply, show and destroy: walks over the resources; see operations.h. */
#include "operations.h"

#include "result.h"
#include "walk.h"

int operation_plan(struct operation *operation, struct acsmtp_error *err)
{
    int status = walk_look(operation->deployment, operation->context, operation->observer, err);

    if (status == ACSMTP_OK)
        status = result_add_plan(operation->result, operation->deployment, err);
    return status;
}

/* After a failure the document tells what stands. */
int operation_apply(struct operation *operation, struct acsmtp_error *err)
{
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    int status = walk_ensure(operation->deployment, operation->context, operation->observer, err);
    int added = result_add_output(operation->result, operation->deployment, operation->context,
                                  status == ACSMTP_OK ? err : &unwanted);

    if (status != ACSMTP_OK) {
        acsmtp_json_remove(operation->result, "profile"); /* of no use before all is there */
        return status;
    }
    status = added;
    if (status == ACSMTP_OK)
        status = result_add_plan(operation->result, operation->deployment, err);
    return status;
}

int operation_show(struct operation *operation, struct acsmtp_error *err)
{
    int status = walk_look(operation->deployment, operation->context, operation->observer, err);

    if (status == ACSMTP_OK)
        status =
            result_add_output(operation->result, operation->deployment, operation->context, err);
    return status;
}

int operation_destroy(struct operation *operation, struct acsmtp_error *err)
{
    int status = walk_look(operation->deployment, operation->context, NULL, err);

    if (status == ACSMTP_OK)
        status = result_add_plan(operation->result, operation->deployment, err);
    if (status == ACSMTP_OK)
        status = walk_remove(operation->deployment, operation->context, operation->observer, err);
    return status;
}
