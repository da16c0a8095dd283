/* SPDX-License-Identifier: MIT */
/* Sender user names, the MailFrom addresses of a domain. */
#include "arm_communication.h"
#include "arm_types.h"
#include "directory.h"
#include "tree.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAXIMUM = 253 };

/* The local part of an address. */
static bool check_username(struct arm_call *call, const char *username)
{
    size_t length = strlen(username);
    bool good = length > 0 && length <= 64;
    for (size_t i = 0; i < length; i++) {
        good = good && (isalnum((unsigned char)username[i]) || strchr("-_.+", username[i]) != NULL);
    }
    if (!good) {
        /* UNVERIFIED code and words */
        arm_error_detail(call, 400, "InvalidSenderUserName",
                         "The username must be the local part of an address.", "username");
    }
    return good;
}

/* Every domain has DoNotReply, which does not count. UNVERIFIED status, code and words. */
static bool check_quota(struct arm_call *call)
{
    int64_t quota = tree_int(tree_get(call->tree, "arm_switches", NULL), "sender_quota", 0);
    int64_t present = -1;
    struct json_object *resources = tree_get(call->tree, "arm", NULL);
    for (struct lh_entry *each = tree_first(resources); each != NULL; each = each->next) {
        present += resources_is_type(tree_key(each), COMMUNICATION_SENDER) &&
                   directory_is_within(tree_key(each), call->path.parent);
    }
    if (call->entry == NULL && present >= quota) {
        arm_error(call, 403, "SenderUsernameQuotaExceeded",
                  "The limit of sender usernames of this domain has been reached. To raise it, "
                  "open a support request.");
        return false;
    }
    return true;
}

static void put_sender(struct arm_call *call)
{
    if (!communication_check_name(call, "-_.", NAME_MAXIMUM)) {
        return;
    }
    const char *username = arm_property(call, "username", true);
    if (username == NULL || !check_username(call, username) || !check_quota(call)) {
        return;
    }
    const char *display = arm_property(call, "displayName", false);
    struct arm_new sender = {.type =
                                 "microsoft.communication/emailservices/domains/senderusernames"};
    struct json_object *entry = arm_new_entry(call, &sender);
    struct json_object *properties = resources_properties(entry);
    tree_set_string(properties, "username", username);
    if (display != NULL) {
        tree_set_string(properties, "displayName", display);
    }
    tree_set_string(properties, "provisioningState", "Succeeded");
    communication_stamp(call, tree_get(entry, "resource", NULL));
    http_reply_json(call->reply, 200, tree_dup(tree_get(entry, "resource", NULL)));
}

static void remove_sender(struct arm_call *call)
{
    char key[RESOURCE_ID_SIZE];
    if (call->entry == NULL) {
        arm_empty(call, 204);
        return;
    }
    resources_key(call->path.id, key);
    arm_remove_at(call, key, call->now);
    http_reply_json(call->reply, 200, NULL);
}

static struct json_object *render(const struct arm_call *call, const char *key,
                                  struct json_object *entry)
{
    (void)call;
    (void)key;
    return communication_lower(entry, "emailservices/domains/senderusernames");
}

const struct arm_type ARM_SENDER_TYPES[] = {
    {.name = COMMUNICATION_SENDER,
     .versions = ARM_COMMUNICATION_VERSIONS,
     .get = arm_get,
     .put = put_sender,
     .remove = remove_sender,
     .list = arm_list,
     .render = render},
    {.name = NULL},
};
