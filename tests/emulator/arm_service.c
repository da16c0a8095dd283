/* SPDX-License-Identifier: MIT */
/* Communication services: made by a long-running operation, linked to domains at once. */
#include "arm_communication.h"
#include "arm_service_keys.h"
#include "arm_types.h"
#include "scaled_clock.h"
#include "tree.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAXIMUM = 63 };

/* UNVERIFIED that the data locations must be equal. */
static bool is_linkable(struct arm_call *call, const char *id, const char *data_location)
{
    char key[RESOURCE_ID_SIZE];
    resources_key(id, key);
    struct json_object *domain = resources_find(call->tree, id, call->now);
    return domain != NULL && resources_is_type(key, COMMUNICATION_DOMAIN) &&
           tree_get(domain, "gone_ms", NULL) == NULL && tree_get(domain, "failure", NULL) == NULL &&
           tree_int(domain, "ready_ms", 0) <= call->now &&
           tree_int(tree_get(domain, "private", NULL), "linkable_ms", 0) <= call->now &&
           strcmp(communication_domain_status(domain, "Domain", call->now), "Verified") == 0 &&
           strcasecmp(tree_string(resources_properties(domain), "dataLocation", data_location),
                      data_location) == 0;
}

static bool check_links(struct arm_call *call, const char *data_location)
{
    struct json_object *links = tree_get(call->body, "properties", "linkedDomains", NULL);
    if (links == NULL) {
        return true;
    }
    bool good = json_object_is_type(links, json_type_array);
    for (size_t i = 0; good && i < json_object_array_length(links); i++) {
        struct json_object *link = json_object_array_get_idx(links, i);
        good = json_object_is_type(link, json_type_string) &&
               is_linkable(call, json_object_get_string(link), data_location);
    }
    if (!good) {
        arm_error(call, 400, "InvalidLinkedDomains", "Requested linked domains are not valid");
    }
    return good;
}

/* Takes over what the body says of it. */
static void copy_member(struct json_object *to, struct json_object *from, const char *key)
{
    struct json_object *value = tree_get(from, key, NULL);
    if (value != NULL) {
        json_object_object_add(to, key, tree_dup(value));
    }
}

static void copy_changeable(struct arm_call *call, struct json_object *entry)
{
    static const char *const keys[] = {"linkedDomains", "disableLocalAuth", "publicNetworkAccess",
                                       NULL};
    struct json_object *resource = tree_get(entry, "resource", NULL);
    struct json_object *properties = tree_get(resource, "properties", NULL);
    for (size_t i = 0; keys[i] != NULL; i++) {
        copy_member(properties, tree_get(call->body, "properties", NULL), keys[i]);
    }
    copy_member(resource, call->body, "identity");
}

/* "acs.unitedstates.communication.azure.com". UNVERIFIED: specification examples have
 * "communications" and no geography. */
