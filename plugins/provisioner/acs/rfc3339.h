/* SPDX-License-Identifier: MIT */
/* Times as Graph and people write them: 2026-12-31T00:00:00Z (RFC 3339). */
#ifndef ACS_RFC3339_H
#define ACS_RFC3339_H

#include <stdint.h>

/* Unix seconds; 0 when the text is NULL or no such time in UTC. Fractions are dropped. */
int64_t rfc3339_read(const char *text);

#define RFC3339_MAX 24
/* "" for a time beyond the year 9999. */
void rfc3339_write(int64_t seconds, char text[RFC3339_MAX]);

#endif
