/* SPDX-License-Identifier: MIT */
/*
 * struct acsmtp_result: what the server said about a message and about each of its recipients.
 */
#include "result_private.h"
#include "utf8.h"
#include <acsmtp/message.h>
#include <acsmtp/secret.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RECIPIENTS_MAX 100000U

struct acsmtp_result {
    struct acsmtp_reply message;
    result_watcher *watcher; /* or NULL */
    void *watcher_data;
    size_t count;
    struct acsmtp_reply recipients[];
};

static const struct acsmtp_reply nothing = {.size = sizeof(struct acsmtp_reply)};

struct acsmtp_result *acsmtp_result_new(size_t recipients, struct acsmtp_error *err)
{
    struct acsmtp_result *result = NULL;

    if (recipients <= RECIPIENTS_MAX)
        result = malloc(sizeof *result + recipients * sizeof result->recipients[0]);
    if (!result) {
        (void)acsmtp_fail_errno(err, ENOMEM, "cannot keep the result of %zu recipients",
                                recipients);
        return NULL;
    }
    result->count = recipients;
    result->watcher = NULL;
    acsmtp_result_clear(result);
    return result;
}

void acsmtp_result_free(struct acsmtp_result *result)
{
    free(result);
}

void acsmtp_result_clear(struct acsmtp_result *result)
{
    result->message = nothing;
    for (size_t i = 0; i < result->count; i++)
        result->recipients[i] = nothing;
}

static void make_safe(char *text, size_t capacity)
{
    text[capacity - 1] = '\0';
    acsmtp_redact(text, capacity);
    utf8_make_printable(text, '\0');
}

/* A transport of another version may know fewer fields, or more. */
static void copy(struct acsmtp_reply *to, const struct acsmtp_reply *from)
{
    size_t size = from->size < sizeof *to ? from->size : sizeof *to;

    *to = nothing;
    memcpy(to, from, size);
    to->size = sizeof *to;
    make_safe(to->enhanced, sizeof to->enhanced);
    make_safe(to->text, sizeof to->text);
}

void acsmtp_result_set_recipient(struct acsmtp_result *result, size_t index,
                                 const struct acsmtp_reply *reply)
{
    if (index >= result->count)
        return;
    copy(&result->recipients[index], reply);
    if (result->watcher)
        result->watcher(result->watcher_data, index, &result->recipients[index]);
}

void acsmtp_result_set_message(struct acsmtp_result *result, const struct acsmtp_reply *reply)
{
    copy(&result->message, reply);
    if (result->watcher)
        result->watcher(result->watcher_data, RESULT_MESSAGE, &result->message);
}

void result_watch(struct acsmtp_result *result, result_watcher *watcher, void *data)
{
    result->watcher = watcher;
    result->watcher_data = data;
}

const struct acsmtp_reply *acsmtp_result_message(const struct acsmtp_result *result)
{
    return &result->message;
}

const struct acsmtp_reply *acsmtp_result_recipient(const struct acsmtp_result *result, size_t index)
{
    const struct acsmtp_reply *own;

    if (index >= result->count)
        return NULL;
    own = &result->recipients[index];
    if (own->delivery == ACSMTP_NOT_TRIED || own->delivery == ACSMTP_ACCEPTED)
        return &result->message;
    return own;
}

size_t acsmtp_result_recipients(const struct acsmtp_result *result)
{
    return result->count;
}

/* For good, or worth another try. */
static int status_of(const struct acsmtp_reply *reply)
{
    if (reply->delivery == ACSMTP_ACCEPTED)
        return ACSMTP_OK;
    return reply->delivery == ACSMTP_REFUSED ? ACSMTP_REJECTED : ACSMTP_TEMPORARY;
}

static int describe(const struct acsmtp_reply *reply, int status, size_t failed, size_t count,
                    struct acsmtp_error *err)
{
    static const char *const words[] = {
        [ACSMTP_NOT_TRIED] = "not tried",
        [ACSMTP_ACCEPTED] = "accepted",
        [ACSMTP_DEFERRED] = "refused for now",
        [ACSMTP_REFUSED] = "refused",
        [ACSMTP_UNKNOWN] = "not known to have arrived, and another try may duplicate it",
    };
    const char *word = reply->delivery >= 0 && reply->delivery <= ACSMTP_UNKNOWN
                           ? words[reply->delivery]
                           : "in an unknown state";

    acsmtp_error_server(err, reply->code, reply->enhanced, reply->text);
    if (reply->code == 0)
        return acsmtp_fail(err, status, "%zu of %zu recipients: %s%s%s", failed, count, word,
                           reply->text[0] ? ": " : "", reply->text);
    return acsmtp_fail(err, status, "%zu of %zu recipients: %s: %d %s%s%s", failed, count, word,
                       (int)reply->code, reply->enhanced, reply->enhanced[0] ? " " : "",
                       reply->text);
}

int acsmtp_result_status(const struct acsmtp_result *result, struct acsmtp_error *err)
{
    const struct acsmtp_reply *first[] = {NULL, NULL}; /* refused for good; anything else */
    size_t failed = 0;

    for (size_t i = 0; i < result->count; i++) {
        const struct acsmtp_reply *reply = acsmtp_result_recipient(result, i);
        int status = status_of(reply), which = status == ACSMTP_TEMPORARY;

        failed += status != ACSMTP_OK;
        if (status != ACSMTP_OK && !first[which])
            first[which] = reply;
    }
    if (first[1])
        return describe(first[1], ACSMTP_TEMPORARY, failed, result->count, err);
    if (first[0])
        return describe(first[0], ACSMTP_REJECTED, failed, result->count, err);
    return ACSMTP_OK;
}
