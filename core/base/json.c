/* SPDX-License-Identifier: MIT */
/*
 * Reading JSON with json-c. json-c aborts when a value is asked for something that its type does
 * not have, so every access asks for the type first.
 */
#include "json_private.h"
#include "json_problem.h"
#include "json_repeat.h"
#include "json_scan.h"
#include "secret_private.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static char null_value;

struct acsmtp_json *json_wrap(struct json_object *object)
{
    return object ? (struct acsmtp_json *)object : (struct acsmtp_json *)&null_value;
}

struct json_object *json_unwrap(const struct acsmtp_json *json)
{
    return (const void *)json == &null_value ? NULL : (struct json_object *)json;
}

struct json_object *json_of_type(const struct acsmtp_json *json, enum json_type type)
{
    struct json_object *object = json_unwrap(json);

    return object && json_object_get_type(object) == type ? object : NULL;
}

void json_wipe(struct json_object *object)
{
    enum json_type type = json_object_get_type(object);

    if (type == json_type_string) {
        /* json-c hands out its own buffer; it is freed right after this. */
        acsmtp_wipe((char *)json_object_get_string(object),
                    (size_t)json_object_get_string_len(object));
    } else if (type == json_type_array) {
        for (size_t i = 0; i < json_object_array_length(object); i++)
            json_wipe(json_object_array_get_idx(object, i));
    } else if (type == json_type_object) {
        json_object_object_foreach(object, key, value)
        {
            (void)key;
            json_wipe(value);
        }
    }
}

static size_t count_members(struct json_object *object)
{
    size_t count = 0;

    if (json_object_is_type(object, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(object); i++)
            count += count_members(json_object_array_get_idx(object, i));
    } else if (json_object_is_type(object, json_type_object)) {
        json_object_object_foreach(object, key, value)
        {
            (void)key;
            count += 1 + count_members(value);
        }
    }
    return count;
}

static struct acsmtp_json *fail_at(const char *text, const struct json_problem *problem,
                                   struct acsmtp_error *err)
{
    size_t line = 1, column = 1, i;

    for (i = 0; i < problem->offset; i++) {
        column = text[i] == '\n' ? 1 : column + 1;
        line += text[i] == '\n';
    }
    (void)acsmtp_fail(err, ACSMTP_PROTOCOL, "not valid JSON at line %zu, column %zu: %s", line,
                      column, problem->what);
    return NULL;
}

static void tokener_free(struct json_tokener *tokener)
{
    acsmtp_wipe(tokener->pb->buf, (size_t)tokener->pb->size);
    json_tokener_free(tokener);
}

/* json-c's buffer gets its final size at once: growing would leave copies of secrets behind. */
static struct json_tokener *tokener_new(size_t size)
{
    struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 2);

    if (!tokener)
        return NULL;
    json_tokener_set_flags(tokener, JSON_TOKENER_VALIDATE_UTF8); /* and json_scan() is strict */
    if (printbuf_memset(tokener->pb, 0, 0, (int)size) < 0) {
        json_tokener_free(tokener);
        return NULL;
    }
    printbuf_reset(tokener->pb);
    return tokener;
}

static size_t skip_blanks(const char *text, size_t size, size_t at)
{
    while (at < size && text[at] && strchr(" \t\r\n", text[at]))
        at++;
    return at;
}

static struct acsmtp_json *finish(struct json_object *object, const struct json_scan *scan,
                                  const char *text, size_t size, struct json_problem *problem,
                                  struct acsmtp_error *err)
{
    if (count_members(object) == scan->members)
        return json_wrap(object);
    acsmtp_json_free(json_wrap(object));
    *problem =
        (struct json_problem){"the object has this key already", json_repeated_key(text, size)};
    return fail_at(text, problem, err);
}

static struct acsmtp_json *parse(char *text, size_t size, int comments,
                                 struct json_problem *problem, struct acsmtp_error *err)
{
    struct json_tokener *tokener;
    struct json_object *object;
    struct json_scan scan;
    enum json_tokener_error error;
    size_t end;

    json_scan(text, size, comments, &scan);
    *problem = (struct json_problem){scan.problem, scan.error_at};
    if (scan.problem)
        return fail_at(text, problem, err);
    tokener = tokener_new(size);
    if (!tokener) {
        (void)acsmtp_fail_errno(err, ENOMEM, "cannot read JSON");
        return NULL;
    }
    object = json_tokener_parse_ex(tokener, text, (int)size);
    end = json_tokener_get_parse_end(tokener);
    if (json_tokener_get_error(tokener) == json_tokener_continue)
        /* Only the end tells it that a number is complete, or that something is missing. */
        object = json_tokener_parse_ex(tokener, "", 1);
    error = json_tokener_get_error(tokener);
    tokener_free(tokener);
    if (error == json_tokener_success) {
        end = skip_blanks(text, size, end);
        if (end == size)
            return finish(object, &scan, text, size, problem, err);
    }
    *problem = (struct json_problem){error == json_tokener_success ? "something after the end"
                                                                   : json_tokener_error_desc(error),
                                     end < size ? end : size};
    json_wipe(object);
    (void)json_object_put(object);
    return fail_at(text, problem, err);
}

static int too_large(const char *text, size_t size, struct acsmtp_error *err)
{
    if (text && size <= ACSMTP_SECRET_MAX)
        return 0;
    (void)acsmtp_fail(err, ACSMTP_PROTOCOL,
                      text ? "more than %u bytes are too many for JSON" : "no JSON",
                      ACSMTP_SECRET_MAX);
    return 1;
}

