/* SPDX-License-Identifier: MIT */
/* From plugin descriptors to JSON, see plugin_list.h. */
#include "plugin_list.h"
#include "output.h"
#include <acsmtp/secret.h>
#include <string.h>

struct list {
    struct acsmtp_json *array;
    struct acsmtp_error *err;
};

static const char *name_of(const char *const *names, size_t count, int value)
{
    return value > 0 && (size_t)value < count && names[value] ? names[value] : "unknown";
}

static const char *kind_name(int kind)
{
    static const char *const names[] = {
        [ACSMTP_KIND_CREDENTIAL] = "credential", [ACSMTP_KIND_TRANSPORT] = "transport",
        [ACSMTP_KIND_COMPOSER] = "composer",     [ACSMTP_KIND_PROVISIONER] = "provisioner",
        [ACSMTP_KIND_KEYRING] = "keyring",
    };

    return name_of(names, sizeof names / sizeof names[0], kind);
}

static const char *type_name(int type)
{
    static const char *const names[] = {
        [ACSMTP_STRING] = "string",     [ACSMTP_INTEGER] = "integer", [ACSMTP_BOOLEAN] = "boolean",
        [ACSMTP_DURATION] = "duration", [ACSMTP_CHAIN] = "chain",
    };

    return name_of(names, sizeof names / sizeof names[0], type);
}

static int set_boolean(struct acsmtp_json *object, const char *key, int value,
                       struct acsmtp_error *err)
{
    return acsmtp_json_set(object, key, acsmtp_json_new_boolean(value, err), err);
}

static int set_flags(struct acsmtp_json *object, uint32_t flags, struct acsmtp_error *err)
{
    if (set_boolean(object, "required", (flags & ACSMTP_REQUIRED) != 0, err) != 0 ||
        set_boolean(object, "secret", (flags & ACSMTP_SECRET) != 0, err) != 0)
        return err->status;
    return set_boolean(object, "list", (flags & ACSMTP_LIST) != 0, err);
}

static struct acsmtp_json *values_json(const char *const *values, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *array = acsmtp_json_new_array(err);

    for (; array && *values; values++)
        if (acsmtp_json_append(array, acsmtp_json_new_string(*values, err), err) != 0)
            return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, array);
}

static int set_limits(struct acsmtp_json *object, const struct acsmtp_option *option,
                      struct acsmtp_error *err)
{
    if (!option->minimum && !option->maximum)
        return ACSMTP_OK; /* any */
    if (acsmtp_json_set(object, "minimum", acsmtp_json_new_integer(option->minimum, err), err) != 0)
        return err->status;
    return acsmtp_json_set(object, "maximum", acsmtp_json_new_integer(option->maximum, err), err);
}

static struct acsmtp_json *option_json(const struct acsmtp_option *option, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);

    if (!object || output_set_text(object, "name", option->name, err) != 0 ||
        output_set_text(object, "type", type_name(option->type), err) != 0 ||
        set_flags(object, option->flags, err) != 0 ||
        output_set_text(object, "default", option->default_value, err) != 0 ||
        output_set_text(object, "environment", option->environment, err) != 0 ||
        (option->values &&
         acsmtp_json_set(object, "values", values_json(option->values, err), err) != 0) ||
        set_limits(object, option, err) != 0 ||
        output_set_text(object, "summary", option->summary, err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

/* The table's stride is the plugin's: rows of an older one are shorter, the rest is zero. */
static struct acsmtp_json *options_json(const struct acsmtp_plugin *plugin,
                                        struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *array = acsmtp_json_new_array(err);
    size_t size = plugin->option_size;

    if (size > sizeof(struct acsmtp_option))
        size = sizeof(struct acsmtp_option);
    for (size_t i = 0; array && i < plugin->option_count; i++) {
        struct acsmtp_option option = {0};

        memcpy(&option, (const char *)plugin->options + i * plugin->option_size, size);
        if (acsmtp_json_append(array, option_json(&option, err), err) != 0)
            return NULL;
    }
    return ACSMTP_STEAL(struct acsmtp_json, array);
}

static struct acsmtp_json *accepts_json(uint32_t accepts, struct acsmtp_error *err)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } kinds[] = {{ACSMTP_CREDENTIAL_NONE, "none"},
                 {ACSMTP_CREDENTIAL_TOKEN, "token"},
                 {ACSMTP_CREDENTIAL_PASSWORD, "password"}};
    ACSMTP_AUTO_JSON struct acsmtp_json *array = acsmtp_json_new_array(err);

    for (size_t i = 0; array && i < sizeof kinds / sizeof kinds[0]; i++)
        if ((accepts & kinds[i].bit) &&
            acsmtp_json_append(array, acsmtp_json_new_string(kinds[i].name, err), err) != 0)
            return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, array);
}

struct acsmtp_json *plugin_describe(const struct acsmtp_plugin *plugin, const char *path,
                                    struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);

    if (!object || output_set_text(object, "kind", kind_name(plugin->kind), err) != 0 ||
        output_set_text(object, "name", plugin->name, err) != 0 ||
        output_set_text(object, "version", plugin->version, err) != 0 ||
        output_set_text(object, "summary", plugin->summary, err) != 0 ||
        output_set_text(object, "path", path, err) != 0 ||
        (plugin->transport &&
         acsmtp_json_set(object, "accepts", accepts_json(plugin->transport->accepts, err), err) !=
             0) ||
        acsmtp_json_set(object, "options", options_json(plugin, err), err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

static struct acsmtp_json *problem_json(const char *path, const char *problem,
                                        struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);

    if (!object || output_set_text(object, "path", path, err) != 0 ||
        output_set_text(object, "problem", problem ? problem : "cannot be used", err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

static int visit(void *data, const char *path, const struct acsmtp_plugin *plugin,
                 const char *problem)
{
    struct list *list = data;

    return acsmtp_json_append(list->array,
                              plugin ? plugin_describe(plugin, path, list->err)
                                     : problem_json(path, problem, list->err),
                              list->err);
}

struct acsmtp_json *plugin_list(struct acsmtp_driver *driver, const char *name,
                                struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *array = acsmtp_json_new_array(err);
    struct list list = {.array = array, .err = err};

    if (!array || acsmtp_driver_plugins(driver, name, visit, &list, err) != ACSMTP_OK)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, array);
}
