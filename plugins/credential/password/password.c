/* SPDX-License-Identifier: MIT */
/*
 * A user name and a password that somebody already has: the password from an environment variable,
 * a file, a command, a prompt, or the first line of standard input.
 */
#include <acsmtp/plugin.h>
#include <handed.h>

static const struct acsmtp_option password_options[] = {
    {.name = "username",
     .type = ACSMTP_STRING,
     .environment = "ACSMTP_USERNAME",
     .summary = "SMTP user name; the profile's unless given."},
    {.name = "password",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .environment = "ACSMTP_PASSWORD",
     .summary = "The password; for ACS a client secret of the linked Entra application."},
    {.name = "stdin",
     .type = ACSMTP_BOOLEAN,
     .default_value = "false",
     .summary = "Whether the password is the first line of standard input."},
};

static int password_open(const struct acsmtp_settings *settings, void **instance,
                         struct acsmtp_error *err)
{
    return handed_open(settings, "password", "ACSMTP_PASSWORD", instance, err);
}

static int password_acquire(void *instance, struct acsmtp_context *context,
                            const struct acsmtp_credential_request *request,
                            struct acsmtp_credential *out, struct acsmtp_error *err)
{
    struct handed *handed = instance;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = NULL;
    int status = handed_read(handed, context, &secret, err);

    (void)request;
    if (status == ACSMTP_OK)
        status = handed_check_password(secret, "hand it over without one", err);
    if (status != ACSMTP_OK)
        return status;
    return acsmtp_credential_set_password(out, acsmtp_settings_string(handed->settings, "username"),
                                          ACSMTP_STEAL(struct acsmtp_secret, secret), err);
}

static const struct acsmtp_credential_ops password_ops = {
    .size = sizeof password_ops,
    .open = password_open,
    .acquire = password_acquire,
    .close = handed_close,
};

ACSMTP_PLUGIN(password) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_INSTANCE,
    .name = "password",
    .version = "1.0",
    .summary = "A user name and a password that is handed over by environment, file, command, "
               "prompt or stdin.",
    ACSMTP_PLUGIN_OPTIONS(password_options),
    .credential = &password_ops,
};
