/* SPDX-License-Identifier: MIT */
/* Microsoft Entra: routes, and the discovery documents that clients read before they ask for a
 * token. */
#include "entra.h"
#include "emulator.h"
#include "sign_in.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { GUID_LENGTH = 36 };

static bool is_shared_tenant(const char *tenant)
{
    return strcasecmp(tenant, "common") == 0 || strcasecmp(tenant, "organizations") == 0;
}

static bool is_guid(const char *text)
{
    return strlen(text) == GUID_LENGTH && strspn(text, "0123456789abcdefABCDEF-") == GUID_LENGTH;
}

/* True when the request may go on with this tenant. */
static bool check_tenant(const struct http_request *request, struct json_object *state,
                         const char *tenant, struct http_reply *reply)
{
    if (strcasecmp(tenant, tree_string(state, "tenant_id", "")) == 0) {
        return true;
    }
    char text[512];
    if (!is_guid(tenant) && strchr(tenant, '.') == NULL) {
        snprintf(text, sizeof(text),
                 "Specified tenant identifier '%.100s' is neither a valid DNS name, nor a valid "
                 "external domain.",
                 tenant);
        entra_error(request, reply, 900023, text);
    } else {
        snprintf(text, sizeof(text),
                 "Tenant '%.100s' not found. Check to make sure you have the correct tenant ID and "
                 "are signing into the correct cloud. Check with your subscription administrator, "
                 "this may happen if there are no active subscriptions for the tenant.",
                 tenant);
        entra_error(request, reply, 90002, text);
    }
    return false;
}

static void set_url(struct json_object *json, const char *key, const char *base, const char *tenant,
                    const char *rest)
{
    char url[512];
    snprintf(url, sizeof(url), "%s/%.100s/%s", base, tenant, rest);
    tree_set_string(json, key, url);
}

static void configuration(const struct http_request *request, const char *tenant, bool v2,
                          struct http_reply *reply)
{
    char issuer[256];
    struct json_object *json = json_object_new_object();
    const char *base = request->base;
    set_url(json, "token_endpoint", base, tenant, v2 ? "oauth2/v2.0/token" : "oauth2/token");
    tree_set_strings(json, "token_endpoint_auth_methods_supported", "client_secret_post",
                     "private_key_jwt", NULL);
    set_url(json, "jwks_uri", base, tenant, v2 ? "discovery/v2.0/keys" : "discovery/keys");
    tree_set_strings(json, "response_modes_supported", "query", "fragment", "form_post", NULL);
    tree_set_strings(json, "subject_types_supported", "pairwise", NULL);
    tree_set_strings(json, "id_token_signing_alg_values_supported", "RS256", NULL);
    tree_set_strings(json, "response_types_supported", "code", "id_token", NULL);
    tree_set_strings(json, "scopes_supported", "openid", "profile", "email", "offline_access",
                     NULL);
    snprintf(issuer, sizeof(issuer),
             v2 ? "https://login.microsoftonline.com/%.100s/v2.0"
                : "https://sts.windows.net/%.100s/",
             is_shared_tenant(tenant) ? "{tenantid}" : tenant);
    tree_set_string(json, "issuer", issuer);
    set_url(json, "authorization_endpoint", base, tenant,
            v2 ? "oauth2/v2.0/authorize" : "oauth2/authorize");
    set_url(json, "device_authorization_endpoint", base, tenant,
            v2 ? "oauth2/v2.0/devicecode" : "oauth2/devicecode");
    tree_set_string(json, "cloud_instance_name", "microsoftonline.com");
    tree_set_string(json, "msgraph_host", "graph.microsoft.com");
    reply->operation = "openid-configuration";
    http_reply_json(reply, 200, json);
}

static void keys(const struct tokens *tokens, struct http_reply *reply)
{
    struct json_object *json = json_object_new_object();
    struct json_object *key = json_object_new_object();
    tree_set_string(key, "kty", "RSA");
    tree_set_string(key, "use", "sig");
    tree_set_string(key, "alg", "RS256");
    tree_set_string(key, "kid", tokens->key_id);
    tree_set_string(key, "x5t", tokens->key_id);
    tree_set_string(key, "n", tokens->modulus);
    tree_set_string(key, "e", tokens->exponent);
    json_object_array_add(tree_set_array(json, "keys"), key);
    reply->operation = "keys";
    http_reply_json(reply, 200, json);
}

static void instance(const struct http_request *request, struct http_reply *reply)
{
    struct json_object *json = json_object_new_object();
    set_url(json, "tenant_discovery_endpoint", request->base, "common",
            "v2.0/.well-known/openid-configuration");
    tree_set_string(json, "api-version", "1.1");
    struct json_object *cloud = json_object_new_object();
    tree_set_string(cloud, "preferred_network", "login.microsoftonline.com");
    tree_set_string(cloud, "preferred_cache", "login.windows.net");
    tree_set_strings(cloud, "aliases", "login.microsoftonline.com", "login.windows.net",
                     "login.microsoft.com", "sts.windows.net", NULL);
    json_object_array_add(tree_set_array(json, "metadata"), cloud);
    reply->operation = "instance";
    http_reply_json(reply, 200, json);
}

