/* SPDX-License-Identifier: MIT */
/* A token of whoever is logged in to the Azure Developer CLI (`azd auth login`). */
#include <acsmtp/json.h>
#include <acsmtp/plugin.h>
#include <login.h>
#include <stdio.h>
#include <string.h>

#define AZD_TOOL .name = "the Azure Developer CLI", .help = "https://aka.ms/azure-dev"

#define AZD_SAID_MAX 400

static const struct acsmtp_option azd_options[] = {
    {.name = "path",
     .type = ACSMTP_STRING,
     .default_value = "azd",
     .summary = "The Azure Developer CLI: an absolute path, or a name that is looked for in PATH."},
    {.name = "tenant", .type = ACSMTP_STRING, .summary = "Tenant to ask, id or domain."},
    {.name = "timeout",
     .type = ACSMTP_DURATION,
     .default_value = "30s",
     .summary = "How long the Azure Developer CLI may take.",
     .minimum = 1000,
     .maximum = 600000},
};

/* ---- what it complains about ---- */

/*
 * Its complaints are JSON, one object a line: {"error", "message", "suggestion"} since 1.23.7,
 * {"type": "consoleMessage", "data": {"message"}} before. What is no JSON is shown as it is.
 */
static int azd_read_line(const char *line, size_t size, char *said)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = acsmtp_json_parse(line, size, NULL);
    const char *message = acsmtp_json_string(json, "message");

    if (!message)
        message = acsmtp_json_string(acsmtp_json_get(json, "data"), "message");
    if (!message)
        message = acsmtp_json_string(json, "error");
    if (message)
        (void)snprintf(said, AZD_SAID_MAX, "%s", message + strspn(message, " \n"));
    else if (!json)
        (void)snprintf(said, AZD_SAID_MAX, "%.*s", (int)size, line);
    said[strcspn(said, "\r\n")] = '\0';
    return said[0] != '\0';
}

static void azd_find_line(const char *errors, char *said)
{
    said[0] = '\0';
    for (const char *line = errors; *line; line += strspn(line, "\n")) {
        size_t size = strcspn(line, "\n");

        if (size > 0 && azd_read_line(line, size, said))
            return;
        line += size;
    }
}

static int azd_explain(const struct acsmtp_process_result *result, struct acsmtp_error *err)
{
    char said[AZD_SAID_MAX];

    azd_find_line(result->errors, said);
    acsmtp_error_server(err, 0, NULL, said);
    if (result->exit_status == 127)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "the Azure Developer CLI cannot be started: %s",
                           said);
    if (strstr(result->errors, "azd auth login") || strstr(result->errors, "azd login") ||
        strstr(result->errors, "not logged in"))
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                           "not logged in to the Azure Developer CLI: run 'azd auth login' (%s)",
                           said);
    if (strstr(result->errors, "AADSTS"))
        return acsmtp_fail(err, ACSMTP_DENIED, "Entra refused the Azure Developer CLI: %s", said);
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "the Azure Developer CLI failed (exit status %d): %s",
                       (int)result->exit_status, said[0] ? said : "without a word");
}

/* ---- asking ---- */

/* It wants a claims challenge in base64. */
static int azd_add_claims(const char **argv, size_t count, const char *claims,
                          struct acsmtp_secret **encoded, struct acsmtp_error *err)
{
    int status;

    if (!claims)
        return ACSMTP_OK;
    *encoded = acsmtp_secret_new("", 0, err);
    status = *encoded ? acsmtp_secret_append_base64(*encoded, claims, strlen(claims), err)
                      : ACSMTP_SYSTEM;
    argv[count] = "--claims";
    argv[count + 1] = status == ACSMTP_OK ? acsmtp_secret_data(*encoded) : NULL;
    return status;
}

static int azd_ask(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, const char *tenant,
                   struct acsmtp_process_result *result, struct acsmtp_error *err)
{
    static const char *const names[] = {"AZD_*", "AZURE_CONFIG_DIR", NULL};
    static const char *const extra[] = {"AZD_SKIP_UPDATE_CHECK=true", NULL};
    static const struct tool azd = {AZD_TOOL, .environment = names, .extra = extra};
    const char *argv[16] = {NULL,   "auth",        "token",   "--output",
                            "json", "--no-prompt", "--scope", request->scope};
    ACSMTP_AUTO_SECRET struct acsmtp_secret *claims = NULL;
    size_t count = 8;
    int status;

    if (tenant) {
        argv[count++] = "--tenant-id";
        argv[count++] = tenant;
    }
    status = azd_add_claims(argv, count, request->claims, &claims, err);
    return status == ACSMTP_OK ? tool_run(&azd, settings, context, argv, result, err) : status;
}

static int azd_acquire(void *instance, struct acsmtp_context *context,
                       const struct acsmtp_credential_request *request,
                       struct acsmtp_credential *out, struct acsmtp_error *err)
{
    static const struct login login = {
        .reply = "the Azure Developer CLI's reply",
        .format = {.size = sizeof login.format, .token = "token", .expires_on = "expiresOn"},
        .ask = azd_ask,
        .explain = azd_explain,
    };

    return login_acquire(&login, instance, context, request, out, err);
}

static int azd_look(void *instance, struct acsmtp_context *context, const char **chain,
                    struct acsmtp_error *err)
{
    static const struct tool azd = {AZD_TOOL};

    (void)context;
    (void)chain;
    return tool_look(&azd, instance, err);
}

static void azd_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_credential_ops azd_ops = {
    .size = sizeof azd_ops,
    .open = login_open,
    .acquire = azd_acquire,
    .close = azd_close,
    .look = azd_look,
};

/* One at a time: two runs at once would both write the CLI's token file. */
ACSMTP_PLUGIN(azd) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_ONE,
    .name = "azd",
    .version = "1.0",
    .summary = "A token of whoever is logged in to the Azure Developer CLI.",
    ACSMTP_PLUGIN_OPTIONS(azd_options),
    .credential = &azd_ops,
};
