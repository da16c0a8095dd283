/* SPDX-License-Identifier: MIT */
/* The allocator that a plugin sees, see memory.h. */
#include "memory.h"
#include "canary.h"
#include "probe.h"
#include "verdict.h"
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Far more than a plugin has at once; what is beyond is simply not known. */
enum { BLOCKS = 1 << 16 };

static struct block {
    void *address;
    size_t size;
} blocks[BLOCKS];
static size_t block_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- the table: open addressing, no gaps within a run ---- */

static size_t place_of(const void *address)
{
    return (size_t)(((uint64_t)(uintptr_t)address >> 4) * 0x9e3779b97f4a7c15ULL >> 48) % BLOCKS;
}

static void remember(void *address, size_t size)
{
    size_t at = place_of(address);

    if (!address)
        return;
    (void)pthread_mutex_lock(&lock);
    if (block_count < BLOCKS / 2) {
        while (blocks[at].address)
            at = (at + 1) % BLOCKS;
        blocks[at] = (struct block){address, size};
        block_count++;
    }
    (void)pthread_mutex_unlock(&lock);
}

static void close_gap(size_t gap)
{
    for (size_t at = (gap + 1) % BLOCKS; blocks[at].address; at = (at + 1) % BLOCKS) {
        size_t home = place_of(blocks[at].address);

        /* It may move back unless its home lies behind the gap. */
        if ((at - home) % BLOCKS >= (at - gap) % BLOCKS) {
            blocks[gap] = blocks[at];
            gap = at;
        }
    }
    blocks[gap] = (struct block){0};
}

/* The size of a block that was the plugin's; 0 when it was allocated by somebody else. */
static size_t forget(const void *address)
{
    size_t at = place_of(address), size = 0;

    (void)pthread_mutex_lock(&lock);
    while (blocks[at].address && blocks[at].address != address)
        at = (at + 1) % BLOCKS;
    if (blocks[at].address) {
        size = blocks[at].size;
        block_count--;
        close_gap(at);
    }
    (void)pthread_mutex_unlock(&lock);
    return size;
}

size_t memory_live(void)
{
    size_t count;

    (void)pthread_mutex_lock(&lock);
    count = block_count;
    (void)pthread_mutex_unlock(&lock);
    return count;
}

static void search(const void *address, size_t size, const char *how)
{
    const char *found = canary_find(address, size);

    if (found)
        (void)verdict_fail(RULE_SECRET_WIPED, "%s was in memory of the plugin's own that was %s",
                           found, how);
}

void memory_search(void)
{
    (void)pthread_mutex_lock(&lock);
    for (size_t i = 0; i < BLOCKS; i++)
        if (blocks[i].address)
            search(blocks[i].address, blocks[i].size, "still there after close()");
    (void)pthread_mutex_unlock(&lock);
}

/* ---- malloc(3) and its family ---- */

static void *refuse(void)
{
    errno = ENOMEM;
    return NULL;
}

static void *our_malloc(size_t size)
{
    void *made = probe_fails() ? refuse() : malloc(size);

    remember(made, size);
    return made;
}

static void *our_calloc(size_t count, size_t size)
{
    void *made = probe_fails() ? refuse() : calloc(count, size);

    remember(made, count * size);
    return made;
}

static void our_free(void *address)
{
    size_t size = address ? forget(address) : 0;

    if (size)
        search(address, size, "freed");
    free(address);
}

/* A block that moves leaves its old bytes behind: always moved, so that this shows each time. */
static void *our_realloc(void *address, size_t size)
{
    size_t old;
    void *made;

    if (!address)
        return our_malloc(size);
    if (probe_fails())
        return refuse();
    old = forget(address);
    if (!old) { /* not the plugin's: its size is not known */
        made = realloc(address, size);
        remember(made, size);
        return made;
    }
    made = malloc(size);
    if (!made) {
        remember(address, old);
        return NULL;
    }
    memcpy(made, address, old < size ? old : size);
    search(address, old, "left behind by realloc()");
    free(address);
    remember(made, size);
    return made;
}

static void *our_reallocarray(void *address, size_t count, size_t size)
{
    size_t total;

    return __builtin_mul_overflow(count, size, &total) ? refuse() : our_realloc(address, total);
}

static char *our_strdup(const char *text)
{
    char *made = probe_fails() ? refuse() : strdup(text);

    remember(made, strlen(text) + 1);
    return made;
}

static char *our_strndup(const char *text, size_t size)
{
    char *made = probe_fails() ? refuse() : strndup(text, size);

    remember(made, made ? strlen(made) + 1 : 0);
    return made;
}

ACSMTP_PRINTF(2, 0)
static int our_vasprintf(char **made, const char *format, va_list args)
{
    int length = -1;

    if (probe_fails())
        (void)refuse();
    else
        length = vasprintf(made, format, args);
    if (length >= 0)
        remember(*made, (size_t)length + 1);
    return length;
}

ACSMTP_PRINTF(2, 3)
static int our_asprintf(char **made, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = our_vasprintf(made, format, args);
    va_end(args);
    return length;
}

/* What the two are called where _FORTIFY_SOURCE is on. */
ACSMTP_PRINTF(3, 0)
static int our_vasprintf_chk(char **made, int flag, const char *format, va_list args)
{
    (void)flag;
    return our_vasprintf(made, format, args);
}

ACSMTP_PRINTF(3, 4)
static int our_asprintf_chk(char **made, int flag, const char *format, ...)
{
    va_list args;
    int length;

    (void)flag;
    va_start(args, format);
    length = our_vasprintf(made, format, args);
    va_end(args);
    return length;
}

#define HOOK(name, function)                                                                       \
    {                                                                                              \
        name, (void (*)(void))(function)                                                           \
    }

const struct image_hook memory_hooks[] = {
    HOOK("malloc", our_malloc),
    HOOK("calloc", our_calloc),
    HOOK("realloc", our_realloc),
    HOOK("reallocarray", our_reallocarray),
    HOOK("free", our_free),
    HOOK("strdup", our_strdup),
    HOOK("__strdup", our_strdup),
    HOOK("strndup", our_strndup),
    HOOK("__strndup", our_strndup),
    HOOK("asprintf", our_asprintf),
    HOOK("vasprintf", our_vasprintf),
    HOOK("__asprintf_chk", our_asprintf_chk),
    HOOK("__vasprintf_chk", our_vasprintf_chk),
};
const size_t memory_hook_count = sizeof memory_hooks / sizeof memory_hooks[0];
