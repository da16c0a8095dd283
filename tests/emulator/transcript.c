/* SPDX-License-Identifier: MIT */
/* Writes the transcript; see transcript.h. Redaction knows the places where Azure carries
 * credentials: the Authorization header, the fields of a token request, and the JSON members of
 * token and Key Vault bodies. */
#include "transcript.h"

#include "text.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define REDACTED "REDACTED"

int transcript_init(struct transcript *transcript, const char *path)
{
    pthread_mutex_init(&transcript->lock, NULL);
    transcript->file = NULL;
    if (path == NULL) {
        return 0;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        return -1;
    }
    transcript->file = fdopen(fd, "a");
    if (transcript->file == NULL) {
        close(fd);
        return -1;
    }
    return 0;
}

void transcript_release(struct transcript *transcript)
{
    if (transcript->file != NULL) {
        fclose(transcript->file);
    }
    pthread_mutex_destroy(&transcript->lock);
}

static bool is_secret_name(const char *name)
{
    static const char *const names[] = {"access_token",
                                        "refresh_token",
                                        "device_code",
                                        "client_secret",
                                        "client_assertion",
                                        "assertion",
                                        "secretText",
                                        "password",
                                        "value",
                                        "primaryKey",
                                        "secondaryKey",
                                        "primaryConnectionString",
                                        "secondaryConnectionString",
                                        NULL};
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcasecmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* NOLINTNEXTLINE(misc-no-recursion): the parser bounds the depth */
static void redact(struct json_object *json)
{
    if (json_object_is_type(json, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(json); i++) {
            redact(json_object_array_get_idx(json, i));
        }
    } else {
        for (struct lh_entry *each = tree_first(json); each != NULL; each = each->next) {
            const char *key = tree_key(each);
            struct json_object *value = tree_value(each);
            /* "value" is a secret in a secret, and a list in a list. */
            if (json_object_is_type(value, json_type_string) &&
                json_object_get_string_len(value) > 0 && is_secret_name(key)) {
                json_object_set_string(value, REDACTED);
            } else {
                redact(value);
            }
        }
    }
}

static void add_form(struct text *out, const struct form *form)
{
    for (size_t i = 0; i < form->count; i++) {
        const struct form_field *field = &form->fields[i];
        text_printf(out, "%s%s=%s", i == 0 ? "" : "&", field->name,
                    is_secret_name(field->name) ? REDACTED : field->value);
    }
}

static void set_body(struct json_object *entry, const char *key, const struct text *body)
{
    struct text shown;
    text_init(&shown, 2UL * HTTP_MAXIMUM_BODY);
    struct json_object *json = tree_parse(text_string(body), body->length);
    struct form form;
    if (json != NULL) {
        redact(json);
        text_puts(&shown, json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN |
                                                                   JSON_C_TO_STRING_NOSLASHESCAPE));
        json_object_put(json);
    } else if (body->length > 0 && memchr(body->data, '=', body->length) != NULL &&
               form_parse(&form, body->data, body->length) == 0) {
        add_form(&shown, &form);
        form_release(&form);
    } else if (strcmp(text_string(body), "null") == 0) {
        text_puts(&shown, "null"); /* JSON, but no object to json-c */
    } else if (body->length > 0) {
        text_printf(&shown, "<%zu bytes>", body->length);
    }
    tree_set_string(entry, key, text_string(&shown));
    text_release(&shown);
}

static enum MHD_Result add_request_header(void *object, enum MHD_ValueKind kind, const char *name,
                                          const char *value)
{
    (void)kind;
    struct json_object *headers = object;
    bool secret = strcasecmp(name, "Authorization") == 0 ||
                  strcasecmp(name, "X-IDENTITY-HEADER") == 0 || strcasecmp(name, "Secret") == 0;
    tree_set_string(headers, name, secret ? REDACTED : value == NULL ? "" : value);
    return MHD_YES;
}

void transcript_write(struct transcript *transcript, const struct http_request *request,
                      const struct http_reply *reply, unsigned status)
{
    if (transcript->file == NULL) {
        return;
    }
    struct json_object *entry = json_object_new_object();
    struct text url;
    text_init(&url, 1 << 16);
    text_printf(&url, "%s%s", request->base, request->target);
    tree_set_string(entry, "service", request->service->name);
    tree_set_string(entry, "method", request->method);
    tree_set_string(entry, "url", text_string(&url));
    text_release(&url);
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, add_request_header,
                              tree_set_object(entry, "request_headers"));
    set_body(entry, "request_body", &request->body);
    tree_set_int(entry, "status", status);
    struct json_object *headers = tree_set_object(entry, "response_headers");
    for (size_t i = 0; i < reply->header_count; i++) {
        tree_set_string(headers, reply->headers[i].name, reply->headers[i].value);
    }
    set_body(entry, "response_body", &reply->body);

    pthread_mutex_lock(&transcript->lock);
    fprintf(transcript->file, "%s\n",
            json_object_to_json_string_ext(entry, JSON_C_TO_STRING_PLAIN |
                                                      JSON_C_TO_STRING_NOSLASHESCAPE));
    fflush(transcript->file);
    pthread_mutex_unlock(&transcript->lock);
    json_object_put(entry);
}
