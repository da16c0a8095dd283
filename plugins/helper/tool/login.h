/* SPDX-License-Identifier: MIT */
/*
 * A token of whoever is logged in to a developer's tool that prints one as JSON. The plugin has the
 * option "tenant" besides those of tool.h, and its instance is its settings.
 */
#ifndef LOGIN_H
#define LOGIN_H

#include <acsmtp/credential.h>
#include <acsmtp/token.h>
#include <tool.h>

/* What differs between the tools. All borrowed. */
struct login {
    const char *reply; /* whose words are read: "the Azure Developer CLI's reply" */
    struct acsmtp_token_format format;
    /* Runs the tool; the request has a scope that is one, `tenant` is NULL or looks like one. */
    int (*ask)(const struct acsmtp_settings *settings, struct acsmtp_context *context,
               const struct acsmtp_credential_request *request, const char *tenant,
               struct acsmtp_process_result *result, struct acsmtp_error *err);
    /* What it means that the tool failed. */
    int (*explain)(const struct acsmtp_process_result *result, struct acsmtp_error *err);
};

/* As the plugin's own open(): CONFIG when the option "tenant" is none. */
int login_open(const struct acsmtp_settings *settings, void **instance, struct acsmtp_error *err);

/* The request's tenant comes before the option's. As the plugin's own acquire(). */
int login_acquire(const struct login *login, const struct acsmtp_settings *settings,
                  struct acsmtp_context *context, const struct acsmtp_credential_request *request,
                  struct acsmtp_credential *out, struct acsmtp_error *err) ACSMTP_CHECK;

#endif
