/* SPDX-License-Identifier: MIT */
/* A token of a developer's login; see login.h. */
#include "login.h"

#include <azure.h>
#include <time.h>

int login_open(const struct acsmtp_settings *settings, void **instance, struct acsmtp_error *err)
{
    const char *tenant = acsmtp_settings_string(settings, "tenant");

    *instance = (void *)settings;
    return tenant ? azure_check_tenant(tenant, err) : ACSMTP_OK;
}

int login_acquire(const struct login *login, const struct acsmtp_settings *settings,
                  struct acsmtp_context *context, const struct acsmtp_credential_request *request,
                  struct acsmtp_credential *out, struct acsmtp_error *err)
{
    struct acsmtp_process_result result = {.size = sizeof result};
    const char *tenant = request->tenant;
    char resource[AZURE_RESOURCE_MAX];
    int status = azure_resource(request->scope, resource, sizeof resource, err);

    if (!tenant)
        tenant = acsmtp_settings_string(settings, "tenant");
    if (status == ACSMTP_OK && tenant)
        status = azure_check_tenant(tenant, err);
    if (status == ACSMTP_OK)
        status = login->ask(settings, context, request, tenant, &result, err);
    if (status == ACSMTP_OK && result.exit_status != 0)
        status = login->explain(&result, err);
    if (status == ACSMTP_OK) {
        status = acsmtp_token_parse(result.output, &login->format, (int64_t)time(NULL), out, err);
        acsmtp_error_prefix(err, "%s", login->reply);
    }
    acsmtp_process_result_release(&result);
    return status;
}
