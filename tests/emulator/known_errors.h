/* SPDX-License-Identifier: MIT */
/* Refusals that Azure knows and that no state of this emulator leads to: a fault orders them by
 * their code, and they come with the status and the words that belong to it. */
#ifndef EMULATOR_KNOWN_ERRORS_H
#define EMULATOR_KNOWN_ERRORS_H

#include "http.h"

#include <stdbool.h>

bool known_errors_has(const char *service, const char *code);
/* Fills the reply as the service answers it; the code must be one that known_errors_has(). */
void known_errors_fill(const char *service, const char *code, struct http_reply *reply);
#endif
