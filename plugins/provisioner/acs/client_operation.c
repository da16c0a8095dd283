/* SPDX-License-Identifier: MIT */
/*
 * Long-running operations: asking a monitor, or the resource itself, until it is over. How services
 * answer differs in every point that is optional, and several that are not; what is imitated here
 * was seen of the Communication provider, of Key Vault, and of Azure's own clients.
 */
#include "client_private.h"

#include <azure.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Polls that may answer 404 before the monitor or resource was seen for the first time. */
#define UNSEEN_MAX 12U

struct operation {
    struct client *client;
    struct acsmtp_context *context;
    const struct client_change *change;
    char what[CLIENT_WHAT_MAX];
    char *monitor;       /* URL, byte for byte as it came; NULL: the resource itself is asked */
    int is_async;        /* the monitor is an Azure-AsyncOperation, not a Location */
    int64_t deadline_ms; /* of the monotonic clock */
    int64_t pause_ms;    /* the next one, when the service names none */
    unsigned unseen;     /* polls that found nothing so far; 0 once it was seen */
    int was_seen;
    char state[32];
};

enum step { STEP_RUNNING, STEP_DONE, STEP_FAILED };

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- reading states ---- */

const char *client_state(const struct acsmtp_json *json)
{
    const struct acsmtp_json *properties = acsmtp_json_get(json, "properties");
    const char *state = acsmtp_json_string(json, "status");

    if (!state)
        state = acsmtp_json_string(properties, "provisioningState");
    return state ? state : "";
}

/* A resource may have a status of its own, which is another matter. */
static const char *state_of(const struct operation *operation, const struct acsmtp_json *json)
{
    const struct acsmtp_json *properties = acsmtp_json_get(json, "properties");
    const char *state = acsmtp_json_string(properties, "provisioningState");

    if (operation->monitor)
        return client_state(json);
    return state ? state : "";
}

/* For people; only a word or two, for it comes from the network. */
static void note_state(struct operation *operation, const char *state)
{
    (void)snprintf(operation->state, sizeof operation->state, "%s",
                   azure_is_word(state, " ") ? state : "");
}

/* Services are not strict about the words, so clients are not either. */
static enum step judge_state(const char *state)
{
    if (strcasecmp(state, "Succeeded") == 0)
        return STEP_DONE;
    if (strcasestr(state, "fail") || strncasecmp(state, "cancel", 6) == 0)
        return STEP_FAILED;
    return STEP_RUNNING;
}

static int is_method(const struct operation *operation, const char *method)
{
    return strcmp(operation->change->request.method, method) == 0;
}

/* ---- where to ask ---- */

static int set_monitor(struct operation *operation, const char *url, int is_async,
                       struct acsmtp_error *err)
{
    char *copy = strdup(url);

    if (!copy)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    free(operation->monitor);
    operation->monitor = copy;
    operation->is_async = is_async;
    return ACSMTP_OK;
}

/*
 * Each reply may name a newer monitor with another signature. A Location beside or after an
 * Azure-AsyncOperation is where a result will be; only without one it is a monitor, and only of
 * what was accepted (202): a 201 tells with it where the new resource is (RFC 9110 section 10.2.2).
 */
static int follow_headers(struct operation *operation, const struct client_reply *reply,
                          struct acsmtp_error *err)
{
    if (reply->operation)
        return set_monitor(operation, reply->operation, 1, err);
    if (reply->location && !operation->is_async && reply->status == 202)
        return set_monitor(operation, reply->location, 0, err);
    return ACSMTP_OK;
}

/* ---- waiting ---- */

static int out_of_patience(const struct operation *operation, struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_TEMPORARY,
                       "%s: Azure is still at it%s%s%s after %lld s; it may end later: run this "
                       "again, or with a longer 'wait'",
                       operation->what, operation->state[0] ? " (" : "", operation->state,
                       operation->state[0] ? ")" : "",
                       (long long)(operation->change->wait_ms / 1000));
}

/*
 * Short waits at first, since many operations are over at once; longer ones where the service asks
 * for them. "Retry-After: 0" is seen too, and is no reason to ask without a pause.
 */
static int64_t next_pause(struct operation *operation, int retry_after)
{
    int64_t longest = operation->change->poll_ms > 0 ? operation->change->poll_ms : 1;
    int64_t pause = operation->pause_ms < longest ? operation->pause_ms : longest;
    int64_t asked = (int64_t)retry_after * 1000;

    operation->pause_ms = pause * 2;
    return asked > pause ? asked : pause;
}

