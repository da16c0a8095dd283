/* SPDX-License-Identifier: MIT */
/* Look-ups in the state; see directory.h. */
#include "directory.h"

#include "principals.h"
#include "text.h"
#include "tree.h"

#include <string.h>
#include <strings.h>

struct json_object *directory_application(struct json_object *tree, const char *client_id)
{
    return principals_find(tree_get(tree, "applications", NULL), "client_id", client_id);
}

enum directory_secret directory_check_secret(struct json_object *application, const char *secret,
                                             time_t now)
{
    enum directory_secret result = SECRET_WRONG;
    struct json_object *secrets = tree_get(application, "secrets", NULL);
    for (struct lh_entry *each = tree_first(secrets); each != NULL; each = each->next) {
        struct json_object *entry = tree_value(each);
        if (!text_secret_equal(tree_string(entry, "value", ""), secret) ||
            !principals_is_due(entry, "ready_ms")) {
            continue;
        }
        if (now < tree_int(entry, "end", INT64_MAX) && now >= tree_int(entry, "start", 0)) {
            return SECRET_VALID;
        }
        result = SECRET_EXPIRED;
    }
    return result;
}

struct json_object *directory_identity(struct json_object *tree, enum directory_selector selector,
                                       const char *value)
{
    static const char *const keys[] = {
        [SELECT_CLIENT_ID] = "client_id",
        [SELECT_OBJECT_ID] = "object_id",
        [SELECT_RESOURCE_ID] = "resource_id",
    };
    struct json_object *identities = tree_get(tree, "identities", NULL);
    struct json_object *found = NULL;
    if (selector != SELECT_SYSTEM) {
        found = principals_find(identities, keys[selector], value);
    } else {
        for (struct lh_entry *each = tree_first(identities); each != NULL; each = each->next) {
            struct json_object *entry = tree_value(each);
            if (tree_bool(entry, "system", false)) {
                found = entry;
            }
        }
    }
    return found != NULL && tree_bool(found, "assigned", false) ? found : NULL;
}

bool directory_same_resource(const char *a, const char *b)
{
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    a_length -= a_length > 0 && a[a_length - 1] == '/';
    b_length -= b_length > 0 && b[b_length - 1] == '/';
    return a_length == b_length && strncasecmp(a, b, a_length) == 0;
}

const char *directory_resource(struct json_object *tree, const char *audience)
{
    struct json_object *resources = tree_get(tree, "resources", NULL);
    for (struct lh_entry *each = tree_first(resources); each != NULL; each = each->next) {
        const char *name = tree_key(each);
        struct json_object *enabled = tree_value(each);
        if (directory_same_resource(name, audience) && json_object_get_boolean(enabled)) {
            return name;
        }
    }
    return NULL;
}

static enum directory_principal principal_among(struct json_object *map, const char *object_id,
                                                int64_t now)
{
    struct json_object *entry = principals_find(map, "object_id", object_id);
    if (entry == NULL) {
        return PRINCIPAL_UNKNOWN;
    }
    return tree_int(entry, "principal_ready_ms", 0) > now ? PRINCIPAL_REPLICATING : PRINCIPAL_KNOWN;
}

enum directory_principal directory_principal(struct json_object *tree, const char *object_id,
                                             int64_t now)
{
    enum directory_principal result =
        principal_among(tree_get(tree, "applications", NULL), object_id, now);
    return result != PRINCIPAL_UNKNOWN
               ? result
               : principal_among(tree_get(tree, "identities", NULL), object_id, now);
}

bool directory_is_within(const char *scope, const char *above)
{
    size_t length = strlen(above);
    length -= length > 0 && above[length - 1] == '/';
    return strncasecmp(scope, above, length) == 0 &&
           (scope[length] == '\0' || scope[length] == '/');
}

bool directory_allows(struct json_object *tree, const char *object_id, enum role_plane plane,
                      const char *operation, const char *scope, int64_t now)
{
    struct json_object *assignments = tree_get(tree, "role_assignments", NULL);
    for (struct lh_entry *each = tree_first(assignments); each != NULL; each = each->next) {
        struct json_object *assignment = tree_value(each);
        const struct role *role = roles_by_id(tree_string(assignment, "role", ""));
        if (role != NULL && tree_int(assignment, "effective_ms", 0) <= now &&
            strcasecmp(tree_string(assignment, "principal_id", ""), object_id) == 0 &&
            directory_is_within(scope, tree_string(assignment, "scope", "?")) &&
            role_allows(role, plane, operation)) {
            return true;
        }
    }
    return false;
}
