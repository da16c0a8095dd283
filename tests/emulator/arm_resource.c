/* SPDX-License-Identifier: MIT */
/* Making, changing and removing entries of "arm"; see arm.h and resources.h. */
#include "arm.h"
#include "directory.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct json_object *arm_new_entry(struct arm_call *call, const struct arm_new *what)
{
    char key[RESOURCE_ID_SIZE];
    resources_key(call->path.id, key);
    struct json_object *entry = tree_set_object(tree_get(call->tree, "arm", NULL), key);
    struct json_object *resource = tree_set_object(entry, "resource");
    tree_set_string(resource, "id", call->path.id);
    tree_set_string(resource, "name", call->path.name);
    tree_set_string(resource, "type", what->type);
    if (what->location != NULL) {
        tree_set_string(resource, "location", what->location);
    }
    if (what->tags) {
        tree_set_object(resource, "tags");
        arm_set_tags(call, entry);
    }
    tree_set_object(resource, "properties");
    call->entry = entry;
    call->changed = true;
    return entry;
}

void arm_set_tags(struct arm_call *call, struct json_object *entry)
{
    struct json_object *tags = tree_get(call->body, "tags", NULL);
    if (json_object_is_type(tags, json_type_object)) {
        json_object_object_add(tree_get(entry, "resource", NULL), "tags", tree_dup(tags));
    }
}

const char *arm_property(struct arm_call *call, const char *key, bool required)
{
    const char *value = tree_string(tree_get(call->body, "properties", NULL), key, NULL);
    if (required && (value == NULL || value[0] == '\0')) {
        char message[256];
        snprintf(message, sizeof(message), "The property 'properties.%s' is required.", key);
        /* UNVERIFIED code and words */
        arm_error_detail(call, 400, "InvalidRequestContent", message, key);
        return NULL;
    }
    return value;
}

/* Communication lives in "global" and nowhere else, all others in regions. */
static bool is_offered(const struct arm_call *call, const char *location)
{
    return (strcasecmp(location, "global") == 0) ==
           text_has_prefix(call->type->name, "Microsoft.Communication/");
}

static void refuse_location(struct arm_call *call, struct json_object *known, const char *asked)
{
    struct text list;
    text_init(&list, 2048);
    for (size_t i = 0; i < json_object_array_length(known); i++) {
        const char *location = json_object_get_string(json_object_array_get_idx(known, i));
        if (is_offered(call, location)) {
            text_printf(&list, "%s%s", list.length == 0 ? "" : ",", location);
        }
    }
    arm_error(call, 400, "LocationNotAvailableForResourceType",
              "The provided location '%.80s' is not available for resource type '%s'. List of "
              "available regions for the resource type is '%s'.",
              asked, call->type->name, text_string(&list));
    text_release(&list);
}

const char *arm_location(struct arm_call *call)
{
    const char *asked = tree_string(call->body, "location", NULL);
    if (asked == NULL || asked[0] == '\0') {
        arm_error(call, 400, "LocationRequired",
                  "The location property is required for this definition.");
        return NULL;
    }
    /* "East US" and "eastus" are the same place. */
    char plain[64];
    size_t length = 0;
    for (const char *at = asked; *at != '\0' && length + 1 < sizeof(plain); at++) {
        if (*at != ' ') {
            plain[length++] = *at;
        }
    }
    plain[length] = '\0';
    struct json_object *known = tree_get(call->tree, "arm_switches", "locations", NULL);
    for (size_t i = 0; i < json_object_array_length(known); i++) {
        const char *location = json_object_get_string(json_object_array_get_idx(known, i));
        if (strcasecmp(location, plain) == 0 && is_offered(call, location)) {
            return location;
        }
    }
    refuse_location(call, known, asked);
    return NULL;
}

bool arm_name_is_free(struct arm_call *call, const char *type, const char *name)
{
    char key[RESOURCE_ID_SIZE];
    char taken[RESOURCE_ID_SIZE];
    snprintf(taken, sizeof(taken), "%s/%s", type, name);
    resources_key(taken, key);
    return !tree_bool(tree_get(call->tree, "taken_names", NULL), key, false) &&
           resources_named(call->tree, type, name, call->now) == NULL;
}

bool arm_has_children(struct arm_call *call, const char *key)
{
    struct json_object *resources = tree_get(call->tree, "arm", NULL);
    for (struct lh_entry *each = tree_first(resources); each != NULL; each = each->next) {
        const char *present = tree_key(each);
        if (strcasecmp(present, key) != 0 && directory_is_within(present, key)) {
            return true;
        }
    }
    return false;
}

void arm_remove_at(struct arm_call *call, const char *key, int64_t moment)
{
    struct json_object *resources = tree_get(call->tree, "arm", NULL);
    for (struct lh_entry *each = tree_first(resources); each != NULL; each = each->next) {
        const char *present = tree_key(each);
        struct json_object *entry = tree_value(each);
        if (directory_is_within(present, key)) {
            tree_set_int(entry, "gone_ms", moment);
        }
    }
    call->changed = true;
    arm_sweep(call);
}

/* UNVERIFIED when Azure takes the role assignments of what is deleted away; the documentation says
 * that they do not outlive it. */
static void remove_assignments(struct json_object *tree, const char *key)
{
    struct json_object *assignments = tree_get(tree, "role_assignments", NULL);
    struct lh_entry *each = tree_first(assignments);
    while (each != NULL) {
        struct lh_entry *next = each->next;
        if (directory_is_within(tree_string(tree_value(each), "scope", ""), key)) {
            json_object_object_del(assignments, tree_key(each));
        }
        each = next;
    }
}

static void finish_registrations(struct arm_call *call)
{
    struct json_object *providers = tree_get(call->tree, "providers", NULL);
    for (struct lh_entry *each = tree_first(providers); each != NULL; each = each->next) {
        struct json_object *provider = tree_value(each);
        if (strcmp(tree_string(provider, "state", ""), "Registering") == 0 &&
            tree_int(provider, "ready_ms", 0) <= call->now) {
            tree_set_string(provider, "state", "Registered");
            call->changed = true;
        }
    }
}

void arm_sweep(struct arm_call *call)
{
    finish_registrations(call);
    struct json_object *resources = tree_get(call->tree, "arm", NULL);
    struct lh_entry *each = tree_first(resources);
    while (each != NULL) {
        struct lh_entry *next = each->next;
        const char *key = tree_key(each);
        struct json_object *entry = tree_value(each);
        if (resources_is_gone(entry, call->now)) {
            const struct arm_type *type = arm_type_of(key);
            if (type != NULL && type->removed != NULL) {
                type->removed(call->tree, key, entry, call->now);
            }
            remove_assignments(call->tree, key);
            json_object_object_del(resources, key);
            call->changed = true;
        }
        each = next;
    }
}
