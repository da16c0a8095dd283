/* SPDX-License-Identifier: MIT */
/*
 * Refusals. Azure's services share one shape of error body, roughly: codes within codes, in members
 * spelled and placed differently by each. Nothing in it is trusted in size or shape.
 */
#include "client_private.h"

#include <azure.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DEPTH_MAX 8
#define DETAILS_MAX 8
#define CODE_CHARACTERS "_.-"

/* ---- reading ---- */

static int is_word(const char *text, size_t size)
{
    char word[64];

    if (size >= sizeof word)
        return 0;
    memcpy(word, text, size);
    word[size] = '\0';
    return azure_is_word(word, CODE_CHARACTERS);
}

/* Each code once, as long as there is room. */
static void add_code(struct client_failure *failure, const char *code)
{
    size_t used = strlen(failure->codes);

    if (!code || !is_word(code, strlen(code)))
        return;
    (void)snprintf(failure->code, sizeof failure->code, "%s", code);
    if (used + strlen(code) + 2 <= sizeof failure->codes)
        (void)snprintf(failure->codes + used, sizeof failure->codes - used, "%s%s", used ? "/" : "",
                       code);
}

static void add_text(struct client_failure *failure, const char *text)
{
    size_t used = strlen(failure->text);

    if (!text || !*text || strstr(failure->text, text))
        return;
    (void)snprintf(failure->text + used, sizeof failure->text - used, "%s%s", used ? "; " : "",
                   text);
}

static const struct acsmtp_json *inner_of(const struct acsmtp_json *error)
{
    const struct acsmtp_json *inner = acsmtp_json_get(error, "innererror");

    return inner ? inner : acsmtp_json_get(error, "innerError");
}

/* The codes on the way down; the last one is the finest. */
static void read_inner(const struct acsmtp_json *error, struct client_failure *failure)
{
    const struct acsmtp_json *inner = inner_of(error);

    for (int depth = 0; inner && depth < DEPTH_MAX; depth++) {
        add_code(failure, acsmtp_json_string(inner, "code"));
        inner = inner_of(inner);
    }
}

/* Of several details the first that has a code is what went wrong first. */
static void read_details(const struct acsmtp_json *error, struct client_failure *failure)
{
    const struct acsmtp_json *details = acsmtp_json_get(error, "details");
    size_t count = acsmtp_json_length(details);

    for (int depth = 0; count > 0 && depth < DEPTH_MAX; depth++) {
        const struct acsmtp_json *detail = NULL;

        for (size_t i = 0; i < count && i < DETAILS_MAX && !acsmtp_json_string(detail, "code"); i++)
            detail = acsmtp_json_item(details, i);
        add_code(failure, acsmtp_json_string(detail, "code"));
        add_text(failure, acsmtp_json_string(detail, "message"));
        details = acsmtp_json_get(detail, "details");
        count = acsmtp_json_length(details);
    }
}

/* Which policy forbids it is told only here. */
static void read_policy(const struct acsmtp_json *error, struct client_failure *failure)
{
    const struct acsmtp_json *first = acsmtp_json_item(acsmtp_json_get(error, "additionalInfo"), 0);

    add_text(failure,
             acsmtp_json_string(acsmtp_json_get(first, "info"), "policyDefinitionDisplayName"));
}

/* {"error": {…}}, also in the status of an operation; or its members without a shell around. */
static const struct acsmtp_json *find_error(const struct acsmtp_json *json)
{
    const struct acsmtp_json *error = acsmtp_json_get(json, "error");

    if (acsmtp_json_type(error) == ACSMTP_JSON_OBJECT)
        return error;
    return acsmtp_json_string(json, "code") ? json : NULL;
}

int client_failure_read(const struct acsmtp_json *json, struct client_failure *failure)
{
    const struct acsmtp_json *error = find_error(json);

    *failure = (struct client_failure){.code = ""};
    if (error) {
        add_text(failure, acsmtp_json_string(error, "message"));
        read_policy(error, failure);
        add_code(failure, acsmtp_json_string(error, "code"));
        read_details(error, failure);
        read_inner(error, failure);
    } else {
        /* OAuth's shape (RFC 6749 section 5.2), from what stands in front of a service. */
        add_code(failure, acsmtp_json_string(json, "error"));
        add_text(failure, acsmtp_json_string(json, "error_description"));
    }
    return failure->code[0] != '\0' || failure->text[0] != '\0';
}

