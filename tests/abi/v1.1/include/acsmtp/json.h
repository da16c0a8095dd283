/* SPDX-License-Identifier: MIT */
/*
 * JSON. Most of it is about reading what came from elsewhere. Getters check the type and never
 * abort: what is not there or is of another type is simply absent. Texts are borrowed from the
 * document, which is freed as a whole; freeing wipes every string, since a reply may hold a secret.
 * A document may be read by several threads, but is changed (take) and freed by one.
 */
#ifndef ACSMTP_JSON_H
#define ACSMTP_JSON_H

#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct acsmtp_json;

/*
 * Parse strict JSON text (RFC 8259, UTF-8, nesting up to 32). NULL and ACSMTP_PROTOCOL when it is
 * not valid; the message tells the line and column, never the text.
 */
struct acsmtp_json *acsmtp_json_parse(const char *text, size_t size, struct acsmtp_error *err);
void acsmtp_json_free(struct acsmtp_json *document);

/* A member of an object, or NULL. Also NULL when `json` is NULL or not an object, so calls can
 * nest. */
const struct acsmtp_json *acsmtp_json_get(const struct acsmtp_json *json, const char *key);

/* Elements of an array; 0 and NULL for anything else. */
size_t acsmtp_json_length(const struct acsmtp_json *json);
const struct acsmtp_json *acsmtp_json_item(const struct acsmtp_json *json, size_t index);

/* A member that is a string without NUL inside, or NULL. */
const char *acsmtp_json_string(const struct acsmtp_json *json, const char *key);

/* The value itself, if it is such a string. */
const char *acsmtp_json_text(const struct acsmtp_json *json);

/* 1 and *value when the member is an integer or a string that is entirely a decimal integer. */
int acsmtp_json_integer(const struct acsmtp_json *json, const char *key, int64_t *value);

/* 1 for true, 0 for false or absent. */
int acsmtp_json_true(const struct acsmtp_json *json, const char *key);

/* Move a string member out of the document into a secret; the document's copy is wiped. NULL if
 * absent. */
struct acsmtp_secret *acsmtp_json_take_secret(struct acsmtp_json *json, const char *key,
                                              struct acsmtp_error *err);

/* ---- writing ---- */

enum acsmtp_json_type {
    ACSMTP_JSON_NULL = 0, /* also of a NULL pointer */
    ACSMTP_JSON_BOOLEAN = 1,
    ACSMTP_JSON_NUMBER = 2,
    ACSMTP_JSON_STRING = 3,
    ACSMTP_JSON_ARRAY = 4,
    ACSMTP_JSON_OBJECT = 5
};

int acsmtp_json_type(const struct acsmtp_json *json);

/* As acsmtp_json_parse(), and comments are allowed: for files that people write. */
struct acsmtp_json *acsmtp_json_parse_config(const char *text, size_t size,
                                             struct acsmtp_error *err);

/* The index-th key of an object, in the order of the text; NULL beyond the end. Borrowed. */
const char *acsmtp_json_key(const struct acsmtp_json *object, size_t index);

/* New values, for the caller to free or to move into another. NULL and `err` when memory fails. */
struct acsmtp_json *acsmtp_json_new_object(struct acsmtp_error *err);
struct acsmtp_json *acsmtp_json_new_array(struct acsmtp_error *err);
struct acsmtp_json *acsmtp_json_new_string(const char *text, struct acsmtp_error *err);
struct acsmtp_json *acsmtp_json_new_integer(int64_t value, struct acsmtp_error *err);
struct acsmtp_json *acsmtp_json_new_boolean(int value, struct acsmtp_error *err);
struct acsmtp_json *acsmtp_json_dup(const struct acsmtp_json *json, struct acsmtp_error *err);

/* Set a member or add an element. `value` moves, also on failure; NULL is passed through as
 * failure. */
int acsmtp_json_set(struct acsmtp_json *object, const char *key, struct acsmtp_json *value,
                    struct acsmtp_error *err);
int acsmtp_json_append(struct acsmtp_json *array, struct acsmtp_json *value,
                       struct acsmtp_error *err);
void acsmtp_json_remove(struct acsmtp_json *object, const char *key);

/* Compact text of a value, for the caller to free(3). NULL when memory fails. */
char *acsmtp_json_format(const struct acsmtp_json *json);
/* The same over several lines, indented by two spaces. */
char *acsmtp_json_format_pretty(const struct acsmtp_json *json);

/* ACSMTP_AUTO_JSON struct acsmtp_json *j = NULL; is freed at the end of its scope. */
#define ACSMTP_AUTO_JSON __attribute__((cleanup(acsmtp_json_cleanup)))
static inline void acsmtp_json_cleanup(struct acsmtp_json **json)
{
    acsmtp_json_free(*json);
}

#ifdef __cplusplus
}
#endif

#endif
