/* SPDX-License-Identifier: MIT */
/*
 * SMTP with AUTH LOGIN: user name and password, each after a challenge of the server. LOGIN never
 * became an RFC; ACS offers it instead of PLAIN.
 */
#include "smtp-common.h"
#include <string.h>
#include <strings.h>

/* What the mechanism answers with; borrowed for the length of a connect. */
struct smtp_login_identity {
    const char *username;
    const struct acsmtp_secret *password;
};

static int smtp_login_asks(const char *challenge, size_t size, const char *word)
{
    size_t length = strlen(word);

    for (size_t i = 0; i + length <= size; i++)
        if (strncasecmp(challenge + i, word, length) == 0)
            return 1;
    return 0;
}

/*
 * "Username:" then "Password:" is the custom, but the words differ between servers, some send none
 * at all, and some ask for the password first.
 */
static int smtp_login_respond(void *data, unsigned step, const char *challenge,
                              size_t challenge_size, struct acsmtp_secret *response,
                              struct acsmtp_error *err)
{
    const struct smtp_login_identity *identity = data;
    int wants_password = step == 1;

    if (step > 1)
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "AUTH LOGIN: the server asks for more than user name and password");
    if (smtp_login_asks(challenge, challenge_size, "pass"))
        wants_password = 1;
    else if (smtp_login_asks(challenge, challenge_size, "user"))
        wants_password = 0;
    if (wants_password)
        return acsmtp_secret_append(response, acsmtp_secret_data(identity->password),
                                    acsmtp_secret_size(identity->password), err);
    return acsmtp_secret_append(response, identity->username, strlen(identity->username), err);
}

static int smtp_login_connect(void *instance, struct acsmtp_context *context, const char *username,
                              const struct acsmtp_credential *credential, struct acsmtp_error *err)
{
    struct smtp_login_identity identity = {
        .username = smtp_common_username(instance, username, credential, err),
        .password = acsmtp_credential_secret(credential),
    };
    const struct acsmtp_smtp_mechanism mechanism = {.size = sizeof mechanism,
                                                    .name = "LOGIN",
                                                    .data = &identity,
                                                    .respond = smtp_login_respond};

    if (!identity.username)
        return ACSMTP_CONFIG;
    return smtp_common_connect(instance, context, &mechanism, err);
}

static int smtp_login_diagnose(void *instance, struct acsmtp_context *context,
                               const struct acsmtp_finding_sink *sink, struct acsmtp_error *err)
{
    return smtp_common_diagnose(instance, context, "LOGIN", sink, err);
}

static const struct acsmtp_option smtp_login_options[] = {SMTP_COMMON_OPTIONS};

static const struct acsmtp_transport_ops smtp_login_ops = {
    .size = sizeof smtp_login_ops,
    .accepts = ACSMTP_CREDENTIAL_PASSWORD,
    .open = smtp_common_open,
    .connect = smtp_login_connect,
    .send = smtp_common_send,
    .disconnect = smtp_common_disconnect,
    .close = smtp_common_close,
    .diagnose = smtp_login_diagnose,
};

ACSMTP_PLUGIN(smtp_login) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_TRANSPORT),
    .threads = ACSMTP_THREADS_INSTANCE,
    .name = "smtp-login",
    .version = "1.0",
    .summary = "SMTP submission over TLS with user name and password (AUTH LOGIN).",
    ACSMTP_PLUGIN_OPTIONS(smtp_login_options),
    .transport = &smtp_login_ops,
};