static void set_host_name(struct json_object *properties, const char *name,
                          const char *data_location)
{
    char host[256];
    size_t length = (size_t)snprintf(host, sizeof(host), "%.63s.", name);
    for (const char *at = data_location; *at != '\0' && length < 128; at++) {
        if (*at != ' ') {
            host[length++] = (char)tolower((unsigned char)*at);
        }
    }
    snprintf(host + length, sizeof(host) - length, ".communication.azure.com");
    for (char *at = host; *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    tree_set_string(properties, "hostName", host);
}

static struct json_object *new_private(struct arm_call *call)
{
    char uuid[TEXT_UUID_SIZE];
    struct json_object *own = service_keys_new();
    int64_t made = tree_int(tree_get(call->tree, "arm_switches", NULL), "lro_ms", 0);
    text_uuid(uuid);
    tree_set_string(own, "immutable_id", uuid);
    tree_set_int(own, "visible_ms", scaled_clock_after(call->tree, made));
    return own;
}

static struct json_object *new_service(struct arm_call *call, const char *data_location)
{
    struct json_object *own = tree_dup(tree_get(call->entry, "private", NULL));
    own = own == NULL ? new_private(call) : own; /* an update keeps keys and id */
    struct arm_new service = {.type = "microsoft.communication/communicationservices",
                              .location = "global",
                              .tags = true};
    struct json_object *entry = arm_new_entry(call, &service);
    struct json_object *properties = resources_properties(entry);
    tree_set_string(properties, "provisioningState", "Accepted");
    tree_set_string(properties, "dataLocation", data_location);
    set_host_name(properties, call->path.name, data_location);
    tree_set_string(properties, "immutableResourceId", tree_string(own, "immutable_id", ""));
    json_object_object_add(entry, "private", own);
    copy_changeable(call, entry);
    communication_stamp(call, tree_get(entry, "resource", NULL));
    return entry;
}

/* The host name is known only when the service is there. */
static struct json_object *render(const struct arm_call *call, const char *key,
                                  struct json_object *entry)
{
    struct json_object *resource = arm_render_entry(call, key, entry);
    struct json_object *properties = tree_get(resource, "properties", NULL);
    if (tree_int(tree_get(entry, "private", NULL), "visible_ms", 0) > call->now) {
        json_object_object_del(properties, "hostName");
        json_object_object_del(properties, "immutableResourceId");
    }
    return resource;
}

static void put_service(struct arm_call *call)
{
    if (!communication_check_name(call, "-_", NAME_MAXIMUM) || arm_location(call) == NULL) {
        return;
    }
    const char *data_location = communication_data_location(call);
    if (data_location == NULL || !check_links(call, data_location)) {
        return;
    }
    if (call->entry == NULL && !arm_name_is_free(call, COMMUNICATION_SERVICE, call->path.name)) {
        /* UNVERIFIED code and words */
        arm_error(call, 409, "NameReservationTaken", "The name '%s' is already taken.",
                  call->path.name);
        return;
    }
    arm_lro_create(call, new_service(call, data_location), ARM_LRO_ASYNC);
    arm_get(call);
    call->reply->status = 201;
}

static void patch_service(struct arm_call *call)
{
    if (call->entry == NULL) {
        arm_not_found(call);
        return;
    }
    if (tree_int(call->entry, "ready_ms", 0) > call->now) {
        /* UNVERIFIED code and words */
        arm_error(call, 409, "ResourceNotReady", "The resource is still being provisioned.");
        return;
    }
    struct json_object *properties = resources_properties(call->entry);
    if (check_links(call, tree_string(properties, "dataLocation", ""))) {
        copy_changeable(call, call->entry);
        arm_set_tags(call, call->entry);
        communication_stamp(call, tree_get(call->entry, "resource", NULL));
        call->changed = true;
        arm_get(call);
    }
}

static void remove_service(struct arm_call *call)
{
    if (call->entry == NULL) {
        arm_empty(call, 204);
        return;
    }
    arm_lro_remove(call, ARM_LRO_ASYNC | ARM_LRO_LOCATION);
    arm_empty(call, 202);
}

static const struct arm_action ACTIONS[] = {
    {"listKeys", service_keys_list}, {"regenerateKey", service_keys_regenerate}, {NULL, NULL}};

const struct arm_type ARM_SERVICE_TYPES[] = {
    {.name = COMMUNICATION_SERVICE,
     .versions = ARM_COMMUNICATION_VERSIONS,
     .get = arm_get,
     .put = put_service,
     .patch = patch_service,
     .remove = remove_service,
     .list = arm_list,
     .actions = ACTIONS,
     .render = render},
    {.name = "Microsoft.Communication/checkNameAvailability",
     .versions = ARM_COMMUNICATION_VERSIONS,
     .post = service_check_name},
    {.name = "Microsoft.Communication/locations/operationStatuses",
     .versions = ARM_COMMUNICATION_VERSIONS,
     .flags = ARM_ANYBODY,
     .get = arm_lro_status},
    {.name = "Microsoft.Communication/locations/operationResults",
     .versions = ARM_COMMUNICATION_VERSIONS,
     .flags = ARM_ANYBODY,
     .get = arm_lro_result},
    {.name = NULL},
};
