/* SPDX-License-Identifier: MIT */
/* Long-running operations: how they start and what their monitors answer. The monitors' addresses
 * are as long as Azure's, signed, and new on each answer (see arm_lro_url.c). */
#include "arm.h"
#include "arm_lro_url.h"
#include "scaled_clock.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>

enum { KEY_LENGTH = 64 };

static struct json_object *switches(const struct arm_call *call)
{
    return tree_get(call->tree, "arm_switches", NULL);
}

/* The failure that was ordered for the operation which this request starts. */
static void order_failure(struct arm_call *call, struct json_object *operation)
{
    struct fault fault;
    if (faults_take_operation(&call->emulator->faults, "arm", call->request->method,
                              call->request->target, &fault) != FAULT_OPERATION) {
        return;
    }
    tree_set_string(operation, "outcome", fault.outcome);
    struct json_object *error = tree_parse(fault.body, strlen(fault.body));
    if (!json_object_is_type(error, json_type_object)) {
        json_object_put(error);
        error = json_object_new_object();
        tree_set_string(error, "code", "InternalServerError");
        tree_set_string(error, "message", "The operation did not succeed.");
    }
    json_object_object_add(operation, "error", error);
}

static void add_headers(struct arm_call *call, const char *id, struct json_object *operation,
                        unsigned headers)
{
    struct text url;
    if (headers & ARM_LRO_ASYNC) {
        arm_lro_url(call, id, operation, "operationStatuses", &url);
        http_reply_header(call->reply, "Azure-AsyncOperation", "%s", text_string(&url));
        text_release(&url);
    }
    if (headers & (ARM_LRO_LOCATION | ARM_LRO_GROUP | ARM_LRO_STATUS)) {
        const char *kind = headers & ARM_LRO_GROUP    ? "operationresults"
                           : headers & ARM_LRO_STATUS ? "operationStatuses"
                                                      : "operationResults";
        arm_lro_url(call, id, operation, kind, &url);
        http_reply_header(call->reply, "Location", "%s", text_string(&url));
        text_release(&url);
    }
    int64_t wait = tree_int(switches(call), "lro_retry_after", -1);
    if (wait >= 0 || headers & ARM_LRO_GROUP) {
        http_reply_header(call->reply, "Retry-After", "%lld", (long long)(wait >= 0 ? wait : 15));
    }
}

static struct json_object *start(struct arm_call *call, unsigned headers, int64_t documented_ms)
{
    char guid[TEXT_UUID_SIZE];
    char key[KEY_LENGTH + 1];
    char id[TEXT_UUID_SIZE + KEY_LENGTH + 1];
    char started[TEXT_TIME_SIZE];
    text_uuid(guid);
    text_random_hex(key, KEY_LENGTH);
    snprintf(id, sizeof(id), "%s*%s", guid, key);
    text_random_hex(key, KEY_LENGTH);
    text_iso_now(started);
    struct json_object *operation =
        tree_set_object(tree_get(call->tree, "arm_operations", NULL), id);
    tree_set_string(operation, "resource_id", call->path.id);
    tree_set_string(operation, "started", started);
    tree_set_string(operation, "signing_key", key);
    tree_set_int(operation, "headers", headers);
    tree_set_bool(operation, "removal", strcmp(call->request->method, "DELETE") == 0);
    tree_set_int(operation, "polls", 0);
    tree_set_int(operation, "ready_ms", scaled_clock_after(call->tree, documented_ms));
    order_failure(call, operation);
    add_headers(call, id, operation, headers);
    call->changed = true;
    return operation;
}

void arm_lro_create(struct arm_call *call, struct json_object *entry, unsigned headers)
{
    struct json_object *operation = start(call, headers, tree_int(switches(call), "lro_ms", 0));
    json_object_object_del(entry, "failure");
    tree_set_int(entry, "ready_ms", tree_int(operation, "ready_ms", 0));
    const char *outcome = tree_string(operation, "outcome", NULL);
    if (outcome != NULL) {
        struct json_object *failure = tree_dup(tree_get(operation, "error", NULL));
        tree_set_string(failure, "outcome", outcome);
        json_object_object_add(entry, "failure", failure);
    }
}

