/* SPDX-License-Identifier: MIT */
/* The header fields of one HTTP reply: a bounded store that keeps order and repetition. */
#ifndef HTTP_HEADER_H
#define HTTP_HEADER_H

#include <stddef.h>
#include <stdint.h>

#define HTTP_HEADER_BYTES_MAX 65536U
#define HTTP_HEADER_COUNT_MAX 256U

/* All zero is empty. */
struct http_headers {
    char *bytes; /* "name\0value\0" again and again */
    size_t size, capacity;
    size_t count;
    int64_t received_at; /* Unix seconds of the status line */
};

enum http_header_result {
    HTTP_HEADER_OK = 0,
    HTTP_HEADER_TOO_LARGE,
    HTTP_HEADER_MALFORMED,
    HTTP_HEADER_NO_MEMORY
};

/*
 * Take one line with its line end, as libcurl gives it. A status line starts anew: what a 100 or a
 * proxy said before the reply is forgotten. enum http_header_result.
 */
int http_headers_add(struct http_headers *headers, const char *line, size_t size, int64_t now);
void http_headers_release(struct http_headers *headers);

/* The index-th field of that name (any case), NULL if there is none. */
const char *http_headers_find(const struct http_headers *headers, const char *name, size_t index);

/* As acsmtp_http_retry_after() and acsmtp_http_clock_skew(). */
int32_t http_headers_retry_after(const struct http_headers *headers, int64_t now);
int64_t http_headers_clock_skew(const struct http_headers *headers);

#endif
