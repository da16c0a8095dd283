/* SPDX-License-Identifier: MIT */
/* What all tagged resources have in common; see arm.h. */
#include "arm.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *find_mark(const struct acsmtp_json *json)
{
    return acsmtp_json_string(acsmtp_json_get(json, "tags"), ARM_TAG);
}

int arm_is_marked(const struct deployment *deployment, const struct acsmtp_json *json)
{
    return arm_same(find_mark(json), deployment->marker);
}

/* Sets what a provisioningState means for apply. */
static void read_state(struct resource *resource, const struct acsmtp_json *json)
{
    const char *state =
        acsmtp_json_string(acsmtp_json_get(json, "properties"), "provisioningState");

    resource->change = CHANGE_KEEP;
    if (!state || arm_same(state, "Succeeded") || arm_same(state, "Unknown"))
        return;
    resource->change = CHANGE_UPDATE;
    if (arm_same(state, "Failed") || arm_same(state, "Canceled")) {
        /* Somebody else's failure is not ours to repair: a PUT would replace what it holds. */
        resource->change = resource->is_ours ? CHANGE_UPDATE : CHANGE_KEEP;
        if (resource->is_ours)
            resource->reason = "an earlier attempt to make it has failed";
    } else {
        resource->is_busy = 1;
        resource->reason = arm_same(state, "Deleting") ? "Azure is still deleting it"
                                                       : "Azure is still working on it";
    }
}

/* Whether everything that it stands in is there: its provider, its group, its parent. */
static int has_home(const struct resource *resource)
{
    const char *const *needed;

    for (needed = resource->needs; *needed; needed++)
        if (!deployment_has(resource->deployment, *needed))
            return 0;
    return 1;
}

int arm_look(struct resource *resource, struct acsmtp_context *context, const char *id,
             const char *version, struct acsmtp_json **json, struct acsmtp_error *err)
{
    int status;

    resource->change = CHANGE_CREATE;
    if (!has_home(resource))
        return ACSMTP_OK;
    status = arm_get(resource->deployment, context, id, version, json, err);
    if (status != ACSMTP_OK)
        return status;
    resource->exists = *json != NULL;
    if (!*json)
        return ACSMTP_OK;
    resource->is_ours = arm_is_marked(resource->deployment, *json);
    if (!resource->is_ours)
        resource->reason = find_mark(*json)
                               ? "belongs to another deployment: used as it is, never removed"
                               : "not made by acsmtp: used as it is, never removed";
    read_state(resource, *json);
    return ACSMTP_OK;
}
/* "East US" is "eastus". */
static int is_same_region(const char *one, const char *other)
{
    for (;;) {
        one += strspn(one, " ");
        other += strspn(other, " ");
        if (tolower((unsigned char)*one) != tolower((unsigned char)*other))
            return 0;
        if (*one == '\0')
            return 1;
        one++;
        other++;
    }
}

int arm_compare_location(struct resource *resource, const struct acsmtp_json *json,
                         const char *wanted, struct acsmtp_error *err)
{
    const char *found = acsmtp_json_string(json, "location");

    if (!json)
        return resource_differs(resource, "location", NULL, wanted, err);
    if (!found || resource->reason || is_same_region(found, wanted))
        return ACSMTP_OK;
    (void)snprintf(resource->note, sizeof resource->note,
                   "stays in %.60s: a location never changes, also not to %.60s", found, wanted);
    resource->reason = resource->note;
    return ACSMTP_OK;
}

/* ---- making ---- */

/* The tags that are there, and our mark. */
static struct acsmtp_json *make_tags(const struct deployment *deployment,
                                     const struct acsmtp_json *found, struct acsmtp_error *err)
{
    const struct acsmtp_json *before = acsmtp_json_get(found, "tags");
    struct acsmtp_json *tags = acsmtp_json_type(before) == ACSMTP_JSON_OBJECT
                                   ? acsmtp_json_dup(before, err)
                                   : acsmtp_json_new_object(err);

    if (tags && acsmtp_json_set(tags, ARM_TAG, acsmtp_json_new_string(deployment->marker, err),
                                err) == ACSMTP_OK)
        return tags;
    acsmtp_json_free(tags);
    return NULL;
}

/* A PUT replaces all that can be written: what nobody wants changed is said again. */
static int keep_properties(struct acsmtp_json *properties, const struct acsmtp_json *found,
                           const char *const *kept, struct acsmtp_error *err)
{
    const struct acsmtp_json *before = acsmtp_json_get(found, "properties");
    int status = ACSMTP_OK;

    for (; status == ACSMTP_OK && kept && *kept; kept++) {
        const struct acsmtp_json *value = acsmtp_json_get(before, *kept);

        if (value)
            status = acsmtp_json_set(properties, *kept, acsmtp_json_dup(value, err), err);
    }
    return status;
}

/* `properties` moves. */
static struct acsmtp_json *make_body(const struct deployment *deployment,
                                     const struct arm_making *making,
                                     const struct acsmtp_json *found,
                                     struct acsmtp_json *properties, struct acsmtp_error *err)
{
    struct acsmtp_json *body = ARM_TEXTS(err, {"location", making->location});
    int status = body ? ACSMTP_OK : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = acsmtp_json_set(body, "tags", make_tags(deployment, found, err), err);
    if (status == ACSMTP_OK && properties)
        status = keep_properties(properties, found, making->kept, err);
    if (status == ACSMTP_OK && properties)
        status =
            acsmtp_json_set(body, "properties", ACSMTP_STEAL(struct acsmtp_json, properties), err);
    acsmtp_json_free(properties);
    if (status != ACSMTP_OK) {
        acsmtp_json_free(body);
        body = NULL;
    }
    return body;
}

int arm_make(struct resource *resource, struct acsmtp_context *context, struct schedule_step *step,
             const struct arm_making *making, struct acsmtp_json *properties,
             struct acsmtp_json **json, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *moved = properties;
    ACSMTP_AUTO_JSON struct acsmtp_json *found = NULL;
    ACSMTP_AUTO_JSON struct acsmtp_json *body = NULL;
    struct arm_change put = {"PUT", making->id, making->version, NULL};
    int status = ACSMTP_OK;

    if (resource->exists)
        status = arm_get(resource->deployment, context, making->id, making->version, &found, err);
    if (status != ACSMTP_OK)
        return status;
    body = make_body(resource->deployment, making, found, ACSMTP_STEAL(struct acsmtp_json, moved),
                     err);
    put.body = body;
    status = body ? arm_change(resource, context, step, &put, json, err) : ACSMTP_SYSTEM;
    if (status == ACSMTP_OK)
        resource->exists = resource->is_ours = 1;
    return status;
}

int arm_unmake(struct resource *resource, struct acsmtp_context *context,
               struct schedule_step *step, const char *id, const char *version,
               struct acsmtp_error *err)
{
    const struct arm_change removal = {"DELETE", id, version, NULL};

    return arm_change(resource, context, step, &removal, NULL, err);
}
