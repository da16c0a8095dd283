/* SPDX-License-Identifier: MIT */
/* What JSON Schema can say of the forms that cloud_form.c checks. */
#include "cloud_private.h"
#include "schema_private.h"
#include <string.h>

/* Of what is local, http is enough: localhost, 127/8, 169.254/16 and the IPv6 ones like them. */
#define NEAR                                                                                       \
    "(([A-Za-z0-9.-]+[.])?localhost|127[.][0-9.]+|169[.]254[.][0-9.]+|"                            \
    "\\\\[(::1|[Ff][Ee]80:[0-9A-Fa-f:.]+|[Ff][Dd]00:[Ee][Cc]2::254)\\\\])"
#define PORT "(:[0-9]{1,5})?"
#define REST "[^?#@ \\\\u0022\\\\\\\\]*"

static struct acsmtp_json *form_schema(enum cloud_form form, struct acsmtp_error *err)
{
    static const char *const fragments[] = {
        [FORM_URL] = "{'type': 'string', 'maxLength': 1023, 'pattern': "
                     "'^(https://[A-Za-z0-9\\\\[]" REST "|http://" NEAR PORT "(/" REST ")?)$'}",
        [FORM_HOST] = "{'type': 'string', 'maxLength': 1023, 'pattern': "
                      "'^([A-Za-z0-9][A-Za-z0-9.-]*|\\\\[[0-9A-Fa-f:.]+\\\\])" PORT "$'}",
        [FORM_PORT] = "{'type': ['integer', 'string'], 'minimum': 1, 'maximum': 65535,"
                      " 'pattern': '^[0-9]{1,5}$'}",
        [FORM_SCOPE] = "{'type': 'string', 'maxLength': 1023, 'pattern': "
                       "'^[^\\\\u0000-\\\\u0020\\\\u0022\\\\u007f\\\\\\\\]+$'}",
        [FORM_TENANT] = "{'type': 'string', 'maxLength': 1023, 'pattern': '^[A-Za-z0-9.-]+$'}",
        [FORM_PATH] = "{'$ref': '#/$defs/words'}",
    };
    struct acsmtp_json *schema = schema_fragment(err, "%s", fragments[form]);

    schema_put_text(schema, "description", cloud_form_text(form), err);
    return schema;
}

static struct acsmtp_json *names_schema(struct acsmtp_error *err)
{
    struct acsmtp_json *made = acsmtp_json_new_object(err);
    struct acsmtp_json *list = acsmtp_json_new_array(err);
    const char *names[CLOUD_NAMES_MAX];
    size_t count = cloud_names(names);

    for (size_t i = 0; i < count; i++)
        schema_add(list, acsmtp_json_new_string(names[i], err), err);
    schema_put(made, "enum", list, err);
    return made;
}

/* The endpoints that are members of the description (NULL), or of that object in it. */
static struct acsmtp_json *members_schema(const char *object, struct acsmtp_error *err)
{
    struct acsmtp_json *members = acsmtp_json_new_object(err);

    for (size_t i = 0; i < CLOUD_ENDPOINTS; i++) {
        const struct cloud_endpoint *endpoint = &cloud_endpoints[i];

        if (object ? endpoint->object && strcmp(endpoint->object, object) == 0 : !endpoint->object)
            schema_put(members, endpoint->key,
                       schema_either(form_schema(endpoint->form, err),
                                     schema_fragment(err, "{'type': 'null'}"), err),
                       err);
    }
    return members;
}

static struct acsmtp_json *object_schema(struct acsmtp_json *members, struct acsmtp_error *err)
{
    struct acsmtp_json *schema =
        schema_fragment(err, "{'type': 'object', 'additionalProperties': false}");

    schema_put(schema, "properties", members, err);
    return schema;
}

static struct acsmtp_json *description_schema(struct acsmtp_error *err)
{
    struct acsmtp_json *members = members_schema(NULL, err);
    struct acsmtp_json *base = names_schema(err);

    for (size_t i = 0; i < CLOUD_OTHER_KEYS; i++) /* the tools' own: anything */
        schema_put(members, cloud_other_keys[i], acsmtp_json_new_object(err), err);
    schema_put_text(base, "description",
                    "The cloud that all else is laid over; without one "
                    "nothing is known that is not said here.",
                    err);
    schema_put(members, "base", base, err);
    schema_put(members, "smtp", object_schema(members_schema("smtp", err), err), err);
    return object_schema(members, err);
}

struct acsmtp_json *schema_cloud(struct acsmtp_error *err)
{
    struct acsmtp_json *path =
        schema_fragment(err, "{'allOf': [{'$ref': '#/$defs/words'}], 'pattern': '[/.]',"
                             " 'description': 'The path of a description of a cloud.'}");

    return schema_either(names_schema(err), schema_either(path, description_schema(err), err), err);
}
