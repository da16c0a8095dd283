/* SPDX-License-Identifier: MIT */
/* A transport that says OK and nothing about the mails. */
#include <acsmtp/plugin.h>

static int open_it(const struct acsmtp_settings *settings, void **instance,
                   struct acsmtp_error *err)
{
    (void)err;
    *instance = (void *)settings;
    return ACSMTP_OK;
}

static int connect_it(void *instance, struct acsmtp_context *context, const char *username,
                      const struct acsmtp_credential *credential, struct acsmtp_error *err)
{
    (void)instance;
    (void)username;
    (void)credential;
    return acsmtp_context_check(context, "connecting", err);
}

static int send_it(void *instance, struct acsmtp_context *context, const struct acsmtp_mail *mails,
                   size_t count, struct acsmtp_error *err)
{
    (void)instance;
    (void)mails;
    (void)count;
    return acsmtp_context_check(context, "sending", err);
}

static void disconnect(void *instance, struct acsmtp_context *context)
{
    (void)instance;
    (void)context;
}

static void close_it(void *instance)
{
    (void)instance;
}

static const struct acsmtp_transport_ops operations = {
    .size = sizeof operations,
    .accepts = ACSMTP_CREDENTIAL_TOKEN,
    .open = open_it,
    .connect = connect_it,
    .send = send_it,
    .disconnect = disconnect,
    .close = close_it,
};

ACSMTP_PLUGIN(transport_silent) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_TRANSPORT),
    .threads = ACSMTP_THREADS_ANY,
    .name = PLUGIN_NAME,
    .version = "1.0",
    .summary = "For the test of the check.",
    .transport = &operations,
};
