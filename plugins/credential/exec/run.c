/* SPDX-License-Identifier: MIT */
/* The child process of this plugin; see run.h. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "NAME=value" for the caller to free; NULL without a value, and when memory fails. */
static char *exec_assignment(const char *name, const char *value)
{
    char *text = NULL;

    if (value && asprintf(&text, "%s=%s", name, value) < 0)
        text = NULL;
    return text;
}

/* One free(3) for the whole, as acsmtp_process_environment() gives it. */
static char **exec_environment(const struct exec_call *call)
{
    static const char kubernetes[] =
        "KUBERNETES_EXEC_INFO={\"kind\":\"ExecCredential\",\"apiVersion\":"
        "\"client.authentication.k8s.io/v1\",\"spec\":{\"interactive\":false}}";
    const struct acsmtp_credential_request *request = call->request;
    const char *names[EXEC_ENVIRONMENT_MAX + 1] = {NULL};
    char *scope = exec_assignment("ACSMTP_SCOPE", request ? request->scope : NULL);
    char *tenant = exec_assignment("ACSMTP_TENANT", request ? request->tenant : NULL);
    const char *extra[4] = {NULL};
    size_t count = 0;
    char **environment;

    for (size_t i = 0; i < EXEC_ENVIRONMENT_MAX; i++)
        names[i] = acsmtp_settings_item(call->settings, "environment", i);
    if (scope)
        extra[count++] = scope;
    if (tenant)
        extra[count++] = tenant;
    if (call->kubernetes)
        extra[count] = kubernetes;
    environment = acsmtp_process_environment(names, extra);
    free(scope);
    free(tenant);
    return environment;
}

/* The command and the operation behind it. For the caller to free. */
static const char **exec_argv(const struct exec_call *call, const char *program)
{
    size_t count = acsmtp_settings_count(call->settings, "command");
    const char **argv = calloc(count + 2, sizeof *argv);

    if (!argv)
        return NULL;
    for (size_t i = 0; i < count; i++)
        argv[i] = acsmtp_settings_item(call->settings, "command", i);
    argv[0] = program;
    argv[count] = call->operation;
    return argv;
}

int exec_run(const struct exec_call *call, struct acsmtp_context *context,
             struct acsmtp_process_result *result, struct acsmtp_error *err)
{
    char *program = acsmtp_process_find(acsmtp_settings_item(call->settings, "command", 0), err);
    const char **argv = program ? exec_argv(call, program) : NULL;
    char **environment = argv ? exec_environment(call) : NULL;
    struct acsmtp_process process = {
        .size = sizeof process,
        .argv = argv,
        .environment = (const char *const *)environment,
        .input = call->input,
        .timeout_ms = acsmtp_settings_duration(call->settings, "timeout"),
    };
    int status;

    if (!program)
        status = acsmtp_fail(err, ACSMTP_UNAVAILABLE, "the program is not found");
    else if (!environment)
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    else
        status = acsmtp_process_run(context, &process, result, err);
    free(environment);
    free(argv);
    free(program);
    return status;
}

/* The last line of standard error that is not empty: where programs say why they failed. */
static void exec_last_words(const char *errors, char *words, size_t capacity)
{
    words[0] = '\0';
    while (*errors) {
        size_t size = strcspn(errors, "\n");

        if (size > 0)
            (void)snprintf(words, capacity, "%.*s", (int)size, errors);
        errors += size;
        errors += strspn(errors, "\n");
    }
}

/* Statuses that mean something by sysexits(3) or to a shell; any other is a plain failure. */
int exec_explain(const struct acsmtp_process_result *result, int otherwise,
                 struct acsmtp_error *err)
{
    static const struct {
        int exit_status, status;
    } meanings[] = {{69, ACSMTP_UNAVAILABLE},
                    {75, ACSMTP_TEMPORARY},
                    {77, ACSMTP_DENIED},
                    {78, ACSMTP_CONFIG},
                    {127, ACSMTP_UNAVAILABLE}};
    char words[512];

    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (result->exit_status == meanings[i].exit_status)
            otherwise = meanings[i].status;
    }
    exec_last_words(result->errors, words, sizeof words);
    acsmtp_error_server(err, 0, NULL, words);
    return acsmtp_fail(err, otherwise, "exit status %d%s%s", (int)result->exit_status,
                       words[0] ? ": " : "", words);
}
