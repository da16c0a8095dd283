/* SPDX-License-Identifier: MIT */
/*
 * Any command as a credential source: a password manager, a vault's own program, a script, a helper
 * that was written for kubectl, the AWS CLI or git. It is run without a shell and with a small
 * environment; what it prints is read in one of several formats.
 */
#include "formats.h"
#include "run.h"

#include <acsmtp/plugin.h>
#include <handed.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXEC_HOST_MAX 512

static const char *const exec_format_names[] = {"raw", "json", "kubectl", "aws", "git", NULL};
static const char *const exec_kind_names[] = {"token", "password", NULL};

static const struct acsmtp_option exec_options[] = {
    {.name = "command",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_REQUIRED | ACSMTP_LIST,
     .summary = "Program, absolute or from PATH, and its arguments, one item each; no shell."},
    {.name = "format",
     .type = ACSMTP_STRING,
     .default_value = "raw",
     .values = exec_format_names,
     .summary = "How its output is read."},
    {.name = "kind",
     .type = ACSMTP_STRING,
     .values = exec_kind_names,
     .summary = "What the output is, where the format leaves that open."},
    {.name = "username",
     .type = ACSMTP_STRING,
     .summary =
         "User name for a password; what the command says, else the profile's unless given."},
    {.name = "host",
     .type = ACSMTP_STRING,
     .summary = "HOST[:PORT] that a git helper is asked about; the cloud's SMTP server unless "
                "given."},
    {.name = "environment",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_LIST,
     .summary =
         "Names of variables to pass on besides PATH, HOME, LANG and the like; a star at the "
         "end stands for any rest."},
    {.name = "timeout",
     .type = ACSMTP_DURATION,
     .default_value = "30s",
     .summary = "How long the command may take.",
     .minimum = 100,
     .maximum = 600000},
};

typedef int (*exec_reader)(const struct acsmtp_secret *output, int kind, struct exec_reply *reply,
                           struct acsmtp_error *err);

/* In the order of exec_format_names. */
static const exec_reader exec_readers[] = {exec_read_raw, exec_read_json, exec_read_kubectl,
                                           exec_read_aws, exec_read_git};

struct exec {
    const struct acsmtp_settings *settings;
    exec_reader read;
    int kind;                   /* enum exec_kind */
    struct acsmtp_secret *last; /* what a git helper will be told to store or erase */
};

static int exec_is_git(const struct exec *exec)
{
    return exec->read == exec_read_git;
}

static int exec_open(const struct acsmtp_settings *settings, void **instance,
                     struct acsmtp_error *err)
{
    const char *format = acsmtp_settings_string(settings, "format");
    const char *kind = acsmtp_settings_string(settings, "kind");
    struct exec *exec;

    if (acsmtp_settings_count(settings, "environment") > EXEC_ENVIRONMENT_MAX)
        return acsmtp_fail(err, ACSMTP_CONFIG, "environment names more than %d variables",
                           EXEC_ENVIRONMENT_MAX);
    if (kind && strcmp(kind, "password") == 0 && strcmp(format, "kubectl") == 0)
        return acsmtp_fail(err, ACSMTP_CONFIG, "format kubectl gives tokens, no passwords");
    exec = calloc(1, sizeof *exec);
    if (!exec)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    exec->settings = settings;
    for (size_t i = 0; exec_format_names[i]; i++) {
        if (strcmp(format, exec_format_names[i]) == 0)
            exec->read = exec_readers[i];
    }
    if (kind)
        exec->kind = strcmp(kind, "password") == 0 ? EXEC_PASSWORD : EXEC_TOKEN;
    *instance = exec;
    return ACSMTP_OK;
}

static void exec_host(const struct exec *exec, const struct acsmtp_context *context, char *host,
                      size_t capacity)
{
    const char *given = acsmtp_settings_string(exec->settings, "host");
    const char *name = acsmtp_context_endpoint(context, "smtp_host");
    const char *port = acsmtp_context_endpoint(context, "smtp_port");

    if (given)
        (void)snprintf(host, capacity, "%s", given);
    else
        (void)snprintf(host, capacity, "%s%s%s", name ? name : "", name && port ? ":" : "",
                       name && port ? port : "");
}

/* Remember what a git helper gave: it wants to hear whether it was right. */
static int exec_remember(struct exec *exec, const struct acsmtp_context *context,
                         const char *username, const struct exec_reply *reply,
                         struct acsmtp_error *err)
{
    char host[EXEC_HOST_MAX];

