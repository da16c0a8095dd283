/* SPDX-License-Identifier: MIT */
/* Documents of the operations; see result.h. */
#include "result.h"

#include "arm.h"
#include "walk.h"

#include <string.h>

struct acsmtp_json *result_new(struct acsmtp_error *err)
{
    struct acsmtp_json *result = acsmtp_json_new_object(err);

    if (result &&
        acsmtp_json_set(result, "schema_version",
                        acsmtp_json_new_integer(RESULT_SCHEMA_VERSION, err), err) == ACSMTP_OK)
        return result;
    acsmtp_json_free(result);
    return NULL;
}

int result_set_text(struct acsmtp_json *object, const char *key, const char *text,
                    struct acsmtp_error *err)
{
    struct acsmtp_json *value = NULL;

    if (text && text[0])
        value = acsmtp_json_new_string(text, err);
    else
        value = acsmtp_json_parse("null", 4, err);
    return acsmtp_json_set(object, key, value, err);
}

/* ---- plan ---- */

/* CHANGE_ABSENT: nothing to tell. */
static enum change planned(const struct resource *resource)
{
    if (!(resource->deployment->flags & ACSMTP_PROVISION_DESTROY))
        return resource->change;
    if (walk_is_removable(resource))
        return CHANGE_DELETE;
    return resource->exists && resource->kind->remove ? CHANGE_KEEP : CHANGE_ABSENT;
}

static int add_change(struct acsmtp_json *changes, const struct resource *resource,
                      enum change change, struct acsmtp_error *err)
{
    struct acsmtp_json *item =
        ARM_TEXTS(err, {"id", resource->id}, {"title", resource->title},
                  {"change", change_name(change)}, {"reason", resource->reason});
    int status = item ? ACSMTP_OK : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK && resource->differences && change != CHANGE_DELETE)
        status =
            acsmtp_json_set(item, "differences", acsmtp_json_dup(resource->differences, err), err);
    if (status == ACSMTP_OK)
        return acsmtp_json_append(changes, item, err);
    acsmtp_json_free(item);
    return status;
}

static int add_summary(struct acsmtp_json *result, const int counts[CHANGE_ABSENT + 1],
                       struct acsmtp_error *err)
{
    static const enum change shown[] = {CHANGE_CREATE, CHANGE_UPDATE, CHANGE_DELETE, CHANGE_KEEP};
    struct acsmtp_json *summary = acsmtp_json_new_object(err);
    int status = summary ? ACSMTP_OK : ACSMTP_SYSTEM;
    size_t i;

    for (i = 0; status == ACSMTP_OK && i < sizeof shown / sizeof shown[0]; i++)
        status = acsmtp_json_set(summary, change_name(shown[i]),
                                 acsmtp_json_new_integer(counts[shown[i]], err), err);
    if (status == ACSMTP_OK)
        return acsmtp_json_set(result, "summary", summary, err);
    acsmtp_json_free(summary);
    return status;
}

/* What a person has to type before it is gone: the group if it goes, else the service. */
static int add_confirmation(struct acsmtp_json *result, const struct deployment *deployment,
                            struct acsmtp_error *err)
{
    const struct parameters *parameters = deployment->parameters;
    const char *name = deployment_owns(deployment, "resource-group")
                           ? parameters->resource_group
                           : parameters->communication_name;

    if (!(deployment->flags & ACSMTP_PROVISION_DESTROY))
        return ACSMTP_OK;
    return result_set_text(result, "confirm", name, err);
}

int result_add_plan(struct acsmtp_json *result, const struct deployment *deployment,
                    struct acsmtp_error *err)
{
    struct acsmtp_json *changes = acsmtp_json_new_array(err);
    int counts[CHANGE_ABSENT + 1] = {0};
    int status = changes ? ACSMTP_OK : ACSMTP_SYSTEM;
    size_t i;

    for (i = 0; status == ACSMTP_OK && i < deployment->resource_count; i++) {
        enum change change = planned(&deployment->resources[i]);

        if (change == CHANGE_ABSENT || change == CHANGE_UNKNOWN)
            continue;
        counts[change]++;
        status = add_change(changes, &deployment->resources[i], change, err);
    }
    if (status != ACSMTP_OK) {
        acsmtp_json_free(changes);
        return status;
    }
    status = acsmtp_json_set(result, "changes", changes, err);
    if (status == ACSMTP_OK)
        status = add_summary(result, counts, err);
    return status == ACSMTP_OK ? add_confirmation(result, deployment, err) : status;
}

int result_add_output(struct acsmtp_json *result, const struct deployment *deployment,
                      struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct acsmtp_json *profile = NULL;
    int status = acsmtp_json_set(result, "output", output_new(deployment, context, err), err);

    if (status == ACSMTP_OK)
        status = profile_new(deployment, &profile, err);
    if (status == ACSMTP_OK && profile)
        status = acsmtp_json_set(result, "profile", profile, err);
    if (status == ACSMTP_OK && profile)
        status = result_set_text(result, "profile_name", deployment->parameters->communication_name,
                                 err);
    return status;
}
