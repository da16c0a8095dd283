/* SPDX-License-Identifier: MIT */
/* AUTH LOGIN and XOAUTH2 as ACS runs them: the password of LOGIN is a client secret of the Entra
 * application that the user name is bound to, the token of XOAUTH2 must have been issued to it. */
#include "claims.h"
#include "directory.h"
#include "mail_access.h"
#include "scaled_clock.h"
#include "smtp_session.h"
#include "tree.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { TEXT_MAXIMUM = 12288 };

#define AUDIENCE "https://communication.azure.com"
#define TOO_LONG "500 5.5.6 Authentication exchange line is too long"

static void fail(struct smtp_session *session, const char *reason)
{
    char when[TEXT_TIME_SIZE];
    text_utc(time(NULL), when);
    session->failures++;
    smtp_refuse(session, reason, "535 5.7.3 Authentication unsuccessful [emulator %s]", when);
    /* UNVERIFIED after how many ACS hangs up; RFC 4954 asks for at least three. */
    if (session->failures >= tree_int(session->settings, "max_failures", 3)) {
        session->closing = true;
    }
}

#define WANTS_CLAIMS "XOAUTH2: the token does not satisfy the claims that are asked for"

/* UNVERIFIED that ACS ever asks for claims; the members are those of an HTTP challenge. */
static void write_reason(struct smtp_session *session, const char *reason, struct text *json)
{
    text_puts(json,
              "{\"status\":\"401\",\"schemes\":\"bearer\",\"scope\":\"" AUDIENCE "/.default\"");
    if (strcmp(reason, WANTS_CLAIMS) == 0) {
        text_puts(json, ",\"error\":\"insufficient_claims\",\"claims\":\"");
        claims_add_challenge(json, tree_int(session->settings, "claims_not_before", 0));
        text_puts(json, "\"");
    }
    text_puts(json, "}");
}

/* UNVERIFIED which form ACS refuses a token in. Exchange Online answers 535 at once, which is the
 * default; Google's form sends the reason as a challenge first. */
static void fail_token(struct smtp_session *session, const char *reason)
{
    if (strcmp(tree_string(session->settings, "xoauth2_refusal", ""), "challenge") == 0) {
        struct text json;
        struct text challenge;
        text_init(&json, 512);
        text_init(&challenge, 1024);
        write_reason(session, reason, &json);
        text_add_base64(&challenge, json.data, json.length);
        text_release(&json);
        smtp_reply(session, "334 %s", text_string(&challenge));
        text_release(&challenge);
        if (!smtp_next_line(session, SMTP_SASL_LINE, TOO_LONG)) {
            return;
        }
        if (session->line[0] != '\0' && strcmp(session->line, "*") != 0) {
            smtp_refuse(session, "XOAUTH2: the answer to the error challenge is not empty",
                        "501 5.5.2 The answer to the error challenge must be empty");
            return;
        }
    }
    fail(session, reason);
}

static void succeed(struct smtp_session *session, const char *mechanism, const char *username,
                    const struct mail_binding *binding, const char *object_id)
{
    struct smtp_login *login = &session->login;
    size_t maximum = (size_t)tree_int(session->settings, "max_connections", 250);
    if (!smtp_listener_admit(&session->emulator->smtp, maximum)) {
        /* UNVERIFIED reply; the limit of 250 authenticated connections is documented. */
        smtp_refuse(session, "too many authenticated connections",
                    "421 4.3.2 The maximum number of concurrent connections has exceeded a limit, "
                    "closing transmission channel");
        session->closing = true;
        return;
    }
    login->done = true;
    snprintf(login->mechanism, sizeof(login->mechanism), "%s", mechanism);
    snprintf(login->username, sizeof(login->username), "%s", username);
    snprintf(login->client_id, sizeof(login->client_id), "%s", binding->client_id);
    snprintf(login->object_id, sizeof(login->object_id), "%s", object_id);
    snprintf(login->service, sizeof(login->service), "%s", binding->service);
    counters_add(&session->emulator->counters, "smtp", "authenticated");
    smtp_reply(session, "235 2.7.0 Authentication successful");
}