    acsmtp_secret_free(ACSMTP_STEAL(struct acsmtp_secret, exec->last));
    if (!exec_is_git(exec))
        return ACSMTP_OK;
    exec_host(exec, context, host, sizeof host);
    exec->last = exec_git_message(host, username, reply->secret, err);
    return exec->last ? ACSMTP_OK : ACSMTP_SYSTEM;
}

static int exec_give(struct exec_reply *reply, const char *username, struct acsmtp_credential *out,
                     struct acsmtp_error *err)
{
    int status;

    if (reply->kind == EXEC_TOKEN)
        return handed_set_token(out, ACSMTP_STEAL(struct acsmtp_secret, reply->secret),
                                reply->expires_on, err);
    status = handed_check_expiry("password", reply->expires_on, err);
    if (status == ACSMTP_OK)
        status = handed_check_password(reply->secret, "the command must print it without one", err);
    if (status != ACSMTP_OK)
        return status;
    return acsmtp_credential_set_password(out, username,
                                          ACSMTP_STEAL(struct acsmtp_secret, reply->secret), err);
}

static int exec_ask(struct exec *exec, struct acsmtp_context *context,
                    const struct acsmtp_credential_request *request, const char *username,
                    struct exec_reply *reply, struct acsmtp_error *err)
{
    struct acsmtp_process_result result = {.size = sizeof result};
    ACSMTP_AUTO_SECRET struct acsmtp_secret *input = NULL;
    struct exec_call call = {
        .settings = exec->settings,
        .request = request,
        .kubernetes = exec->read == exec_read_kubectl,
    };
    char host[EXEC_HOST_MAX];
    int status;

    if (exec_is_git(exec)) {
        exec_host(exec, context, host, sizeof host);
        input = exec_git_message(host, username, NULL, err);
        if (!input)
            return ACSMTP_SYSTEM;
        call.operation = "get";
        call.input = input;
    }
    status = exec_run(&call, context, &result, err);
    if (status == ACSMTP_OK && result.exit_status != 0)
        status = exec_explain(&result, exec_is_git(exec) ? ACSMTP_UNAVAILABLE : ACSMTP_SYSTEM, err);
    if (status == ACSMTP_OK)
        status = exec->read(result.output, exec->kind, reply, err);
    acsmtp_process_result_release(&result);
    return status;
}

static int exec_acquire(void *instance, struct acsmtp_context *context,
                        const struct acsmtp_credential_request *request,
                        struct acsmtp_credential *out, struct acsmtp_error *err)
{
    struct exec *exec = instance;
    struct exec_reply reply = {.kind = EXEC_ANY};
    const char *username = acsmtp_settings_string(exec->settings, "username");
    int status =
        exec_ask(exec, context, request, username ? username : request->username, &reply, err);

    if (!username && reply.username[0])
        username = reply.username;
    if (status == ACSMTP_OK)
        status = exec_remember(exec, context, username, &reply, err);
    if (status == ACSMTP_OK)
        status = exec_give(&reply, username, out, err);
    acsmtp_error_prefix(err, "command '%s'", acsmtp_settings_item(exec->settings, "command", 0));
    acsmtp_secret_free(reply.secret);
    return status;
}

/* git's approve and reject: the helper keeps what worked and forgets what did not. */
static void exec_report(void *instance, struct acsmtp_context *context,
                        const struct acsmtp_verdict *verdict)
{
    struct exec *exec = instance;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *last = ACSMTP_STEAL(struct acsmtp_secret, exec->last);
    struct acsmtp_process_result result = {.size = sizeof result};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct exec_call call = {
        .settings = exec->settings,
        .operation = verdict->status == ACSMTP_OK ? "store" : "erase",
        .input = last,
    };

    if (!last || (verdict->status != ACSMTP_OK && verdict->status != ACSMTP_DENIED))
        return;
    if (exec_run(&call, context, &result, &err) != ACSMTP_OK)
        acsmtp_log(context, ACSMTP_LOG_WARNING, "exec: %s: %s", call.operation, err.message);
    acsmtp_process_result_release(&result);
}

static void exec_close(void *instance)
{
    struct exec *exec = instance;

    if (!exec)
        return;
    acsmtp_secret_free(exec->last);
    free(exec);
}

static const struct acsmtp_credential_ops exec_ops = {
    .size = sizeof exec_ops,
    .open = exec_open,
    .acquire = exec_acquire,
    .report = exec_report,
    .close = exec_close,
};

ACSMTP_PLUGIN(exec) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_INSTANCE,
    .name = "exec",
    .version = "1.0",
    .summary = "A token or a password that a command prints.",
    ACSMTP_PLUGIN_OPTIONS(exec_options),
    .credential = &exec_ops,
};
