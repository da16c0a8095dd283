/* SPDX-License-Identifier: MIT */
/* What the resources in the state say about SMTP: who may sign in under which name, and who may be
 * a sender. Pointers that come back are borrowed from the snapshot. */
#ifndef EMULATOR_MAIL_ACCESS_H
#define EMULATOR_MAIL_ACCESS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct mail_binding {
    const char *client_id; /* NULL when the user name is bound to no application */
    const char *service;   /* key in "arm" of the communication service */
};

/* A user name of an smtpUsernames resource that is ready, or one of the two old forms. */
struct mail_binding mail_access_binding(struct json_object *tree, const char *username,
                                        int64_t now);
/* Whether the principal may send through the communication service. */
bool mail_access_may_send(struct json_object *tree, const char *object_id, const char *service,
                          int64_t now);
/* Whether the address is a MailFrom address of a domain that is linked to the service. */
bool mail_access_is_sender(struct json_object *tree, const char *service, const char *address);
bool mail_access_is_linked_domain(struct json_object *tree, const char *service,
                                  const char *address);
#endif
