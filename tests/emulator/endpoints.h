/* SPDX-License-Identifier: MIT */
/* The state folder: endpoints.json, ca.pem, and the lock that keeps a second emulator out. */
#ifndef EMULATOR_ENDPOINTS_H
#define EMULATOR_ENDPOINTS_H

#include "emulator.h"

/* Makes the folder private and locks it. The lock's descriptor, or -1 and a line on stderr. */
int endpoints_open(const char *directory);
/* Writes ca.pem, then endpoints.json; each appears whole. -1 and a line on stderr. */
int endpoints_write(struct emulator *emulator, const char *directory);
/* Takes endpoints.json away again. */
void endpoints_remove(const char *directory);
#endif
