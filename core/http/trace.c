/* SPDX-License-Identifier: MIT */
/*
 * Trace lines of what libcurl sends and receives. Only header fields that are known to be harmless
 * are shown with their values, bodies only by their size.
 */
#include "trace.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const shown_fields[] = {"accept",
                                           "allow",
                                           "api-supported-versions",
                                           "cache-control",
                                           "connection",
                                           "content-encoding",
                                           "content-length",
                                           "content-type",
                                           "date",
                                           "expires",
                                           "host",
                                           "keep-alive",
                                           "metadata",
                                           "pragma",
                                           "retry-after",
                                           "server",
                                           "transfer-encoding",
                                           "user-agent",
                                           "vary",
                                           "via",
                                           "www-authenticate",
                                           NULL};

int http_trace_shows(const char *name, size_t size)
{
    if (size > 5 && strncasecmp(name, "x-ms-", 5) == 0)
        return 1;
    for (size_t i = 0; shown_fields[i]; i++)
        if (strlen(shown_fields[i]) == size && strncasecmp(shown_fields[i], name, size) == 0)
            return 1;
    return 0;
}

/* The request's or the reply's first line. Ours is in order; a reply can hold anything. */
static int is_first_line(char direction, const char *line, size_t size)
{
    const char *colon = memchr(line, ':', size);
    const char *blank = memchr(line, ' ', size);

    if (direction == '<')
        return size >= 5 && memcmp(line, "HTTP/", 5) == 0;
    return blank && (!colon || blank < colon);
}

/* Bytes of a field's name, 0 when the line has none: it goes on with a value, or is no field. */
static size_t name_size(const char *line, size_t size)
{
    const char *colon = memchr(line, ':', size);

    return colon && *line != ' ' && *line != '\t' ? (size_t)(colon - line) : 0;
}

static void trace_line(const struct http_transfer *transfer, char direction, const char *line,
                       size_t size)
{
    size_t name;

    while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r'))
        size--;
    if (size == 0)
        return;
    name = name_size(line, size);
    if (is_first_line(direction, line, size) || http_trace_shows(line, name))
        acsmtp_log(transfer->context, ACSMTP_LOG_TRACE, "http %c %.*s", direction, (int)size, line);
    else
        acsmtp_log(transfer->context, ACSMTP_LOG_TRACE, "http %c %.*s%s<hidden>", direction,
                   (int)name, line, name ? ": " : "");
}

static void trace_lines(const struct http_transfer *transfer, char direction, const char *bytes,
                        size_t size)
{
    while (size > 0) {
        const char *end = memchr(bytes, '\n', size);
        size_t line = end ? (size_t)(end - bytes) + 1 : size;

        trace_line(transfer, direction, bytes, line);
        bytes += line;
        size -= line;
    }
}

static int on_debug(CURL *easy, curl_infotype type, char *bytes, size_t size, void *data)
{
    const struct http_transfer *transfer = data;
    int is_text = type == CURLINFO_TEXT;

    (void)easy;
    if (type == CURLINFO_HEADER_OUT || type == CURLINFO_HEADER_IN)
        trace_lines(transfer, type == CURLINFO_HEADER_OUT ? '>' : '<', bytes, size);
    else if (type == CURLINFO_DATA_OUT || type == CURLINFO_DATA_IN)
        acsmtp_log(transfer->context, ACSMTP_LOG_TRACE, "http %c <body, %zu bytes>",
                   type == CURLINFO_DATA_OUT ? '>' : '<', size);
    else if (is_text && size > 0)
        acsmtp_log(transfer->context, ACSMTP_LOG_TRACE, "http * %.*s",
                   (int)(bytes[size - 1] == '\n' ? size - 1 : size), bytes);
    return 0;
}

void http_trace_setup(struct http_transfer *transfer)
{
    if (!acsmtp_context_logs(transfer->context, ACSMTP_LOG_TRACE))
        return;
    (void)curl_easy_setopt(transfer->easy, CURLOPT_DEBUGFUNCTION, on_debug);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_DEBUGDATA, transfer);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_VERBOSE, 1L);
}
