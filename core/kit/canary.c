/* SPDX-License-Identifier: MIT */
/* Masked secrets, see canary.h. */
#include "canary.h"
#include <stdint.h>
#include <string.h>

enum { MASK = 0xa5 };

static unsigned char masked[CANARY_COUNT][CANARY_SIZE];

static const char *const names[] = {
    [CANARY_OPTION] = "the value of a secret option",
    [CANARY_REPLY] = "a secret of a server's or program's reply",
    [CANARY_CHAIN] = "the token of the nested chain",
    [CANARY_ENTRY] = "the secret of a keyring's entry",
};

static unsigned next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(*state >> 33);
}

void canary_start(unsigned seed)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    uint64_t state = seed ^ 0x9e3779b97f4a7c15ULL;

    for (size_t i = 0; i < CANARY_COUNT; i++)
        for (size_t j = 0; j < CANARY_SIZE; j++)
            masked[i][j] =
                (unsigned char)letters[next_random(&state) % (sizeof letters - 1)] ^ MASK;
}

static const unsigned char *masked_of(enum canary canary, unsigned instance)
{
    return masked[((unsigned)canary * 2 + (instance & 1)) % CANARY_COUNT];
}

void canary_write(char text[CANARY_SIZE + 1], enum canary canary, unsigned instance)
{
    const unsigned char *from = masked_of(canary, instance);

    for (size_t i = 0; i < CANARY_SIZE; i++)
        text[i] = (char)(from[i] ^ MASK);
    text[CANARY_SIZE] = '\0';
}

static int is_at(const unsigned char *bytes, const unsigned char *wanted)
{
    size_t i = 0;

    while (i < CANARY_SIZE && (bytes[i] ^ MASK) == wanted[i])
        i++;
    return i == CANARY_SIZE;
}

/* The index of the first canary in the bytes, CANARY_COUNT when there is none. */
static size_t search(const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (; size >= CANARY_SIZE; at++, size--)
        for (size_t i = 0; i < CANARY_COUNT; i++)
            if (is_at(at, masked[i]))
                return i;
    return CANARY_COUNT;
}

const char *canary_find(const void *bytes, size_t size)
{
    size_t index = search(bytes, size);

    return index < CANARY_COUNT ? names[index / 2] : NULL;
}

int canary_owner(const void *bytes, size_t size)
{
    size_t index = search(bytes, size);

    return index < CANARY_COUNT ? (int)(index % 2) : -1;
}

int canary_is(const void *bytes, size_t size, enum canary canary, unsigned instance)
{
    return size == CANARY_SIZE && is_at(bytes, masked_of(canary, instance));
}
