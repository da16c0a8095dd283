/* SPDX-License-Identifier: MIT */
/* The client credentials grant, in the order in which Entra checks it: form, grant, client,
 * credential, resource. */
#include "claims.h"
#include "directory.h"
#include "emulator.h"
#include "entra.h"
#include "federation.h"
#include "principals.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_SUFFIX "/.default"
#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

struct grant {
    struct emulator *emulator;
    const struct http_request *request;
    struct http_reply *reply;
    struct json_object *state;
    const char *tenant;
    bool v2;
    struct form form;
    struct json_object *application;
    char audience[512];
    int64_t claims_not_before; /* of a claims challenge, else 0 */
};

static bool refuse(const struct grant *grant, int code, const char *format, const char *detail)
{
    struct text text;
    text_init(&text, 4096);
    const char *mark = strstr(format, "%s");
    if (mark == NULL) {
        text_puts(&text, format);
    } else {
        text_add(&text, format, (size_t)(mark - format));
        text_add(&text, detail, strnlen(detail, 200));
        text_puts(&text, mark + 2);
    }
    entra_error(grant->request, grant->reply, code, text_string(&text));
    text_release(&text);
    return false;
}

static bool require(const struct grant *grant, const char *name)
{
    const char *value = form_get(&grant->form, name);
    if (value == NULL || value[0] == '\0') {
        return refuse(grant, 900144, "The request body must contain the following parameter: '%s'.",
                      name);
    }
    if (form_repeats(&grant->form, name)) {
        /* UNVERIFIED number; Entra does refuse a parameter that stands twice. */
        return refuse(grant, 9000411,
                      "The request is not properly formatted. The parameter '%s' is duplicated.",
                      name);
    }
    return true;
}

static bool check_form(struct grant *grant)
{
    const char *type = http_header(grant->request, "Content-Type");
    static const char expected[] = "application/x-www-form-urlencoded";
    size_t length = sizeof(expected) - 1;
    /* With any other type Entra sees no parameter at all. */
    if (type == NULL || strncasecmp(type, expected, length) != 0 ||
        (type[length] != '\0' && strchr("; ", type[length]) == NULL) ||
        form_parse(&grant->form, text_string(&grant->request->body), grant->request->body.length)) {
        return refuse(grant, 900144, "The request body must contain the following parameter: '%s'.",
                      "grant_type");
    }
    if (!require(grant, "grant_type")) {
        return false;
    }
    if (strcmp(form_get(&grant->form, "grant_type"), "client_credentials") != 0) {
        return refuse(grant, 70003, "The app requested an unsupported grant type '%s'.",
                      form_get(&grant->form, "grant_type"));
    }
    if (grant->v2 && form_get(&grant->form, "resource") != NULL) {
        return refuse(grant, 901002, "The 'resource' request parameter isn't supported.", "");
    }
    /* UNVERIFIED: v1.0 may answer a missing resource with another number. */
    return require(grant, "client_id") && require(grant, grant->v2 ? "scope" : "resource");
}

static bool check_secret(const struct grant *grant, const char *secret)
{
    const char *client = tree_string(grant->application, "client_id", "");
    switch (directory_check_secret(grant->application, secret, time(NULL))) {
    case SECRET_VALID:
        return true;
    case SECRET_EXPIRED:
        return refuse(grant, 7000222,
                      "The provided client secret keys for app '%s' are expired. Visit the Azure "
                      "portal to create new keys for your app: https://aka.ms/NewClientSecret, or "
                      "consider using certificate credentials for added security: "
                      "https://aka.ms/certCreds.",
                      client);
    default:
        return refuse(grant, 7000215,
                      "Invalid client secret provided. Ensure the secret being sent in the request "
                      "is the client secret value, not the client secret ID, for a secret added to "
                      "app '%s'.",
                      client);
    }
}

