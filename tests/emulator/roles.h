/* SPDX-License-Identifier: MIT */
/* Azure's built-in roles, as far as sending mail and provisioning it can meet them. */
#ifndef EMULATOR_ROLES_H
#define EMULATOR_ROLES_H

#include <stdbool.h>
#include <stddef.h>

enum role_plane { ROLE_CONTROL, ROLE_DATA };

struct role {
    const char *id; /* GUID of the role definition */
    const char *name;
    const char *const *actions;      /* up to NULL; '*' stands for anything */
    const char *const *not_actions;  /* may be NULL */
    const char *const *data_actions; /* may be NULL */
};

/* Of index 0, 1, …; NULL past the last. */
const struct role *roles_at(size_t index);
/* Letter case is ignored. NULL when there is no such role. */
const struct role *roles_by_id(const char *id);
const struct role *roles_by_name(const char *name);
/* Whether the role allows the operation, for example "Microsoft.KeyVault/vaults/write". */
bool role_allows(const struct role *role, enum role_plane plane, const char *operation);
#endif
