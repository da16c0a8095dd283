/* SPDX-License-Identifier: MIT */
/* Running the command of the config, and reading its exit status. */
#ifndef EXEC_RUN_H
#define EXEC_RUN_H

#include <acsmtp/context.h>
#include <acsmtp/credential.h>
#include <acsmtp/error.h>
#include <acsmtp/process.h>
#include <acsmtp/settings.h>

#define EXEC_ENVIRONMENT_MAX 64 /* variables that the config may name */

/* One run. All borrowed; NULL where there is none. */
struct exec_call {
    const struct acsmtp_settings *settings;
    const struct acsmtp_credential_request *request; /* shown as ACSMTP_SCOPE, ACSMTP_TENANT */
    const char *operation;                           /* argument behind the config's own */
    const struct acsmtp_secret *input;
    int kubernetes; /* 1: with KUBERNETES_EXEC_INFO */
};

/* As acsmtp_process_run(); UNAVAILABLE when the program is not found. */
int exec_run(const struct exec_call *call, struct acsmtp_context *context,
             struct acsmtp_process_result *result, struct acsmtp_error *err) ACSMTP_CHECK;

/* The failure behind an exit status other than 0; `otherwise` when it has no meaning of its own. */
int exec_explain(const struct acsmtp_process_result *result, int otherwise,
                 struct acsmtp_error *err);

#endif
