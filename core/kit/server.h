/* SPDX-License-Identifier: MIT */
/*
 * A scripted HTTP server on a loopback port of this process. A request's path says what it gets:
 * /SCRIPT/INSTANCE/REST, SCRIPT being a number of enum script. It gives out the canaries of that
 * instance.
 */
#ifndef SERVER_H
#define SERVER_H

#include "probe.h"

/* The port, started when first asked for; 0 when no server can be started. Any thread. */
unsigned server_port(void);

/* The document of a good reply, with canaries in it; from the file that the user gave, or one that
 * has the fields of all replies that are known here. For the caller to wipe and free(3). */
char *reply_good(unsigned instance);

/* The bytes of a bad one, for the caller to free(3); NULL when the script is not about the body. */
char *reply_bad(enum script script, unsigned instance, size_t *size);

/* The user's own good reply; NULL: there is none. Kept, borrowed. */
void reply_use(const char *text);

/* With a text: a good reply is given only to requests with Authorization, others get 401 with this
 * as WWW-Authenticate. NULL: to all. Kept, borrowed. */
void server_challenge(const char *text);

/* "cut JSON", as people call it. */
const char *script_name(enum script script);

#endif
