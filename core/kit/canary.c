/* SPDX-License-Identifier: MIT */
/* Masked secrets, see canary.h. */
#include "canary.h"
#include <pthread.h>
#include <stdint.h>
#include <string.h>

enum { MASK = 0xa5, LEARNT_COUNT = 64, LEARNT_MIN = 16, LEARNT_MAX = 64 };

static unsigned char masked[CANARY_COUNT][CANARY_SIZE];

/* Secrets of others; the oldest is replaced. */
static struct {
    unsigned char masked[LEARNT_MAX];
    size_t size; /* 0: none */
    enum canary canary;
} learnt[LEARNT_COUNT];
static size_t learnt_next;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

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

static int is_at(const unsigned char *bytes, const unsigned char *wanted, size_t size)
{
    size_t i = 0;

    while (i < size && (bytes[i] ^ MASK) == wanted[i])
        i++;
    return i == size;
}

/* The index of the first canary in the bytes, CANARY_COUNT when there is none. */
static size_t search(const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (; size >= CANARY_SIZE; at++, size--)
        for (size_t i = 0; i < CANARY_COUNT; i++)
            if (is_at(at, masked[i], CANARY_SIZE))
                return i;
    return CANARY_COUNT;
}

/* ---- secrets of others ---- */

/* The name of the first one in the bytes, or NULL. */
static const char *search_learnt(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < LEARNT_COUNT && learnt[i].size; i++)
        for (size_t at = 0; at + learnt[i].size <= size; at++)
            if (is_at(bytes + at, learnt[i].masked, learnt[i].size))
                return names[learnt[i].canary];
    return NULL;
}

void canary_learn(const void *bytes, size_t size, enum canary canary)
{
    size_t kept = size < LEARNT_MAX ? size : LEARNT_MAX;
    const unsigned char *end = (const unsigned char *)bytes + (size - kept);

    if (size < LEARNT_MIN || canary_find(end, kept))
        return;
    (void)pthread_mutex_lock(&lock);
    for (size_t i = 0; i < kept; i++)
        learnt[learnt_next].masked[i] = end[i] ^ MASK;
    learnt[learnt_next].size = kept;
    learnt[learnt_next].canary = canary;
    learnt_next = (learnt_next + 1) % LEARNT_COUNT;
    (void)pthread_mutex_unlock(&lock);
}

/* ---- finding ---- */

const char *canary_find(const void *bytes, size_t size)
{
    size_t index = search(bytes, size);
    const char *found;

    if (index < CANARY_COUNT)
        return names[index / 2];
    (void)pthread_mutex_lock(&lock);
    found = search_learnt(bytes, size);
    (void)pthread_mutex_unlock(&lock);
    return found;
}

int canary_owner(const void *bytes, size_t size)
{
    size_t index = search(bytes, size);

    return index < CANARY_COUNT ? (int)(index % 2) : -1;
}

int canary_is(const void *bytes, size_t size, enum canary canary, unsigned instance)
{
    return size == CANARY_SIZE && is_at(bytes, masked_of(canary, instance), CANARY_SIZE);
}
