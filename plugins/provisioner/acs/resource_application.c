/* SPDX-License-Identifier: MIT */
/*
 * An Entra application. Display names are not unique and a POST makes a new one each time, so it is
 * made by an upsert on uniqueName. Where Graph refuses uniqueName, or a deleted application still
 * holds it (UNVERIFIED which clouds, and whether it does), it is made by POST and found again by
 * its display name and our tag.
 */
#include "arm.h"
#include "graph.h"
#include "resource.h"

#include <stdio.h>
#include <string.h>

#define APPLICATIONS "/v1.0/applications"
#define DELETED_APPLICATIONS "/v1.0/directory/deletedItems/microsoft.graph.application"

static void display_name(const struct resource *resource, char name[128])
{
    (void)snprintf(name, 128, "%.63s-%s", resource->deployment->parameters->communication_name,
                   resource_login(resource)->role);
}

static void unique_target(const struct resource *resource, char target[256])
{
    (void)snprintf(target, 256, APPLICATIONS "(uniqueName='%s')",
                   resource_login(resource)->unique_name);
}

/* ---- finding ---- */

static int is_tagged(const struct acsmtp_json *application, const char *tag)
{
    const struct acsmtp_json *tags = acsmtp_json_get(application, "tags");
    size_t i;

    for (i = 0; i < acsmtp_json_length(tags); i++)
        if (arm_same(acsmtp_json_text(acsmtp_json_item(tags, i)), tag))
            return 1;
    return 0;
}

static int keep(struct resource *resource, const struct acsmtp_json *json, struct acsmtp_error *err)
{
    struct login *login = resource_login(resource);
    const struct acsmtp_json *credentials = acsmtp_json_get(json, "passwordCredentials");
    int status = arm_copy_guid(login->object_id, json, "id", "the application", err);

    if (status == ACSMTP_OK)
        status = arm_copy_guid(login->application_id, json, "appId", "the application", err);
    if (status != ACSMTP_OK)
        return status;
    acsmtp_json_free(login->credentials);
    login->credentials =
        credentials ? acsmtp_json_dup(credentials, err) : acsmtp_json_new_array(err);
    resource->exists = resource->is_ours = 1;
    return login->credentials ? ACSMTP_OK : ACSMTP_SYSTEM;
}

/* The one in `collection` that has our display name and our tag. */
static int find_tagged(struct resource *resource, struct acsmtp_context *context,
                       const char *collection, struct acsmtp_json **found, struct acsmtp_error *err)
{
    const char *tag = resource_login(resource)->unique_name;
    ACSMTP_AUTO_JSON struct acsmtp_json *items = NULL;
    char name[128];
    size_t i;
    int status;

    display_name(resource, name);
    status = graph_list_named(resource->deployment, context, collection, name, &items, err);
    for (i = 0; status == ACSMTP_OK && !*found && i < acsmtp_json_length(items); i++) {
        const struct acsmtp_json *item = acsmtp_json_item(items, i);

        if (!is_tagged(item, tag))
            continue;
        *found = acsmtp_json_dup(item, err);
        status = *found ? ACSMTP_OK : ACSMTP_SYSTEM;
    }
    return status;
}

/* Statuses with which Graph says that it does not know this way of asking. */
static int is_unsupported(const struct acsmtp_error *err)
{
    return err->server_code == 400 || err->server_code == 404 || err->server_code == 405 ||
           err->server_code == 409 || err->server_code == 501;
}

static int find_unique(struct resource *resource, struct acsmtp_context *context,
                       struct acsmtp_json **found, struct acsmtp_error *err)
{
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    char target[256];
    int status;

    unique_target(resource, target);
    status = graph_get(resource->deployment, context, target, found, &failure);
    if (status == ACSMTP_OK || is_unsupported(&failure))
        return ACSMTP_OK;
    if (err)
        *err = failure;
    return status;
}

