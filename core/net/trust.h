/* SPDX-License-Identifier: MIT */
/* Which authorities are trusted when nobody names any. */
#ifndef NET_TRUST_H
#define NET_TRUST_H

/*
 * The system's hashed folder, whose certificates are loaded only when they are needed: the bundle
 * file costs ten times the CPU of a whole session. NULL when there is none; then the TLS library's
 * own default holds. From any thread.
 */
const char *net_trust_folder(void);

#endif
