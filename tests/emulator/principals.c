/* SPDX-License-Identifier: MIT */
/* Look-ups of applications and service principals; see principals.h. */
#include "principals.h"

#include "scaled_clock.h"
#include "tree.h"

#include <stdint.h>
#include <strings.h>

struct json_object *principals_find(struct json_object *map, const char *key, const char *value)
{
    for (struct lh_entry *each = tree_first(map); each != NULL; each = each->next) {
        struct json_object *entry = tree_value(each);
        const char *present = tree_string(entry, key, NULL);
        if (present != NULL && strcasecmp(present, value) == 0) {
            return entry;
        }
    }
    return NULL;
}

struct json_object *principals_application(struct json_object *tree, const char *key,
                                           const char *value)
{
    return principals_find(tree_get(tree, "applications", NULL), key, value);
}

struct json_object *principals_identity(struct json_object *tree, const char *key,
                                        const char *value)
{
    return principals_find(tree_get(tree, "identities", NULL), key, value);
}

bool principals_is_due(struct json_object *node, const char *key)
{
    return scaled_clock_now() >= tree_int(node, key, INT64_MIN);
}