/* With --purge: an earlier destroy has left it in the bin. */
static int look_into_bin(struct resource *resource, struct acsmtp_context *context,
                         struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    int status;

    if (!(resource->deployment->flags & ACSMTP_PROVISION_PURGE))
        return ACSMTP_OK;
    status = find_tagged(resource, context, DELETED_APPLICATIONS, &json, err);
    if (status != ACSMTP_OK || !json)
        return status;
    resource->is_in_bin = 1;
    return arm_copy_guid(resource_login(resource)->object_id, json, "id", "the application", err);
}

static int application_look(struct resource *resource, struct acsmtp_context *context,
                            struct schedule_step *step, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    int status = find_unique(resource, context, &json, err);

    (void)step;
    resource->change = CHANGE_CREATE;
    if (status == ACSMTP_OK && !json)
        status = find_tagged(resource, context, APPLICATIONS, &json, err);
    if (status != ACSMTP_OK)
        return status;
    if (!json)
        return look_into_bin(resource, context, err);
    resource->change = CHANGE_KEEP;
    return keep(resource, json, err);
}

/* ---- making ---- */

static struct acsmtp_json *make_body(const struct resource *resource, struct acsmtp_error *err)
{
    struct acsmtp_json *tags = acsmtp_json_new_array(err);
    struct acsmtp_json *body;
    char name[128];
    int status = tags ? ACSMTP_OK : ACSMTP_SYSTEM;

    display_name(resource, name);
    /* Without signInAudience Graph lets in accounts of other tenants. */
    body = ARM_TEXTS(err, {"displayName", name}, {"signInAudience", "AzureADMyOrg"});
    if (status == ACSMTP_OK)
        status = acsmtp_json_append(tags, acsmtp_json_new_string("acsmtp", err), err);
    if (status == ACSMTP_OK)
        status = acsmtp_json_append(
            tags, acsmtp_json_new_string(resource_login(resource)->unique_name, err), err);
    if (status == ACSMTP_OK && body)
        status = acsmtp_json_set(body, "tags", ACSMTP_STEAL(struct acsmtp_json, tags), err);
    acsmtp_json_free(tags);
    if (status != ACSMTP_OK) {
        acsmtp_json_free(body);
        body = NULL;
    }
    return body;
}

/* 201 brings the application; 204 means that it was there, and brings nothing. */
static int upsert(struct resource *resource, struct acsmtp_context *context,
                  struct schedule_step *step, const struct acsmtp_json *body,
                  struct acsmtp_json **json, struct acsmtp_error *err)
{
    char target[256];
    const struct graph_change patch = {"PATCH", target, body, "Prefer: create-if-missing"};
    int status;

    unique_target(resource, target);
    status = graph_change(resource, context, step, &patch, json, err);
    if (status == ACSMTP_OK && !acsmtp_json_string(*json, "appId")) {
        acsmtp_json_free(ACSMTP_STEAL(struct acsmtp_json, *json));
        status = graph_get(resource->deployment, context, target, json, err);
    }
    return status;
}

static int application_ensure(struct resource *resource, struct acsmtp_context *context,
                              struct schedule_step *step, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *body = make_body(resource, err);
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    const struct graph_change post = {"POST", APPLICATIONS, body, NULL};
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    int status;

    if (!body)
        return ACSMTP_SYSTEM;
    status = upsert(resource, context, step, body, &json, &failure);
    if (status != ACSMTP_OK && is_unsupported(&failure)) {
        status = graph_change(resource, context, step, &post, &json, err);
    } else if (status != ACSMTP_OK) {
        *err = failure;
    }
    if (status == ACSMTP_OK)
        status = keep(resource, json, err);
    return status;
}

static int application_remove(struct resource *resource, struct acsmtp_context *context,
                              struct schedule_step *step, struct acsmtp_error *err)
{
    int purge = (resource->deployment->flags & ACSMTP_PROVISION_PURGE) != 0;

    return graph_delete(resource, context, step, resource->exists ? APPLICATIONS : NULL,
                        resource_login(resource)->object_id, purge, err);
}

const struct resource_kind resource_application = {application_look, application_ensure,
                                                   application_remove};
