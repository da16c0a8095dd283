/* SPDX-License-Identifier: MIT */
/*
 * The part of RFC 8259 that json-c 0.16 does not enforce even in strict mode: one pass over the
 * text before json-c sees it.
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stddef.h>

#define JSON_DEPTH_MAX 32

struct json_scan {
    size_t members;      /* how many "key": there are, in all objects */
    size_t error_at;     /* offset of what is wrong */
    const char *problem; /* what it is, NULL when nothing is wrong */
};

/*
 * Check every token of the text. With `comments`, each comment in the text is overwritten with
 * blanks (line ends stay, so that positions mean the same).
 */
void json_scan(char *text, size_t size, int comments, struct json_scan *scan);

#endif
