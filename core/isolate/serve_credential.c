/* SPDX-License-Identifier: MIT */
/*
 * Calls of credential sources.
 */
#include "serve.h"

int serve_probe(struct call *call, struct acsmtp_error *err)
{
    const struct acsmtp_credential_ops *ops = call->serve->plugin->credential;
    int status = wire_check(&call->in, "probe", err);

    return status == ACSMTP_OK && ops->probe ? ops->probe(call->serve->instance, call->context, err)
                                             : status;
}

static int acquire(struct call *call, const struct acsmtp_credential_request *request,
                   struct acsmtp_credential *out, struct acsmtp_error *err)
{
    int status = call->serve->plugin->credential->acquire(call->serve->instance, call->context,
                                                          request, out, err);

    if (status == ACSMTP_OK)
        wire_put_credential(&call->out, out);
    return status;
}

int serve_acquire(struct call *call, struct acsmtp_error *err)
{
    struct acsmtp_credential_request request;
    struct acsmtp_credential *out;
    int status;

    wire_get_request(&call->in, &request);
    status = wire_check(&call->in, "request", err);
    if (status != ACSMTP_OK)
        return status;
    out = acsmtp_credential_new(err);
    if (!out)
        return ACSMTP_SYSTEM;
    status = acquire(call, &request, out, err);
    acsmtp_credential_free(out);
    return status;
}

int serve_report(struct call *call, struct acsmtp_error *err)
{
    const struct acsmtp_credential_ops *ops = call->serve->plugin->credential;
    struct acsmtp_credential *shown = acsmtp_credential_new(err);
    struct acsmtp_verdict verdict;
    int status;

    if (!shown)
        return ACSMTP_SYSTEM;
    status = wire_get_verdict(&call->in, shown, &verdict, err);
    if (status == ACSMTP_OK)
        status = wire_check(&call->in, "verdict", err);
    if (status == ACSMTP_OK && ops->report)
        ops->report(call->serve->instance, call->context, &verdict);
    acsmtp_credential_free(shown);
    return status;
}

int serve_look(struct call *call, struct acsmtp_error *err)
{
    const struct acsmtp_credential_ops *ops = call->serve->plugin->credential;
    const char *chain = NULL;
    int status = wire_check(&call->in, "look", err);

    if (status == ACSMTP_OK && ops->look)
        status = ops->look(call->serve->instance, call->context, &chain, err);
    wire_put_text(&call->out, chain);
    return status;
}

int serve_forget(struct call *call, struct acsmtp_error *err)
{
    const struct acsmtp_credential_ops *ops = call->serve->plugin->credential;
    int status = wire_check(&call->in, "forget", err);

    if (status == ACSMTP_OK && !ops->forget)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "it keeps nothing");
    return status == ACSMTP_OK ? ops->forget(call->serve->instance, call->context, err) : status;
}
