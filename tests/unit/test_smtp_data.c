/* SPDX-License-Identifier: MIT */
/*
 * Line ends and dots, against a plain second implementation that knows the whole message at once:
 * every short message over a small alphabet, cut at every place, and long random ones.
 */
#include "cunit_main.h"

#include "smtp/smtp_data.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define OUT_MAX 65536

/* Lines first, then dots: the rule as RFC 5321 says it. */
static size_t simple(const char *in, size_t size, char *out, int64_t *plain)
{
    size_t used = 0;
    size_t at = 0;

    *plain = 0;
    while (at < size) {
        size_t end = at;

        while (end < size && in[end] != '\r' && in[end] != '\n')
            end++;
        if (end > at && in[at] == '.')
            out[used++] = '.';
        memcpy(out + used, in + at, end - at);
        used += end - at;
        *plain += (int64_t)(end - at) + 2;
        memcpy(out + used, "\r\n", 2);
        used += 2;
        at = end + 1 + (end + 1 < size && in[end] == '\r' && in[end + 1] == '\n');
    }
    memcpy(out + used, ".\r\n", 3);
    return used + 3;
}

/* The stream, with input cut into pieces of `step` and output into rooms of `room` bytes. */
static size_t stream(const char *in, size_t size, size_t step, size_t room, char *out,
                     int64_t *plain)
{
    struct smtp_data data = {0};
    size_t used = 0;
    size_t at = 0;

    while (at < size) {
        size_t piece = size - at < step ? size - at : step;
        size_t taken = 0;
        size_t written = 0;

        smtp_data_add(&data, in + at, piece, &taken, out + used, room, &written);
        CU_ASSERT_FATAL(taken > 0 && taken <= piece && written <= room);
        at += taken;
        used += written;
    }
    used += smtp_data_end(&data, out + used);
    *plain = data.size;
    return used;
}

static int agrees(const char *in, size_t size, size_t step, size_t room)
{
    static char wanted[OUT_MAX * 3];
    static char got[OUT_MAX * 3];
    int64_t wanted_plain;
    int64_t got_plain;
    size_t wanted_size = simple(in, size, wanted, &wanted_plain);
    size_t got_size = stream(in, size, step, room, got, &got_plain);

    return got_size == wanted_size && memcmp(got, wanted, got_size) == 0 &&
           got_plain == wanted_plain;
}

static void every_short_message_agrees(void)
{
    static const char alphabet[] = "\r\n.a";
    char in[7];

    for (size_t size = 0; size <= sizeof in; size++) {
        size_t total = (size_t)1 << (2 * size);

        for (size_t number = 0; number < total; number++) {
            for (size_t i = 0; i < size; i++)
                in[i] = alphabet[number >> (2 * i) & 3];
            for (size_t step = 1; step <= size + 1; step++)
                CU_ASSERT_FATAL(agrees(in, size, step, SMTP_DATA_ROOM_MIN));
            CU_ASSERT_FATAL(agrees(in, size, sizeof in, OUT_MAX));
        }
    }
}

static void random_messages_agree(void)
{
    static const char alphabet[] = "abcdefgh\r\n\r\n..";
    static char in[20000];
    unsigned seed = 20240229;

    for (int turn = 0; turn < 400; turn++) {
        size_t size = (size_t)rand_r(&seed) % sizeof in;
        size_t step = 1 + (size_t)rand_r(&seed) % 5000;
        size_t room = SMTP_DATA_ROOM_MIN + (size_t)rand_r(&seed) % 5000;

        for (size_t i = 0; i < size; i++)
            in[i] = alphabet[(size_t)rand_r(&seed) % (sizeof alphabet - 1)];
        CU_ASSERT_FATAL(agrees(in, size, step, room));
    }
}

static void no_output_ends_the_message_early(void)
{
    static const char in[] = "a\n.\nb\r.\rc\r\n.\r\nd\n.\r\ne\r\n.\nf";
    char out[256];
    int64_t plain;
    size_t size = stream(in, sizeof in - 1, 3, SMTP_DATA_ROOM_MIN, out, &plain);
    const char *end = memmem(out, size, "\r\n.\r\n", 5);

    CU_ASSERT_PTR_EQUAL(end, out + size - 5);
    CU_ASSERT_PTR_NULL(memmem(out, size, "\n.\n", 3));
    CU_ASSERT_PTR_NULL(memmem(out, size, "\r.\r", 3));
}

static void nothing_at_all_is_a_dot(void)
{
    struct smtp_data data = {0};
    char out[SMTP_DATA_END_MAX];

    CU_ASSERT_EQUAL(smtp_data_end(&data, out), 3);
    CU_ASSERT_EQUAL(memcmp(out, ".\r\n", 3), 0);
}

CUNIT_MAIN("smtp_data", T(every_short_message_agrees), T(random_messages_agree),
           T(no_output_ends_the_message_early), T(nothing_at_all_is_a_dot))
