/* SPDX-License-Identifier: MIT */
/*
 * acsmtp_redact(): the last gate before a text leaves the process. It knows every living secret as
 * it is, in base64 and percent-encoded, and the looks of tokens that nobody declared secret. It
 * allocates nothing, since it stands in every path of failure.
 */
#include "secret_private.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

#define SECRET_MIN 6 /* shorter ones would blank ordinary words */
#define JWT_RUN_MIN 8

static const char mark[] = "<secret>";
#define MARK_SIZE (sizeof mark - 1)
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The text from some point to its end. `cut`: something did not fit behind it. */
struct tail {
    const char *text;
    size_t size;
    int cut;
};

/* What a text shows of a secret's byte: line makers turn control characters into spaces. */
static int shows(char shown, char byte)
{
    return shown == byte || (shown == ' ' && iscntrl((unsigned char)byte));
}

/* How much of the text is the secret itself, or its beginning where the text was cut; 0: nothing.
 */
static size_t match_plain(const struct tail *tail, const char *bytes, size_t size)
{
    size_t at;

    for (at = 0; at < size && at < tail->size; at++)
        if (!shows(tail->text[at], bytes[at]))
            return 0;
    return at == size || (tail->cut && at >= SECRET_MIN) ? at : 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Characters of the text that stand for this byte in a URL or a form; 0: others do. */
static size_t percent_step(const char *text, size_t left, char byte)
{
    if (left >= 3 && text[0] == '%' && hex_digit(text[1]) >= 0 && hex_digit(text[2]) >= 0)
        return hex_digit(text[1]) * 16 + hex_digit(text[2]) == (unsigned char)byte ? 3 : 0;
    return text[0] == byte || (byte == ' ' && text[0] == '+') ? 1 : 0;
}

static size_t match_percent(const struct tail *tail, const char *bytes, size_t size)
{
    size_t at = 0, done, step;

    for (done = 0; done < size && at < tail->size; done++, at += step) {
        step = percent_step(tail->text + at, tail->size - at, bytes[done]);
        if (step == 0)
            break;
    }
    if (done == size)
        return at;
    /* A cut may fall into the middle of a "%XX". */
    if (tail->cut && done >= SECRET_MIN && tail->size - at < 3)
        return tail->size;
    return 0;
}

static char base64_digit(const char *bytes, size_t size, size_t index)
{
    size_t byte = index * 6 / 8;
    unsigned pair = (unsigned)(unsigned char)bytes[byte] << 8;

    if (byte + 1 < size)
        pair |= (unsigned char)bytes[byte + 1];
    return base64_digits[pair >> (10 - index * 6 % 8) & 63];
}

static char standard_digit(char c)
{
    if (c == '-')
        return '+';
    if (c == '_')
        return '/';
    return c;
}

static size_t match_base64(const struct tail *tail, const char *bytes, size_t size)
{
    size_t digits = (size * 8 + 5) / 6, at;

    for (at = 0; at < digits && at < tail->size; at++)
        if (standard_digit(tail->text[at]) != base64_digit(bytes, size, at))
            return 0;
    if (at < digits)
        return tail->cut && at >= SECRET_MIN * 4 / 3 ? at : 0;
    while (at < tail->size && tail->text[at] == '=')
        at++;
    return at;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The longest match of any living secret at this point. The list is locked by the caller. */
static size_t match_secrets(const struct tail *tail, const struct acsmtp_secret *first)
{
    const struct acsmtp_secret *secret;
    char c = tail->text[0];
    size_t best = 0;

    for (secret = first; secret; secret = secret_next(secret)) {
        const char *bytes = acsmtp_secret_data(secret);
        size_t size = acsmtp_secret_size(secret);

        if (size < SECRET_MIN)
            continue;
        if (c == bytes[0] || c == ' ' || c == '+' || c == '%') {
            best = larger(best, match_plain(tail, bytes, size));
            best = larger(best, match_percent(tail, bytes, size));
        }
        if (standard_digit(c) == base64_digits[(unsigned char)bytes[0] >> 2])
            best = larger(best, match_base64(tail, bytes, size));
    }
    return best;
}

/* Which characters can begin a match, so that most of a text is passed over quickly. */
static void mark_starts(unsigned char starts[256], const struct acsmtp_secret *first)
{
    const struct acsmtp_secret *secret;

    memset(starts, 0, 256);
    starts['e'] = 1;
    for (secret = first; secret; secret = secret_next(secret)) {
        const char *bytes = acsmtp_secret_data(secret);
        size_t size = acsmtp_secret_size(secret);
        char digit;

        if (size < SECRET_MIN)
            continue;
        digit = base64_digit(bytes, size, 0);
        starts[(unsigned char)bytes[0]] = 1;
        starts[(unsigned char)digit] = 1;
        starts[digit == '+' ? '-' : '_'] |= digit == '+' || digit == '/';
        starts['%'] = 1;
        starts[' '] |= iscntrl((unsigned char)bytes[0]) != 0;
        starts['+'] |= bytes[0] == ' ';
    }
}

static size_t base64url_run(const struct tail *tail, size_t from)
{
    size_t at = from;

    while (at < tail->size && (isalnum((unsigned char)tail->text[at]) || tail->text[at] == '-' ||
                               tail->text[at] == '_'))
        at++;
    return at - from;
}

/* A JOSE header begins with {" which is eyJ in base64url. */
static size_t match_jwt(const struct tail *tail)
{
    size_t at = base64url_run(tail, 0), parts = 1;

    if (at < JWT_RUN_MIN || strncmp(tail->text, "eyJ", 3) != 0)
        return 0;
    while (at < tail->size && tail->text[at] == '.') {
        at += 1 + base64url_run(tail, at + 1);
        parts++;
    }
    return parts > 1 || (tail->cut && at == tail->size) ? at : 0;
}

/* Characters of an authentication scheme with its blank at this point, 0 if there is none. */
static size_t match_scheme(const struct tail *tail)
{
    static const char *const schemes[] = {"Bearer ", "Basic "};

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t size = strlen(schemes[i]);

        if (tail->size > size && strncmp(tail->text, schemes[i], size) == 0)
            return size;
        /* In lower case it is often prose: "basic authentication is disabled". */
        if (tail->size > size && strncasecmp(tail->text, schemes[i], size) == 0 &&
            strcspn(tail->text + size, "0123456789=+/ ") < strcspn(tail->text + size, " "))
            return size;
    }
    return 0;
}

/* RFC 9110 token68. What is a parameter (realm="...") is no credential. */
static size_t match_token68(const char *text)
{
    size_t at =
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/");
    size_t padding = strspn(text + at, "=");

    /* The length of padded base64 is a multiple of four. */
    if (padding == 1 && (at + 1) % 4 != 0 && text[at + 1] && !strchr(" ,;\t", text[at + 1]))
        return 0;
    return at + padding;
}

/* Put the mark in the place of `size` characters; returns where the text goes on. */
static size_t replace(char *text, size_t capacity, size_t at, size_t size)
{
    size_t length = strlen(text), rest = length - at - size, room = capacity - 1 - at;
    size_t mark_size = room < MARK_SIZE ? room : MARK_SIZE;

    if (rest > room - mark_size)
        rest = room - mark_size;
    memmove(text + at + mark_size, text + at + size, rest);
    memcpy(text + at, mark, mark_size);
    text[at + mark_size + rest] = '\0';
    return at + mark_size;
}

/* What stands at this point: how much to keep, and how much behind it to replace. */
static size_t inspect(const struct tail *tail, const struct acsmtp_secret *first,
                      const unsigned char starts[256], size_t *keep)
{
    size_t found = 0;

    *keep = 1;
    if (tail->size >= MARK_SIZE && strncmp(tail->text, mark, MARK_SIZE) == 0) {
        *keep = MARK_SIZE;
        return 0;
    }
    if (starts[(unsigned char)tail->text[0]])
        found = larger(match_secrets(tail, first), match_jwt(tail));
    if (found > 0) {
        *keep = 0;
        return found;
    }
    if (tolower((unsigned char)tail->text[0]) == 'b' && match_scheme(tail) > 0) {
        struct tail value = *tail;
        size_t size = match_scheme(tail);

        value.text += size;
        value.size -= size;
        found = larger(larger(match_token68(value.text), match_secrets(&value, first)),
                       match_jwt(&value));
        *keep = found > 0 ? size : 1; /* a secret may begin within the word */
    }
    return found;
}

void acsmtp_redact(char *text, size_t capacity)
{
    const struct acsmtp_secret *first;
    unsigned char starts[256];
    struct tail tail;
    size_t at = 0, length, keep, found;

    if (!text || capacity == 0)
        return;
    length = strlen(text);
    first = secret_lock_first();
    mark_starts(starts, first);
    tail.cut = length == capacity - 1;
    while (at < length) {
        tail.text = text + at;
        tail.size = length - at;
        found = inspect(&tail, first, starts, &keep);
        at += keep;
        if (found > 0) {
            at = replace(text, capacity, at, found);
            length = strlen(text);
            /* A mark longer than what it stands for may have pushed the end out. */
            tail.cut |= length == capacity - 1;
        }
    }
    secret_unlock();
}
