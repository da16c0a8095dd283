/* SPDX-License-Identifier: MIT */
/* The list of ordered failures; see faults.h. */
#include "faults.h"

#include "known_errors.h"
#include "schema.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>

static const char *const ACTIONS[] = {
    [FAULT_DROP] = "drop",
    [FAULT_DELAY] = "delay",
    [FAULT_REPLY] = "reply",
    [FAULT_GARBAGE] = "garbage",
    [FAULT_STATUS] = "status",
    [FAULT_TRUNCATE] = "truncate",
    [FAULT_HUGE] = "huge",
    [FAULT_HTML] = "html",
    [FAULT_EXPIRES_IN] = "expires_in",
    [FAULT_DROP_AFTER] = "drop_after",
    [FAULT_ERROR] = "error",
    [FAULT_CLOCK] = "clock",
    [FAULT_OPERATION] = "operation",
};

void faults_init(struct faults *faults)
{
    pthread_mutex_init(&faults->lock, NULL);
    faults->count = 0;
    faults->next_id = 1;
}

void faults_release(struct faults *faults)
{
    pthread_mutex_destroy(&faults->lock);
}

static bool copy_string(char *out, size_t size, struct json_object *json, const char *key)
{
    const char *value = tree_string(json, key, "");
    return snprintf(out, size, "%s", value) < (int)size;
}

static enum fault_action action_by_name(const char *name)
{
    for (int i = FAULT_DROP; i <= FAULT_OPERATION; i++) {
        if (strcmp(ACTIONS[i], name) == 0) {
            return (enum fault_action)i;
        }
    }
    return FAULT_NONE;
}

static const char *contradiction(const struct fault *fault)
{
    bool smtp = strcmp(fault->service, "smtp") == 0;
    if (smtp != (fault->step[0] != '\0')) {
        return "step goes with service smtp, and only with it";
    }
    if (smtp ? fault->action > FAULT_GARBAGE : fault->action == FAULT_REPLY) {
        return "this service has no such action";
    }
    if (fault->action == FAULT_OPERATION && fault->outcome[0] == '\0') {
        return "action operation needs outcome";
    }
    if (fault->action == FAULT_REPLY && fault->reply[0] == '\0') {
        return "action reply needs reply";
    }
    if (fault->action == FAULT_STATUS && fault->status < 200) {
        return "action status needs status";
    }
    if (fault->action == FAULT_ERROR && !known_errors_has(fault->service, fault->code)) {
        return "action error needs code, and one that the service knows";
    }
    if (fault->action == FAULT_DELAY && fault->delay_ms == 0) {
        return "action delay needs delay_ms";
    }
    return NULL;
}

static const char *parse(struct fault *fault, struct json_object *json)
{
    if (!copy_string(fault->service, sizeof(fault->service), json, "service") ||
        !copy_string(fault->step, sizeof(fault->step), json, "step") ||
        !copy_string(fault->reply, sizeof(fault->reply), json, "reply") ||
        !copy_string(fault->match, sizeof(fault->match), json, "match") ||
        !copy_string(fault->method, sizeof(fault->method), json, "method") ||
        !copy_string(fault->code, sizeof(fault->code), json, "code") ||
        !copy_string(fault->outcome, sizeof(fault->outcome), json, "outcome") ||
        !copy_string(fault->body, sizeof(fault->body), json, "body")) {
        return "a string is too long";
    }
    fault->action = action_by_name(tree_string(json, "action", ""));
    fault->delay_ms = tree_int(json, "delay_ms", 0);
    fault->status = (int)tree_int(json, "status", 0);
    fault->retry_after = tree_int(json, "retry_after", -1);
    fault->seconds = tree_int(json, "seconds", 0);
    fault->skip = tree_int(json, "skip", 0);
    fault->count = tree_int(json, "count", -1);
    fault->store = tree_bool(json, "store", true);
    return contradiction(fault);
}

