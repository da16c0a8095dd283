/* SPDX-License-Identifier: MIT */
/*
 * acsmtp_address_list(): the addresses of a To: field. Display names, comments, routes and the
 * names of groups are passed over; no recursion, and no memory but one address.
 */
#include <acsmtp/message.h>
#include <ctype.h>
#include <string.h>

#define ADDRESS_MAX 512 /* what is longer cannot be an address */

struct parser {
    const char *at;
    char address[ADDRESS_MAX];
    size_t size;
    int too_long;
    int words;    /* two words stood side by side: a phrase, not an address */
    int was_word; /* the last token was one */
    int angle;    /* 0: none yet, 1: inside <...>, 2: behind it */
    int group;
    acsmtp_address_visitor visit;
    void *data;
    struct acsmtp_error *err;
};

static int refuse(const struct parser *parser, const char *why)
{
    return acsmtp_fail(parser->err, ACSMTP_REJECTED, "address list: %s", why);
}

static void restart(struct parser *parser)
{
    parser->size = 0;
    parser->too_long = parser->words = parser->was_word = 0;
}

static void add(struct parser *parser, const char *bytes, size_t size)
{
    if (size >= sizeof parser->address - parser->size) {
        parser->too_long = 1;
        return;
    }
    memcpy(parser->address + parser->size, bytes, size);
    parser->size += size;
}

/* Comments nest and quote (RFC 5322 section 3.2.2). */
static int comment(struct parser *parser)
{
    size_t depth = 0;

    for (; *parser->at; parser->at++) {
        if (*parser->at == '\\' && parser->at[1])
            parser->at++;
        else if (*parser->at == '(')
            depth++;
        else if (*parser->at == ')' && --depth == 0)
            break;
    }
    if (!*parser->at)
        return refuse(parser, "a comment does not end");
    parser->at++;
    return ACSMTP_OK;
}

static int end_address(struct parser *parser)
{
    int used = parser->size > 0 || parser->too_long, angle = parser->angle;
    int status = ACSMTP_OK;

    if (angle == 1)
        return refuse(parser, "a '<' without '>'");
    if (!used && angle == 2)
        return refuse(parser, "nothing between '<' and '>'");
    if (used && parser->too_long)
        return refuse(parser, "an address is too long");
    if (used && parser->words)
        return refuse(parser, "an address with blanks, or a name without an address");
    if (used) {
        parser->address[parser->size] = '\0';
        status = acsmtp_address_check(parser->address, parser->err);
        if (status == ACSMTP_OK)
            status = parser->visit(parser->data, parser->address, parser->err);
    }
    restart(parser);
    parser->angle = 0;
    return status;
}

static int open_angle(struct parser *parser)
{
    if (parser->angle != 0)
        return refuse(parser, "a '<' too many");
    restart(parser);
    parser->angle = 1;
    return ACSMTP_OK;
}

static int close_angle(struct parser *parser)
{
    if (parser->angle != 1)
        return refuse(parser, "a '>' too many");
    parser->angle = 2;
    return ACSMTP_OK;
}

/* Behind a name it begins a group; within brackets it ends a route ("<@a,@b:user@domain>"). */
static int colon(struct parser *parser)
{
    if (parser->angle == 1 && parser->size > 0 && parser->address[0] == '@') {
        restart(parser);
        return ACSMTP_OK;
    }
    if (parser->angle != 0 || parser->group || (parser->size == 0 && !parser->too_long))
        return refuse(parser, "a ':' in the wrong place");
    restart(parser);
    parser->group = 1;
    return ACSMTP_OK;
}

static int comma(struct parser *parser)
{
    if (parser->angle == 1 && parser->size > 0 && parser->address[0] == '@') {
        parser->was_word = 0;
        return ACSMTP_OK;
    }
    return end_address(parser);
}

static int semicolon(struct parser *parser)
{
    int status;

    if (!parser->group || parser->angle == 1)
        return refuse(parser, "a ';' in the wrong place");
    status = end_address(parser);
    parser->group = 0;
    return status;
}

static int quoted(struct parser *parser)
{
    const char *from = parser->at;

    for (parser->at++; *parser->at && *parser->at != '"'; parser->at++)
        if (*parser->at == '\\' && parser->at[1])
            parser->at++;
    if (!*parser->at)
        return refuse(parser, "a quoted string does not end");
    parser->at++;
    add(parser, from, (size_t)(parser->at - from));
    return ACSMTP_OK;
}

static int literal(struct parser *parser)
{
    size_t size = strcspn(parser->at, "]");

    if (!parser->at[size])
        return refuse(parser, "a '[' without ']'");
    add(parser, parser->at, size + 1);
    parser->at += size + 1;
    return ACSMTP_OK;
}

/* A word, a dot or an @. */
static int word(struct parser *parser)
{
    int joins = *parser->at == '.' || *parser->at == '@';
    size_t size = joins ? 1 : strcspn(parser->at, " \t\r\n()<>[]:;@,.\"");

    if (parser->angle == 2)
        return refuse(parser, "something behind '>'");
    if (!joins)
        parser->words |= parser->was_word;
    parser->was_word = !joins;
    if (*parser->at == '"')
        return quoted(parser);
    if (*parser->at == '[')
        return literal(parser);
    if (size == 0)
        return refuse(parser, "a bracket in the wrong place");
    add(parser, parser->at, size);
    parser->at += size;
    return ACSMTP_OK;
}

static int token(struct parser *parser)
{
    static const struct {
        char c;
        int (*handle)(struct parser *);
    } specials[] = {
        {'<', open_angle}, {'>', close_angle}, {':', colon}, {',', comma}, {';', semicolon}};
    char c = *parser->at;

    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        parser->at++;
        return ACSMTP_OK;
    }
    if ((unsigned char)c < 0x20 || c == 0x7f)
        return refuse(parser, "a control character");
    if (c == '(')
        return comment(parser);
    for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++) {
        if (specials[i].c == c) {
            parser->at++;
            return specials[i].handle(parser);
        }
    }
    return word(parser);
}

int acsmtp_address_list(const char *list, acsmtp_address_visitor visit, void *data,
                        struct acsmtp_error *err)
{
    struct parser parser = {.at = list ? list : "", .visit = visit, .data = data, .err = err};
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK && *parser.at)
        status = token(&parser);
    if (status != ACSMTP_OK)
        return status;
    status = end_address(&parser);
    if (status == ACSMTP_OK && parser.group)
        return refuse(&parser, "a group does not end");
    return status;
}
