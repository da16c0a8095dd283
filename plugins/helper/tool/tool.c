/* SPDX-License-Identifier: MIT */
/* Running a developer's tool; see tool.h. */
#include "tool.h"

#include <stdlib.h>

#define NAMES_MAX 48

static const char *const network_names[] = {
    "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "HTTP_PROXY",         "HTTPS_PROXY",    "ALL_PROXY",     "NO_PROXY",
    "http_proxy",         "https_proxy",    "all_proxy",     "no_proxy",
};
enum { NETWORK_NAMES = sizeof network_names / sizeof network_names[0] };

static char **make_environment(const struct tool *tool)
{
    const char *names[NAMES_MAX + 1] = {NULL};
    size_t count = 0;

    for (size_t i = 0; i < NETWORK_NAMES; i++)
        names[count++] = network_names[i];
    for (size_t i = 0; tool->environment[i] && count < NAMES_MAX; i++)
        names[count++] = tool->environment[i];
    return acsmtp_process_environment(names, tool->extra);
}

static int run(const struct tool *tool, const struct acsmtp_settings *settings,
               struct acsmtp_context *context, const char **argv,
               struct acsmtp_process_result *result, struct acsmtp_error *err)
{
    char **environment = make_environment(tool);
    const struct acsmtp_process process = {
        .size = sizeof process,
        .argv = argv,
        .environment = (const char *const *)environment,
        .directory = "/bin",
        .timeout_ms = acsmtp_settings_duration(settings, "timeout"),
    };
    int status = environment ? acsmtp_process_run(context, &process, result, err)
                             : acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");

    free(environment);
    return status;
}

/* For the caller to free. Only what is really not there moves a chain on. */
static char *find(const struct tool *tool, const struct acsmtp_settings *settings,
                  struct acsmtp_error *err)
{
    const char *path = acsmtp_settings_string(settings, "path");
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    char *program = acsmtp_process_find(path, &failure);

    if (!program && failure.status == ACSMTP_UNAVAILABLE)
        (void)acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                          "%s is not installed ('%s' is not found; see %s, or set path)",
                          tool->name, path, tool->help);
    else if (!program)
        (void)acsmtp_fail(err, failure.status, "%s", failure.message);
    return program;
}

int tool_look(const struct tool *tool, const struct acsmtp_settings *settings,
              struct acsmtp_error *err)
{
    char *program = find(tool, settings, err);

    if (!program)
        return err->status;
    free(program);
    return ACSMTP_OK;
}

int tool_run(const struct tool *tool, const struct acsmtp_settings *settings,
             struct acsmtp_context *context, const char **argv,
             struct acsmtp_process_result *result, struct acsmtp_error *err)
{
    char *program = find(tool, settings, err);
    int status;

    if (!program)
        return err->status;
    argv[0] = program;
    status = run(tool, settings, context, argv, result, err);
    argv[0] = NULL;
    free(program);
    if (status == ACSMTP_TEMPORARY && acsmtp_context_remaining(context) > 0)
        acsmtp_error_prefix(err, "option 'timeout' gives %s %lld s", tool->name,
                            (long long)(acsmtp_settings_duration(settings, "timeout") / 1000));
    return status;
}
