/* SPDX-License-Identifier: MIT */
/* Helpers to read a request and to fill a reply; see http.h. */
#include "http.h"
#include "tree.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *http_header(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *http_query(const struct http_request *request, const char *name)
{
    return form_get(&request->query, name);
}

int http_path_split(const struct http_request *request, struct http_path *path)
{
    *path = (struct http_path){.count = 0};
    const char *at = request->path;
    while (*at == '/') {
        at++;
        size_t length = strcspn(at, "/");
        if (length == 0 && at[0] == '\0') {
            return 0; /* a trailing slash */
        }
        char *segment =
            path->count == HTTP_MAXIMUM_SEGMENTS ? NULL : form_unescape(at, length, false);
        if (segment == NULL) {
            http_path_release(path);
            return -1;
        }
        path->segments[path->count++] = segment;
        at += length;
    }
    return 0;
}

void http_path_release(struct http_path *path)
{
    for (size_t i = 0; i < path->count; i++) {
        free(path->segments[i]);
    }
    path->count = 0;
}

bool http_path_is(const struct http_path *path, size_t i, const char *name)
{
    return i < path->count && strcasecmp(path->segments[i], name) == 0;
}

void http_reply_header(struct http_reply *reply, const char *name, const char *format, ...)
{
    if (reply->header_count == HTTP_MAXIMUM_HEADERS) {
        return;
    }
    struct http_header *header = &reply->headers[reply->header_count];
    snprintf(header->name, sizeof(header->name), "%s", name);
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&header->value, format, arguments) >= 0) {
        reply->header_count++;
    }
    va_end(arguments);
}

void http_reply_clear_headers(struct http_reply *reply)
{
    while (reply->header_count > 0) {
        free(reply->headers[--reply->header_count].value);
    }
}

void http_reply_json(struct http_reply *reply, unsigned status, struct json_object *json)
{
    size_t length = 0;
    const char *text = json_object_to_json_string_length(
        json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
    reply->status = status;
    text_clear(&reply->body);
    text_add(&reply->body, text, length);
    http_reply_header(reply, "Content-Type", "application/json; charset=utf-8");
    json_object_put(json);
}

void http_reply_error(struct http_reply *reply, unsigned status, const char *code,
                      const char *inner, const char *message)
{
    struct json_object *json = json_object_new_object();
    struct json_object *error = tree_set_object(json, "error");
    tree_set_string(error, "code", code);
    tree_set_string(error, "message", message);
    if (inner != NULL) {
        tree_set_string(tree_set_object(error, "innererror"), "code", inner);
    }
    http_reply_json(reply, status, json);
}
