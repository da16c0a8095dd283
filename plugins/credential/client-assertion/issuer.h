/* SPDX-License-Identifier: MIT */
/* Build services that issue an OpenID Connect token to the job that runs on them. */
#ifndef CLIENT_ASSERTION_ISSUER_H
#define CLIENT_ASSERTION_ISSUER_H

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <acsmtp/settings.h>

/*
 * Ask the service that the settings name for a token, for the caller to free. CONFIG when the job
 * lacks what it takes to ask, DENIED when the service refuses, else as acsmtp_http_send().
 */
int issuer_github(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                  struct acsmtp_secret **assertion, struct acsmtp_error *err) ACSMTP_CHECK;
int issuer_azure_pipelines(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                           struct acsmtp_secret **assertion, struct acsmtp_error *err) ACSMTP_CHECK;

#endif
