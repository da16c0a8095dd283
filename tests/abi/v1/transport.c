/* SPDX-License-Identifier: MIT */
/*
 * A transport plugin as it was written for ABI 1.0. Never change it: it stands for binaries that
 * exist. It accepts everything, reads the message, and tells its size in the reply.
 */
#include <acsmtp/plugin.h>
#include <stdio.h>
#include <stdlib.h>

static const struct acsmtp_option v1_options[] = {
    {.name = "note",
     .type = ACSMTP_STRING,
     .default_value = "taken",
     .summary = "Text of the reply."},
};

static int v1_open(const struct acsmtp_settings *settings, void **instance,
                   struct acsmtp_error *err)
{
    const struct acsmtp_settings **held = malloc(sizeof *held);

    if (!held)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    *held = settings;
    *instance = held;
    return ACSMTP_OK;
}

static int v1_connect(void *instance, struct acsmtp_context *context, const char *username,
                      const struct acsmtp_credential *credential, struct acsmtp_error *err)
{
    (void)instance;
    (void)username;
    (void)err;
    acsmtp_log(context, ACSMTP_LOG_INFO, "credential kind %d", acsmtp_credential_kind(credential));
    return ACSMTP_OK;
}

static int v1_send_one(const struct acsmtp_settings *settings, const struct acsmtp_mail *mail,
                       struct acsmtp_error *err)
{
    struct acsmtp_reply reply = {.size = sizeof reply, .delivery = ACSMTP_ACCEPTED, .code = 250};
    size_t total = 0, got = 0;
    char buffer[512];
    int status = acsmtp_message_rewind(mail->message, err);

    do {
        total += got;
        if (status == ACSMTP_OK)
            status = acsmtp_message_read(mail->message, buffer, sizeof buffer, &got, err);
    } while (status == ACSMTP_OK && got > 0);
    (void)snprintf(reply.text, sizeof reply.text, "%s %zu bytes for %zu",
                   acsmtp_settings_string(settings, "note"), total,
                   mail->envelope->recipient_count);
    if (status == ACSMTP_OK)
        acsmtp_result_set_message(mail->result, &reply);
    return status;
}

static int v1_send(void *instance, struct acsmtp_context *context, const struct acsmtp_mail *mails,
                   size_t count, struct acsmtp_error *err)
{
    const struct acsmtp_settings **settings = instance;
    int status = acsmtp_context_check(context, "send", err);

    for (size_t i = 0; status == ACSMTP_OK && i < count; i++)
        status = v1_send_one(*settings, &mails[i], err);
    return status;
}

static void v1_disconnect(void *instance, struct acsmtp_context *context)
{
    (void)instance;
    (void)context;
}

static void v1_close(void *instance)
{
    free(instance);
}

static const struct acsmtp_transport_ops v1_ops = {
    .size = sizeof v1_ops,
    .accepts = ACSMTP_CREDENTIAL_TOKEN | ACSMTP_CREDENTIAL_PASSWORD,
    .open = v1_open,
    .connect = v1_connect,
    .send = v1_send,
    .disconnect = v1_disconnect,
    .close = v1_close,
};

ACSMTP_PLUGIN(abi_v1_transport) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_TRANSPORT),
    .name = "abi-v1-transport",
    .version = "1.0",
    .summary = "Stands for every transport plugin built for ABI 1.0.",
    ACSMTP_PLUGIN_OPTIONS(v1_options),
    .transport = &v1_ops,
};