/* One SASL response: sent along with the command, or asked for with a challenge. */
static bool read_response(struct smtp_session *session, const char *initial, const char *challenge,
                          struct text *out)
{
    const char *line = initial;
    if (line == NULL) {
        smtp_reply(session, "334 %s", challenge);
        if (!smtp_next_line(session, SMTP_SASL_LINE, TOO_LONG)) {
            return false;
        }
        line = session->line;
        if (strcmp(line, "*") == 0) {
            smtp_refuse(session, "cancelled", "501 5.7.0 Authentication cancelled");
            return false;
        }
    } else if (strcmp(line, "=") == 0) {
        line = ""; /* RFC 4954: an empty initial response */
    }
    bool good =
        text_add_unbase64(out, line, strlen(line)) == 0 && strlen(text_string(out)) == out->length;
    if (!good) {
        smtp_refuse(session, "not base64", "501 5.5.2 Cannot decode the response");
    }
    OPENSSL_cleanse(session->line, sizeof(session->line));
    return good;
}

static void check_password(struct smtp_session *session, const char *username, const char *password)
{
    int64_t now = scaled_clock_now();
    struct mail_binding binding = mail_access_binding(session->state, username, now);
    struct json_object *application =
        binding.client_id == NULL ? NULL : directory_application(session->state, binding.client_id);
    const char *object = tree_string(application, "object_id", "");
    if (application == NULL) {
        fail(session, "LOGIN: no application is bound to the user name");
    } else if (!tree_bool(application, "enabled", false)) {
        fail(session, "LOGIN: the application is disabled");
    } else if (!mail_access_may_send(session->state, object, binding.service, now)) {
        fail(session, "LOGIN: the application has no role on the communication service");
    } else {
        switch (directory_check_secret(application, password, time(NULL))) {
        case SECRET_VALID:
            succeed(session, "LOGIN", username, &binding, object);
            break;
        case SECRET_EXPIRED:
            fail(session, "LOGIN: the secret is expired");
            break;
        default:
            fail(session, "LOGIN: wrong secret");
            break;
        }
    }
}

static void login(struct smtp_session *session, const char *initial)
{
    struct text username;
    struct text password;
    text_init(&username, TEXT_MAXIMUM);
    text_init(&password, TEXT_MAXIMUM);
    if (read_response(session, initial, "VXNlcm5hbWU6", &username) &&
        read_response(session, NULL, "UGFzc3dvcmQ6", &password) &&
        !smtp_fault(session, "credentials")) {
        if (username.length > SMTP_USERNAME) {
            fail(session, "LOGIN: user name too long");
        } else {
            check_password(session, text_string(&username), text_string(&password));
        }
    }
    text_release(&username);
    text_release(&password);
}

/* NULL when the token lets its bearer in under the user name, else the reason. */
static const char *check_claims(struct smtp_session *session, struct json_object *claims,
                                const struct mail_binding *binding, int64_t now)
{
    const char *client = tree_string(claims, "appid", "");
    const char *tenant = tree_string(session->state, "tenant_id", "");
    /* UNVERIFIED: the audience of real tokens is written with and without the last slash. */
    if (!directory_same_resource(tree_string(claims, "aud", ""), AUDIENCE)) {
        return "XOAUTH2: the token is for another audience";
    }
    if (strcasecmp(tree_string(claims, "tid", ""), tenant) != 0) {
        return "XOAUTH2: the token is of another tenant";
    }
    if (binding->client_id == NULL) {
        return "XOAUTH2: no application is bound to the user name";
    }
    if (strcasecmp(binding->client_id, client) != 0) {
        return "XOAUTH2: the user name is bound to another application";
    }
    if (!mail_access_may_send(session->state, tree_string(claims, "oid", ""), binding->service,
                              now)) {
        return "XOAUTH2: the principal has no role on the communication service";
    }
    if (!claims_satisfied(claims, tree_int(session->settings, "claims_not_before", 0))) {
        return WANTS_CLAIMS;
    }
    return NULL;
}

