/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 as hex digits: names of cache files and fingerprints of what a cached token depended on.
 */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>

#define DIGEST_HEX 65 /* 64 digits and the NUL */

/* The digest of `salt` (may be NULL) followed by `size` bytes. */
void digest_hex(const char *salt, const void *bytes, size_t size, char hex[DIGEST_HEX]);

#endif