struct acsmtp_json *acsmtp_json_parse(const char *text, size_t size, struct acsmtp_error *err)
{
    struct json_problem ignored;

    if (too_large(text, size, err))
        return NULL;
    return parse((char *)text, size, 0, &ignored,
                 err); /* written to only when there may be comments */
}

struct acsmtp_json *json_parse_config(const char *text, size_t size, struct json_problem *problem,
                                      struct acsmtp_error *err)
{
    static const char bom[] = "\xef\xbb\xbf";
    ACSMTP_AUTO_SECRET struct acsmtp_secret *copy = NULL;
    char *own;

    *problem = (struct json_problem){0};
    if (too_large(text, size, err))
        return NULL;
    if (size >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        problem->what = "this is UTF-16, as PowerShell writes files; save it as UTF-8";
        return fail_at(text, problem, err);
    }
    copy = acsmtp_secret_new(NULL, 0, err);
    /* Never committed: comments are blanked here, and what is committed may be read by redaction.
     */
    own = copy ? secret_reserve(copy, size, err) : NULL;
    if (!own)
        return NULL;
    memcpy(own, text, size);
    if (size >= 3 && memcmp(own, bom, 3) == 0)
        memset(own, ' ', 3);
    return parse(own, size, 1, problem, err);
}

struct acsmtp_json *acsmtp_json_parse_config(const char *text, size_t size,
                                             struct acsmtp_error *err)
{
    struct json_problem ignored;

    return json_parse_config(text, size, &ignored, err);
}

void acsmtp_json_free(struct acsmtp_json *document)
{
    struct json_object *object = json_unwrap(document);

    if (!object)
        return;
    json_wipe(object);
    (void)json_object_put(object);
}

int acsmtp_json_type(const struct acsmtp_json *json)
{
    switch (json_object_get_type(json_unwrap(json))) {
    case json_type_boolean:
        return ACSMTP_JSON_BOOLEAN;
    case json_type_double:
    case json_type_int:
        return ACSMTP_JSON_NUMBER;
    case json_type_string:
        return ACSMTP_JSON_STRING;
    case json_type_array:
        return ACSMTP_JSON_ARRAY;
    case json_type_object:
        return ACSMTP_JSON_OBJECT;
    default:
        return ACSMTP_JSON_NULL;
    }
}

const struct acsmtp_json *acsmtp_json_get(const struct acsmtp_json *json, const char *key)
{
    struct json_object *object = json_of_type(json, json_type_object), *value = NULL;

    if (object && key)
        (void)json_object_object_get_ex(object, key, &value);
    return (struct acsmtp_json *)value;
}

size_t acsmtp_json_length(const struct acsmtp_json *json)
{
    struct json_object *array = json_of_type(json, json_type_array);

    return array ? json_object_array_length(array) : 0;
}

const struct acsmtp_json *acsmtp_json_item(const struct acsmtp_json *json, size_t index)
{
    struct json_object *array = json_of_type(json, json_type_array);

    if (index >= acsmtp_json_length(json))
        return NULL;
    return (struct acsmtp_json *)json_object_array_get_idx(array, index);
}

const char *acsmtp_json_text(const struct acsmtp_json *json)
{
    struct json_object *object = json_of_type(json, json_type_string);
    const char *text = object ? json_object_get_string(object) : NULL;

    return text && strlen(text) == (size_t)json_object_get_string_len(object) ? text : NULL;
}

const char *acsmtp_json_string(const struct acsmtp_json *json, const char *key)
{
    return acsmtp_json_text(acsmtp_json_get(json, key));
}

/* An optional minus and digits, nothing else: no blanks, no plus. */
static int decimal(const char *text, int64_t *value)
{
    const char *from = text + (text[0] == '-');
    long long number;

    if (!from[0] || from[strspn(from, "0123456789")])
        return 0;
    errno = 0;
    number = strtoll(text, NULL, 10);
    if (errno)
        return 0;
    *value = number;
    return 1;
}

int acsmtp_json_integer(const struct acsmtp_json *json, const char *key, int64_t *value)
{
    const struct acsmtp_json *member = acsmtp_json_get(json, key);
    struct json_object *number = json_of_type(member, json_type_int);
    const char *text = acsmtp_json_text(member);
    int64_t got;

    if (text)
        return decimal(text, value);
    if (!number)
        return 0;
    /* json-c caps what does not fit instead of refusing it. */
    got = json_object_get_int64(number);
    if (got == INT64_MIN || (got > 0 && json_object_get_uint64(number) > INT64_MAX))
        return 0;
    *value = got;
    return 1;
}

int acsmtp_json_true(const struct acsmtp_json *json, const char *key)
{
    struct json_object *object = json_of_type(acsmtp_json_get(json, key), json_type_boolean);

    return object && json_object_get_boolean(object);
}

struct acsmtp_secret *acsmtp_json_take_secret(struct acsmtp_json *json, const char *key,
                                              struct acsmtp_error *err)
{
    const char *text = acsmtp_json_string(json, key);
    struct acsmtp_secret *secret;

    if (!text)
        return NULL;
    secret = acsmtp_secret_new(text, strlen(text), err);
    if (secret)
        acsmtp_json_remove(json, key);
    return secret;
}

const char *acsmtp_json_key(const struct acsmtp_json *object, size_t index)
{
    struct json_object *found = json_of_type(object, json_type_object);

    if (!found)
        return NULL;
    json_object_object_foreach(found, key, value)
    {
        (void)value;
        if (index-- == 0)
            return key;
    }
    return NULL;
}
