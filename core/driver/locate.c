/* SPDX-License-Identifier: MIT */
/*
 * A scanner that walks along one path of a JSON text. It reads no values and reports no errors: it
 * was written for text that a parser has accepted, and only promises to end and to stay inside the
 * text when that is not so.
 */
#include "locate.h"
#include <acsmtp/json.h>
#include <string.h>

#define LOCATE_DEPTH_MAX 32 /* as deep as the parser goes */

struct scanner {
    const char *text;
    size_t size, at;
    unsigned depth;
    size_t *offset;
};

/* Editors of other systems begin a file with a byte order mark, and do not show it. */
static size_t mark_size(const char *text, size_t size)
{
    return size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

struct locate_position locate_offset(const char *text, size_t size, size_t offset)
{
    struct locate_position position = {1, 1};
    size_t i;

    for (i = mark_size(text, size); i < offset && i < size; i++) {
        if (text[i] == '\n') {
            position.line++;
            position.column = 1;
        } else if (((unsigned char)text[i] & 0xc0) != 0x80) {
            position.column++;
        }
    }
    return position;
}

static char peek(const struct scanner *scan)
{
    if (scan->at < scan->size)
        return scan->text[scan->at];
    return '\0';
}

static void skip_to(struct scanner *scan, const char *end)
{
    const void *found = memmem(scan->text + scan->at, scan->size - scan->at, end, strlen(end));

    scan->at = found ? (size_t)((const char *)found - scan->text) + strlen(end) : scan->size;
}

static int skip_comment(struct scanner *scan)
{
    char second = '\0';

    if (scan->at + 1 < scan->size)
        second = scan->text[scan->at + 1];
    if (peek(scan) != '/' || (second != '/' && second != '*'))
        return 0;
    scan->at += 2;
    skip_to(scan, second == '/' ? "\n" : "*/");
    return 1;
}

static void skip_space(struct scanner *scan)
{
    do {
        while (scan->at < scan->size && strchr(" \t\r\n", scan->text[scan->at]) &&
               scan->text[scan->at])
            scan->at++;
    } while (skip_comment(scan));
}

/* Behind the closing quote of the string that begins here. */
static void skip_string(struct scanner *scan)
{
    for (scan->at++; scan->at < scan->size; scan->at++) {
        if (scan->text[scan->at] == '\\') {
            scan->at++;
        } else if (scan->text[scan->at] == '"') {
            scan->at++;
            return;
        }
    }
    scan->at = scan->size;
}

static void skip_value(struct scanner *scan)
{
    size_t open = 0;

    do {
        skip_space(scan);
        switch (peek(scan)) {
        case '"':
            skip_string(scan);
            break;
        case '{':
        case '[':
            open++;
            scan->at++;
            break;
        case '}':
        case ']':
            if (open == 0)
                return;
            open--;
            scan->at++;
            break;
        case ',':
        case ':':
            if (open == 0)
                return;
            scan->at++;
            break;
        default: /* a number or a word, or a '/' that begins no comment */
            scan->at += scan->at < scan->size;
            while (scan->at < scan->size && !strchr(" \t\r\n\"{}[],:/", scan->text[scan->at]))
                scan->at++;
        }
    } while (open > 0 && scan->at < scan->size);
}

/* What is left of `path` behind `key`, NULL when the path does not begin with it. */
static const char *path_behind(const char *path, const char *key, size_t size)
{
    if (strncmp(path, key, size) != 0 || memchr(key, '\0', size))
        return NULL;
    if (path[size] == '.' && path[size + 1])
        return path + size + 1;
    return path[size] == '\0' ? path + size : NULL;
}

/* The same for a key as it is written, with its quotes and escapes. */
static const char *path_behind_key(const char *path, const char *quoted, size_t size)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *decoded = NULL;
    struct acsmtp_error ignored = ACSMTP_ERROR_INIT;
    const char *key;

    if (size < 2)
        return NULL;
    if (!memchr(quoted, '\\', size))
        return path_behind(path, quoted + 1, size - 2);
    decoded = acsmtp_json_parse(quoted, size, &ignored);
    key = acsmtp_json_text(decoded);
    return key ? path_behind(path, key, strlen(key)) : NULL;
}

static int find(struct scanner *scan, const char *path);

/* The value here, reached under the offset `begin`: is it, or is in it, what is looked for? */
static int enter(struct scanner *scan, const char *rest, size_t begin)
{
    int found = 0;

    if (rest && *rest == '\0') {
        *scan->offset = begin;
        found = 1;
    }
    if (rest && *rest) {
        size_t value = scan->at;

        found = find(scan, rest);
        scan->at = value;
    }
    skip_value(scan);
    return found;
}

static int find_member(struct scanner *scan, const char *path)
{
    int found = 0;

    for (scan->at++;; scan->at++) {
        size_t key;
        const char *rest;

        skip_space(scan);
        key = scan->at;
        if (peek(scan) != '"')
            return found;
        skip_string(scan);
        rest = path_behind_key(path, scan->text + key, scan->at - key);
        skip_space(scan);
        if (peek(scan) != ':')
            return found;
        scan->at++;
        skip_space(scan);
        found |= enter(scan, rest, key);
        skip_space(scan);
        if (peek(scan) != ',')
            return found;
    }
}

static int find_element(struct scanner *scan, const char *path)
{
    size_t index;
    char number[24];

    scan->at++;
    for (index = 0;; index++) {
        int found;
        const char *rest;
        size_t value, digits = 0, n = index;

        do
            number[sizeof number - ++digits] = (char)('0' + n % 10);
        while (n /= 10);
        rest = path_behind(path, number + sizeof number - digits, digits);
        skip_space(scan);
        value = scan->at;
        if (scan->at >= scan->size || peek(scan) == ']')
            return 0;
        found = enter(scan, rest, value);
        if (rest)
            return found;
        skip_space(scan);
        if (peek(scan) != ',')
            return 0;
        scan->at++;
    }
}

static int find(struct scanner *scan, const char *path)
{
    int found = 0;

    if (scan->depth == LOCATE_DEPTH_MAX)
        return 0;
    scan->depth++;
    if (peek(scan) == '{')
        found = find_member(scan, path);
    else if (peek(scan) == '[')
        found = find_element(scan, path);
    scan->depth--;
    return found;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): written to by enter() */
int locate_path(const char *text, size_t size, const char *path, size_t *offset)
{
    struct scanner scan = {
        .text = text, .size = size, .at = mark_size(text, size), .offset = offset};

    skip_space(&scan);
    if (scan.at >= scan.size)
        return 0;
    return enter(&scan, path, scan.at);
}
