/* SPDX-License-Identifier: MIT */
/* Which roles there are to assign: whose, which, where. */
#ifndef ACS_RESOURCE_ROLE_H
#define ACS_RESOURCE_ROLE_H

#include "deployment.h"

/* `login` LOGINS: the caller. */
struct role {
    enum login_role login;
    const char *name;       /* "Communication and Email Service Owner" */
    const char *definition; /* GUID of the built-in role */
};

extern const struct role role_of_caller;
extern const struct role role_of_legacy;
extern const struct role role_of_modern;
extern const struct role role_of_identity;

#endif
