/* SPDX-License-Identifier: MIT */
/*
 * SMTP with AUTH XOAUTH2: an access token instead of a password. A server refuses the token in one
 * of two ways: 535 at once (Exchange Online; ACS presumably, UNVERIFIED), or a second challenge
 * that holds JSON with the reason, which must be answered with nothing before the 535 comes
 * (Google, Dovecot). Both end in DENIED; what the JSON says is shown.
 */
#include "smtp-common.h"
#include <acsmtp/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { XOAUTH2_REASON_MAX = 400, XOAUTH2_CHALLENGE_MAX = 4096 };

/* Borrowed for the length of a connect, but for the reason. */
struct smtp_xoauth2_exchange {
    struct acsmtp_context *context;
    const char *username;
    const struct acsmtp_secret *token;
    char reason[XOAUTH2_REASON_MAX]; /* of the refusal, "" if none was told */
};

static int smtp_xoauth2_add(struct acsmtp_secret *response, const char *text,
                            struct acsmtp_error *err)
{
    return acsmtp_secret_append(response, text, strlen(text), err);
}

static int smtp_xoauth2_token(const struct smtp_xoauth2_exchange *exchange,
                              struct acsmtp_secret *response, struct acsmtp_error *err)
{
    if (smtp_xoauth2_add(response, "user=", err) != ACSMTP_OK ||
        smtp_xoauth2_add(response, exchange->username, err) != ACSMTP_OK ||
        smtp_xoauth2_add(response, "\001auth=Bearer ", err) != ACSMTP_OK ||
        acsmtp_secret_append(response, acsmtp_secret_data(exchange->token),
                             acsmtp_secret_size(exchange->token), err) != ACSMTP_OK)
        return err->status;
    return smtp_xoauth2_add(response, "\001\001", err);
}

/*
 * {"status":"401","schemes":"bearer","scope":"..."}; what is not JSON is not kept. UNVERIFIED that
 * ACS ever asks for claims in it; if it does, the next token is asked for with them.
 */
static void smtp_xoauth2_keep_reason(struct smtp_xoauth2_exchange *exchange, const char *challenge,
                                     size_t size)
{
    struct acsmtp_error ignored = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *json =
        size <= XOAUTH2_CHALLENGE_MAX ? acsmtp_json_parse(challenge, size, &ignored) : NULL;
    char *text = acsmtp_json_type(json) == ACSMTP_JSON_OBJECT ? acsmtp_json_format(json) : NULL;

    if (text)
        (void)snprintf(exchange->reason, sizeof exchange->reason, "%s", text);
    acsmtp_context_set_claims(exchange->context, acsmtp_json_string(json, "claims"));
    free(text);
}

static int smtp_xoauth2_respond(void *data, unsigned step, const char *challenge,
                                size_t challenge_size, struct acsmtp_secret *response,
                                struct acsmtp_error *err)
{
    struct smtp_xoauth2_exchange *exchange = data;

    if (step == 0)
        return smtp_xoauth2_token(exchange, response, err);
    if (step > 1)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "AUTH XOAUTH2: the server goes on asking");
    smtp_xoauth2_keep_reason(exchange, challenge, challenge_size);
    return ACSMTP_OK;
}

/* The session tells the 535; the reason came before it and is known only here. */
static void smtp_xoauth2_add_reason(const struct smtp_xoauth2_exchange *exchange,
                                    struct acsmtp_error *err)
{
    struct acsmtp_error refusal = *err;

    if (!exchange->reason[0])
        return;
    acsmtp_error_clear(err);
    acsmtp_error_server(err, refusal.server_code, refusal.code, refusal.server_text);
    err->retry_after = refusal.retry_after;
    (void)acsmtp_fail(err, refusal.status, "%s (reason given before: %s)", refusal.message,
                      exchange->reason);
}

static int smtp_xoauth2_connect(void *instance, struct acsmtp_context *context,
                                const char *username, const struct acsmtp_credential *credential,
                                struct acsmtp_error *err)
{
    struct smtp_xoauth2_exchange exchange = {
        .context = context,
        .username = smtp_common_username(instance, username, credential, err),
        .token = acsmtp_credential_secret(credential),
    };
    const struct acsmtp_smtp_mechanism mechanism = {.size = sizeof mechanism,
                                                    .name = "XOAUTH2",
                                                    .data = &exchange,
                                                    .respond = smtp_xoauth2_respond};
    int status;

    if (!exchange.username)
        return ACSMTP_CONFIG;
    status = smtp_common_connect(instance, context, &mechanism, err);
    if (status == ACSMTP_DENIED)
        smtp_xoauth2_add_reason(&exchange, err);
    return status;
}

static int smtp_xoauth2_diagnose(void *instance, struct acsmtp_context *context,
                                 const struct acsmtp_finding_sink *sink, struct acsmtp_error *err)
{
    return smtp_common_diagnose(instance, context, "XOAUTH2", sink, err);
}

static const struct acsmtp_option smtp_xoauth2_options[] = {SMTP_COMMON_OPTIONS};

static const struct acsmtp_transport_ops smtp_xoauth2_ops = {
    .size = sizeof smtp_xoauth2_ops,
    .accepts = ACSMTP_CREDENTIAL_TOKEN,
    .open = smtp_common_open,
    .connect = smtp_xoauth2_connect,
    .send = smtp_common_send,
    .disconnect = smtp_common_disconnect,
    .close = smtp_common_close,
    .diagnose = smtp_xoauth2_diagnose,
};

ACSMTP_PLUGIN(smtp_xoauth2) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_TRANSPORT),
    .threads = ACSMTP_THREADS_INSTANCE,
    .name = "smtp-xoauth2",
    .version = "1.0",
    .summary = "SMTP submission over TLS with an access token (AUTH XOAUTH2).",
    ACSMTP_PLUGIN_OPTIONS(smtp_xoauth2_options),
    .transport = &smtp_xoauth2_ops,
};
