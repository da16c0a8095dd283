/* SPDX-License-Identifier: MIT */
/* A transport over HTTP that takes a mail for sent when it has no answer. */
#include <acsmtp/http.h>
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

static int send_one(struct acsmtp_context *context, const struct acsmtp_mail *mail,
                    struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    const struct acsmtp_reply reply = {
        .size = sizeof reply, .delivery = ACSMTP_ACCEPTED, .text = "taken"};
    struct acsmtp_http_request post = {.size = sizeof post,
                                       .method = "POST",
                                       .url = "https://gateway.example.com/",
                                       .timeout_ms = -1,
                                       .connect_timeout_ms = -1,
                                       .retry = &acsmtp_http_retry_none};

    (void)!acsmtp_http_send(context, &post, &response, &unwanted);
    acsmtp_result_set_message(mail->result, &reply);
    return acsmtp_context_check(context, "sending", err);
}

static int send_it(void *instance, struct acsmtp_context *context, const struct acsmtp_mail *mails,
                   size_t count, struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    (void)instance;
    for (size_t i = 0; status == ACSMTP_OK && i < count; i++)
        status = send_one(context, &mails[i], err);
    return status;
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

ACSMTP_PLUGIN(transport_believes) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_TRANSPORT),
    .threads = ACSMTP_THREADS_ANY,
    .name = PLUGIN_NAME,
    .version = "1.0",
    .summary = "For the test of the check.",
    .transport = &operations,
};
