/* SPDX-License-Identifier: MIT */
/* The checks that come before any resource's own, in Azure's order; see arm.h. */
#include "arm.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

bool arm_is_method(const struct arm_call *call, const char *method)
{
    return strcmp(call->request->method, method) == 0;
}

bool arm_is_read(const struct arm_call *call)
{
    return arm_is_method(call, "GET") || arm_is_method(call, "HEAD");
}

/* An api-version is a date, perhaps with a word behind it. */
static bool is_version(const char *version)
{
    return strspn(version, "0123456789") == 4 && version[4] == '-' &&
           strspn(version, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(version) &&
           strlen(version) >= 10;
}

static bool knows_version(const struct arm_type *type, const char *version)
{
    for (size_t i = 0; type->versions[i] != NULL; i++) {
        if (strcasecmp(type->versions[i], version) == 0) {
            return true;
        }
    }
    return false;
}

/* UNVERIFIED codes but NoRegisteredProviderFound, and UNVERIFIED words throughout. */
static bool check_version(struct arm_call *call)
{
    call->api_version = http_query(call->request, "api-version");
    if (call->api_version == NULL || call->api_version[0] == '\0') {
        arm_error(call, 400, "MissingApiVersionParameter",
                  "The api-version query parameter (?api-version=) is required for all requests.");
        return false;
    }
    if (call->type == NULL) {
        arm_error(call, 404, "InvalidResourceType",
                  "The resource type '%s' could not be found for api version '%.40s'.",
                  call->path.type, call->api_version);
        return false;
    }
    if (knows_version(call->type, call->api_version)) {
        return true;
    }
    struct text known;
    text_init(&known, 4096);
    for (size_t i = 0; call->type->versions[i] != NULL; i++) {
        text_printf(&known, "%s%s", i == 0 ? "" : ", ", call->type->versions[i]);
    }
    if (!is_version(call->api_version) ||
        text_has_prefix(call->type->name, "Microsoft.Resources/")) {
        arm_error(call, 400, "InvalidApiVersionParameter",
                  "The api-version '%.40s' is invalid. The supported versions are '%s'.",
                  call->api_version, text_string(&known));
    } else {
        arm_error(call, 400, "NoRegisteredProviderFound",
                  "No registered resource provider found for location 'global' and API version "
                  "'%s' for type '%s'. The supported api-versions are '%s'.",
                  call->api_version, strchr(call->type->name, '/') + 1, text_string(&known));
    }
    text_release(&known);
    return false;
}

static bool check_subscription(struct arm_call *call)
{
    const char *asked = call->path.subscription;
    if (asked[0] == '\0' ||
        strcasecmp(asked, tree_string(call->tree, "subscription_id", "")) == 0) {
        return true;
    }
    arm_error(call, 404, "SubscriptionNotFound", "The subscription '%s' could not be found.",
              asked);
    return false;
}

/* What the caller must be allowed, for example "Microsoft.KeyVault/vaults/write". */
static bool check_permission(struct arm_call *call)
{
    char operation[ARM_TYPE_SIZE + 80];
    const struct arm_path *path = &call->path;
    if (call->type->flags & ARM_ANYBODY) {
        return true;
    }
    if (path->action[0] != '\0') {
        snprintf(operation, sizeof(operation), "%s/%s/action", call->type->name, path->action);
    } else {
        const char *verb = arm_is_read(call)               ? "read"
                           : arm_is_method(call, "DELETE") ? "delete"
                           : arm_is_method(call, "POST")   ? "action"
                                                           : "write";
        snprintf(operation, sizeof(operation), "%s/%s", call->type->name, verb);
    }
    const char *scope = path->collection ? path->parent : path->id;
    return arm_authorize(call, operation, scope[0] == '\0' ? "/" : scope);
}

static bool check_provider(struct arm_call *call)
{
    if (call->type->flags & ARM_EXTENSION ||
        text_has_prefix(call->type->name, "Microsoft.Resources/")) {
        return true;
    }
    char name[ARM_TYPE_SIZE];
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(call->type->name, "/"), call->type->name);
    struct json_object *provider = tree_find_nocase(tree_get(call->tree, "providers", NULL), name);
    if (strcmp(tree_string(provider, "state", "NotRegistered"), "Registered") == 0 ||
        arm_is_read(call)) {
        return true;
    }
    /* UNVERIFIED that the status is 409 */
    arm_error(call, 409, "MissingSubscriptionRegistration",
              "The subscription is not registered to use namespace '%s'. See "
              "https://aka.ms/rps-not-found for how to register subscriptions.",
              name);
    return false;
}

static bool check_group(struct arm_call *call)
{
    char id[RESOURCE_ID_SIZE];
    const struct arm_path *path = &call->path;
    if (path->group[0] == '\0') {
        return true;
    }
    snprintf(id, sizeof(id), "/subscriptions/%s/resourceGroups/%s", path->subscription,
             path->group);
    struct json_object *group = resources_find(call->tree, id, call->now);
    bool itself = strcasecmp(id, path->id) == 0;
    if (group == NULL && !itself) {
        arm_error(call, 404, "ResourceGroupNotFound", "Resource group '%s' could not be found.",
                  path->group);
        return false;
    }
    if (tree_get(group, "gone_ms", NULL) != NULL &&
        (arm_is_method(call, "PUT") || arm_is_method(call, "PATCH"))) {
        arm_error(call, 409, "ResourceGroupBeingDeleted",
                  "The resource group '%s' is in deprovisioning state and cannot perform this "
                  "operation.",
                  path->group);
        return false;
    }
    return true;
}

/* UNVERIFIED that Azure refuses to change what is being made or deleted, and with which code. */
static bool is_unsettled(struct json_object *entry, int64_t now)
{
    bool provisioned = tree_get(resources_properties(entry), "provisioningState", NULL) != NULL;
    return tree_get(entry, "gone_ms", NULL) != NULL ||
           (provisioned && tree_int(entry, "ready_ms", 0) > now);
}

static bool check_parent(struct arm_call *call)
{
    const struct arm_path *path = &call->path;
    if (!path->nested || call->type->flags & ARM_ANYBODY) {
        return true;
    }
    struct json_object *parent = resources_find(call->tree, path->parent, call->now);
    if (parent != NULL && arm_is_method(call, "PUT") && is_unsettled(parent, call->now)) {
        arm_error(call, 409, "ParentResourceNotReady",
                  "The parent resource '%s' is being provisioned or deleted.", path->parent);
        return false;
    }
    if (parent == NULL) {
        if (arm_is_method(call, "PUT")) {
            arm_error(call, 404, "ParentResourceNotFound",
                      "Failed to perform 'write' on resource(s) of type '%s', because the parent "
                      "resource '%s' could not be found.",
                      strchr(call->type->name, '/') + 1, path->parent);
        } else {
            arm_not_found(call);
        }
        return false;
    }
    return true;
}

bool arm_check(struct arm_call *call)
{
    return check_version(call) && check_subscription(call) && check_permission(call) &&
           check_provider(call) && check_group(call) && check_parent(call);
}