static bool check_assertion(const struct grant *grant, const char *assertion)
{
    char own[512];
    char real[256];
    const char *rest = grant->v2 ? "oauth2/v2.0/token" : "oauth2/token";
    snprintf(own, sizeof(own), "%s/%s/%s", grant->request->base, grant->tenant, rest);
    snprintf(real, sizeof(real), "https://login.microsoftonline.com/%s/%s", grant->tenant, rest);
    const char *audiences[] = {own, real, NULL};
    const char *type = form_get(&grant->form, "client_assertion_type");
    if (type == NULL || strcmp(type, ASSERTION_TYPE) != 0) {
        return refuse(grant, 900144, "The request body must contain the following parameter: '%s'.",
                      "client_assertion_type");
    }
    if (federation_applies(assertion, form_get(&grant->form, "client_id"))) {
        int number = federation_check(&grant->emulator->tokens, grant->application, assertion);
        return number == 0 || refuse(grant, number, federation_words(number), "");
    }
    switch (entra_check_assertion(grant->application, assertion, audiences)) {
    case 0:
        return true;
    case 700024:
        return refuse(grant, 700024, "Client assertion is not within its valid time range.", "");
    case 50013:
        return refuse(grant, 50013,
                      "Assertion failed signature validation or names another "
                      "audience or client.",
                      "");
    default:
        return refuse(grant, 700027,
                      "The certificate with identifier used to sign the client assertion is not "
                      "registered on application.",
                      "");
    }
}

static bool refuse_unknown(const struct grant *grant, const char *client)
{
    return refuse(grant, 700016,
                  "Application with identifier '%s' was not found in the directory 'Emulator'. "
                  "This can happen if the application has not been installed by the "
                  "administrator of the tenant or consented to by any user in the tenant. You "
                  "may have sent your authentication request to the wrong tenant.",
                  client);
}

/* UNVERIFIED which of the two numbers an application of the own tenant gets. */
static bool refuse_without_principal(const struct grant *grant, const char *client)
{
    struct json_object *switches = tree_get(grant->state, "graph_switches", NULL);
    if (strcmp(tree_string(switches, "missing_principal", ""), "AADSTS700016") == 0) {
        return refuse_unknown(grant, client);
    }
    char detail[192];
    snprintf(detail, sizeof(detail), "%.64s is missing service principal in the tenant %.64s",
             client, tree_string(grant->state, "tenant_id", ""));
    return refuse(grant, 7000229,
                  "The client application %s. See instructions here: "
                  "https://go.microsoft.com/fwlink/?linkid=2225119",
                  detail);
}

static bool check_client(struct grant *grant)
{
    const char *client = form_get(&grant->form, "client_id");
    grant->application = directory_application(grant->state, client);
    if (grant->application == NULL || !principals_is_due(grant->application, "ready_ms")) {
        return refuse_unknown(grant, client);
    }
    if (tree_string(grant->application, "object_id", NULL) == NULL) {
        return refuse_without_principal(grant, client);
    }
    if (!tree_bool(grant->application, "enabled", false)) {
        return refuse(grant, 7000112, "Application '%s' is disabled.", client);
    }
    const char *secret = form_get(&grant->form, "client_secret");
    const char *assertion = form_get(&grant->form, "client_assertion");
    if (assertion != NULL && assertion[0] != '\0') {
        return check_assertion(grant, assertion);
    }
    if (secret == NULL || secret[0] == '\0') {
        return refuse(grant, 7000218,
                      "The request body must contain the following parameter: 'client_assertion' "
                      "or 'client_secret'.",
                      "");
    }
    return require(grant, "client_secret") && check_secret(grant, secret);
}

