/* SPDX-License-Identifier: MIT */
/* A provisioner whose plan changes something. */
#include <acsmtp/http.h>
#include <acsmtp/plugin.h>

static int open_it(const struct acsmtp_settings *settings, void **instance,
                   struct acsmtp_error *err)
{
    (void)err;
    *instance = (void *)settings;
    return ACSMTP_OK;
}

static int plan(void *instance, struct acsmtp_context *context,
                const struct acsmtp_provision_request *request,
                const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    struct acsmtp_http_request put = {.size = sizeof put,
                                      .method = "PUT",
                                      .url = "https://manager.example.com/group",
                                      .timeout_ms = -1,
                                      .connect_timeout_ms = -1};
    int status = acsmtp_http_send(context, &put, &response, err);

    (void)instance;
    (void)request;
    (void)observer;
    if (status == ACSMTP_OK)
        *result = acsmtp_json_new_object(err);
    return status == ACSMTP_OK && !*result ? err->status : status;
}

static void close_it(void *instance)
{
    (void)instance;
}

static const struct acsmtp_provisioner_ops operations = {.size = sizeof operations,
                                                         .open = open_it,
                                                         .plan = plan,
                                                         .apply = plan,
                                                         .show = plan,
                                                         .close = close_it};

ACSMTP_PLUGIN(provisioner_writes) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_PROVISIONER),
    .threads = ACSMTP_THREADS_ANY,
    .name = PLUGIN_NAME,
    .version = "1.0",
    .summary = "For the test of the check.",
    .provisioner = &operations,
};