int64_t faults_add(struct faults *faults, struct json_object *json, char *why, size_t size)
{
    struct fault fault = {.id = 0};
    if (!schema_check_fault(json, why, size)) {
        return -1;
    }
    const char *problem = parse(&fault, json);
    pthread_mutex_lock(&faults->lock);
    if (problem == NULL && faults->count == FAULTS_MAXIMUM) {
        problem = "too many faults";
    }
    if (problem == NULL) {
        fault.id = faults->next_id++;
        faults->list[faults->count++] = fault;
    }
    pthread_mutex_unlock(&faults->lock);
    if (problem != NULL) {
        snprintf(why, size, "%s", problem);
        return -1;
    }
    return fault.id;
}

void faults_clear(struct faults *faults)
{
    pthread_mutex_lock(&faults->lock);
    faults->count = 0;
    pthread_mutex_unlock(&faults->lock);
}

static void describe(struct json_object *array, const struct fault *fault)
{
    struct json_object *json = json_object_new_object();
    tree_set_int(json, "id", fault->id);
    tree_set_string(json, "service", fault->service);
    if (fault->step[0] != '\0') {
        tree_set_string(json, "step", fault->step);
    }
    tree_set_string(json, "action", ACTIONS[fault->action]);
    if (fault->count >= 0) {
        tree_set_int(json, "count", fault->count);
    }
    if (fault->skip > 0) {
        tree_set_int(json, "skip", fault->skip);
    }
    json_object_array_add(array, json);
}

struct json_object *faults_list(struct faults *faults)
{
    struct json_object *array = json_object_new_array();
    pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->count; i++) {
        describe(array, &faults->list[i]);
    }
    pthread_mutex_unlock(&faults->lock);
    return array;
}

enum occasion_kind { OCCASION_REQUEST, OCCASION_LIFETIME, OCCASION_OPERATION };

struct occasion {
    enum occasion_kind kind;
    const char *service;
    const char *step;   /* NULL outside SMTP */
    const char *method; /* NULL inside it */
    const char *target; /* NULL inside it */
};

static enum occasion_kind kind_of(const struct fault *fault)
{
    return fault->action == FAULT_EXPIRES_IN  ? OCCASION_LIFETIME
           : fault->action == FAULT_OPERATION ? OCCASION_OPERATION
                                              : OCCASION_REQUEST;
}

static bool fits(const struct fault *fault, const struct occasion *occasion)
{
    return strcmp(fault->service, occasion->service) == 0 && kind_of(fault) == occasion->kind &&
           (occasion->step == NULL || strcmp(fault->step, occasion->step) == 0) &&
           (occasion->method == NULL || fault->method[0] == '\0' ||
            strcmp(fault->method, occasion->method) == 0) &&
           (occasion->target == NULL || fault->match[0] == '\0' ||
            strcasestr(occasion->target, fault->match) != NULL);
}

static enum fault_action take(struct faults *faults, const struct occasion *occasion,
                              struct fault *out)
{
    out->action = FAULT_NONE;
    pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->count; i++) {
        struct fault *fault = &faults->list[i];
        if (!fits(fault, occasion)) {
            continue;
        }
        if (fault->skip > 0) {
            fault->skip--;
            continue;
        }
        *out = *fault;
        if (fault->count > 0 && --fault->count == 0) {
            faults->count--;
            memmove(fault, fault + 1, (faults->count - i) * sizeof(*fault));
        }
        break;
    }
    pthread_mutex_unlock(&faults->lock);
    return out->action;
}

enum fault_action faults_take_http(struct faults *faults, const char *service, const char *method,
                                   const char *target, struct fault *out)
{
    struct occasion occasion = {.service = service, .method = method, .target = target};
    return take(faults, &occasion, out);
}

enum fault_action faults_take_operation(struct faults *faults, const char *service,
                                        const char *method, const char *target, struct fault *out)
{
    struct occasion occasion = {
        .kind = OCCASION_OPERATION, .service = service, .method = method, .target = target};
    return take(faults, &occasion, out);
}

enum fault_action faults_take_smtp(struct faults *faults, const char *step, struct fault *out)
{
    return take(faults, &(struct occasion){.service = "smtp", .step = step}, out);
}

int64_t faults_take_lifetime(struct faults *faults, const char *service, int64_t otherwise)
{
    struct fault fault;
    struct occasion occasion = {.kind = OCCASION_LIFETIME, .service = service};
    return take(faults, &occasion, &fault) == FAULT_EXPIRES_IN ? fault.seconds : otherwise;
}
