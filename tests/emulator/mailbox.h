/* SPDX-License-Identifier: MIT */
/* Finds the addresses of the From field in the head of a message. */
#ifndef EMULATOR_MAILBOX_H
#define EMULATOR_MAILBOX_H

#include <stddef.h>

enum { MAILBOX_ADDRESS = 321 };

/* Calls found for each address of every From field. The number of From fields, or -1 when one of
 * them holds no address. */
int mailbox_scan_from(const char *message, size_t length,
                      void (*found)(void *cls, const char *address), void *cls);
#endif
