/* SPDX-License-Identifier: MIT */
/* SMTP user names: they bind a name for AUTH to an Entra application, whose existence nobody
 * checks. GET and LIST answer another form than PUT. */
#include "arm_communication.h"
#include "arm_types.h"
#include "mail_access.h"
#include "scaled_clock.h"
#include "tree.h"

#include <string.h>
#include <strings.h>

enum { NAME_MAXIMUM = 253 };

static bool is_switched(const struct arm_call *call, const char *name)
{
    return strcmp(tree_string(tree_get(call->tree, "arm_switches", NULL), name, ""), "refuse") == 0;
}

/* All codes and words here are invented: that ARM refuses these two is told by several users, but
 * nobody shows the reply. */
static bool check_username(struct arm_call *call, const char *username)
{
    char service[RESOURCE_ID_SIZE];
    resources_key(call->path.parent, service);
    if (strcasecmp(username, call->path.name) == 0 && is_switched(call, "username_equals_name")) {
        arm_error_detail(call, 400, "InvalidSmtpUsername",
                         "The name of the resource and its username must differ.", "username");
    } else if (strchr(username, '@') != NULL && is_switched(call, "username_domain") &&
               !mail_access_is_linked_domain(call->tree, service, username)) {
        arm_error_detail(call, 400, "InvalidSmtpUsername",
                         "The domain of the username is not linked to the communication service.",
                         "username");
    } else {
        return true;
    }
    return false;
}

static const char *guid_property(struct arm_call *call, const char *key)
{
    const char *value = arm_property(call, key, true);
    if (value != NULL && !text_is_uuid(value)) {
        arm_error_detail(call, 400, "InvalidRequestContent", "The property must be a GUID.", key);
        return NULL;
    }
    return value;
}

static void put_username(struct arm_call *call)
{
    if (!communication_check_name(call, "-", NAME_MAXIMUM)) {
        return;
    }
    const char *username = arm_property(call, "username", true);
    const char *client = username == NULL ? NULL : guid_property(call, "entraApplicationId");
    const char *tenant = client == NULL ? NULL : guid_property(call, "tenantId");
    if (tenant == NULL || !check_username(call, username)) {
        return;
    }
    struct arm_new new_username = {
        .type = "microsoft.communication/communicationservices/smtpusernames"};
    struct json_object *entry = arm_new_entry(call, &new_username);
    struct json_object *properties = resources_properties(entry);
    tree_set_string(properties, "username", username);
    tree_set_string(properties, "entraApplicationId", client);
    tree_set_string(properties, "tenantId", tenant);
    communication_stamp(call, tree_get(entry, "resource", NULL));
    /* SMTP hears of it later. */
    int64_t wait = tree_int(tree_get(call->tree, "arm_switches", NULL), "username_ready_ms", 0);
    tree_set_int(entry, "ready_ms", scaled_clock_after(call->tree, wait));
    http_reply_json(call->reply, 200, tree_dup(tree_get(entry, "resource", NULL)));
}

static void remove_username(struct arm_call *call)
{
    char key[RESOURCE_ID_SIZE];
    if (call->entry != NULL) {
        resources_key(call->path.id, key);
        arm_remove_at(call, key, call->now);
    }
    http_reply_header(call->reply, "Content-Type", "application/json; charset=utf-8");
    arm_empty(call, 204);
}

/* Recorded: "SmtpUsernames" keeps its letters where everything else is lower case. */
static struct json_object *render(const struct arm_call *call, const char *key,
                                  struct json_object *entry)
{
    char id[RESOURCE_ID_SIZE];
    (void)call;
    struct json_object *resource =
        communication_lower(entry, "communicationservices/smtpusernames");
    resources_key(key, id);
    char *segment = strstr(id, "/smtpusernames/");
    if (segment != NULL) {
        memcpy(segment, "/SmtpUsernames/", strlen("/SmtpUsernames/"));
    }
    tree_set_string(resource, "id", id);
    return resource;
}

static const char *const VERSIONS[] = {"2024-09-01-preview", "2025-05-01-preview", "2025-09-01",
                                       "2026-03-18", NULL};

const struct arm_type ARM_USERNAME_TYPES[] = {
    {.name = COMMUNICATION_USERNAME,
     .versions = VERSIONS,
     .get = arm_get,
     .put = put_username,
     .remove = remove_username,
     .list = arm_list,
     .render = render},
    {.name = NULL},
};
