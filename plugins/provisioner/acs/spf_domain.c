/* SPDX-License-Identifier: MIT */
/* The arguments of SPF terms; see spf_domain.h. */
#include "spf_domain.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <sys/socket.h>

static int is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* The first place from `at` on where a character is not of `set`. */
static size_t skip(const char *text, size_t size, size_t at, const char *set)
{
    while (at < size && is_one_of(text[at], set))
        at++;
    return at;
}

/*
 * Bytes of the macro at `text`, which begins with '%'; 0 when it is none: %%, %_, %-, or %{ letter,
 * digits, 'r', delimiters }.
 */
static size_t macro_size(const char *text, size_t size)
{
    size_t at;

    if (size >= 2 && is_one_of(text[1], "%_-"))
        return 2;
    if (size < 4 || text[1] != '{' || !is_one_of(text[2], "slodiphcrtvSLODIPHCRTV"))
        return 0;
    at = skip(text, size, 3, "0123456789");
    if (at < size && is_one_of(text[at], "rR"))
        at++;
    at = skip(text, size, at, ".-+,/_=");
    return at < size && text[at] == '}' ? at + 1 : 0;
}

/* As spf_is_macro_text(); *tail is where the text behind the last macro begins. */
static int scan_macros(const char *text, size_t size, size_t *tail)
{
    *tail = 0;
    for (size_t at = 0; at < size;) {
        size_t step = 1;

        if (text[at] <= 0x20 || text[at] >= 0x7f)
            return 0;
        if (text[at] == '%') {
            step = macro_size(text + at, size - at);
            *tail = at + step;
        }
        if (step == 0)
            return 0;
        at += step;
    }
    return 1;
}

int spf_is_macro_text(const char *text, size_t size)
{
    size_t tail;

    return scan_macros(text, size, &tail);
}

/* Letters, digits and inner hyphens, not digits alone. */
static int is_top_label(const char *text, size_t size)
{
    size_t digits = 0;

    for (size_t i = 0; i < size; i++) {
        if (!isalnum((unsigned char)text[i]) && text[i] != '-')
            return 0;
        digits += isdigit((unsigned char)text[i]) != 0;
    }
    return size > 0 && size <= 63 && digits < size && text[0] != '-' && text[size - 1] != '-';
}

int spf_is_domain(const char *text, size_t size)
{
    size_t tail, dot;

    if (size == 0 || size > 253 || !scan_macros(text, size, &tail))
        return 0;
    /* %%, %_ and %- are literal characters: no name ends in one. */
    if (tail == size)
        return text[size - 1] == '}';
    if (text[size - 1] == '.')
        size--;
    for (dot = size; dot > tail && text[dot - 1] != '.';)
        dot--;
    return dot > tail && dot >= 2 && is_top_label(text + dot, size - dot);
}

/* A decimal number up to `limit` without leading zeros; its bytes, 0 for none. */
static int is_prefix_length(const char *text, size_t size, unsigned limit)
{
    unsigned value = 0;

    if (size == 0 || size > 3 || (size > 1 && text[0] == '0'))
        return 0;
    for (size_t i = 0; i < size; i++) {
        if (!isdigit((unsigned char)text[i]))
            return 0;
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    return value <= limit;
}

int spf_is_network(const char *text, size_t size, int family)
{
    const char *slash = memchr(text, '/', size);
    size_t length = slash ? (size_t)(slash - text) : size;
    char address[INET6_ADDRSTRLEN];
    unsigned char bytes[16];

    if (length >= sizeof address)
        return 0;
    memcpy(address, text, length);
    address[length] = '\0';
    if (strlen(address) != length ||
        inet_pton(family == 4 ? AF_INET : AF_INET6, address, bytes) != 1)
        return 0;
    return !slash || is_prefix_length(slash + 1, size - length - 1, family == 4 ? 32 : 128);
}

/* Where the digits at the end of `text` begin. */
static size_t before_digits(const char *text, size_t size)
{
    while (size > 0 && isdigit((unsigned char)text[size - 1]))
        size--;
    return size;
}

size_t spf_prefix_size(const char *text, size_t size)
{
    size_t begin = size, at = before_digits(text, size);

    if (at >= 2 && text[at - 1] == '/' && text[at - 2] == '/' &&
        is_prefix_length(text + at, size - at, 128)) {
        begin = at - 2;
        at = before_digits(text, begin);
    }
    if (at >= 1 && text[at - 1] == '/' && (at < 2 || text[at - 2] != '/') &&
        is_prefix_length(text + at, begin - at, 32))
        begin = at - 1;
    return size - begin;
}
