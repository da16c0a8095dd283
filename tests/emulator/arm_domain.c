/* SPDX-License-Identifier: MIT */
/* E-mail domains: managed ones come verified, those of customers wait for their verifications. */
#include "arm_communication.h"
#include "arm_domain_verification.h"
#include "arm_types.h"
#include "email_domain.h"
#include "scaled_clock.h"
#include "tree.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MANAGED_NAME "AzureManagedDomain"
#define MANAGED "AzureManaged"

enum { NAME_MAXIMUM = 253 };

static bool is_domain_name(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot != NULL && dot != name && isalnum((unsigned char)name[strlen(name) - 1]) &&
           strstr(name, "..") == NULL;
}

/* NULL when the reply is a 400 already. UNVERIFIED codes and words. */
static const char *management_of(struct arm_call *call)
{
    static const char *const known[] = {MANAGED, "CustomerManaged",
                                        "CustomerManagedInExchangeOnline", NULL};
    const char *asked = arm_property(call, "domainManagement", true);
    if (asked == NULL) {
        return NULL;
    }
    const char *found = NULL;
    for (size_t i = 0; known[i] != NULL; i++) {
        found = strcasecmp(known[i], asked) == 0 ? known[i] : found;
    }
    const char *present = tree_string(resources_properties(call->entry), "domainManagement", found);
    if (found == NULL || strcmp(found, present) != 0) {
        arm_error_detail(call, 400, "InvalidDomainManagement",
                         "The domain management is unknown or cannot be changed.",
                         "domainManagement");
        return NULL;
    }
    bool managed = strcmp(found, MANAGED) == 0;
    if (managed ? strcasecmp(call->path.name, MANAGED_NAME) != 0
                : !is_domain_name(call->path.name)) {
        arm_error_detail(call, 400, "InvalidDomainName",
                         managed ? "The name of an Azure managed domain must be " MANAGED_NAME "."
                                 : "The name of a domain must be the domain itself.",
                         "name");
        return NULL;
    }
    return found;
}

static bool mail_domain_is_used(struct arm_call *call, const char *domain)
{
    struct json_object *resources = tree_get(call->tree, "arm", NULL);
    for (struct lh_entry *each = tree_first(resources); each != NULL; each = each->next) {
        struct json_object *properties = resources_properties(tree_value(each));
        if (strcasecmp(tree_string(properties, "mailFromSenderDomain", ""), domain) == 0) {
            return true;
        }
    }
    return false;
}

/* The first managed domain gets the name that endpoints.json tells. */
static void choose_mail_domain(struct arm_call *call, bool managed, char out[ARM_NAME_SIZE])
{
    char uuid[TEXT_UUID_SIZE];
    snprintf(out, ARM_NAME_SIZE, "%s",
             managed ? tree_string(call->tree, "email_domain", "") : call->path.name);
    if (managed && mail_domain_is_used(call, out)) {
        text_uuid(uuid);
        snprintf(out, ARM_NAME_SIZE, "%s.azurecomm.net", uuid);
    }
}

static void add_default_sender(struct arm_call *call)
{
    char id[RESOURCE_ID_SIZE + 40];
    char key[RESOURCE_ID_SIZE];
    snprintf(id, sizeof(id), "%s/senderUsernames/donotreply", call->path.id);
    resources_key(id, key);
    struct json_object *entry = tree_set_object(tree_get(call->tree, "arm", NULL), key);
    struct json_object *resource = tree_set_object(entry, "resource");
    tree_set_string(resource, "id", id);
    tree_set_string(resource, "name", "donotreply");
    tree_set_string(resource, "type",
                    "microsoft.communication/emailservices/domains/senderusernames");
    struct json_object *properties = tree_set_object(resource, "properties");
    tree_set_string(properties, "username", "DoNotReply");
    tree_set_string(properties, "displayName", "DoNotReply");
}

static void set_tracking(struct arm_call *call, struct json_object *properties)
{
    const char *tracking = arm_property(call, "userEngagementTracking", false);
    if (tracking != NULL) {
        tree_set_string(properties, "userEngagementTracking", tracking);
    }
}