static int wait_for_more(struct operation *operation, int retry_after, struct acsmtp_error *err)
{
    const struct client_change *change = operation->change;
    int64_t left = operation->deadline_ms - now_ms();
    int64_t pause = next_pause(operation, retry_after);
    char shown[96];
    int status;

    if (left <= 0)
        return out_of_patience(operation, err);
    (void)snprintf(shown, sizeof shown, "waiting for Azure%s%s%s", operation->state[0] ? " (" : "",
                   operation->state, operation->state[0] ? ")" : "");
    if (change->progress)
        change->progress(change->progress_data, shown);
    status = acsmtp_context_sleep(operation->context, pause < left ? pause : left, err);
    acsmtp_error_prefix(err, "%s", operation->what);
    return status;
}

/* ---- asking ---- */

/* Lost connections and refusals for now do not end what Azure is doing. */
static int poll(struct operation *operation, struct client_reply *reply, struct acsmtp_error *err)
{
    const struct client_request *original = &operation->change->request;
    const struct client_request request = {
        .service = original->service,
        .what = operation->what,
        .method = "GET",
        .host = original->host,
        .target = operation->monitor ? operation->monitor : original->target,
    };
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    int status;

    client_reply_release(reply);
    status = client_send(operation->client, operation->context, &request, reply, &problem);
    if (status == ACSMTP_TEMPORARY &&
        acsmtp_context_check(operation->context, operation->what, NULL) == ACSMTP_OK) {
        acsmtp_log(operation->context, ACSMTP_LOG_INFO, "acs: %s", problem.message);
        client_reply_release(reply);
        reply->retry_after = problem.retry_after;
        return ACSMTP_OK;
    }
    if (status != ACSMTP_OK) {
        (void)acsmtp_fail(err, status, "%s", problem.message);
        acsmtp_error_server(err, problem.server_code, problem.code, problem.server_text);
    }
    return status;
}

/* A monitor or resource that is not there yet; for a delete, one that is gone. */
static enum step judge_absence(struct operation *operation)
{
    if (is_method(operation, "DELETE"))
        return STEP_DONE;
    if (operation->was_seen || ++operation->unseen > UNSEEN_MAX)
        return STEP_FAILED;
    return STEP_RUNNING;
}

static enum step judge(struct operation *operation, const struct client_reply *reply)
{
    const char *state = state_of(operation, reply->json);

    if (reply->status == 0) /* the poll itself got nowhere */
        return STEP_RUNNING;
    if (reply->status == 404)
        return judge_absence(operation);
    if (reply->status >= 400)
        return STEP_FAILED;
    operation->was_seen = 1;
    note_state(operation, state);
    if (state[0])
        return judge_state(state);
    return reply->status == 202 ? STEP_RUNNING : STEP_DONE;
}

/* `reply` is the last one that came, and the last one of all afterwards. */
static int until_over(struct operation *operation, enum step step, struct client_reply *reply,
                      struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK && step == STEP_RUNNING) {
        status = wait_for_more(operation, reply->retry_after, err);
        if (status == ACSMTP_OK)
            status = poll(operation, reply, err);
        if (status == ACSMTP_OK)
            step = judge(operation, reply);
        if (status == ACSMTP_OK)
            status = operation->monitor ? follow_headers(operation, reply, err) : ACSMTP_OK;
    }
    if (status == ACSMTP_OK && step == STEP_FAILED)
        status = client_fail(reply, operation->what, err);
    return status;
}

/*
 * The resource as it is now that the operation is over. It may lag behind its monitor, so its own
 * state counts too.
 */
static int read_resource(struct operation *operation, struct client_reply *reply,
                         struct acsmtp_error *err)
{
    int status;

    free(operation->monitor);
    operation->monitor = NULL;
    operation->was_seen = 0;
    operation->unseen = 0;
    status = poll(operation, reply, err);
    return status == ACSMTP_OK ? until_over(operation, judge(operation, reply), reply, err)
                               : status;
}

int client_operation_follow(struct client *client, struct acsmtp_context *context,
                            const struct client_change *change, struct client_reply *reply,
                            struct acsmtp_error *err)
{
    struct operation operation = {
        .client = client,
        .context = context,
        .change = change,
        .deadline_ms = now_ms() + change->wait_ms,
        .pause_ms = change->poll_ms / 8 > 0 ? change->poll_ms / 8 : 1,
    };
    int makes_resource =
        strcmp(change->request.method, "PUT") == 0 || strcmp(change->request.method, "PATCH") == 0;
    int status;

    client_what(&change->request, operation.what);
    note_state(&operation, client_state(reply->json));
    status = follow_headers(&operation, reply, err);
    if (status == ACSMTP_OK && operation.monitor) {
        status = until_over(&operation, STEP_RUNNING, reply, err);
        if (status == ACSMTP_OK && makes_resource)
            status = read_resource(&operation, reply, err);
    } else if (status == ACSMTP_OK && makes_resource) {
        status = until_over(&operation, judge(&operation, reply), reply, err);
    }
    free(operation.monitor);
    return status;
}
