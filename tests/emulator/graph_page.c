/* SPDX-License-Identifier: MIT */
/* Lists: $filter, $top, $select, and pages that go on behind the last entity shown, so that what
 * is made or deleted meanwhile neither repeats nor hides another. */
#include "graph.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SIZE_MAXIMUM = 999 };

static bool is_one_of(const char *list, const char *name)
{
    char wanted[ODATA_NAME_SIZE + 3];
    snprintf(wanted, sizeof(wanted), "|%s|", name);
    return strcasestr(list, wanted) != NULL;
}

static bool check_options(struct graph_call *call)
{
    static const char supported[] = "|$filter|$top|$select|$skiptoken|";
    const struct form *query = &call->request->query;
    for (size_t i = 0; i < query->count; i++) {
        const char *name = query->fields[i].name;
        if (name[0] == '$' && (strlen(name) >= ODATA_NAME_SIZE || !is_one_of(supported, name))) {
            graph_error(call, 400, "Request_UnsupportedQuery",
                        "The specified query option is not supported.");
            return false;
        }
    }
    return true;
}

static bool read_size(struct graph_page *page)
{
    const char *text = http_query(page->call->request, "$top");
    char *end = NULL;
    long size = (long)graph_switch(page->call, "page_size", 100);
    if (text != NULL) {
        size = strtol(text, &end, 10);
        if (*end != '\0' || size < 1 || size > SIZE_MAXIMUM) {
            graph_error(page->call, 400, "BadRequest",
                        "Invalid page size specified: it must be between 1 and 999 inclusive.");
            return false;
        }
    }
    page->size = (size_t)size;
    return true;
}

static bool read_token(struct graph_page *page)
{
    const char *text = http_query(page->call->request, "$skiptoken");
    struct text id;
    if (text == NULL) {
        return true;
    }
    text_init(&id, TEXT_UUID_SIZE - 1);
    bool good = text_add_unbase64url(&id, text, strlen(text)) == 0 && id.length > 0;
    snprintf(page->after, sizeof(page->after), "%s", text_string(&id));
    text_release(&id);
    if (!good) {
        graph_error(page->call, 400, "BadRequest", "The skip token is not valid.");
    }
    return good;
}

static bool read_filter(struct graph_page *page)
{
    const char *text = http_query(page->call->request, "$filter");
    if (text == NULL) {
        return true;
    }
    enum odata_result result = odata_parse_filter(text, &page->filter);
    if (result == ODATA_MALFORMED) {
        graph_error(page->call, 400, "BadRequest", "Invalid filter clause.");
        return false;
    }
    for (size_t i = 0; result == ODATA_GOOD && i < page->filter.count; i++) {
        if (!is_one_of(page->properties, page->filter.terms[i].property)) {
            result = ODATA_UNSUPPORTED;
        }
    }
    if (result != ODATA_GOOD) {
        graph_error(page->call, 400, "Request_UnsupportedQuery",
                    "Unsupported or invalid query filter clause specified.");
        return false;
    }
    return true;
}

bool graph_page_begin(struct graph_page *page, struct graph_call *call, const char *properties)
{
    *page = (struct graph_page){.call = call, .properties = properties};
    if (!check_options(call) || !read_size(page) || !read_token(page) || !read_filter(page)) {
        return false;
    }
    page->items = json_object_new_array();
    return true;
}

void graph_page_offer(struct graph_page *page, struct json_object *entity)
{
    const char *id = tree_string(entity, "id", "");
    if (page->after[0] != '\0') {
        if (strcasecmp(id, page->after) == 0) {
            page->after[0] = '\0';
        }
    } else if (odata_matches(&page->filter, entity)) {
        if (json_object_array_length(page->items) < page->size) {
            snprintf(page->last, sizeof(page->last), "%s", id);
            graph_select(page->call, entity);
            json_object_array_add(page->items, entity);
            return;
        }
        page->more = true;
    }
    json_object_put(entity);
}

/* The query as it was sent, with another token. */
static void add_link(struct graph_page *page, struct json_object *json)
{
    const struct http_request *request = page->call->request;
    const char *at = strchr(request->target, '?');
    struct text link;
    text_init(&link, 1 << 16);
    text_printf(&link, "%s%s?", request->base, request->path);
    for (at = at == NULL ? "" : at + 1; *at != '\0'; at += *at == '&') {
        size_t length = strcspn(at, "&");
        if (!text_has_prefix(at, "$skiptoken=") && strncasecmp(at, "%24skiptoken=", 13) != 0) {
            text_add(&link, at, length);
            text_puts(&link, "&");
        }
        at += length;
    }
    text_puts(&link, "$skiptoken=");
    text_add_base64url(&link, page->last, strlen(page->last));
    tree_set_string(json, "@odata.nextLink", text_string(&link));
    text_release(&link);
}

void graph_page_end(struct graph_page *page, const char *set)
{
    char context[384];
    if (page->after[0] != '\0') {
        json_object_put(page->items);
        graph_error(page->call, 400, "Directory_ExpiredPageToken",
                    "The specified page token value has expired and can no longer be included in "
                    "your request.");
        return;
    }
    struct json_object *json = json_object_new_object();
    snprintf(context, sizeof(context), "%s/v1.0/$metadata#%s", page->call->request->base, set);
    tree_set_string(json, "@odata.context", context);
    if (page->more) {
        add_link(page, json);
    }
    json_object_object_add(json, "value", page->items);
    http_reply_json(page->call->reply, 200, json);
}
