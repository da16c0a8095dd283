/* SPDX-License-Identifier: MIT */
/*
 * Well-formed UTF-8: shortest forms, no surrogates, nothing above U+10FFFF.
 */
#include "utf8.h"
#include <stdint.h>
#include <string.h>

static size_t announced(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    if (first < 0xe0)
        return 2;
    return first < 0xf0 ? 3 : 4;
}

size_t utf8_size(const char *text, size_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)text;
    size_t size = left > 0 ? announced(bytes[0]) : 0;
    uint32_t code;

    if (size <= 1 || size > left)
        return size > left ? 0 : size;
    code = bytes[0] & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (bytes[i] & 0x3f);
    }
    if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0;
    return size;
}

/* U+2028 to U+202E, U+2066 to U+2069: line ends to some, and what shows text in another order. */
static int rearranges(const unsigned char *text, size_t left)
{
    if (left < 3 || text[0] != 0xe2)
        return 0;
    if (text[1] == 0x80)
        return text[2] >= 0xa8 && text[2] <= 0xae;
    return text[1] == 0x81 && text[2] >= 0xa6 && text[2] <= 0xa9;
}

int utf8_is_control(const char *text, size_t left)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char first = left > 0 ? bytes[0] : ' ';

    if (first < 0x20 || first == 0x7f || rearranges(bytes, left))
        return 1;
    return first == 0xc2 && utf8_size(text, left) == 2 && bytes[1] < 0xa0;
}

void utf8_make_printable(char *text, char kept)
{
    size_t left = strlen(text), size;

    for (; left > 0; text += size, left -= size) {
        size = utf8_size(text, left);
        if (size == 0) {
            size = 1;
            *text = '?';
        } else if (*text != kept && utf8_is_control(text, left)) {
            memset(text, ' ', size);
        }
    }
}
