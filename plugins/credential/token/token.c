/* SPDX-License-Identifier: MIT */
/*
 * An access token that somebody else obtained: from an environment variable, a file, a command, or
 * the first line of standard input. A token that says when it expires is checked before use.
 */
#include <acsmtp/plugin.h>
#include <handed.h>

static const struct acsmtp_option token_options[] = {
    {.name = "token",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .environment = "ACSMTP_ACCESS_TOKEN",
     .summary = "The access token."},
    {.name = "stdin",
     .type = ACSMTP_BOOLEAN,
     .default_value = "false",
     .summary = "Whether the token is the first line of standard input."},
};

static int token_open(const struct acsmtp_settings *settings, void **instance,
                      struct acsmtp_error *err)
{
    return handed_open(settings, "token", "ACSMTP_ACCESS_TOKEN", instance, err);
}

/*
 * The host keeps tokens until they expire, for this process and the next; one from standard input
 * is for this process alone, so its expiry is checked here and not told.
 */
static int token_give_once(struct acsmtp_credential *out, struct acsmtp_secret *token,
                           struct acsmtp_error *err)
{
    int status = handed_check_expiry("token", handed_token_expiry(token), err);

    if (status == ACSMTP_OK)
        return acsmtp_credential_set_token(out, token, 0, 0, err);
    acsmtp_secret_free(token);
    return status;
}

static int token_acquire(void *instance, struct acsmtp_context *context,
                         const struct acsmtp_credential_request *request,
                         struct acsmtp_credential *out, struct acsmtp_error *err)
{
    const struct handed *handed = instance;
    struct acsmtp_secret *secret = NULL;
    int status = handed_read(instance, context, &secret, err);

    (void)request;
    if (status != ACSMTP_OK)
        return status;
    handed_first_line(secret);
    return handed->line ? token_give_once(out, secret, err) : handed_set_token(out, secret, 0, err);
}

static const struct acsmtp_credential_ops token_ops = {
    .size = sizeof token_ops,
    .open = token_open,
    .acquire = token_acquire,
    .close = handed_close,
};

ACSMTP_PLUGIN(token) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_INSTANCE,
    .name = "token",
    .version = "1.0",
    .summary = "An access token that is handed over by environment, file, command or stdin.",
    ACSMTP_PLUGIN_OPTIONS(token_options),
    .credential = &token_ops,
};
