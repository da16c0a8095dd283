/* SPDX-License-Identifier: MIT */
/* The "properties" of an e-mail domain resource, as its first GET answers them. */
#ifndef EMULATOR_EMAIL_DOMAIN_H
#define EMULATOR_EMAIL_DOMAIN_H

#include <json-c/json.h>
#include <stdbool.h>

/* A managed domain is verified from the start; one of a customer waits for its five verifications.
 * The caller puts the object. */
struct json_object *email_domain_properties(const char *domain, const char *data_location,
                                            const char *management, bool verified);
/* The names of the verifications, up to NULL. */
extern const char *const EMAIL_DOMAIN_VERIFICATIONS[];
#endif
