/* SPDX-License-Identifier: MIT */
/*
 * base64 decoding. OpenSSL's decoder skips blanks, counts padding as data, knows no capacity and
 * only one of the alphabets, so these few lines stand on their own. Encoding, which handles
 * secrets, is acsmtp_secret_append_base64().
 */
#include <acsmtp/text.h>

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

/* The size without padding; padding that is there completes a group of four. */
static size_t without_padding(const char *text, size_t size)
{
    size_t padding = 0;

    if (size % 4 == 0)
        while (padding < 2 && padding < size && text[size - 1 - padding] == '=')
            padding++;
    return size - padding;
}

ptrdiff_t acsmtp_base64_decode(const char *text, size_t size, void *out, size_t capacity)
{
    size_t digits = without_padding(text, size);
    size_t used = 0;
    unsigned char *bytes = out;
    unsigned bits = 0;

    if (digits % 4 == 1 || digits / 4 * 3 + digits % 4 * 3 / 4 > capacity)
        return -1;
    for (size_t i = 0; i < digits; i++) {
        int value = value_of(text[i]);

        if (value < 0)
            return -1;
        bits = (bits << 6 | (unsigned)value) & 0xffff;
        if (i % 4 > 0)
            bytes[used++] = (unsigned char)(bits >> (6 - i % 4 * 2) & 0xff);
    }
    /* Bits that the last byte leaves over are 0 in every honest encoding (RFC 4648 section 3.5). */
    if ((digits % 4 == 2 && (bits & 15) != 0) || (digits % 4 == 3 && (bits & 3) != 0))
        return -1;
    return (ptrdiff_t)used;
}
