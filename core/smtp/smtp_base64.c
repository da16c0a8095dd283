/* SPDX-License-Identifier: MIT */
/*
 * base64 decoding of what a server sends. OpenSSL's decoder skips blanks, counts padding as data
 * and knows no capacity, so these few lines stand on their own. Encoding, which handles secrets, is
 * acsmtp_secret_append_base64().
 */
#include "smtp_base64.h"

#include <stdint.h>
#include <string.h>

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

/* Four characters, of which the last `padding` are '='. */
static int decode_group(const char *text, size_t padding, char *out)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < 4; i++) {
        int value = i < 4 - padding ? value_of(text[i]) : 0;

        if (value < 0)
            return -1;
        bits = bits << 6 | (uint32_t)value;
    }
    /* Bits that the padding leaves over are 0 in every honest encoding. */
    if (padding > 0 && (bits & ((1U << (8 * padding)) - 1)) != 0)
        return -1;
    for (size_t i = 0; i < 3 - padding; i++)
        out[i] = (char)(unsigned char)(bits >> (16 - 8 * i));
    return 0;
}

ssize_t smtp_base64_decode(const char *text, size_t size, char *out, size_t capacity)
{
    size_t padding = 0;
    size_t used = 0;

    if (size % 4 != 0)
        return -1;
    while (padding < 2 && padding < size && text[size - 1 - padding] == '=')
        padding++;
    if (size / 4 * 3 - padding > capacity)
        return -1;
    for (size_t at = 0; at < size; at += 4) {
        size_t missing = at + 4 == size ? padding : 0;

        if (decode_group(text + at, missing, out + used) != 0)
            return -1;
        used += 3 - missing;
    }
    return (ssize_t)used;
}
