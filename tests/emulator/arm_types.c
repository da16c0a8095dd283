/* SPDX-License-Identifier: MIT */
/* All types of resources; see arm_types.h. */
#include "arm_types.h"

#include <string.h>
#include <strings.h>

static const struct arm_type *const LISTS[] = {
    ARM_SUBSCRIPTION_TYPES, ARM_PROVIDER_TYPES, ARM_GROUP_TYPES,   ARM_ASSIGNMENT_TYPES,
    ARM_DEFINITION_TYPES,   ARM_IDENTITY_TYPES, ARM_SERVICE_TYPES, ARM_USERNAME_TYPES,
    ARM_EMAIL_TYPES,        ARM_DOMAIN_TYPES,   ARM_SENDER_TYPES,  ARM_VAULT_TYPES,
};

const struct arm_type *arm_type_at(size_t index)
{
    for (size_t i = 0; i < sizeof(LISTS) / sizeof(LISTS[0]); i++) {
        for (const struct arm_type *type = LISTS[i]; type->name != NULL; type++) {
            if (index-- == 0) {
                return type;
            }
        }
    }
    return NULL;
}

const struct arm_type *arm_type_find(const char *name)
{
    const struct arm_type *type;
    for (size_t i = 0; (type = arm_type_at(i)) != NULL; i++) {
        if (strcasecmp(type->name, name) == 0) {
            return type;
        }
    }
    return NULL;
}

const struct arm_type *arm_type_of(const char *key)
{
    if (strcasestr(key, "/providers/") == NULL && strcasestr(key, "/resourceGroups/") != NULL) {
        return arm_type_find("Microsoft.Resources/subscriptions/resourceGroups");
    }
    const struct arm_type *type;
    for (size_t i = 0; (type = arm_type_at(i)) != NULL; i++) {
        if (resources_is_type(key, type->name)) {
            return type;
        }
    }
    return NULL;
}