static struct json_object *new_domain(struct arm_call *call, const char *management)
{
    char domain[ARM_NAME_SIZE];
    bool managed = strcmp(management, MANAGED) == 0;
    struct json_object *switches = tree_get(call->tree, "arm_switches", NULL);
    struct json_object *email = resources_find(call->tree, call->path.parent, call->now);
    choose_mail_domain(call, managed, domain);
    struct arm_new what = {.type = "microsoft.communication/emailservices/domains",
                           .location = "global",
                           .tags = true};
    struct json_object *entry = arm_new_entry(call, &what);
    struct json_object *properties = email_domain_properties(
        domain, tree_string(resources_properties(email), "dataLocation", ""), management, managed);
    json_object_object_add(tree_get(entry, "resource", NULL), "properties", properties);
    int64_t made = tree_int(switches, "lro_ms", 0);
    int64_t settled = made + tree_int(switches, "domain_linkable_ms", 0);
    struct json_object *own = tree_set_object(entry, "private");
    tree_set_int(own, "visible_ms", scaled_clock_after(call->tree, made));
    tree_set_int(own, "linkable_ms", scaled_clock_after(call->tree, settled));
    add_default_sender(call);
    return entry;
}

/* Until the domain is there only its state and what was asked for is told. */
static struct json_object *render(const struct arm_call *call, const char *key,
                                  struct json_object *entry)
{
    static const char *const later[] = {"fromSenderDomain", "mailFromSenderDomain",
                                        "verificationStates", "verificationRecords", NULL};
    struct json_object *resource = arm_render_entry(call, key, entry);
    struct json_object *properties = tree_get(resource, "properties", NULL);
    if (tree_int(tree_get(entry, "private", NULL), "visible_ms", 0) <= call->now) {
        domain_verification_render(entry, properties, call->now);
        return resource;
    }
    for (size_t i = 0; later[i] != NULL; i++) {
        json_object_object_del(properties, later[i]);
    }
    return resource;
}

static void finish_change(struct arm_call *call, unsigned status)
{
    tree_set_string(resources_properties(call->entry), "provisioningState", "Accepted");
    set_tracking(call, resources_properties(call->entry));
    communication_stamp(call, tree_get(call->entry, "resource", NULL));
    arm_lro_create(call, call->entry, ARM_LRO_ASYNC);
    arm_get(call);
    call->reply->status = status;
}

static void put_domain(struct arm_call *call)
{
    if (!communication_check_name(call, "-.", NAME_MAXIMUM) || arm_location(call) == NULL) {
        return;
    }
    const char *management = management_of(call);
    if (management == NULL) {
        return;
    }
    if (call->entry == NULL) {
        new_domain(call, management);
    } else {
        arm_set_tags(call, call->entry);
    }
    finish_change(call, 201);
}

static void patch_domain(struct arm_call *call)
{
    if (call->entry == NULL) {
        arm_not_found(call);
        return;
    }
    arm_set_tags(call, call->entry);
    finish_change(call, 200);
}

/* UNVERIFIED whether a linked domain is refused, and how; linked_delete chooses. */
static void remove_domain(struct arm_call *call)
{
    const char *how = tree_string(tree_get(call->tree, "arm_switches", NULL), "linked_delete", "");
    if (call->entry == NULL) {
        arm_empty(call, 204);
    } else if (strcmp(how, "refuse") == 0 && communication_is_linked(call, call->path.id)) {
        arm_error(call, 409, "DomainIsLinked",
                  "The domain is linked to a communication service and cannot be deleted.");
    } else {
        arm_lro_remove(call, ARM_LRO_ASYNC | ARM_LRO_LOCATION);
        arm_empty(call, 202);
    }
}

static const struct arm_action ACTIONS[] = {{"initiateVerification", domain_verification_initiate},
                                            {"cancelVerification", domain_verification_cancel},
                                            {NULL, NULL}};

const struct arm_type ARM_DOMAIN_TYPES[] = {
    {.name = COMMUNICATION_DOMAIN,
     .versions = ARM_COMMUNICATION_VERSIONS,
     .get = arm_get,
     .put = put_domain,
     .patch = patch_domain,
     .remove = remove_domain,
     .list = arm_list,
     .actions = ACTIONS,
     .render = render},
    {.name = NULL},
};