void arm_lro_remove(struct arm_call *call, unsigned headers)
{
    char key[RESOURCE_ID_SIZE];
    struct json_object *operation = start(call, headers, tree_int(switches(call), "lro_ms", 0));
    if (tree_string(operation, "outcome", NULL) == NULL) {
        resources_key(call->path.id, key);
        arm_remove_at(call, key, tree_int(operation, "ready_ms", 0));
    }
}

int64_t arm_lro_act(struct arm_call *call, unsigned headers, int64_t documented_ms)
{
    return tree_int(start(call, headers, documented_ms), "ready_ms", 0);
}

static bool is_running(const struct arm_call *call, struct json_object *operation)
{
    return tree_int(operation, "polls", 0) <= tree_int(switches(call), "lro_polls", 0) ||
           tree_int(operation, "ready_ms", 0) > call->now;
}

static struct json_object *status_body(const struct arm_call *call, struct json_object *operation,
                                       bool running)
{
    char ended[TEXT_TIME_SIZE];
    const char *outcome = tree_string(operation, "outcome", "Succeeded");
    struct json_object *json = json_object_new_object();
    tree_set_string(json, "id", call->path.id);
    tree_set_string(json, "name", call->path.name);
    tree_set_string(json, "resourceId", tree_string(operation, "resource_id", ""));
    tree_set_string(json, "status", running ? "Accepted" : outcome);
    tree_set_string(json, "startTime", tree_string(operation, "started", ""));
    if (running) {
        return json;
    }
    text_iso_now(ended);
    tree_set_string(json, "endTime", ended);
    struct json_object *error = tree_get(operation, "error", NULL);
    if (error != NULL) {
        json_object_object_add(json, "error", tree_dup(error));
    } else {
        json_object_object_add(json, "percentComplete", json_object_new_double(100.0));
        json_object_object_add(json, "properties", NULL);
    }
    return json;
}

/* The operation that the request's address stands for, one poll later; NULL when the reply is a
 * refusal already. */
static struct json_object *poll_operation(struct arm_call *call)
{
    struct json_object *operation = tree_get(call->tree, "arm_operations", call->path.name, NULL);
    if (operation == NULL || !arm_lro_url_is_genuine(call, operation)) {
        /* UNVERIFIED which of 403 and 404 an altered address gets */
        arm_error(call, operation == NULL ? 404 : 403,
                  operation == NULL ? "OperationNotFound" : "InvalidOperationSignature",
                  "The operation '%s' was not found or its address was altered.", call->path.name);
        return NULL;
    }
    int64_t polls = tree_int(operation, "polls", 0) + 1;
    tree_set_int(operation, "polls", polls);
    call->changed = true;
    if (polls == 1 && tree_bool(switches(call), "lro_not_found_first", false)) {
        arm_error(call, 404, "OperationNotFound", "The operation was not found.");
        return NULL;
    }
    return operation;
}

void arm_lro_status(struct arm_call *call)
{
    struct json_object *operation = poll_operation(call);
    if (operation == NULL) {
        return;
    }
    bool running = is_running(call, operation);
    bool silent = tree_bool(operation, "removal", false) ||
                  tree_bool(switches(call), "lro_monitor_202", false);
    if (running) {
        add_headers(call, call->path.name, operation, (unsigned)tree_int(operation, "headers", 0));
    }
    if (running && silent) {
        arm_empty(call, 202);
    } else {
        http_reply_json(call->reply, 200, status_body(call, operation, running));
    }
}

void arm_lro_result(struct arm_call *call)
{
    struct json_object *operation = poll_operation(call);
    if (operation == NULL) {
        return;
    }
    struct json_object *error = tree_get(operation, "error", NULL);
    if (is_running(call, operation)) {
        add_headers(call, call->path.name, operation, (unsigned)tree_int(operation, "headers", 0));
        arm_empty(call, 202);
    } else if (error != NULL) {
        arm_error(call, 409, tree_string(error, "code", "Failed"), "%s",
                  tree_string(error, "message", ""));
    } else {
        arm_empty(call, 200);
    }
}
