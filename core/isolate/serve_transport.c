/* SPDX-License-Identifier: MIT */
/*
 * Calls of transports.
 */
#include "protocol.h"
#include "serve.h"
#include <stdlib.h>

int serve_connect(struct call *call, struct acsmtp_error *err)
{
    const char *username = wire_get_text(&call->in, ISOLATE_TEXT_MAX);
    struct acsmtp_credential *credential = acsmtp_credential_new(err);
    int status;

    if (!credential)
        return ACSMTP_SYSTEM;
    status = wire_get_credential(&call->in, credential, err);
    if (status == ACSMTP_OK)
        status = wire_check(&call->in, "credential", err);
    if (status == ACSMTP_OK)
        status = call->serve->plugin->transport->connect(call->serve->instance, call->context,
                                                         username, credential, err);
    acsmtp_credential_free(credential);
    return status;
}

static int send_mails(struct call *call, struct acsmtp_mail *mails, struct acsmtp_error *err)
{
    struct serve *serve = call->serve;
    size_t i;

    for (i = 0; i < serve->mail_count; i++) {
        struct served_mail *mail = &serve->mails[i];

        serve_watch_result(mail);
        if (mail->told != mail->envelope.recipient_count)
            return acsmtp_fail(err, ACSMTP_PROTOCOL, "the host left out recipients");
        mails[i] = (struct acsmtp_mail){.size = sizeof mails[i],
                                        .envelope = &mail->envelope,
                                        .message = mail->message,
                                        .result = mail->result};
    }
    return serve->plugin->transport->send(serve->instance, call->context, mails, serve->mail_count,
                                          err);
}

int serve_send(struct call *call, struct acsmtp_error *err)
{
    struct acsmtp_mail *mails = calloc(call->serve->mail_count + 1, sizeof *mails);
    int status = wire_check(&call->in, "send", err);

    if (mails && status == ACSMTP_OK)
        status = send_mails(call, mails, err);
    else if (!mails)
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    free(mails);
    serve_drop_mails(call->serve);
    return status;
}

int serve_disconnect(struct call *call, struct acsmtp_error *err)
{
    int status = wire_check(&call->in, "disconnect", err);

    if (status == ACSMTP_OK)
        call->serve->plugin->transport->disconnect(call->serve->instance, call->context);
    return status;
}

int serve_diagnose(struct call *call, struct acsmtp_error *err)
{
    const struct acsmtp_transport_ops *ops = call->serve->plugin->transport;
    const struct acsmtp_finding_sink sink = serve_sink(call->serve);
    int status = wire_check(&call->in, "diagnose", err);

    return status == ACSMTP_OK && ops->diagnose
               ? ops->diagnose(call->serve->instance, call->context, &sink, err)
               : status;
}
