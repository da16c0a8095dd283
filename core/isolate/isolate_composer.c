/* SPDX-License-Identifier: MIT */
/*
 * The operations of a composer in another process.
 */
#include "isolate_call.h"
#include "wire_plugin.h"
#include "wire_value.h"

static int compose(void *instance, struct acsmtp_context *context, const struct acsmtp_draft *draft,
                   acsmtp_writer write, void *data, struct acsmtp_error *err)
{
    struct isolate_call call = isolate_instance_call(instance, context);
    struct wire_writer writer;
    struct wire_reader result;
    int status = isolate_instance_revive(instance, err);

    if (status != ACSMTP_OK)
        return status;
    call.write = write;
    call.write_data = data;
    writer = isolate_call_begin(&call, 1);
    wire_put_draft(&writer, draft);
    return isolate_call_run(&call, CALL_COMPOSE, &writer, &result, err);
}

void isolate_composer_ops(struct acsmtp_composer_ops *ops)
{
    *ops = (struct acsmtp_composer_ops){
        .size = sizeof *ops,
        .open = isolate_instance_open,
        .compose = compose,
        .close = isolate_instance_close,
    };
}
