/* SPDX-License-Identifier: MIT */
/* Client secrets: made by the service, told once, good until their end. The token endpoint and
 * SMTP take a fresh one only after a while. */
#include "graph.h"
#include "rfc3339.h"
#include "scaled_clock.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
    DAY = 24 * 3600,
    DEFAULT_DAYS = 2 * 365, /* documented */
    LENGTH_MINIMUM = 16,
    LENGTH_MAXIMUM = 64,
    SECRETS_MAXIMUM = 100,
};

/* UNVERIFIED words; Entra keeps no dates that its calendar does not hold. */
static bool bad_credential(struct graph_call *call, const char *message)
{
    graph_error(call, 400, "Request_BadRequest", message);
    return false;
}

/* A time member of the request: what is absent stays as it is. */
static bool read_time(struct graph_call *call, struct json_object *credential, const char *name,
                      int64_t *seconds)
{
    struct json_object *value = tree_get(credential, name, NULL);
    if (value == NULL) {
        return true;
    }
    const char *text = tree_string(credential, name, NULL);
    if (text == NULL || rfc3339_parse(text, seconds) != 0) {
        return bad_credential(call, "Cannot convert the literal to the expected type "
                                    "'Edm.DateTimeOffset'.");
    }
    return true;
}

static bool read_period(struct graph_call *call, struct json_object *credential, int64_t *start,
                        int64_t *end)
{
    int64_t longest = graph_switch(call, "password_days", 0);
    *start = time(NULL);
    if (!read_time(call, credential, "startDateTime", start)) {
        return false;
    }
    *end = *start + (int64_t)DEFAULT_DAYS * DAY;
    if (!read_time(call, credential, "endDateTime", end)) {
        return false;
    }
    if (*end <= *start || *end <= time(NULL)) {
        return bad_credential(call, "Key credential end date is invalid.");
    }
    if (longest > 0 && *end - *start > longest * DAY) {
        /* UNVERIFIED code: that of a tenant whose policy bounds the lifetime of secrets */
        graph_error(call, 400, "CredentialInvalidLifetimeAsPerAppPolicy",
                    "Credential lifetime exceeds the max value allowed as per assigned policy.");
        return false;
    }
    return true;
}

/* The credential of the request; {} and no member at all are good too. False after a refusal. */
static bool read_credential(struct graph_call *call, struct json_object **credential)
{
    static const struct graph_member outer[] = {
        {"passwordCredential", NULL, json_type_object, NULL},
        {NULL, NULL, json_type_null, NULL},
    };
    *credential = tree_get(call->body, "passwordCredential", NULL);
    if (!graph_store_body(call, outer, NULL)) {
        return false;
    }
    struct json_object *name = tree_get(*credential, "displayName", NULL);
    if (name != NULL &&
        (!json_object_is_type(name, json_type_string) || json_object_get_string_len(name) > 120)) {
        return bad_credential(call, "Invalid value specified for property 'displayName'.");
    }
    return true;
}

static struct json_object *new_secret(struct graph_call *call, struct json_object *credential,
                                      int64_t start, int64_t end)
{
    char value[LENGTH_MAXIMUM + 1];
    char dice[3];
    text_random_hex(dice, 2);
    size_t spread = strtoul(dice, NULL, 16) % (LENGTH_MAXIMUM - LENGTH_MINIMUM + 1);
    text_random_password(value, LENGTH_MINIMUM + spread);
    struct json_object *secret = json_object_new_object();
    tree_set_string(secret, "value", value);
    tree_set_int(secret, "start", start);
    tree_set_int(secret, "end", end);
    const char *name = tree_string(credential, "displayName", NULL);
    if (name != NULL) {
        tree_set_string(secret, "display_name", name);
    }
    int64_t delay = graph_switch(call, "secret_replication_ms", 0);
    if (delay > 0) {
        tree_set_int(secret, "ready_ms", scaled_clock_after(call->tree, delay));
    }
    return secret;
}

/* The only reply that ever holds the text of the secret. */
static void tell(struct graph_call *call, const char *id, struct json_object *secret)
{
    char moment[TEXT_TIME_SIZE];
    char hint[4];
    char context[384];
    struct json_object *json = json_object_new_object();
    const char *value = tree_string(secret, "value", "");
    snprintf(context, sizeof(context), "%s/v1.0/$metadata#microsoft.graph.passwordCredential",
             call->request->base);
    tree_set_string(json, "@odata.context", context);
    json_object_object_add(json, "customKeyIdentifier", NULL);
    rfc3339_format(tree_int(secret, "end", 0), moment);
    tree_set_string(json, "endDateTime", moment);
    tree_set_string(json, "keyId", id);
    rfc3339_format(tree_int(secret, "start", 0), moment);
    tree_set_string(json, "startDateTime", moment);
    tree_set_string(json, "secretText", value);
    snprintf(hint, sizeof(hint), "%.3s", value);
    tree_set_string(json, "hint", hint);
    json_object_object_add(json, "displayName", tree_dup(tree_get(secret, "display_name", NULL)));
    http_reply_json(call->reply, 200, json);
}

void graph_add_password(struct graph_call *call)
{
    struct json_object *application = graph_find_application(call);
    struct json_object *credential = NULL;
    int64_t start = 0;
    int64_t end = 0;
    if (application == NULL || !graph_may_write(call, application) ||
        !read_credential(call, &credential) || !read_period(call, credential, &start, &end)) {
        return;
    }
    struct json_object *secrets = tree_get(application, "secrets", NULL);
    if (json_object_object_length(secrets) >= SECRETS_MAXIMUM) {
        bad_credential(call, "The directory object quota for credentials has been exceeded.");
        return;
    }
    char id[TEXT_UUID_SIZE];
    struct json_object *secret = new_secret(call, credential, start, end);
    text_uuid(id);
    tell(call, id, secret);
    json_object_object_add(secrets, id, secret);
    call->changed = true;
}

void graph_remove_password(struct graph_call *call)
{
    struct json_object *application = graph_find_application(call);
    const char *id = tree_string(call->body, "keyId", NULL);
    if (application == NULL || !graph_may_write(call, application)) {
        return;
    }
    struct json_object *secrets = tree_get(application, "secrets", NULL);
    for (struct lh_entry *each = tree_first(secrets); id != NULL && each != NULL;
         each = each->next) {
        const char *key = tree_key(each);
        if (strcasecmp(key, id) == 0) {
            json_object_object_del(secrets, key);
            call->reply->status = 204;
            call->changed = true;
            return;
        }
    }
    /* UNVERIFIED words */
    bad_credential(call, "No password credential found with keyId.");
}
