/* SPDX-License-Identifier: MIT */
/*
 * Finding the addresses of a list without changing anything around them, see sendmail_list.h. One
 * pass; no recursion.
 */
#include "sendmail_list.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A part of the list: up to a comma, the end of a group, or the colon behind a group's name. */
struct element {
    const char *first, *last;        /* its words, comments left out; NULL: none */
    const char *angle, *angle_close; /* what is between < and >; NULL: none */
    int broken;                      /* something in it does not end */
};

struct walk {
    FILE *out;
    sendmail_rewriter rewrite;
    void *data;
    struct acsmtp_error *err;
};

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Behind the quoted string that begins here; NULL when it does not end. So the others. */
static const char *skip_quoted(const char *at)
{
    for (at++; *at && *at != '"'; at++)
        if (*at == '\\' && at[1])
            at++;
    return *at ? at + 1 : NULL;
}

static const char *skip_comment(const char *at)
{
    size_t depth = 0;

    for (; *at; at++) {
        if (*at == '\\' && at[1])
            at++;
        else if (*at == '(')
            depth++;
        else if (*at == ')' && --depth == 0)
            return at + 1;
    }
    return NULL;
}

static const char *skip_literal(const char *at)
{
    at += strcspn(at, "]");
    return *at ? at + 1 : NULL;
}

/* To the '>' that belongs to the '<' before. */
static const char *skip_angle(const char *at)
{
    while (at && *at != '>') {
        if (!*at)
            return NULL;
        at = *at == '"' ? skip_quoted(at) : at + 1;
    }
    return at;
}

static const char *skip_word(const char *at)
{
    if (*at == '"')
        return skip_quoted(at);
    return *at == '[' ? skip_literal(at) : at + 1;
}

int sendmail_has_domain(const char *address)
{
    while (address && *address && *address != '@')
        address = *address == '"' ? skip_quoted(address) : address + 1;
    return address && *address == '@';
}

/* Take what begins at `at` into the element; returns where it ends, NULL when it does not. */
static const char *scan_part(const char *at, struct element *element)
{
    const char *from = at;

    if (is_blank(*at))
        return at + 1;
    if (*at == '(')
        return skip_comment(at);
    if (*at == '<') {
        element->angle = at + 1;
        element->angle_close = skip_angle(at + 1);
        return element->angle_close ? element->angle_close + 1 : NULL;
    }
    at = skip_word(at);
    element->first = element->first ? element->first : from;
    element->last = at;
    return at;
}

/* Returns where the element ends: at a separator or at the end of the text. */
static const char *scan(const char *at, struct element *element)
{
    *element = (struct element){0};
    while (*at && !strchr(",;:", *at)) {
        const char *next = scan_part(at, element);

        element->broken |= !next;
        at = next ? next : at + strlen(at);
    }
    return at;
}

/* The address alone: without blanks around it and without a route ("@a,@b:"). */
static void trim(const char **from, const char **to)
{
    while (*from < *to && is_blank(**from))
        ++*from;
    while (*to > *from && is_blank((*to)[-1]))
        --*to;
    if (*from < *to && **from == '@') {
        const char *colon = memchr(*from, ':', (size_t)(*to - *from));

        *from = colon ? colon + 1 : *to;
    }
}

/* Nothing in it but words that touch each other. */
static int is_whole(const char *from, const char *to)
{
    while (from && from < to) {
        if (is_blank(*from) || strchr("()<>,;:", *from))
            return 0;
        from = skip_word(from);
    }
    return from == to;
}

static void copy(const struct walk *walk, const char *from, const char *to)
{
    (void)fwrite(from, 1, (size_t)(to - from), walk->out);
}

static int exchange(const struct walk *walk, const char *from, const char *to)
{
    char *address = strndup(from, (size_t)(to - from)), *replacement = NULL;
    int status;

    if (!address)
        return acsmtp_fail(walk->err, ACSMTP_SYSTEM, "out of memory");
    status = walk->rewrite(walk->data, address, &replacement, walk->err);
    if (status == ACSMTP_OK)
        (void)fputs(replacement ? replacement : address, walk->out);
    free(replacement);
    free(address);
    return status;
}

/* The element from `begin` to `end`, with its address exchanged. */
static int write_element(const struct walk *walk, const struct element *element, const char *begin,
                         const char *end)
{
    const char *from = element->angle ? element->angle : element->first;
    const char *to = element->angle ? element->angle_close : element->last;
    int status;

    if (from && !element->broken)
        trim(&from, &to);
    if (!from || element->broken || from == to || !is_whole(from, to)) {
        copy(walk, begin, end);
        return ACSMTP_OK;
    }
    copy(walk, begin, from);
    status = exchange(walk, from, to);
    copy(walk, to, end);
    return status;
}

static int write_list(const struct walk *walk, const char *at)
{
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK && *at) {
        struct element element;
        const char *end = scan(at, &element);

        if (*end == ':') /* a group's name is no address */
            copy(walk, at, end);
        else
            status = write_element(walk, &element, at, end);
        at = end;
        if (*at)
            (void)fputc(*at++, walk->out);
    }
    return status;
}

int sendmail_list_rewrite(const char *list, sendmail_rewriter rewrite, void *data, char **rewritten,
                          struct acsmtp_error *err)
{
    struct walk walk = {.rewrite = rewrite, .data = data, .err = err};
    char *text = NULL;
    size_t size = 0;
    int status;

    walk.out = open_memstream(&text, &size);
    if (!walk.out)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = write_list(&walk, list);
    if (fclose(walk.out) != 0 && status == ACSMTP_OK)
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    if (status == ACSMTP_OK)
        *rewritten = text;
    else
        free(text);
    return status;
}
