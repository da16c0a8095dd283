/* SPDX-License-Identifier: MIT */
/* GUIDs that are the same each time: names of role assignments and applications. */
#ifndef ACS_GUID_H
#define ACS_GUID_H

#include <stddef.h>

/* UUID version 5 (RFC 9562 section 5.5) of the lower-case text, in acsmtp's own name space. */
void guid_of(const char *text, char guid[37]);

/* 8-4-4-4-12 hex digits. */
int guid_is(const char *text);

#endif
