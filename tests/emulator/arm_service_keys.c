/* SPDX-License-Identifier: MIT */
/* listKeys, regenerateKey and checkNameAvailability; see arm_service_keys.h. */
#include "arm_service_keys.h"

#include "arm_communication.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { KEY_LENGTH = 64 };

static void set_key(struct json_object *keys, const char *which)
{
    char plain[KEY_LENGTH + 1];
    struct text key;
    text_random_secret(plain, KEY_LENGTH);
    text_init(&key, 2UL * KEY_LENGTH);
    text_add_base64(&key, plain, KEY_LENGTH);
    tree_set_string(keys, which, text_string(&key));
    text_release(&key);
}

struct json_object *service_keys_new(void)
{
    struct json_object *keys = json_object_new_object();
    set_key(keys, "primary");
    set_key(keys, "secondary");
    return keys;
}

void service_keys_list(struct arm_call *call)
{
    if (call->entry == NULL) {
        arm_not_found(call);
        return;
    }
    struct json_object *keys = tree_get(call->entry, "private", NULL);
    const char *host = tree_string(resources_properties(call->entry), "hostName", "");
    struct json_object *json = json_object_new_object();
    for (int i = 0; i < 2; i++) {
        const char *key = tree_string(keys, i == 0 ? "primary" : "secondary", "");
        struct text connection;
        text_init(&connection, 1024);
        text_printf(&connection, "endpoint=https://%s/;accesskey=%s", host, key);
        tree_set_string(json, i == 0 ? "primaryKey" : "secondaryKey", key);
        tree_set_string(json, i == 0 ? "primaryConnectionString" : "secondaryConnectionString",
                        text_string(&connection));
        text_release(&connection);
    }
    http_reply_json(call->reply, 200, json);
}

void service_keys_regenerate(struct arm_call *call)
{
    const char *which = tree_string(call->body, "keyType", "");
    bool primary = strcasecmp(which, "Primary") == 0;
    if (call->entry == NULL) {
        arm_not_found(call);
    } else if (!primary && strcasecmp(which, "Secondary") != 0) {
        arm_error_detail(call, 400, "InvalidRequestContent",
                         "keyType must be 'Primary' or 'Secondary'.", "keyType");
    } else {
        set_key(tree_get(call->entry, "private", NULL), primary ? "primary" : "secondary");
        call->changed = true;
        service_keys_list(call);
    }
}

void service_check_name(struct arm_call *call)
{
    const char *name = tree_string(call->body, "name", "");
    const char *type = tree_string(call->body, "type", "");
    if (name[0] == '\0' || strcasecmp(type, COMMUNICATION_SERVICE) != 0) {
        arm_error_detail(call, 400, "InvalidRequestContent",
                         "The name and the type of a communication service are required.", "type");
        return;
    }
    struct json_object *json = json_object_new_object();
    bool valid = strlen(name) <= 63 && strspn(name, "abcdefghijklmnopqrstuvwxyz"
                                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                    "0123456789-_") == strlen(name);
    bool free_name = valid && arm_name_is_free(call, COMMUNICATION_SERVICE, name);
    tree_set_bool(json, "nameAvailable", free_name);
    if (!free_name) {
        tree_set_string(json, "reason", valid ? "AlreadyExists" : "Invalid");
        tree_set_string(json, "message",
                        valid ? "The requested name is already in use."
                              : "The requested name is not valid.");
    }
    http_reply_json(call->reply, 200, json);
}
