/* SPDX-License-Identifier: MIT */
/*
 * Making and changing JSON with json-c.
 */
#include "json_private.h"
#include <errno.h>

static struct acsmtp_json *made(struct json_object *object, struct acsmtp_error *err)
{
    if (object)
        return json_wrap(object);
    (void)acsmtp_fail_errno(err, ENOMEM, "cannot make JSON");
    return NULL;
}

struct acsmtp_json *acsmtp_json_new_object(struct acsmtp_error *err)
{
    return made(json_object_new_object(), err);
}

struct acsmtp_json *acsmtp_json_new_array(struct acsmtp_error *err)
{
    return made(json_object_new_array(), err);
}

struct acsmtp_json *acsmtp_json_new_string(const char *text, struct acsmtp_error *err)
{
    return text ? made(json_object_new_string(text), err) : json_wrap(NULL);
}

struct acsmtp_json *acsmtp_json_new_integer(int64_t value, struct acsmtp_error *err)
{
    return made(json_object_new_int64(value), err);
}

struct acsmtp_json *acsmtp_json_new_boolean(int value, struct acsmtp_error *err)
{
    return made(json_object_new_boolean(value != 0), err);
}

struct acsmtp_json *acsmtp_json_dup(const struct acsmtp_json *json, struct acsmtp_error *err)
{
    struct json_object *object = json_unwrap(json), *copy = NULL;

    if (!object)
        return json_wrap(NULL);
    if (json_object_deep_copy(object, &copy, NULL) != 0)
        copy = NULL;
    return made(copy, err);
}

int acsmtp_json_set(struct acsmtp_json *object, const char *key, struct acsmtp_json *value,
                    struct acsmtp_error *err)
{
    struct json_object *to = json_of_type(object, json_type_object);

    if (!value || !to || !key || value == object) {
        acsmtp_json_free(value == object ? NULL : value);
        return acsmtp_fail(err, ACSMTP_SYSTEM, "cannot set a member of JSON");
    }
    acsmtp_json_remove(object, key); /* json-c would free the old value without wiping it */
    if (json_object_object_add(to, key, json_unwrap(value)) == 0)
        return ACSMTP_OK;
    acsmtp_json_free(value);
    return acsmtp_fail_errno(err, ENOMEM, "cannot set '%s' in JSON", key);
}

int acsmtp_json_append(struct acsmtp_json *array, struct acsmtp_json *value,
                       struct acsmtp_error *err)
{
    struct json_object *to = json_of_type(array, json_type_array);

    if (!value || !to || value == array) {
        acsmtp_json_free(value == array ? NULL : value);
        return acsmtp_fail(err, ACSMTP_SYSTEM, "cannot add an element to JSON");
    }
    if (json_object_array_add(to, json_unwrap(value)) == 0)
        return ACSMTP_OK;
    acsmtp_json_free(value);
    return acsmtp_fail_errno(err, ENOMEM, "cannot add an element to JSON");
}

void acsmtp_json_remove(struct acsmtp_json *object, const char *key)
{
    struct json_object *from = json_of_type(object, json_type_object), *value = NULL;

    if (!from || !key || !json_object_object_get_ex(from, key, &value))
        return;
    json_wipe(value);
    json_object_object_del(from, key);
}
