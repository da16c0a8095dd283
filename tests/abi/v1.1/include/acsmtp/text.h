/* SPDX-License-Identifier: MIT */
/*
 * Small readers of text that people write: in a config, on a command line, in a plugin's own files.
 * Pure functions; any thread.
 */
#ifndef ACSMTP_TEXT_H
#define ACSMTP_TEXT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * "250ms", "10s", "5m", "1h" or a number of seconds, in milliseconds. 1 and *milliseconds when the
 * text is one and not longer than 366 days, else 0.
 */
int acsmtp_duration_parse(const char *text, int64_t *milliseconds);

/*
 * "Did you mean ...?": the candidate nearest to `word` by edit distance (two letters swapped are
 * one slip; letter case and '-' against '_' count for nothing), or NULL when none is near.
 */
const char *acsmtp_suggest(const char *word, const char *const *candidates, size_t count);

/*
 * Decodes `size` characters of base64 (RFC 4648) of either alphabet into `out`, which must not
 * overlap `text`: how many bytes that gave, or -1 for anything else (blanks, wrong padding, bits
 * left over) and for more than `capacity`. Padding may be absent.
 */
ptrdiff_t acsmtp_base64_decode(const char *text, size_t size, void *out, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
