/* SPDX-License-Identifier: MIT */
/* Managed identity endpoints of App Service, Machine Learning, Cloud Shell and Service Fabric, each
 * with the header, version, selectors and spelling of the expiry that it has in Azure. */
#include "platform.h"

#include "text.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

void platform_refuse(const struct platform_call *call, const char *reason)
{
    counters_refuse(&call->emulator->counters, "platform", reason);
}

struct json_object *platform_token(const struct platform_call *call,
                                   const struct identity_selector *selectors,
                                   platform_refusal *refuse)
{
    const char *resource = form_get(call->parameters, "resource");
    struct json_object *identity = identity_choose(call->parameters, selectors, call->state);
    if (resource == NULL || resource[0] == '\0') {
        refuse(call, 400, "invalid_request", "Required audience parameter not specified");
    } else if (directory_resource(call->state, resource) == NULL) {
        refuse(call, 400, "invalid_resource",
               "AADSTS500011: The resource principal named in the request was not found in the "
               "tenant.");
    } else if (identity == NULL) {
        refuse(call, 400, "invalid_request", "Identity not found");
    } else {
        return identity_reply(call->emulator, call->state, identity, resource, "platform");
    }
    return NULL;
}

static bool shows(const struct platform_call *call, const char *header, const char *member)
{
    const char *shown = http_header(call->request, header);
    return shown != NULL && text_secret_equal(shown, tree_string(call->switches, member, ""));
}

static bool is_version(const struct platform_call *call, const char *version)
{
    const char *given = form_get(call->parameters, "api-version");
    return given != NULL && strcmp(given, version) == 0;
}

static void drop(struct json_object *json, const char *const *keys)
{
    for (; *keys != NULL; keys++) {
        json_object_object_del(json, *keys);
    }
}

/* ---- App Service ---- */

static void refuse_app_service(const struct platform_call *call, unsigned status, const char *code,
                               const char *message)
{
    (void)code;
    struct json_object *json = json_object_new_object();
    tree_set_int(json, "statusCode", status);
    tree_set_string(json, "message", message);
    tree_set_string(json, "correlationId", "00000000-0000-0000-0000-000000000000");
    platform_refuse(call, message);
    http_reply_json(call->reply, status, json);
}

static void app_service(const struct platform_call *call)
{
    static const struct identity_selector selectors[] = {
        {"client_id", SELECT_CLIENT_ID}, {"principal_id", SELECT_OBJECT_ID},
        {"object_id", SELECT_OBJECT_ID}, {"mi_res_id", SELECT_RESOURCE_ID},
        {NULL, SELECT_SYSTEM},
    };
    static const char *const absent[] = {"expires_in", "ext_expires_in", "refresh_token", NULL};
    if (!shows(call, "X-IDENTITY-HEADER", "header")) {
        /* UNVERIFIED: status and words. */
        refuse_app_service(call, 401, NULL, "The X-IDENTITY-HEADER is missing or wrong.");
        return;
    }
    if (!is_version(call, "2019-08-01")) {
        refuse_app_service(call, 400, NULL, "The api-version is missing or not supported.");
        return;
    }
    struct json_object *json = platform_token(call, selectors, refuse_app_service);
    if (json != NULL) {
        drop(json, absent);
        http_reply_json(call->reply, 200, json);
    }
}

/* ---- the others, which have the usual shape of an error ---- */

static void refuse_with_code(const struct platform_call *call, unsigned status, const char *code,
                             const char *message)
{
    platform_refuse(call, message);
    http_reply_error(call->reply, status, code, NULL, message);
}

/* The API of 2017 spells the expiry as a date. */
static void set_old_date(struct json_object *json, const char *key)
{
    char date[64];
    struct tm parts;
    time_t when = (time_t)strtoll(tree_string(json, key, "0"), NULL, 10);
    if (gmtime_r(&when, &parts) != NULL &&
        strftime(date, sizeof(date), "%m/%d/%Y %H:%M:%S +00:00", &parts) > 0) {
        tree_set_string(json, key, date);
    }
}

