/* SPDX-License-Identifier: MIT */
/* Checks and forms of Microsoft.Communication; see arm_communication.h. */
#include "arm_communication.h"

#include "arm_types.h"
#include "tree.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *const ARM_COMMUNICATION_VERSIONS[] = {"2020-08-20",         "2021-10-01-preview",
                                                  "2022-07-01-preview", "2023-03-01-preview",
                                                  "2023-03-31",         "2023-04-01-preview",
                                                  "2023-04-01",         "2023-06-01-preview",
                                                  "2024-09-01-preview", "2025-05-01-preview",
                                                  "2025-05-01",         "2025-09-01",
                                                  "2026-03-18",         NULL};

bool communication_check_name(struct arm_call *call, const char *others, size_t maximum)
{
    const char *name = call->path.name;
    size_t length = strlen(name);
    bool good = length > 0 && length <= maximum;
    for (size_t i = 0; i < length; i++) {
        good = good && (isalnum((unsigned char)name[i]) || strchr(others, name[i]) != NULL);
    }
    if (!good) {
        /* UNVERIFIED code and words */
        arm_error(call, 400, "InvalidResourceName",
                  "The resource name '%s' is not valid for type '%s'.", name, call->type->name);
    }
    return good;
}

static bool is_data_location(const char *name)
{
    static const char *const known[] = {
        "Africa", "Asia Pacific", "Australia", "Brazil",        "Canada", "Europe",
        "France", "Germany",      "India",     "Japan",         "Korea",  "Norway",
        "UAE",    "Switzerland",  "UK",        "United States", "usgov",  NULL};
    for (size_t i = 0; known[i] != NULL; i++) {
        if (strcasecmp(known[i], name) == 0) {
            return true;
        }
    }
    return false;
}

const char *communication_data_location(struct arm_call *call)
{
    const char *asked = arm_property(call, "dataLocation", true);
    if (asked == NULL) {
        return NULL;
    }
    const char *present = tree_string(resources_properties(call->entry), "dataLocation", asked);
    /* UNVERIFIED codes and words of both */
    if (!is_data_location(asked)) {
        arm_error_detail(call, 400, "InvalidDataLocation", "The data location is not supported.",
                         "dataLocation");
    } else if (strcasecmp(present, asked) != 0) {
        arm_error_detail(call, 400, "PropertyChangeNotAllowed",
                         "The data location of a resource cannot be changed.", "dataLocation");
    } else {
        return asked;
    }
    return NULL;
}

void communication_stamp(struct arm_call *call, struct json_object *resource)
{
    char now[TEXT_TIME_SIZE];
    text_iso_now(now);
    struct json_object *data = tree_get(resource, "systemData", NULL);
    if (data == NULL) {
        data = tree_set_object(resource, "systemData");
        tree_set_string(data, "createdBy", call->client_id);
        tree_set_string(data, "createdByType", "Application");
        tree_set_string(data, "createdAt", now);
    }
    tree_set_string(data, "lastModifiedBy", call->client_id);
    tree_set_string(data, "lastModifiedByType", "Application");
    tree_set_string(data, "lastModifiedAt", now);
}

const char *communication_domain_status(struct json_object *entry, const char *verification,
                                        int64_t now)
{
    struct json_object *pending = tree_get(entry, "private", "verifications", verification, NULL);
    if (pending != NULL) {
        return tree_int(pending, "done_ms", 0) <= now
                   ? tree_string(pending, "outcome", "Verified")
                   : tree_string(pending, "meanwhile", "VerificationRequested");
    }
    return tree_string(
        tree_get(resources_properties(entry), "verificationStates", verification, NULL), "status",
        "NotStarted");
}

bool communication_is_linked(struct arm_call *call, const char *domain_id)
{
    struct json_object *resources = tree_get(call->tree, "arm", NULL);
    for (struct lh_entry *each = tree_first(resources); each != NULL; each = each->next) {
        if (resources_is_type(tree_key(each), COMMUNICATION_SERVICE) &&
            tree_has(resources_properties(tree_value(each)), "linkedDomains", domain_id)) {
            return true;
        }
    }
    return false;
}

struct json_object *communication_lower(struct json_object *entry, const char *type)
{
    char key[RESOURCE_ID_SIZE];
    struct json_object *resource = tree_dup(tree_get(entry, "resource", NULL));
    resources_key(tree_string(resource, "id", ""), key);
    tree_set_string(resource, "id", key);
    tree_set_string(resource, "name", resources_name(key));
    tree_set_string(resource, "type", type);
    json_object_object_del(resource, "systemData");
    json_object_object_del(tree_get(resource, "properties", NULL), "provisioningState");
    return resource;
}
