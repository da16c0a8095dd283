/* SPDX-License-Identifier: MIT */
#include "dialogue.h"

#include <acsmtp/json.h>
#include <azure.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define GRANT "urn:ietf:params:oauth:grant-type:device_code"
#define INTERVAL 5 /* seconds; RFC 8628 section 3.2, also what slow_down adds */
#define INTERVAL_MAX 60
#define LIFE 900
#define LIFE_MAX 86400

/* ---- the code ---- */

static int64_t dialogue_number(const struct acsmtp_json *json, const char *name, int64_t otherwise,
                               int64_t maximum)
{
    int64_t number = otherwise;

    if (!acsmtp_json_integer(json, name, &number) || number < 1)
        return otherwise;
    return number < maximum ? number : maximum;
}

/* A person is about to open it, so it must be what it looks like. */
static int dialogue_is_address(const char *text)
{
    return text && strncmp(text, "https://", 8) == 0 && azure_is_word(text + 8, "./-_~?=&%:");
}

static int dialogue_fill(struct acsmtp_json *json, struct dialogue_code *code,
                         struct acsmtp_error *err)
{
    const char *user_code = acsmtp_json_string(json, "user_code");
    const char *uri = acsmtp_json_string(json, "verification_uri");

    if (!user_code || strlen(user_code) >= sizeof code->user_code ||
        !azure_is_word(user_code, "-") || !dialogue_is_address(uri) ||
        strlen(uri) >= sizeof code->uri || !acsmtp_json_string(json, "device_code"))
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "the answer holds no user_code, device_code and verification_uri (an "
                           "https address) that could be shown");
    (void)snprintf(code->user_code, sizeof code->user_code, "%s", user_code);
    (void)snprintf(code->uri, sizeof code->uri, "%s", uri);
    code->expires_in = dialogue_number(json, "expires_in", LIFE, LIFE_MAX);
    code->interval = dialogue_number(json, "interval", INTERVAL, INTERVAL_MAX);
    code->device_code = acsmtp_json_take_secret(json, "device_code", err);
    return code->device_code ? ACSMTP_OK : ACSMTP_SYSTEM;
}

int dialogue_parse(const struct acsmtp_secret *reply, struct dialogue_code *code,
                   struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json =
        acsmtp_json_parse(acsmtp_secret_data(reply), acsmtp_secret_size(reply), err);

    *code = (struct dialogue_code){.device_code = NULL};
    return json ? dialogue_fill(json, code, err) : ACSMTP_PROTOCOL;
}

static int dialogue_begin(struct exchange *exchange, struct dialogue_code *code,
                          struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *form = NULL;
    char url[ENTRA_ENDPOINT_MAX];
    int status = exchange_form(exchange, 1, &form, err);

    if (status == ACSMTP_OK)
        status = exchange_url(exchange, "devicecode", url, err);
    if (status == ACSMTP_OK)
        status = entra_send(exchange->context, url, form, &response, err);
    if (status != ACSMTP_OK)
        return status;
    if (acsmtp_http_status(response) != 200)
        return entra_refusal(response, url, err);
    status = dialogue_parse(acsmtp_http_body(response), code, err);
    acsmtp_error_prefix(err, "POST %s", url);
    return status;
}

/* ---- waiting ---- */

static int dialogue_form(const struct exchange *exchange, const struct dialogue_code *code,
                         struct acsmtp_secret **form, struct acsmtp_error *err)
{
    int status = exchange_form(exchange, 0, form, err);

    if (status == ACSMTP_OK)
        status = exchange_add(*form, "grant_type", GRANT, err);
    if (status == ACSMTP_OK)
        status = acsmtp_http_form_add(*form, "device_code", acsmtp_secret_data(code->device_code),
                                      acsmtp_secret_size(code->device_code), err);
    return status;
}

/*
 * 1 to ask again, perhaps less often (RFC 8628 section 3.5). A connection that failed says nothing
 * about the person at the browser.
 */
static int dialogue_goes_on(const struct exchange_refusal *refusal, int status,
                            struct dialogue_code *code)
{
    if (strcmp(refusal->kind, "authorization_pending") == 0)
        return 1;
    if (strcmp(refusal->kind, "slow_down") != 0 && status != ACSMTP_TEMPORARY)
        return 0;
    code->interval += INTERVAL;
    return 1;
}

/* The three ends that have nothing to do with the client's settings. */
static int dialogue_end(const struct exchange_refusal *refusal, const struct acsmtp_error *problem,
                        struct acsmtp_error *err)
{
    acsmtp_error_server(err, problem->server_code, problem->code, problem->server_text);
    if (strcmp(refusal->kind, "authorization_declined") == 0 ||
        strcmp(refusal->kind, "access_denied") == 0)
        return acsmtp_fail(err, ACSMTP_DENIED, "the sign-in was declined at the browser");
    if (strcmp(refusal->kind, "expired_token") == 0)
        return acsmtp_fail(err, ACSMTP_TEMPORARY,
                           "the code has expired before anybody signed in; try again");
    if (strcmp(refusal->kind, "bad_verification_code") == 0)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "Entra does not know its own device code: %s",
                           problem->message);
    return acsmtp_fail(err, problem->status, "%s", problem->message);
}

static int dialogue_wait(struct exchange *exchange, struct dialogue_code *code,
                         struct acsmtp_credential *out, struct acsmtp_secret **refresh_token,
                         struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *form = NULL;
    time_t end = time(NULL) + (time_t)code->expires_in;
    int status = dialogue_form(exchange, code, &form, err);

    while (status == ACSMTP_OK) {
        struct acsmtp_error problem = ACSMTP_ERROR_INIT;
        struct exchange_refusal refusal;

        status = acsmtp_context_sleep(exchange->context, code->interval * 1000, err);
        if (status != ACSMTP_OK)
            break;
        status = exchange_redeem(exchange, form, out, refresh_token, &refusal, &problem);
        if (status == ACSMTP_OK)
            return ACSMTP_OK;
        if (!dialogue_goes_on(&refusal, status, code))
            return dialogue_end(&refusal, &problem, err);
        status = time(NULL) < end ? ACSMTP_OK
                                  : acsmtp_fail(err, ACSMTP_TEMPORARY,
                                                "the code has expired before anybody signed in; "
                                                "try again");
    }
    acsmtp_error_prefix(err, "waiting for the sign-in");
    return status;
}

int dialogue_run(struct exchange *exchange, struct acsmtp_credential *out,
                 struct acsmtp_secret **refresh_token, struct acsmtp_error *err)
{
    struct dialogue_code code = {.device_code = NULL};
    int status = dialogue_begin(exchange, &code, err);

    if (status == ACSMTP_OK) {
        acsmtp_log(exchange->context, ACSMTP_LOG_WARNING,
                   "to sign in, open %s in a browser and enter the code %s within %lld minutes",
                   code.uri, code.user_code, (long long)((code.expires_in + 59) / 60));
        status = dialogue_wait(exchange, &code, out, refresh_token, err);
    }
    acsmtp_secret_free(code.device_code);
    return status;
}
