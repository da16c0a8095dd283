/* SPDX-License-Identifier: MIT */
/*
 * Trace lines of what libcurl sends and receives. Of HTTP only header fields that are known to be
 * harmless are shown with their values, bodies only by their size. SMTP lines that libcurl sends
 * are EHLO and STARTTLS; the dialogue after them is traced where it is spoken.
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

int net_trace_shows(const char *name, size_t size)
{
    if (size > 5 && strncasecmp(name, "x-ms-", 5) == 0)
        return 1;
    for (size_t i = 0; shown_fields[i]; i++)
        if (strlen(shown_fields[i]) == size && strncasecmp(shown_fields[i], name, size) == 0)
            return 1;
    return 0;
}

static void trace_line(const struct net_transfer *transfer, char direction, const char *line,
                       size_t size)
{
    const char *colon = memchr(line, ':', size);
    const char *blank = memchr(line, ' ', size);
    int is_field = strcmp(transfer->protocol, "http") == 0 && colon && (!blank || blank > colon);

    while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r'))
        size--;
    if (size == 0)
        return;
    if (is_field && !net_trace_shows(line, (size_t)(colon - line)))
        acsmtp_log(transfer->context, ACSMTP_LOG_TRACE, "%s %c %.*s: <hidden>", transfer->protocol,
                   direction, (int)(colon - line), line);
    else
        acsmtp_log(transfer->context, ACSMTP_LOG_TRACE, "%s %c %.*s", transfer->protocol, direction,
                   (int)size, line);
}

static void trace_lines(const struct net_transfer *transfer, char direction, const char *bytes,
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
    const struct net_transfer *transfer = data;
    int is_text = type == CURLINFO_TEXT;

    (void)easy;
    if (type == CURLINFO_HEADER_OUT || type == CURLINFO_HEADER_IN)
        trace_lines(transfer, type == CURLINFO_HEADER_OUT ? '>' : '<', bytes, size);
    else if (type == CURLINFO_DATA_OUT || type == CURLINFO_DATA_IN)
        acsmtp_log(transfer->context, ACSMTP_LOG_TRACE, "%s %c <body, %zu bytes>",
                   transfer->protocol, type == CURLINFO_DATA_OUT ? '>' : '<', size);
    else if (is_text && size > 0)
        acsmtp_log(transfer->context, ACSMTP_LOG_TRACE, "%s * %.*s", transfer->protocol,
                   (int)(bytes[size - 1] == '\n' ? size - 1 : size), bytes);
    return 0;
}

void net_trace_setup(struct net_transfer *transfer)
{
    if (!acsmtp_context_logs(transfer->context, ACSMTP_LOG_TRACE))
        return;
    (void)curl_easy_setopt(transfer->easy, CURLOPT_DEBUGFUNCTION, on_debug);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_DEBUGDATA, transfer);
    (void)curl_easy_setopt(transfer->easy, CURLOPT_VERBOSE, 1L);
}
