/* SPDX-License-Identifier: MIT */
/* Secrets and refusals of Key Vault; see reply.h. */
#include "reply.h"

#include <acsmtp/json.h>
#include <azure.h>
#include <handed.h>
#include <string.h>
#include <time.h>

static void keyvault_warn(const struct acsmtp_context *context, const struct acsmtp_json *json)
{
    const struct acsmtp_json *attributes = acsmtp_json_get(json, "attributes");
    int64_t now = (int64_t)time(NULL);
    int64_t when = 0;

    if (acsmtp_json_integer(attributes, "exp", &when) && when <= now)
        acsmtp_log(context, ACSMTP_LOG_WARNING,
                   "keyvault-basic: the secret expired %lld days ago by its attributes; it is used "
                   "all the same",
                   (long long)((now - when) / 86400));
    if (acsmtp_json_integer(attributes, "nbf", &when) && when > now)
        acsmtp_log(context, ACSMTP_LOG_WARNING,
                   "keyvault-basic: by its attributes the secret is valid only %lld days from now; "
                   "it is used all the same",
                   (long long)((when - now + 86399) / 86400));
}

int keyvault_reply_secret(const struct acsmtp_context *context,
                          const struct acsmtp_http_response *response, struct acsmtp_secret **value,
                          struct acsmtp_error *err)
{
    const struct acsmtp_secret *body = acsmtp_http_body(response);
    ACSMTP_AUTO_JSON struct acsmtp_json *json =
        acsmtp_json_parse(acsmtp_secret_data(body), acsmtp_secret_size(body), err);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = NULL;
    int status;

    if (!json)
        return err->status;
    secret = acsmtp_json_take_secret(json, "value", err);
    if (!secret)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the vault's reply holds no value");
    if (acsmtp_secret_size(secret) == 0)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the secret in the vault is empty");
    status = handed_check_password(secret,
                                   "store the secret again without one (a file or 'echo' adds a "
                                   "line end, 'printf %s' does not)",
                                   err);
    if (status != ACSMTP_OK)
        return status;
    keyvault_warn(context, json);
    *value = ACSMTP_STEAL(struct acsmtp_secret, secret);
    return ACSMTP_OK;
}

/* Refusals that say more than their HTTP status, by the finest code. */
static const struct keyvault_refusal {
    const char *code;
    int status;
    const char *what;
} keyvault_refusals[] = {
    {"ForbiddenByRbac", ACSMTP_DENIED,
     "this identity may not read the secret: it needs the role 'Key Vault Secrets User' on the "
     "vault (a new assignment takes minutes)"},
    {"AccessDenied", ACSMTP_DENIED,
     "the vault's access policy does not give this identity the secret permission 'get'"},
    {"ForbiddenByPolicy", ACSMTP_DENIED,
     "the vault's access policy does not give this identity the secret permission 'get'"},
    {"ForbiddenByFirewall", ACSMTP_DENIED,
     "the vault's firewall does not admit this machine's address"},
    {"SecretDisabled", ACSMTP_CONFIG,
     "the secret is disabled: enable this version or name another one"},
    {"SecretNotFound", ACSMTP_CONFIG,
     "there is no such secret or version in the vault (a deleted one can be recovered)"},
    {"BadParameter", ACSMTP_CONFIG, "the vault does not accept the name or the version"},
};

static const struct keyvault_refusal *keyvault_find_refusal(const char *code)
{
    for (size_t i = 0; i < sizeof keyvault_refusals / sizeof keyvault_refusals[0]; i++) {
        if (strcmp(keyvault_refusals[i].code, code) == 0)
            return &keyvault_refusals[i];
    }
    return NULL;
}

static int keyvault_classify(int number, int known)
{
    if (azure_is_temporary(number))
        return ACSMTP_TEMPORARY;
    if (number == 401 || number == 403)
        return ACSMTP_DENIED;
    return known && number >= 400 ? ACSMTP_CONFIG : ACSMTP_PROTOCOL;
}

int keyvault_reply_refuse(const struct acsmtp_http_response *response,
                          const struct keyvault_identifier *identifier, struct acsmtp_error *err)
{
    int number = acsmtp_http_status(response);
    struct azure_error said;
    int known = azure_error_read(acsmtp_http_body(response), &said);
    const struct keyvault_refusal *refusal = keyvault_find_refusal(said.code);

    if (refusal && !azure_is_temporary(number))
        return azure_fail(err, refusal->status, response, &said, "secret '%s': %s",
                          identifier->secret, refusal->what);
    return azure_fail(err, keyvault_classify(number, known), response, &said,
                      "vault '%s', secret '%s'", identifier->vault, identifier->secret);
}