static bool ends_with(const struct http_path *path, size_t from, const char *const *names)
{
    for (; *names != NULL; names++, from++) {
        if (!http_path_is(path, from, *names)) {
            return false;
        }
    }
    return path->count == from;
}

enum route {
    ROUTE_NONE,
    ROUTE_TOKEN_V1,
    ROUTE_TOKEN_V2,
    ROUTE_CONFIGURATION_V1,
    ROUTE_CONFIGURATION_V2,
    ROUTE_DEVICE_CODE,
    ROUTE_KEYS,
    ROUTE_INSTANCE,
};

static enum route find_route(const struct http_path *path)
{
    static const struct {
        enum route route;
        const char *names[4];
    } routes[] = {
        {ROUTE_TOKEN_V2, {"oauth2", "v2.0", "token", NULL}},
        {ROUTE_TOKEN_V1, {"oauth2", "token", NULL}},
        {ROUTE_DEVICE_CODE, {"oauth2", "v2.0", "devicecode", NULL}},
        {ROUTE_CONFIGURATION_V2, {"v2.0", ".well-known", "openid-configuration", NULL}},
        {ROUTE_CONFIGURATION_V1, {".well-known", "openid-configuration", NULL}},
        {ROUTE_KEYS, {"discovery", "v2.0", "keys", NULL}},
        {ROUTE_KEYS, {"discovery", "keys", NULL}},
        {ROUTE_INSTANCE, {"discovery", "instance", NULL}},
    };
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (ends_with(path, 1, routes[i].names)) {
            return routes[i].route;
        }
    }
    return ROUTE_NONE;
}

static void read_document(struct emulator *emulator, const struct http_request *request,
                          struct json_object *state, const char *tenant, enum route route,
                          struct http_reply *reply)
{
    if (strcmp(request->method, "GET") != 0) {
        http_reply_header(reply, "Allow", "GET");
        reply->status = 405;
    } else if (route == ROUTE_INSTANCE) {
        instance(request, reply);
    } else if (is_shared_tenant(tenant) || check_tenant(request, state, tenant, reply)) {
        if (route == ROUTE_KEYS) {
            keys(&emulator->tokens, reply);
        } else {
            configuration(request, tenant, route == ROUTE_CONFIGURATION_V2, reply);
        }
    }
}

static void begin_sign_in(struct emulator *emulator, const struct http_request *request,
                          struct json_object *state, const char *tenant, struct http_reply *reply)
{
    reply->operation = "devicecode";
    if (strcmp(request->method, "POST") != 0) {
        entra_error(request, reply, 900561,
                    "The endpoint only accepts POST requests. Received a GET request.");
    } else if (is_shared_tenant(tenant) || check_tenant(request, state, tenant, reply)) {
        sign_in_device_code(emulator, request, reply);
    }
}

static void issue(struct emulator *emulator, const struct http_request *request,
                  struct json_object *state, const char *tenant, bool v2, struct http_reply *reply)
{
    reply->operation = "token";
    if (strcmp(request->method, "POST") != 0) {
        entra_error(request, reply, 900561,
                    "The endpoint only accepts POST requests. Received a GET request.");
    } else if (sign_in_applies(request)) {
        if (is_shared_tenant(tenant) || check_tenant(request, state, tenant, reply)) {
            sign_in_token(emulator, request, reply);
        }
    } else if (is_shared_tenant(tenant)) {
        /* UNVERIFIED which number client credentials at /common get. */
        entra_error(request, reply, 50059,
                    "No tenant-identifying information found in either the request or implied by "
                    "any provided credentials.");
    } else if (check_tenant(request, state, tenant, reply)) {
        entra_token(emulator, request, state, tenant, v2, reply);
    }
}

void entra_handle(struct emulator *emulator, const struct http_request *request,
                  struct http_reply *reply)
{
    struct http_path path;
    enum route route = ROUTE_NONE;
    if (http_path_split(request, &path) == 0) {
        route = find_route(&path);
    }
    struct json_object *state = state_acquire(&emulator->state);
    if (route == ROUTE_NONE) {
        reply->status = 404;
        text_puts(&reply->body, "Not Found");
        http_reply_header(reply, "Content-Type", "text/plain");
    } else if (route == ROUTE_DEVICE_CODE) {
        begin_sign_in(emulator, request, state, path.segments[0], reply);
    } else if (route == ROUTE_TOKEN_V1 || route == ROUTE_TOKEN_V2) {
        issue(emulator, request, state, path.segments[0], route == ROUTE_TOKEN_V2, reply);
    } else {
        read_document(emulator, request, state, path.segments[0], route, reply);
    }
    state_give_back(&emulator->state, state);
    http_path_release(&path);
}
