/* SPDX-License-Identifier: MIT */
/* Errors, lists and the standard reads of Resource Manager; see arm.h. */
#include "arm.h"
#include "arm_token.h"
#include "directory.h"
#include "tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static void write_error(struct arm_call *call, unsigned status, const char *code,
                        const char *message, const char *target)
{
    struct json_object *json = json_object_new_object();
    struct json_object *error = tree_set_object(json, "error");
    tree_set_string(error, "code", code);
    tree_set_string(error, "message", message);
    if (target != NULL) {
        tree_set_string(error, "target", target);
        struct json_object *detail = json_object_new_object();
        tree_set_string(detail, "code", code);
        tree_set_string(detail, "target", target);
        tree_set_string(detail, "message", message);
        json_object_array_add(tree_set_array(error, "details"), detail);
    }
    struct text reason;
    text_init(&reason, 4096);
    text_printf(&reason, "%s: %s", code, message);
    counters_refuse(&call->emulator->counters, "arm", text_string(&reason));
    text_release(&reason);
    http_reply_header(call->reply, "x-ms-failure-cause", "%s",
                      status < 500 ? "gateway" : "service");
    http_reply_json(call->reply, status, json);
}

void arm_error(struct arm_call *call, unsigned status, const char *code, const char *format, ...)
{
    char message[3072];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    write_error(call, status, code, message, NULL);
}

void arm_error_detail(struct arm_call *call, unsigned status, const char *code, const char *message,
                      const char *target)
{
    write_error(call, status, code, message, target);
}

void arm_not_found(struct arm_call *call)
{
    arm_error(call, 404, "ResourceNotFound",
              "The Resource '%s/%s' under resource group '%s' was not found. For more details "
              "please go to https://aka.ms/ARMResourceNotFoundFix",
              call->type->name, call->path.name, call->path.group);
}

void arm_empty(struct arm_call *call, unsigned status)
{
    call->reply->status = status;
}

/* The parameters of the request, but for the page, go along with the link to the next one. */
static void add_next_link(struct arm_call *call, struct json_object *json, size_t offset)
{
    struct text link;
    text_init(&link, 8192);
    text_printf(&link, "%s%s?api-version=%s", call->request->base, call->request->path,
                call->api_version);
    const char *filter = http_query(call->request, "$filter");
    if (filter != NULL) {
        text_puts(&link, "&%24filter=");
        text_add_escaped(&link, filter);
    }
    text_puts(&link, "&%24skiptoken=");
    arm_token_write(&link, offset);
    tree_set_string(json, "nextLink", text_string(&link));
    text_release(&link);
}

void arm_reply_list(struct arm_call *call, struct json_object *array)
{
    size_t size = (size_t)tree_int(tree_get(call->tree, "arm_switches", NULL), "page_size", 100);
    size_t count = json_object_array_length(array);
    const char *token = http_query(call->request, "$skiptoken");
    size_t offset = 0;
    if (token != NULL && (!arm_token_read(token, &offset) || offset > count)) {
        /* UNVERIFIED code and words */
        arm_error(call, 400, "InvalidSkipToken", "The skip token in the request is invalid.");
        json_object_put(array);
        return;
    }
    struct json_object *json = json_object_new_object();
    struct json_object *page = tree_set_array(json, "value");
    for (size_t i = offset; i < count && i < offset + size; i++) {
        json_object_array_add(page, json_object_get(json_object_array_get_idx(array, i)));
    }
    if (count > offset + size) {
        add_next_link(call, json, offset + size);
    }
    json_object_put(array);
    http_reply_json(call->reply, 200, json);
}

bool arm_read_filter(struct arm_call *call, const char *const *names, struct arm_filter *filter)
{
    const char *text = http_query(call->request, "$filter");
    if (arm_filter_parse(text, filter) && arm_filter_only(filter, names)) {
        return true;
    }
    /* UNVERIFIED code and words */
    arm_error(call, 400, "InvalidFilter", "The filter '%.200s' is not supported.", text);
    return false;
}

/* What the resource says of itself depends on the time. */
struct json_object *arm_render_entry(const struct arm_call *call, const char *key,
                                     struct json_object *entry)
{
    (void)key;
    struct json_object *resource = tree_dup(tree_get(entry, "resource", NULL));
    struct json_object *properties = tree_get(resource, "properties", NULL);
    if (tree_get(properties, "provisioningState", NULL) == NULL) {
        return resource;
    }
    if (tree_get(entry, "gone_ms", NULL) != NULL) {
        tree_set_string(properties, "provisioningState", "Deleting");
    } else if (tree_int(entry, "ready_ms", 0) <= call->now) {
        struct json_object *failure = tree_get(entry, "failure", NULL);
        tree_set_string(properties, "provisioningState",
                        failure == NULL ? "Succeeded" : tree_string(failure, "outcome", "Failed"));
    }
    return resource;
}

struct json_object *arm_render_by_type(const struct arm_call *call, const char *key,
                                       struct json_object *entry)
{
    const struct arm_type *type = arm_type_of(key);
    arm_render *render = type == NULL || type->render == NULL ? arm_render_entry : type->render;
    return render(call, key, entry);
}

void arm_get(struct arm_call *call)
{
    if (call->entry == NULL) {
        arm_not_found(call);
    } else {
        char key[RESOURCE_ID_SIZE];
        resources_key(call->path.id, key);
        http_reply_json(call->reply, 200, arm_render_by_type(call, key, call->entry));
    }
}

void arm_list(struct arm_call *call)
{
    struct json_object *array = json_object_new_array();
    struct json_object *resources = tree_get(call->tree, "arm", NULL);
    for (struct lh_entry *each = tree_first(resources); each != NULL; each = each->next) {
        const char *key = tree_key(each);
        if (arm_type_of(key) == call->type && directory_is_within(key, call->path.parent)) {
            json_object_array_add(array, arm_render_by_type(call, key, tree_value(each)));
        }
    }
    arm_reply_list(call, array);
}