static void check_token(struct smtp_session *session, const char *username, const char *token)
{
    const char *why = NULL;
    int64_t now = scaled_clock_now();
    struct mail_binding binding = mail_access_binding(session->state, username, now);
    struct json_object *claims = tokens_verify(&session->emulator->tokens, token, &why);
    if (claims != NULL) {
        why = check_claims(session, claims, &binding, now);
    }
    if (why == NULL) {
        session->login.token_end = tree_int(claims, "exp", 0);
        succeed(session, "XOAUTH2", username, &binding, tree_string(claims, "oid", ""));
    } else {
        fail_token(session, why);
    }
    json_object_put(claims);
}

/* "user=" name 0x01 "auth=Bearer " token 0x01 0x01; cuts it up in place. */
static bool split(char *response, char **username, char **token)
{
    static const char user[] = "user=";
    static const char auth[] = "auth=Bearer ";
    if (!text_has_prefix(response, user)) {
        return false;
    }
    *username = response + sizeof(user) - 1;
    char *end = strchr(*username, '\001');
    if (end == NULL || !text_has_prefix(end + 1, auth)) {
        return false;
    }
    *end = '\0';
    *token = end + sizeof(auth);
    end = strchr(*token, '\001');
    if (end == NULL || strcmp(end, "\001\001") != 0) {
        return false;
    }
    *end = '\0';
    return strlen(*username) <= SMTP_USERNAME;
}

static void xoauth2(struct smtp_session *session, const char *initial)
{
    struct text response;
    char *username = NULL;
    char *token = NULL;
    text_init(&response, TEXT_MAXIMUM);
    if (read_response(session, initial, "", &response) && !smtp_fault(session, "credentials")) {
        if (response.length > 0 && split(response.data, &username, &token)) {
            check_token(session, username, token);
        } else {
            fail_token(session, "XOAUTH2: malformed response");
        }
    }
    text_release(&response);
}

static bool may_authenticate(struct smtp_session *session)
{
    if (!session->tls) {
        smtp_refuse(session, "AUTH without TLS",
                    "538 5.7.11 Encryption required for requested authentication mechanism");
    } else if (!smtp_offers(session, "AUTH")) {
        smtp_refuse(session, "AUTH not offered", "503 5.5.1 AUTH is not available");
    } else if (session->login.done || session->mail.started) {
        smtp_refuse(session, "AUTH twice or within a mail", "503 5.5.1 Bad sequence of commands");
    } else {
        return true;
    }
    return false;
}

void smtp_auth(struct smtp_session *session, const char *argument)
{
    if (smtp_out_of_step(session) || !may_authenticate(session) || smtp_fault(session, "auth")) {
        return;
    }
    char mechanism[32];
    size_t length = strcspn(argument, " ");
    snprintf(mechanism, sizeof(mechanism), "%.*s", length < 31 ? (int)length : 31, argument);
    char copy[SMTP_COMMAND_LINE] = "";
    const char *initial = NULL;
    if (argument[length] == ' ') {
        snprintf(copy, sizeof(copy), "%s", argument + length + 1);
        initial = copy;
    }
    bool offered = tree_has(session->settings, "mechanisms", mechanism);
    if (length == 0) {
        smtp_refuse(session, "AUTH syntax", "501 5.5.4 Mechanism missing");
    } else if (offered && strcasecmp(mechanism, "LOGIN") == 0) {
        login(session, initial);
    } else if (offered && strcasecmp(mechanism, "XOAUTH2") == 0) {
        xoauth2(session, initial);
    } else {
        smtp_refuse(session, "AUTH mechanism", "504 5.7.4 Unrecognized authentication type");
    }
    OPENSSL_cleanse(copy, sizeof(copy));
}
