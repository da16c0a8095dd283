/* SPDX-License-Identifier: MIT */
/* Bearer token checks that all resource services share; see bearer.h. */
#include "bearer.h"
#include "directory.h"
#include "tree.h"

#include <string.h>
#include <strings.h>

enum bearer_result bearer_check(struct emulator *emulator, struct json_object *state,
                                const char *header, const char *const *audiences,
                                struct bearer *bearer)
{
    *bearer = (struct bearer){.why = ""};
    if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0) {
        return BEARER_MISSING;
    }
    bearer->claims = tokens_verify(&emulator->tokens, header + 7, &bearer->why);
    if (bearer->claims == NULL) {
        return strcmp(bearer->why, TOKEN_EXPIRED) == 0 ? BEARER_EXPIRED : BEARER_INVALID;
    }
    const char *audience = tree_string(bearer->claims, "aud", "");
    while (*audiences != NULL && !directory_same_resource(*audiences, audience)) {
        audiences++;
    }
    if (*audiences == NULL) {
        return BEARER_WRONG_AUDIENCE;
    }
    const char *tenant = tree_string(bearer->claims, "tid", "");
    return strcasecmp(tenant, tree_string(state, "tenant_id", "")) == 0 ? BEARER_GOOD
                                                                        : BEARER_WRONG_TENANT;
}