static void machine_learning(const struct platform_call *call)
{
    static const struct identity_selector selectors[] = {{"clientid", SELECT_CLIENT_ID},
                                                         {NULL, SELECT_SYSTEM}};
    static const char *const absent[] = {"expires_in", "ext_expires_in", NULL};
    if (!shows(call, "secret", "secret") || !is_version(call, "2017-09-01") ||
        form_get(call->parameters, "clientid") == NULL) {
        refuse_with_code(call, 400, "invalid_request",
                         "secret, api-version or clientid is missing or wrong");
        return;
    }
    struct json_object *json = platform_token(call, selectors, refuse_with_code);
    if (json != NULL) {
        drop(json, absent);
        set_old_date(json, "expires_on");
        http_reply_json(call->reply, 200, json);
    }
}

static void cloud_shell(const struct platform_call *call)
{
    static const struct identity_selector selectors[] = {{NULL, SELECT_SYSTEM}};
    const char *metadata = http_header(call->request, "Metadata");
    if (strcmp(call->request->method, "POST") != 0 || metadata == NULL ||
        strcmp(metadata, "true") != 0) {
        refuse_with_code(call, 400, "bad_request_102", "Required metadata header not specified");
        return;
    }
    struct json_object *json = platform_token(call, selectors, refuse_with_code);
    if (json != NULL) {
        http_reply_json(call->reply, 200, json);
    }
}

/* Documented with numbers that are numbers. */
static void service_fabric(const struct platform_call *call)
{
    static const struct identity_selector selectors[] = {{NULL, SELECT_SYSTEM}};
    static const char *const absent[] = {"expires_in", "ext_expires_in", "refresh_token", NULL};
    if (!shows(call, "Secret", "header")) {
        refuse_with_code(call, 401, "SecretHeaderNotFound",
                         "Secret is not found in the request headers.");
        return;
    }
    if (!is_version(call, "2019-07-01-preview")) {
        refuse_with_code(call, 400, "ArgumentNullOrEmpty", "The api-version is not supported.");
        return;
    }
    struct json_object *json = platform_token(call, selectors, refuse_with_code);
    if (json != NULL) {
        drop(json, absent);
        tree_set_int(json, "expires_on", strtoll(tree_string(json, "expires_on", "0"), NULL, 10));
        http_reply_json(call->reply, 200, json);
    }
}

/* ---- routes ---- */

static const struct {
    const char *path;
    const char *operation;
    void (*answer)(const struct platform_call *call);
} ROUTES[] = {
    {"/msi/token", "app-service", app_service},
    {"/ml/token", "machine-learning", machine_learning},
    {"/oauth2/token", "cloud-shell", cloud_shell},
    {"/metadata/identity/oauth2/token", "arc", platform_arc},
    {"/github/token", "github", platform_github},
    {"/pipelines/oidctoken", "pipelines", platform_pipelines},
};

static void route(const struct platform_call *call)
{
    for (size_t i = 0; i < sizeof(ROUTES) / sizeof(ROUTES[0]); i++) {
        if (strcasecmp(call->request->path, ROUTES[i].path) == 0) {
            call->reply->operation = ROUTES[i].operation;
            ROUTES[i].answer(call);
            return;
        }
    }
    http_reply_error(call->reply, 404, "NotFound", NULL, "there is no such endpoint");
}

/* A POST has its parameters in the body. */
static void handle(struct emulator *emulator, const struct http_request *request,
                   struct http_reply *reply, void (*answer)(const struct platform_call *call))
{
    struct form form = {.count = 0};
    struct json_object *state = state_acquire(&emulator->state);
    bool is_post = strcmp(request->method, "POST") == 0;
    struct platform_call call = {.emulator = emulator,
                                 .request = request,
                                 .reply = reply,
                                 .state = state,
                                 .switches = tree_get(state, "platform", NULL),
                                 .parameters = is_post ? &form : &request->query};
    if (is_post && form_parse(&form, text_string(&request->body), request->body.length) != 0) {
        http_reply_error(reply, 400, "invalid_request", NULL, "The body is no form");
    } else {
        answer(&call);
    }
    form_release(&form);
    state_give_back(&emulator->state, state);
}

void platform_handle(struct emulator *emulator, const struct http_request *request,
                     struct http_reply *reply)
{
    handle(emulator, request, reply, route);
}

void fabric_handle(struct emulator *emulator, const struct http_request *request,
                   struct http_reply *reply)
{
    reply->operation = "service-fabric";
    handle(emulator, request, reply, service_fabric);
}

void platform_fail(struct http_reply *reply, unsigned status)
{
    http_reply_error(reply, status, status == 429 ? "too_many_requests" : "unknown", NULL,
                     "The endpoint fails as ordered.");
}
