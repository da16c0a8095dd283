/* SPDX-License-Identifier: MIT */
/* The smallest useful credential plugin: a "user:password" pair from wherever a secret may come,
 * { "plugin": "userpass", "login": { "file": "/etc/acsmtp/login" } } */
#include <acsmtp/plugin.h>
#include <string.h>

static const struct acsmtp_option userpass_options[] = {
    {.name = "login",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_REQUIRED | ACSMTP_SECRET,
     .summary = "User name and password with a colon between them."},
};

/* The settings live as long as the instance, so they can be the instance. */
static int userpass_open(const struct acsmtp_settings *settings, void **instance,
                         struct acsmtp_error *err)
{
    (void)err;
    *instance = (void *)settings;
    return ACSMTP_OK;
}

static int userpass_acquire(void *instance, struct acsmtp_context *context,
                            const struct acsmtp_credential_request *request,
                            struct acsmtp_credential *out, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *login = NULL;
    int status = acsmtp_settings_secret(instance, context, "login", &login, err);
    const char *colon = login ? strchr(acsmtp_secret_data(login), ':') : NULL;
    char user[256] = "";
    struct acsmtp_secret *password;

    (void)request;
    if (status != ACSMTP_OK)
        return status;
    if (!colon || (size_t)(colon - acsmtp_secret_data(login)) >= sizeof user)
        return acsmtp_fail(err, ACSMTP_CONFIG, "option 'login' must be USER:PASSWORD");
    memcpy(user, acsmtp_secret_data(login), (size_t)(colon - acsmtp_secret_data(login)));
    password = acsmtp_secret_new(colon + 1, strlen(colon + 1), err);
    return password ? acsmtp_credential_set_password(out, user, password, err) : ACSMTP_SYSTEM;
}

static void userpass_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_credential_ops userpass_ops = {.size = sizeof userpass_ops,
                                                          .open = userpass_open,
                                                          .acquire = userpass_acquire,
                                                          .close = userpass_close};

ACSMTP_PLUGIN(userpass) = {ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
                           .threads = ACSMTP_THREADS_ANY,
                           .name = "userpass",
                           .version = "1.0",
                           .summary = "A user name and a password from one secret.",
                           ACSMTP_PLUGIN_OPTIONS(userpass_options),
                           .credential = &userpass_ops};
