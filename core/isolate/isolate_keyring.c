/* SPDX-License-Identifier: MIT */
/*
 * The operations of a keyring in another process.
 */
#include "isolate_call.h"
#include "wire_value.h"

/* `secret` NULL: an operation that takes a name alone. */
static int named_call(struct isolate_call *call, uint32_t type, const char *name,
                      const struct acsmtp_secret *secret, struct wire_reader *result,
                      struct acsmtp_error *err)
{
    struct wire_writer writer = isolate_call_begin(call, 1);

    wire_put_text(&writer, name);
    if (secret)
        wire_put_secret(&writer, secret);
    return isolate_call_run(call, type, &writer, result, err);
}

static int get(void *instance, struct acsmtp_context *context, const char *name,
               struct acsmtp_secret **secret, struct acsmtp_error *err)
{
    struct isolate_call call = isolate_instance_call(instance, context);
    struct acsmtp_secret *got;
    struct wire_reader result;
    int status = isolate_instance_revive(instance, err);

    if (status == ACSMTP_OK)
        status = named_call(&call, CALL_GET, name, NULL, &result, err);
    if (status != ACSMTP_OK)
        return status;
    got = wire_get_secret(&result);
    status = isolate_call_check(&call, &result, "secret", err);
    if (status == ACSMTP_OK)
        *secret = got;
    else
        acsmtp_secret_free(got);
    return status;
}

static int set(void *instance, struct acsmtp_context *context, const char *name,
               const struct acsmtp_secret *secret, struct acsmtp_error *err)
{
    struct isolate_call call = isolate_instance_call(instance, context);
    struct wire_reader result;
    int status = isolate_instance_revive(instance, err);

    return status == ACSMTP_OK ? named_call(&call, CALL_SET, name, secret, &result, err) : status;
}

static int remove_entry(void *instance, struct acsmtp_context *context, const char *name,
                        struct acsmtp_error *err)
{
    struct isolate_call call = isolate_instance_call(instance, context);
    struct wire_reader result;
    int status = isolate_instance_revive(instance, err);

    return status == ACSMTP_OK ? named_call(&call, CALL_REMOVE, name, NULL, &result, err) : status;
}

void isolate_keyring_ops(struct acsmtp_keyring_ops *ops)
{
    *ops = (struct acsmtp_keyring_ops){
        .size = sizeof *ops,
        .open = isolate_instance_open,
        .get = get,
        .set = set,
        .remove = remove_entry,
        .close = isolate_instance_close,
    };
}
