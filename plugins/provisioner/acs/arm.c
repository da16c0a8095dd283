/* SPDX-License-Identifier: MIT */
/* Resource Manager by resource id; see arm.h. */
#include "arm.h"

#include "guid.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TARGET_MAX (ARM_ID_MAX + 512)

int arm_same(const char *one, const char *other)
{
    return one && other && strcasecmp(one, other) == 0;
}

int arm_get(struct deployment *deployment, struct acsmtp_context *context, const char *id,
            const char *version, struct acsmtp_json **json, struct acsmtp_error *err)
{
    char target[TARGET_MAX];

    (void)snprintf(target, sizeof target, "%s?api-version=%s", id, version);
    return client_get(deployment->client, context, CLIENT_ARM, target, json, err);
}

/* Percent-encoding of what OData filters hold here: blanks and quotes; ids and GUIDs need none. */
static void add_filter(char *target, size_t capacity, const char *filter)
{
    size_t used = strlen(target);
    const char *at;

    used += (size_t)snprintf(target + used, capacity - used, "&$filter=");
    for (at = filter; *at && used + 4 < capacity; at++) {
        int is_plain = *at != ' ' && *at != '\'';

        used += (size_t)snprintf(target + used, capacity - used, is_plain ? "%c" : "%%%02X", *at);
    }
}

/* What the list belongs to has gone since it was seen: an earlier destroy was still at work. */
static int is_gone(const struct acsmtp_error *err)
{
    return client_failed_with(err, "ResourceNotFound") ||
           client_failed_with(err, "ParentResourceNotFound") ||
           client_failed_with(err, "ResourceGroupNotFound");
}

int arm_list(struct deployment *deployment, struct acsmtp_context *context, const char *id,
             const char *version, const char *filter, struct acsmtp_json **items,
             struct acsmtp_error *err)
{
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    char target[TARGET_MAX];
    int status;

    (void)snprintf(target, sizeof target, "%s?api-version=%s", id, version);
    if (filter)
        add_filter(target, sizeof target, filter);
    status = client_list(deployment->client, context, CLIENT_ARM, target, items, &failure);
    if (status == ACSMTP_OK)
        return ACSMTP_OK;
    if (is_gone(&failure)) {
        *items = acsmtp_json_new_array(err);
        return *items ? ACSMTP_OK : ACSMTP_SYSTEM;
    }
    *err = failure;
    return status;
}

static void show_wait(void *step, const char *what)
{
    schedule_waiting(step, what);
}

int arm_change(struct resource *resource, struct acsmtp_context *context,
               struct schedule_step *step, const struct arm_change *change,
               struct acsmtp_json **json, struct acsmtp_error *err)
{
    const struct parameters *parameters = resource->deployment->parameters;
    ACSMTP_AUTO_JSON struct acsmtp_json *unwanted = NULL;
    char target[TARGET_MAX];
    struct client_change call = {
        .request = {.service = CLIENT_ARM,
                    .method = change->method,
                    .target = target,
                    .body = change->body,
                    .is_repeatable = 1}, /* all of ARM's that are sent here are */
        .progress = show_wait,
        .progress_data = step,
        .wait_ms = parameters->wait_ms,
        .poll_ms = parameters->poll_ms,
    };
    int status;

    (void)snprintf(target, sizeof target, "%s?api-version=%s", change->id, change->version);
    status =
        client_change(resource->deployment->client, context, &call, json ? json : &unwanted, err);
    schedule_waiting(step, NULL);
    return status;
}

int arm_check_name(struct resource *resource, struct acsmtp_context *context,
                   struct schedule_step *step, const char *type, const char *name,
                   const char *option, const char *version, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *body = ARM_TEXTS(err, {"name", name}, {"type", type});
    ACSMTP_AUTO_JSON struct acsmtp_json *answer = NULL;
    char id[ARM_ID_MAX];
    struct arm_change check = {"POST", id, version, body};
    int status;

    if (!body)
        return ACSMTP_SYSTEM;
    (void)snprintf(id, sizeof id, "/subscriptions/%s/providers/%.*s/checkNameAvailability",
                   resource->deployment->parameters->subscription, (int)strcspn(type, "/"), type);
    status = arm_change(resource, context, step, &check, &answer, err);
    if (status != ACSMTP_OK || acsmtp_json_true(answer, "nameAvailable"))
        return status;
    acsmtp_error_server(err, 0, acsmtp_json_string(answer, "reason"),
                        acsmtp_json_string(answer, "message"));
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "the name '%s' is not free: such names are unique in all of Azure; choose "
                       "another with option %s (Azure says: %s)",
                       name, option, acsmtp_json_string(answer, "message"));
}

struct acsmtp_json *arm_texts_new(const struct arm_text *texts, struct acsmtp_error *err)
{
    struct acsmtp_json *object = acsmtp_json_new_object(err);
    int status = object ? ACSMTP_OK : ACSMTP_SYSTEM;

    for (; status == ACSMTP_OK && texts->key; texts++)
        if (texts->value)
            status =
                acsmtp_json_set(object, texts->key, acsmtp_json_new_string(texts->value, err), err);
    if (status != ACSMTP_OK) {
        acsmtp_json_free(object);
        object = NULL;
    }
    return object;
}

int arm_copy_guid(char guid[GUID_MAX], const struct acsmtp_json *json, const char *key,
                  const char *what, struct acsmtp_error *err)
{
    const char *text = acsmtp_json_string(json, key);

    if (!guid_is(text))
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "%s has no '%s' that is a GUID", what, key);
    (void)snprintf(guid, GUID_MAX, "%s", text);
    return ACSMTP_OK;
}
