/* SPDX-License-Identifier: MIT */
/* Reads address lists of RFC 5322 just well enough to know whose mail a message says it is:
 * comments, quoted names and folding are passed over, and an address is what stands in angle
 * brackets or else the bare word with an '@'. */
#include "mailbox.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct scan {
    const char *at;
    const char *end;
    char bare[MAILBOX_ADDRESS];  /* outside brackets */
    char angle[MAILBOX_ADDRESS]; /* inside */
    bool has_angle;
    bool inside; /* the brackets */
    void (*found)(void *cls, const char *address);
    void *cls;
    int count;
};

static void skip_comment(struct scan *scan)
{
    int depth = 0;
    do {
        char c = *scan->at++;
        if (c == '\\' && scan->at < scan->end) {
            scan->at++;
        }
        depth += (c == '(') - (c == ')');
    } while (depth > 0 && scan->at < scan->end);
}

static void append(char *out, char c)
{
    size_t length = strlen(out);
    if (length + 1 < MAILBOX_ADDRESS) {
        out[length] = c;
        out[length + 1] = '\0';
    }
}

/* A quoted string is a name, or the local part of an address: kept when an '@' follows it. */
static void read_quoted(struct scan *scan, char *out)
{
    const char *start = scan->at++;
    while (scan->at < scan->end && *scan->at != '"') {
        scan->at += *scan->at == '\\' && scan->at + 1 < scan->end ? 2 : 1;
    }
    scan->at += scan->at < scan->end;
    if (scan->at < scan->end && *scan->at == '@') {
        for (; start < scan->at; start++) {
            append(out, *start);
        }
    }
}

static void finish(struct scan *scan)
{
    const char *address = scan->has_angle ? scan->angle : scan->bare;
    if (strchr(address, '@') != NULL) {
        scan->found(scan->cls, address);
        scan->count++;
    }
    scan->bare[0] = '\0';
    scan->angle[0] = '\0';
    scan->has_angle = false;
}

static void take(struct scan *scan, char c)
{
    char *out = scan->inside ? scan->angle : scan->bare;
    if (c == '<') {
        scan->inside = true;
        scan->has_angle = true;
    } else if (c == '>') {
        scan->inside = false;
    } else if (strchr(" \t\r\n", c) == NULL) {
        append(out, c);
    } else if (!scan->inside && strchr(out, '@') == NULL) {
        out[0] = '\0'; /* words of a name without quotes */
    }
}

static int scan_value(struct scan *scan)
{
    while (scan->at < scan->end) {
        char c = *scan->at;
        if (c == '(') {
            skip_comment(scan);
        } else if (c == '"') {
            read_quoted(scan, scan->inside ? scan->angle : scan->bare);
        } else if ((c == ',' || c == ';') && !scan->inside) {
            finish(scan);
            scan->at++;
        } else if (c == ':' && !scan->inside) {
            scan->bare[0] = '\0'; /* it was the name of a group */
            scan->at++;
        } else {
            take(scan, c);
            scan->at++;
        }
    }
    finish(scan);
    return scan->count;
}

/* The end of the field that starts at line: where a line starts that is not folded. */
static const char *field_end(const char *line, const char *end)
{
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        line = newline == NULL ? end : newline + 1;
        if (line == end || (*line != ' ' && *line != '\t')) {
            break;
        }
    }
    return line;
}

int mailbox_scan_from(const char *message, size_t length,
                      void (*found)(void *cls, const char *address), void *cls)
{
    const char *end = message + length;
    int fields = 0;
    while (message < end && *message != '\r' && *message != '\n') {
        const char *next = field_end(message, end);
        if (next - message > 5 && strncasecmp(message, "From:", 5) == 0) {
            struct scan scan = {.at = message + 5, .end = next, .found = found, .cls = cls};
            if (scan_value(&scan) == 0) {
                return -1;
            }
            fields++;
        }
        message = next;
    }
    return fields;
}
