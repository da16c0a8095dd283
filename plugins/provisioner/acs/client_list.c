/* SPDX-License-Identifier: MIT */
/* Lists that come in pages (ARM's nextLink, OData's @odata.nextLink). */
#include "client_private.h"

#include <stdlib.h>
#include <string.h>

#define PAGES_MAX 500U /* a service that never ends is not waited for */

static const char *next_link(const struct acsmtp_json *page)
{
    const char *link = acsmtp_json_string(page, "nextLink");

    if (!link)
        link = acsmtp_json_string(page, "@odata.nextLink");
    return link && *link ? link : NULL;
}

static int add_items(const struct acsmtp_json *page, struct acsmtp_json *items,
                     struct acsmtp_error *err)
{
    const struct acsmtp_json *value = acsmtp_json_get(page, "value");
    int status = ACSMTP_OK;

    if (acsmtp_json_type(value) != ACSMTP_JSON_ARRAY)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "a list has no array 'value'");
    for (size_t i = 0; status == ACSMTP_OK && i < acsmtp_json_length(value); i++)
        status = acsmtp_json_append(items, acsmtp_json_dup(acsmtp_json_item(value, i), err), err);
    return status;
}

/* One page; *next is where the next one is, for the caller to free(3), NULL at the end. */
static int fetch(struct client *client, struct acsmtp_context *context,
                 const struct client_request *request, struct acsmtp_json *items, char **next,
                 struct acsmtp_error *err)
{
    CLIENT_AUTO_REPLY struct client_reply reply = {.retry_after = -1};
    char what[CLIENT_WHAT_MAX];
    const char *link;
    int status = client_send(client, context, request, &reply, err);

    *next = NULL;
    if (status != ACSMTP_OK)
        return status;
    client_what(request, what);
    if (reply.status >= 400)
        return client_fail(&reply, what, err);
    status = add_items(reply.json, items, err);
    link = next_link(reply.json);
    if (status == ACSMTP_OK && link) {
        *next = strdup(link);
        if (!*next)
            status = acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    acsmtp_error_prefix(err, "%s", what);
    return status;
}

int client_list(struct client *client, struct acsmtp_context *context, enum client_service service,
                const char *target, struct acsmtp_json **items, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *list = acsmtp_json_new_array(err);
    struct client_request request = {.service = service, .method = "GET", .target = target};
    char *here = NULL;
    unsigned pages = 0;
    int status = list ? ACSMTP_OK : ACSMTP_SYSTEM;

    *items = NULL;
    do {
        char *next = NULL;

        if (status == ACSMTP_OK)
            status = fetch(client, context, &request, list, &next, err);
        free(here);
        here = next;
        request.target = here;
        if (status == ACSMTP_OK && here && ++pages == PAGES_MAX)
            status =
                acsmtp_fail(err, ACSMTP_PROTOCOL, "a list does not end after %u pages", PAGES_MAX);
    } while (status == ACSMTP_OK && here);
    free(here);
    if (status == ACSMTP_OK)
        *items = ACSMTP_STEAL(struct acsmtp_json, list);
    return status;
}
