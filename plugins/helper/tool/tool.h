/* SPDX-License-Identifier: MIT */
/*
 * Running a developer's tool that holds a login: az, azd, pwsh. The plugin has the options "path"
 * (the program: an absolute path, or a name that is looked for in PATH) and "timeout".
 */
#ifndef TOOL_H
#define TOOL_H

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <acsmtp/process.h>
#include <acsmtp/settings.h>

/* All borrowed. */
struct tool {
    const char *name;               /* "the Azure CLI" */
    const char *help;               /* where it can be had */
    const char *const *environment; /* names of variables that it needs, ended by NULL */
    const char *const *extra;       /* "NAME=value", ended by NULL; or NULL */
};

/*
 * Run it with a clean environment: its own variables, the way to the network (proxies, trusted
 * certificates), nothing else. argv[0] is filled in. The working directory is /bin, since many
 * tools load code from where they stand. As acsmtp_process_run(); UNAVAILABLE when it is not
 * installed.
 */
int tool_run(const struct tool *tool, const struct acsmtp_settings *settings,
             struct acsmtp_context *context, const char **argv,
             struct acsmtp_process_result *result, struct acsmtp_error *err) ACSMTP_CHECK;

/* UNAVAILABLE when it is not installed; runs nothing. */
int tool_look(const struct tool *tool, const struct acsmtp_settings *settings,
              struct acsmtp_error *err) ACSMTP_CHECK;

#endif