static bool check_resource(struct grant *grant)
{
    const char *name = form_get(&grant->form, grant->v2 ? "scope" : "resource");
    size_t length = strlen(name);
    size_t suffix = grant->v2 ? strlen(DEFAULT_SUFFIX) : 0;
    if (length >= sizeof(grant->audience) || strchr(name, ' ') != NULL) {
        return refuse(grant, 70011,
                      "The provided value for the input parameter 'scope' is not "
                      "valid. The scope %s is not valid.",
                      name);
    }
    if (grant->v2 &&
        (length <= suffix || strcasecmp(name + length - suffix, DEFAULT_SUFFIX) != 0)) {
        /* UNVERIFIED number: not on the page of AADSTS codes. */
        return refuse(grant, 1002012,
                      "The provided value for scope %s is not valid. Client credential flows must "
                      "have a scope value with /.default suffixed to the resource identifier "
                      "(application ID URI).",
                      name);
    }
    snprintf(grant->audience, sizeof(grant->audience), "%.*s", (int)(length - suffix), name);
    if (directory_resource(grant->state, grant->audience) == NULL) {
        return refuse(grant, 500011,
                      "The resource principal named %s was not found in the tenant named Emulator. "
                      "This can happen if the application has not been installed by the "
                      "administrator of the tenant or consented to by any user in the tenant. You "
                      "might have sent your authentication request to the wrong tenant.",
                      grant->audience);
    }
    return true;
}

/* UNVERIFIED number and words for claims that cannot be read. */
static bool check_claims(struct grant *grant)
{
    const char *claims = form_get(&grant->form, "claims");
    if (claims == NULL) {
        return true;
    }
    counters_add(&grant->emulator->counters, "entra", "claims");
    return claims_read(claims, &grant->claims_not_before) ||
           refuse(grant, 50158, "The claims parameter is not valid JSON: %s.", claims);
}

static void set_number(struct json_object *json, const char *key, int64_t number, bool v2)
{
    if (v2) {
        tree_set_int(json, key, number);
    } else {
        char digits[32]; /* the v1.0 endpoint writes numbers as strings */
        snprintf(digits, sizeof(digits), "%lld", (long long)number);
        tree_set_string(json, key, digits);
    }
}

static void answer(struct grant *grant)
{
    int64_t configured = tree_int(tree_get(grant->state, "entra", NULL), "expires_in", 3599);
    int64_t lifetime = faults_take_lifetime(&grant->emulator->faults, "entra", configured);
    struct token_claims claims = {
        .tenant = tree_string(grant->state, "tenant_id", ""),
        .audience = grant->audience,
        .client_id = tree_string(grant->application, "client_id", ""),
        .object_id = tree_string(grant->application, "object_id", ""),
        .expires_in = lifetime,
        .claims_not_before = grant->claims_not_before,
    };
    char *token = tokens_issue(&grant->emulator->tokens, &claims);
    if (token == NULL) {
        grant->reply->body.failed = true;
        return;
    }
    struct json_object *json = json_object_new_object();
    tree_set_string(json, "token_type", "Bearer");
    set_number(json, "expires_in", lifetime, grant->v2);
    set_number(json, "ext_expires_in", lifetime, grant->v2);
    if (!grant->v2) {
        int64_t now = time(NULL);
        set_number(json, "expires_on", now + lifetime, false);
        set_number(json, "not_before", now - 300, false);
        tree_set_string(json, "resource", grant->audience);
    }
    tree_set_string(json, "access_token", token);
    free(token);
    http_reply_header(grant->reply, "Cache-Control", "no-store, no-cache");
    http_reply_json(grant->reply, 200, json);
}

void entra_token(struct emulator *emulator, const struct http_request *request,
                 struct json_object *state, const char *tenant, bool v2, struct http_reply *reply)
{
    struct grant grant = {.emulator = emulator,
                          .request = request,
                          .reply = reply,
                          .state = state,
                          .tenant = tenant,
                          .v2 = v2};
    if (check_form(&grant) && check_client(&grant) && check_resource(&grant) &&
        check_claims(&grant)) {
        answer(&grant);
    }
    form_release(&grant.form);
}
