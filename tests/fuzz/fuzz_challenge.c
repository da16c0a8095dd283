/* SPDX-License-Identifier: MIT */
/*
 * base64 of challenges, and messages on their way into DATA. What decodes must encode to the same
 * text; what comes out of the transformation must hold no bare CR or LF and end only at its end.
 */
#include "smtp/smtp_data.h"

#include <acsmtp/text.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

/* In the other alphabet, or without padding, it is the same text. */
static void must_be_same(const char *text, size_t size, const char *standard, size_t length)
{
    must(size <= length);
    for (size_t i = 0; i < length; i++) {
        char c = i < size ? text[i] : '=';

        must(standard[i] == (c == '-' ? '+' : c == '_' ? '/' : c));
    }
}

static void check_base64(const char *text, size_t size)
{
    size_t room = size / 4 * 3 + size % 4;
    char *out = malloc(room ? room : 1);
    unsigned char *again = malloc(size + 4);
    ptrdiff_t used;

    must(out && again);
    used = acsmtp_base64_decode(text, size, out, room);
    must(used >= -1 && used <= (ptrdiff_t)room);
    if (used >= 0) {
        int length = EVP_EncodeBlock(again, (unsigned char *)out, (int)used);

        must_be_same(text, size, (char *)again, (size_t)length);
        must(used == 0 || acsmtp_base64_decode(text, size, out, (size_t)used - 1) == -1);
    }
    free(out);
    free(again);
}

static void check_line_ends(const char *out, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        must(out[i] != '\n' || (i > 0 && out[i - 1] == '\r'));
        must(out[i] != '\r' || (i + 1 < size && out[i + 1] == '\n'));
        /* A line of one dot is the end, and nothing else is. */
        if (out[i] == '.' && (i == 0 || out[i - 1] == '\n') && i + 2 < size && out[i + 1] == '\r')
            must(i + 3 == size);
    }
    must(size >= 3 && memcmp(out + size - 3, ".\r\n", 3) == 0);
}

/* The first byte says how input is cut, the second how much room there is. */
static void check_data(const char *in, size_t size)
{
    size_t step = size > 0 ? 1 + (size_t)(unsigned char)in[0] : 1;
    size_t room = SMTP_DATA_ROOM_MIN + (size > 1 ? (size_t)(unsigned char)in[1] : 0);
    char *out = malloc(2 * size + room + SMTP_DATA_END_MAX);
    struct smtp_data data = {0};
    size_t used = 0;
    size_t at = 0;

    must(out != NULL);
    while (at < size) {
        size_t taken = 0;
        size_t written = 0;

        smtp_data_add(&data, in + at, size - at < step ? size - at : step, &taken, out + used, room,
                      &written);
        must(taken > 0 && written <= room);
        at += taken;
        used += written;
    }
    used += smtp_data_end(&data, out + used);
    check_line_ends(out, used);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size ? size : 1);

    must(bytes != NULL);
    memcpy(bytes, data, size);
    check_base64(bytes, size);
    check_data(bytes, size);
    free(bytes);
    return 0;
}
