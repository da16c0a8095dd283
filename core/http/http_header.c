/* SPDX-License-Identifier: MIT */
/*
 * The header fields of one HTTP reply. What a server sends is bounded in bytes and in number, and
 * comes out printable; no field is ever trusted to be there.
 */
#include "http_header.h"

#include <acsmtp/secret.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RETRY_AFTER_MAX 86400 /* a day */

static int reserve(struct http_headers *headers, size_t more)
{
    size_t capacity = headers->capacity ? headers->capacity : 1024;
    char *larger;

    if (headers->size + more > HTTP_HEADER_BYTES_MAX)
        return HTTP_HEADER_TOO_LARGE;
    while (capacity < headers->size + more)
        capacity *= 2;
    if (capacity == headers->capacity)
        return HTTP_HEADER_OK;
    larger = realloc(headers->bytes, capacity);
    if (!larger)
        return HTTP_HEADER_NO_MEMORY;
    headers->bytes = larger;
    headers->capacity = capacity;
    return HTTP_HEADER_OK;
}

static void append_printable(struct http_headers *headers, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];

        headers->bytes[headers->size++] = (char)(c < 0x20 || c == 0x7f ? ' ' : c);
    }
    headers->bytes[headers->size++] = '\0';
}

static void trim(const char **bytes, size_t *size)
{
    while (*size > 0 && strchr(" \t\r\n", (*bytes)[*size - 1]))
        (*size)--;
    while (*size > 0 && strchr(" \t", **bytes)) {
        (*bytes)++;
        (*size)--;
    }
}

/* RFC 9110 section 5.6.2. */
static int is_token(const char *bytes, size_t size)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        int is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

        if (!is_plain && (c == '\0' || !strchr(others, c)))
            return 0;
    }
    return size > 0;
}

/* A line that begins with a blank continues the field before it (obsolete, RFC 9112 section 5.2).
 */
static int add_continuation(struct http_headers *headers, const char *line, size_t size)
{
    int result;

    if (headers->count == 0)
        return HTTP_HEADER_MALFORMED;
    result = reserve(headers, size + 1);
    if (result != HTTP_HEADER_OK)
        return result;
    headers->bytes[headers->size - 1] = ' ';
    append_printable(headers, line, size);
    return HTTP_HEADER_OK;
}

static int add_field(struct http_headers *headers, const char *line, size_t size)
{
    const char *colon = memchr(line, ':', size);
    const char *value = colon ? colon + 1 : NULL;
    size_t value_size;
    int result;

    if (!colon || !is_token(line, (size_t)(colon - line)))
        return HTTP_HEADER_MALFORMED;
    value_size = size - (size_t)(value - line);
    trim(&value, &value_size);
    result = reserve(headers, size + 2);
    if (result != HTTP_HEADER_OK)
        return result;
    if (headers->count == HTTP_HEADER_COUNT_MAX)
        return HTTP_HEADER_TOO_LARGE;
    headers->count++;
    append_printable(headers, line, (size_t)(colon - line));
    append_printable(headers, value, value_size);
    return HTTP_HEADER_OK;
}

int http_headers_add(struct http_headers *headers, const char *line, size_t size, int64_t now)
{
    int is_continuation = size > 0 && (*line == ' ' || *line == '\t');

    if (size >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        headers->size = 0;
        headers->count = 0;
        headers->received_at = now;
        return HTTP_HEADER_OK;
    }
    trim(&line, &size);
    if (size == 0)
        return HTTP_HEADER_OK;
    return is_continuation ? add_continuation(headers, line, size) : add_field(headers, line, size);
}

void http_headers_release(struct http_headers *headers)
{
    if (headers->bytes)
        acsmtp_wipe(headers->bytes, headers->capacity);
    free(headers->bytes);
    memset(headers, 0, sizeof *headers);
}

const char *http_headers_find(const struct http_headers *headers, const char *name, size_t index)
{
    const char *at = headers->bytes;

    for (size_t i = 0; i < headers->count; i++) {
        const char *value = at + strlen(at) + 1;

        if (strcasecmp(at, name) == 0 && index-- == 0)
            return value;
        at = value + strlen(value) + 1;
    }
    return NULL;
}

/* Unix seconds of an HTTP-date, -1 when it is none. */
static int64_t parse_date(const char *text)
{
    /* curl_getdate() also takes bare numbers for dates; an HTTP-date begins with a day's name. */
    if (!text || !((*text >= 'A' && *text <= 'Z') || (*text >= 'a' && *text <= 'z')))
        return -1;
    return (int64_t)curl_getdate(text, NULL);
}

int32_t http_headers_retry_after(const struct http_headers *headers, int64_t now)
{
    const char *text = http_headers_find(headers, "Retry-After", 0);
    int64_t seconds = 0;
    int64_t date;

    if (!text || !*text)
        return -1;
    if (strspn(text, "0123456789") == strlen(text)) {
        while (*text && seconds < RETRY_AFTER_MAX)
            seconds = seconds * 10 + (*text++ - '0');
    } else {
        date = parse_date(text);
        if (date < 0)
            return -1;
        seconds = date > now ? date - now : 0;
    }
    return (int32_t)(seconds < RETRY_AFTER_MAX ? seconds : RETRY_AFTER_MAX);
}

int64_t http_headers_clock_skew(const struct http_headers *headers)
{
    int64_t date = parse_date(http_headers_find(headers, "Date", 0));

    return date < 0 ? 0 : date - headers->received_at;
}
