/* SPDX-License-Identifier: MIT */
/*
 * The link from the communication service to the domain. linkedDomains is one list that a PATCH
 * replaces as a whole: it is read, our id is added or taken out, and everything else in it goes
 * back as it came.
 */
#include "arm.h"
#include "resource.h"

/* The service's present list; *json owns it. */
static int read_links(struct resource *resource, struct acsmtp_context *context,
                      struct acsmtp_json **json, const struct acsmtp_json **links,
                      struct acsmtp_error *err)
{
    int status = arm_get(resource->deployment, context, resource->deployment->communication_id,
                         VERSION_COMMUNICATION, json, err);

    *links = acsmtp_json_get(acsmtp_json_get(*json, "properties"), "linkedDomains");
    return status;
}

static int holds(const struct acsmtp_json *links, const char *id)
{
    size_t i;

    for (i = 0; i < acsmtp_json_length(links); i++)
        if (arm_same(acsmtp_json_text(acsmtp_json_item(links, i)), id))
            return 1;
    return 0;
}

static int link_look(struct resource *resource, struct acsmtp_context *context,
                     struct schedule_step *step, struct acsmtp_error *err)
{
    struct deployment *deployment = resource->deployment;
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    const struct acsmtp_json *links;
    int status;

    (void)step;
    resource->change = CHANGE_CREATE;
    if (!deployment_has(deployment, "communication-service"))
        return ACSMTP_OK;
    status = read_links(resource, context, &json, &links, err);
    if (status != ACSMTP_OK)
        return status;
    resource->exists = holds(links, deployment->domain_id);
    resource->is_ours = deployment_owns(deployment, "domain");
    resource->change = resource->exists ? CHANGE_KEEP : CHANGE_CREATE;
    if (!resource->exists && deployment_has(deployment, "domain"))
        status = resource_differs(resource, "properties.linkedDomains[+]", NULL,
                                  deployment->domain_id, err);
    return status;
}

/* {"properties": {"linkedDomains": [all but ours, ours if it is to be there]}} */
static struct acsmtp_json *link_body(const struct acsmtp_json *links, const char *id, int with,
                                     struct acsmtp_error *err)
{
    struct acsmtp_json *list = acsmtp_json_new_array(err);
    struct acsmtp_json *properties = acsmtp_json_new_object(err);
    struct acsmtp_json *body = acsmtp_json_new_object(err);
    int status = list && properties && body ? ACSMTP_OK : ACSMTP_SYSTEM;
    size_t i;

    for (i = 0; status == ACSMTP_OK && i < acsmtp_json_length(links); i++) {
        const struct acsmtp_json *item = acsmtp_json_item(links, i);

        if (!arm_same(acsmtp_json_text(item), id))
            status = acsmtp_json_append(list, acsmtp_json_dup(item, err), err);
    }
    if (status == ACSMTP_OK && with)
        status = acsmtp_json_append(list, acsmtp_json_new_string(id, err), err);
    if (status == ACSMTP_OK)
        status = acsmtp_json_set(properties, "linkedDomains",
                                 ACSMTP_STEAL(struct acsmtp_json, list), err);
    if (status == ACSMTP_OK)
        status =
            acsmtp_json_set(body, "properties", ACSMTP_STEAL(struct acsmtp_json, properties), err);
    acsmtp_json_free(list);
    acsmtp_json_free(properties);
    if (status != ACSMTP_OK) {
        acsmtp_json_free(body);
        body = NULL;
    }
    return body;
}

/* One attempt: read, merge, write. */
struct linking {
    struct resource *resource;
    struct schedule_step *step;
    int with;
};

static int link_change(void *data, struct acsmtp_context *context, struct acsmtp_error *err)
{
    const struct linking *linking = data;
    struct deployment *deployment = linking->resource->deployment;
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    ACSMTP_AUTO_JSON struct acsmtp_json *body = NULL;
    const struct acsmtp_json *links;
    struct arm_change patch = {"PATCH", deployment->communication_id, VERSION_COMMUNICATION, NULL};
    int status = read_links(linking->resource, context, &json, &links, err);

    if (status == ACSMTP_OK && !json && linking->with)
        return acsmtp_fail(err, ACSMTP_CONFIG, "there is no communication service to link to");
    if (status != ACSMTP_OK || !json || holds(links, deployment->domain_id) == linking->with)
        return status;
    body = link_body(links, deployment->domain_id, linking->with, err);
    patch.body = body;
    return body ? arm_change(linking->resource, context, linking->step, &patch, NULL, err)
                : ACSMTP_SYSTEM;
}

/* A fresh Azure-managed domain is refused for a while although it is verified. */
static int is_not_linkable_yet(const struct acsmtp_error *err)
{
    return client_failed_with(err, "InvalidLinkedDomains");
}

static int link_ensure(struct resource *resource, struct acsmtp_context *context,
                       struct schedule_step *step, struct acsmtp_error *err)
{
    const struct parameters *parameters = resource->deployment->parameters;
    struct linking linking = {resource, step, 1};
    const struct schedule_retry retry = {
        .what = "waiting until the new domain can be linked",
        .attempt = link_change,
        .is_transient = is_not_linkable_yet,
        .data = &linking,
        .wait_ms = parameters->wait_ms,
        .poll_ms = parameters->poll_ms,
    };
    int status;

    if (parameters->custom_domain)
        status = link_change(&linking, context, err);
    else
        status = schedule_retry(step, context, &retry, err);
    if (status == ACSMTP_OK)
        resource->exists = 1;
    return status;
}

static int link_remove(struct resource *resource, struct acsmtp_context *context,
                       struct schedule_step *step, struct acsmtp_error *err)
{
    struct linking linking = {resource, step, 0};

    return link_change(&linking, context, err);
}

const struct resource_kind resource_link = {link_look, link_ensure, link_remove};
