/* SPDX-License-Identifier: MIT */
/*
 * A credential plugin of ABI 1.0 that asks a server over HTTP. Never change it: it stands for
 * binaries that exist. The body of the reply is the token.
 */
#include <acsmtp/http.h>
#include <acsmtp/plugin.h>
#include <stdlib.h>
#include <time.h>

static const struct acsmtp_option v1_options[] = {
    {.name = "url",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_REQUIRED,
     .summary = "Where the token is."},
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

static int v1_acquire(void *instance, struct acsmtp_context *context,
                      const struct acsmtp_credential_request *asked, struct acsmtp_credential *out,
                      struct acsmtp_error *err)
{
    const struct acsmtp_settings **held = instance;
    struct acsmtp_http_request request = {.size = sizeof request,
                                          .method = "GET",
                                          .url = acsmtp_settings_string(*held, "url"),
                                          .timeout_ms = -1,
                                          .connect_timeout_ms = -1};
    struct acsmtp_http_response *response = NULL;
    struct acsmtp_secret *token = NULL;
    int status = acsmtp_http_send(context, &request, &response, err);

    (void)asked;
    if (status == ACSMTP_OK && acsmtp_http_status(response) != 200)
        status = acsmtp_fail(err, ACSMTP_DENIED, "the server said %d after %u attempts",
                             acsmtp_http_status(response), request.attempts_made);
    if (status == ACSMTP_OK) {
        const struct acsmtp_secret *body = acsmtp_http_body(response);

        token = acsmtp_secret_new(acsmtp_secret_data(body), acsmtp_secret_size(body), err);
        status = token ? ACSMTP_OK : ACSMTP_SYSTEM;
    }
    acsmtp_http_response_free(response);
    if (status != ACSMTP_OK)
        return status;
    return acsmtp_credential_set_token(out, token, (int64_t)time(NULL) + 3600, 0, err);
}

static void v1_close(void *instance)
{
    free(instance);
}

static const struct acsmtp_credential_ops v1_ops = {
    .size = sizeof v1_ops,
    .open = v1_open,
    .acquire = v1_acquire,
    .close = v1_close,
};

ACSMTP_PLUGIN(abi_v1_http) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_INSTANCE,
    .name = "abi-v1-http",
    .version = "1.0",
    .summary = "Stands for every plugin built for ABI 1.0 that speaks HTTP.",
    ACSMTP_PLUGIN_OPTIONS(v1_options),
    .credential = &v1_ops,
};