/* ---- telling ---- */

/* How it ended: by the reply itself, or by what the reply says of the operation. */
static void describe_end(const struct client_reply *reply, char *end, size_t capacity)
{
    const char *state = client_state(reply->json);

    if (reply->status < 400 && state[0])
        (void)snprintf(end, capacity, "ended as '%.30s'", state);
    else
        (void)snprintf(end, capacity, "HTTP %d", reply->status);
}

static int classify(const struct client_reply *reply, int is_known)
{
    if (reply->status == 401 || reply->status == 403)
        return ACSMTP_DENIED;
    if (azure_is_temporary(reply->status))
        return ACSMTP_TEMPORARY;
    /* An operation that was accepted and failed for an unknown reason may do so only today. */
    if (reply->status < 300 && reply->json)
        return ACSMTP_TEMPORARY;
    return is_known ? ACSMTP_CONFIG : ACSMTP_PROTOCOL;
}

static const char *words_for(const struct client_reply *reply, const struct client_failure *failure)
{
    if (failure->text[0])
        return failure->text;
    if (reply->is_foreign)
        return "the reply is no JSON; is there a proxy in between?";
    return "the reply does not say why";
}

/* The size of Azure's first sentence: enough beside a remedy; server_text has them all. */
static size_t first_sentence(const char *words)
{
    const char *end = strstr(words, ". ");
    size_t line = strcspn(words, "\r\n");

    return end && (size_t)(end - words) < line ? (size_t)(end - words) + 1 : line;
}

/* "HTTP 403 Code: words (Azure asks to wait 7 s)", as far as it adds something to the remedy. */
static void describe(const struct client_reply *reply, const struct client_failure *failure,
                     const struct client_remedy *remedy, char *text, size_t capacity)
{
    const char *words = remedy->tells_all ? "" : words_for(reply, failure);
    size_t size = remedy->status ? first_sentence(words) : strlen(words);
    char end[64], patience[64] = "";

    describe_end(reply, end, sizeof end);
    if (reply->retry_after > 0)
        (void)snprintf(patience, sizeof patience, " (Azure asks to wait %d s)", reply->retry_after);
    (void)snprintf(text, capacity, "%s%s%s%s%.*s%s", end, failure->code[0] ? " " : "",
                   failure->code, size ? ": " : "", (int)(size < 800 ? size : 800), words,
                   patience);
}

int client_fail(const struct client_reply *reply, const char *what, struct acsmtp_error *err)
{
    char said[sizeof err->server_text];
    char description[sizeof err->message];
    struct client_failure failure;
    struct client_remedy remedy;
    int is_known = client_failure_read(reply->json, &failure);
    int status;

    client_remedy_find(&failure, &remedy);
    status = remedy.status && !azure_is_temporary(reply->status) ? remedy.status
                                                                 : classify(reply, is_known);
    describe(reply, &failure, &remedy, description, sizeof description);
    status = acsmtp_fail(err, status, "%s: %s%s%s", what, remedy.text, remedy.text[0] ? ": " : "",
                         description);
    (void)snprintf(said, sizeof said, "%s%s%.700s", failure.codes, failure.codes[0] ? ": " : "",
                   failure.text);
    acsmtp_error_server(err, reply->status, failure.code, said);
    if (err)
        err->retry_after = reply->retry_after;
    return status;
}

/* ---- asking ---- */

int client_failed_with(const struct acsmtp_error *err, const char *code)
{
    const char *at = err->server_text;
    const char *end = strstr(at, ": ");
    size_t wanted = strlen(code);

    if (strcasecmp(err->code, code) == 0)
        return 1;
    /* "Outer/Inner: words", as client_fail() wrote it; words of a body without codes are no path.
     */
    while (end && at < end) {
        size_t size = strcspn(at, "/:");

        if (!is_word(at, size))
            return 0;
        if (size == wanted && strncasecmp(at, code, size) == 0)
            return 1;
        at += size + 1;
    }
    return 0;
}
