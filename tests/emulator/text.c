/* SPDX-License-Identifier: MIT */
/* Bounded strings and small encodings; see text.h. */
#include "text.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_init(struct text *text, size_t maximum)
{
    *text = (struct text){.maximum = maximum};
}

void text_release(struct text *text)
{
    if (text->data != NULL) {
        OPENSSL_cleanse(text->data, text->capacity);
    }
    free(text->data);
    text_init(text, text->maximum);
}

void text_clear(struct text *text)
{
    text->length = 0;
    text->failed = false;
    if (text->data != NULL) {
        text->data[0] = '\0';
    }
}

static bool reserve(struct text *text, size_t more)
{
    if (text->failed || text->length > text->maximum || more > text->maximum - text->length) {
        text->failed = true;
        return false;
    }
    size_t need = text->length + more + 1;
    if (need <= text->capacity) {
        return true;
    }
    size_t capacity = text->capacity < 128 ? 256 : text->capacity * 2;
    if (capacity < need) {
        capacity = need;
    }
    char *data = realloc(text->data, capacity);
    if (data == NULL) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void text_add(struct text *text, const void *data, size_t length)
{
    if (!reserve(text, length)) {
        return;
    }
    if (length > 0) {
        memcpy(text->data + text->length, data, length);
    }
    text->length += length;
    text->data[text->length] = '\0';
}

void text_puts(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *line = NULL;
    int length = vasprintf(&line, format, arguments);
    va_end(arguments);
    if (length < 0) {
        text->failed = true;
        return;
    }
    text_add(text, line, (size_t)length);
    free(line);
}

const char *text_string(const struct text *text)
{
    return text->data == NULL ? "" : text->data;
}

void text_add_escaped(struct text *text, const char *string)
{
    for (; *string != '\0'; string++) {
        unsigned char c = (unsigned char)*string;
        if (isalnum(c) || strchr("-._~", c) != NULL) {
            text_add(text, string, 1);
        } else {
            text_printf(text, "%%%02X", c);
        }
    }
}

static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char BASE64URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode(struct text *text, const unsigned char *in, size_t length, const char *alphabet,
                   bool padding)
{
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t word = (uint32_t)in[i] << 16;
        word |= left > 1 ? (uint32_t)in[i + 1] << 8 : 0;
        word |= left > 2 ? in[i + 2] : 0;
        char out[4] = {alphabet[word >> 18], alphabet[word >> 12 & 63], alphabet[word >> 6 & 63],
                       alphabet[word & 63]};
        size_t count = left > 2 ? 4 : left + 1;
        text_add(text, out, count);
        if (padding && count < 4) {
            text_add(text, "==", 4 - count);
        }
    }
}

void text_add_base64(struct text *text, const void *data, size_t length)
{
    encode(text, data, length, BASE64, true);
}

void text_add_base64url(struct text *text, const void *data, size_t length)
{
    encode(text, data, length, BASE64URL, false);
}

static int digit(char c, const char *alphabet)
{
    const char *at = c == '\0' ? NULL : strchr(alphabet, c);
    return at == NULL ? -1 : (int)(at - alphabet);
}

static int decode(struct text *text, const char *data, size_t length, const char *alphabet)
{
    uint32_t word = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < length; i++) {
        int value = digit(data[i], alphabet);
        if (value < 0) {
            return -1;
        }
        word = word << 6 | (uint32_t)value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            unsigned char byte = (unsigned char)(word >> bits);
            text_add(text, &byte, 1);
            word &= (1U << bits) - 1;
        }
    }
    /* Left-over bits must be zero, else two encodings of one value would both pass. */
    return bits >= 6 || word != 0 || text->failed ? -1 : 0;
}

int text_add_unbase64(struct text *text, const char *data, size_t length)
{
    if (length % 4 != 0) {
        return -1;
    }
    for (int i = 0; i < 2 && length > 0 && data[length - 1] == '='; i++) {
        length--;
    }
    return decode(text, data, length, BASE64);
}

int text_add_unbase64url(struct text *text, const char *data, size_t length)
{
    return decode(text, data, length, BASE64URL);
}

static void random_bytes(unsigned char *out, size_t length)
{
    if (RAND_bytes(out, (int)length) != 1) {
        abort(); /* no identity of the emulator may be guessable, and nothing sane is left to do */
    }
}

void text_uuid(char out[TEXT_UUID_SIZE])
{
    unsigned char b[16];
    random_bytes(b, sizeof(b));
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(out, TEXT_UUID_SIZE,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
             b[15]);
}

bool text_is_uuid(const char *string)
{
    for (size_t i = 0; i < TEXT_UUID_SIZE - 1; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? string[i] != '-' : !isxdigit((unsigned char)string[i])) {
            return false;
        }
    }
    return string[TEXT_UUID_SIZE - 1] == '\0';
}

static void random_from(char *out, size_t length, const char *alphabet)
{
    size_t letters = strlen(alphabet);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte;
        random_bytes(&byte, 1);
        out[i] = alphabet[byte % letters];
    }
    out[length] = '\0';
}

void text_random_secret(char *out, size_t length)
{
    random_from(out, length, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz~._-");
}

void text_random_password(char *out, size_t length)
{
    static const char awkward[] = "\"\\&+%='<";
    char printable['~' - '!' + 2];
    for (int c = '!'; c <= '~'; c++) {
        printable[c - '!'] = (char)c;
    }
    printable['~' - '!' + 1] = '\0';
    random_from(out, length, printable);
    /* Each of them stands somewhere, in an order that does not matter. */
    for (size_t i = 0; awkward[i] != '\0'; i++) {
        out[1 + i * (length / sizeof(awkward))] = awkward[i];
    }
}

void text_random_hex(char *out, size_t length)
{
    random_from(out, length, "0123456789abcdef");
}

void text_utc(time_t when, char out[TEXT_TIME_SIZE])
{
    struct tm parts;
    if (gmtime_r(&when, &parts) == NULL ||
        strftime(out, TEXT_TIME_SIZE, "%Y-%m-%d %H:%M:%SZ", &parts) == 0) {
        out[0] = '\0';
    }
}

void text_iso_now(char out[TEXT_TIME_SIZE])
{
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    char seconds[24];
    if (gmtime_r(&now.tv_sec, &parts) == NULL ||
        strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &parts) == 0) {
        seconds[0] = '\0';
    }
    snprintf(out, TEXT_TIME_SIZE, "%s.%06uZ", seconds, (unsigned)(now.tv_nsec / 1000) % 1000000U);
}

bool text_secret_equal(const char *a, const char *b)
{
    size_t length = strlen(a);
    return length == strlen(b) && CRYPTO_memcmp(a, b, length) == 0;
}

bool text_has_prefix(const char *string, const char *prefix)
{
    return strncmp(string, prefix, strlen(prefix)) == 0;
}
