/* SPDX-License-Identifier: MIT */
/*
 * Calls of keyrings.
 */
#include "protocol.h"
#include "serve.h"

int serve_get(struct call *call, struct acsmtp_error *err)
{
    const char *name = wire_need_text(&call->in, ISOLATE_TEXT_MAX);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = NULL;
    int status = wire_check(&call->in, "name", err);

    if (status == ACSMTP_OK)
        status = call->serve->plugin->keyring->get(call->serve->instance, call->context, name,
                                                   &secret, err);
    if (status == ACSMTP_OK)
        wire_put_secret(&call->out, secret);
    return status;
}

int serve_set(struct call *call, struct acsmtp_error *err)
{
    const char *name = wire_need_text(&call->in, ISOLATE_TEXT_MAX);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = wire_get_secret(&call->in);
    int status;

    if (!secret)
        call->in.failed = 1;
    status = wire_check(&call->in, "secret", err);
    return status == ACSMTP_OK ? call->serve->plugin->keyring->set(call->serve->instance,
                                                                   call->context, name, secret, err)
                               : status;
}

int serve_remove(struct call *call, struct acsmtp_error *err)
{
    const char *name = wire_need_text(&call->in, ISOLATE_TEXT_MAX);
    int status = wire_check(&call->in, "name", err);

    return status == ACSMTP_OK ? call->serve->plugin->keyring->remove(call->serve->instance,
                                                                      call->context, name, err)
                               : status;
}
