/* SPDX-License-Identifier: MIT */
/*
 * Tokens of JSON: json-c 0.16 in strict mode still takes "-01", "1.", NaN, raw control characters,
 * keys in single quotes, overlong UTF-8, and cuts keys at \u0000, while 0.18 in strict mode refuses
 * every character that is not ASCII, and integers of more than 64 bits (seen by trying each). So
 * nothing of it is used, and the order of tokens, but for a comma at the end, is left to json-c.
 */
#include "json_scan.h"
#include "utf8.h"
#include <string.h>

struct cursor {
    char *text;
    size_t at, size;
    size_t depth;
    int comments;
    int nul_in_string;  /* the last string had a \u0000 */
    size_t after_comma; /* the offset behind it, when the last token was one */
    struct json_scan *scan;
};

static int fail(struct cursor *cursor, const char *problem)
{
    cursor->scan->problem = problem;
    cursor->scan->error_at = cursor->at;
    return 0;
}

static unsigned char peek(const struct cursor *cursor, size_t ahead)
{
    /* A NUL in the text is nowhere valid, so it can stand for the end. */
    return cursor->at + ahead < cursor->size ? (unsigned char)cursor->text[cursor->at + ahead] : 0;
}

static int escape(struct cursor *cursor)
{
    if (peek(cursor, 1) == 'u' && cursor->size - cursor->at >= 6 &&
        memcmp(cursor->text + cursor->at + 2, "0000", 4) == 0)
        cursor->nul_in_string = 1;
    if (peek(cursor, 1) < 0x20)
        return fail(cursor, "a string does not end");
    cursor->at += 2; /* json-c knows which escapes there are */
    return 1;
}

static int string(struct cursor *cursor)
{
    size_t step;

    cursor->nul_in_string = 0;
    cursor->at++;
    while (peek(cursor, 0) != '"') {
        unsigned char c = peek(cursor, 0);

        if (cursor->at >= cursor->size)
            return fail(cursor, "a string does not end");
        if (c < 0x20)
            return fail(cursor, "a control character in a string");
        if (c == '\\') {
            if (!escape(cursor))
                return 0;
            continue;
        }
        step = utf8_size(cursor->text + cursor->at, cursor->size - cursor->at);
        if (step == 0)
            return fail(cursor, "not UTF-8");
        cursor->at += step;
    }
    cursor->at++;
    return 1;
}

static int is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(struct cursor *cursor)
{
    size_t from = cursor->at;

    while (is_digit(peek(cursor, 0)))
        cursor->at++;
    return cursor->at - from;
}

static int number(struct cursor *cursor)
{
    if (peek(cursor, 0) == '-')
        cursor->at++;
    if (peek(cursor, 0) == '0' && is_digit(peek(cursor, 1)))
        return fail(cursor, "a number with a leading zero");
    if (digits(cursor) == 0)
        return fail(cursor, "not a number");
    if (peek(cursor, 0) == '.') {
        cursor->at++;
        if (digits(cursor) == 0)
            return fail(cursor, "a number without digits behind the point");
    }
    if ((peek(cursor, 0) | 0x20) == 'e') {
        cursor->at++;
        if (peek(cursor, 0) == '+' || peek(cursor, 0) == '-')
            cursor->at++;
        if (digits(cursor) == 0)
            return fail(cursor, "a number without digits in the exponent");
    }
    return 1;
}

static int literal(struct cursor *cursor)
{
    static const char *const words[] = {"true", "false", "null"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t size = strlen(words[i]);

        if (cursor->size - cursor->at >= size &&
            memcmp(cursor->text + cursor->at, words[i], size) == 0) {
            cursor->at += size;
            return 1;
        }
    }
    return fail(cursor, "an unexpected character");
}

/* Moves behind the comment; 0 when it does not end. */
static int skip_comment(struct cursor *cursor, int block)
{
    for (cursor->at += 2; cursor->at < cursor->size; cursor->at++) {
        if (!block && peek(cursor, 0) == '\n')
            return 1;
        if (block && peek(cursor, 0) == '*' && peek(cursor, 1) == '/') {
            cursor->at += 2;
            return 1;
        }
    }
    return !block;
}

static int comment(struct cursor *cursor)
{
    int block = peek(cursor, 1) == '*';
    size_t from = cursor->at;

    if (!cursor->comments || (!block && peek(cursor, 1) != '/'))
        return fail(cursor, "an unexpected character");
    if (!skip_comment(cursor, block)) {
        cursor->at = from;
        return fail(cursor, "a comment does not end");
    }
    for (; from < cursor->at && from < cursor->size; from++)
        if (cursor->text[from] != '\n')
            cursor->text[from] = ' ';
    return 1;
}

static int structure(struct cursor *cursor, char c)
{
    if (c == '[' || c == '{') {
        if (cursor->depth == JSON_DEPTH_MAX)
            return fail(cursor, "nested too deeply");
        cursor->depth++;
    } else if ((c == ']' || c == '}') && cursor->after_comma) {
        cursor->at = cursor->after_comma - 1;
        return fail(cursor, "nothing after a comma");
    } else if ((c == ']' || c == '}') && cursor->depth > 0) {
        cursor->depth--;
    } else if (c == ':') {
        if (cursor->nul_in_string)
            return fail(cursor, "a key with a NUL");
        cursor->scan->members++;
    }
    cursor->at++;
    cursor->after_comma = c == ',' ? cursor->at : 0;
    return 1;
}

static int token(struct cursor *cursor)
{
    char c = cursor->text[cursor->at];

    if (c && strchr(" \t\r\n", c)) {
        cursor->at++;
        return 1;
    }
    if (c && strchr("[]{},:", c))
        return structure(cursor, c);
    if (c == '/')
        return comment(cursor);
    cursor->after_comma = 0;
    if (c == '"')
        return string(cursor);
    if (c == '-' || is_digit((unsigned char)c))
        return number(cursor);
    return literal(cursor);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): comments are blanked through the cursor */
void json_scan(char *text, size_t size, int comments, struct json_scan *scan)
{
    struct cursor cursor = {.text = text, .size = size, .comments = comments, .scan = scan};

    *scan = (struct json_scan){0};
    while (cursor.at < size && token(&cursor))
        continue;
}
