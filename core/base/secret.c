/* SPDX-License-Identifier: MIT */
/*
 * struct acsmtp_secret: pages of its own for each secret, so that locking and "not dumped" never
 * touch a neighbour, and a list of all that live, which redaction reads.
 */
#include "secret_private.h"
#include <errno.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct acsmtp_secret {
    char *bytes;
    size_t size;
    size_t capacity; /* of the mapping; one byte of it is for the NUL */
    struct acsmtp_secret *next, *previous;
};

/*
 * Guards the list, and of every secret the address and the size. Bytes within the size are changed
 * only under it; bytes behind it belong to the owner alone.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct acsmtp_secret *living;

static size_t whole_pages(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (size + page - 1) / page * page;
}

static char *pages_new(size_t capacity)
{
    char *bytes = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (bytes == MAP_FAILED)
        return NULL;
    (void)mlock(bytes, capacity);
    (void)madvise(bytes, capacity, MADV_DONTDUMP);
    /* Not MADV_DONTFORK: a child that redacts a text must find pages here. */
    (void)madvise(bytes, capacity, MADV_WIPEONFORK);
    return bytes;
}

static void pages_free(char *bytes, size_t capacity)
{
    if (!bytes)
        return;
    OPENSSL_cleanse(bytes, capacity);
    (void)munmap(bytes, capacity);
}

static void list_add(struct acsmtp_secret *secret)
{
    (void)pthread_mutex_lock(&lock);
    secret->next = living;
    if (living)
        living->previous = secret;
    living = secret;
    (void)pthread_mutex_unlock(&lock);
}

static void list_remove(struct acsmtp_secret *secret)
{
    (void)pthread_mutex_lock(&lock);
    if (secret->previous)
        secret->previous->next = secret->next;
    else
        living = secret->next;
    if (secret->next)
        secret->next->previous = secret->previous;
    (void)pthread_mutex_unlock(&lock);
}

struct acsmtp_secret *acsmtp_secret_new(const void *bytes, size_t size, struct acsmtp_error *err)
{
    struct acsmtp_secret *secret = calloc(1, sizeof *secret);

    if (secret) {
        secret->capacity = whole_pages(1);
        secret->bytes = pages_new(secret->capacity);
    }
    if (!secret || !secret->bytes) {
        free(secret);
        (void)acsmtp_fail_errno(err, ENOMEM, "cannot keep a secret");
        return NULL;
    }
    list_add(secret);
    if (acsmtp_secret_append(secret, bytes, size, err) != ACSMTP_OK) {
        acsmtp_secret_free(secret);
        return NULL;
    }
    return secret;
}

void acsmtp_secret_free(struct acsmtp_secret *secret)
{
    if (!secret)
        return;
    list_remove(secret);
    pages_free(secret->bytes, secret->capacity);
    free(secret);
}

const char *acsmtp_secret_data(const struct acsmtp_secret *secret)
{
    return secret ? secret->bytes : "";
}

size_t acsmtp_secret_size(const struct acsmtp_secret *secret)
{
    return secret ? secret->size : 0;
}

static int grow(struct acsmtp_secret *secret, size_t needed, struct acsmtp_error *err)
{
    size_t capacity = secret->capacity * 2 > needed ? secret->capacity * 2 : needed;
    size_t old_capacity = secret->capacity;
    char *bytes, *old = secret->bytes;

    capacity = whole_pages(capacity);
    bytes = pages_new(capacity);
    if (!bytes)
        return acsmtp_fail_errno(err, ENOMEM, "cannot keep a secret of %zu bytes", needed);
    memcpy(bytes, old, secret->size);
    (void)pthread_mutex_lock(&lock);
    secret->bytes = bytes;
    secret->capacity = capacity;
    (void)pthread_mutex_unlock(&lock);
    pages_free(old, old_capacity);
    return ACSMTP_OK;
}

char *secret_reserve(struct acsmtp_secret *secret, size_t size, struct acsmtp_error *err)
{
    if (size > ACSMTP_SECRET_MAX || secret->size + size > ACSMTP_SECRET_MAX) {
        (void)acsmtp_fail(err, ACSMTP_PROTOCOL, "more than %u bytes are too many for a secret",
                          ACSMTP_SECRET_MAX);
        return NULL;
    }
    if (secret->size + size >= secret->capacity &&
        grow(secret, secret->size + size + 1, err) != ACSMTP_OK)
        return NULL;
    return secret->bytes + secret->size;
}

void secret_commit(struct acsmtp_secret *secret, size_t size)
{
    (void)pthread_mutex_lock(&lock);
    secret->size += size;
    secret->bytes[secret->size] = '\0';
    (void)pthread_mutex_unlock(&lock);
}

/* Where `bytes` lie within the secret itself, which may be about to move; SIZE_MAX: they do not. */
static size_t own_offset(const struct acsmtp_secret *secret, const void *bytes)
{
    uintptr_t start = (uintptr_t)secret->bytes, at = (uintptr_t)bytes;

    return at >= start && at < start + secret->capacity ? at - start : SIZE_MAX;
}

int acsmtp_secret_append(struct acsmtp_secret *secret, const void *bytes, size_t size,
                         struct acsmtp_error *err)
{
    size_t own = own_offset(secret, bytes);
    char *room = secret_reserve(secret, size, err);

    if (!room)
        return size > ACSMTP_SECRET_MAX - secret->size ? ACSMTP_PROTOCOL : ACSMTP_SYSTEM;
    if (size > 0)
        memcpy(room, own == SIZE_MAX ? bytes : secret->bytes + own, size);
    secret_commit(secret, size);
    return ACSMTP_OK;
}

void acsmtp_secret_truncate(struct acsmtp_secret *secret, size_t size)
{
    if (!secret || size >= secret->size)
        return;
    (void)pthread_mutex_lock(&lock);
    OPENSSL_cleanse(secret->bytes + size, secret->size - size);
    secret->size = size;
    (void)pthread_mutex_unlock(&lock);
}

struct acsmtp_secret *acsmtp_secret_dup(const struct acsmtp_secret *secret,
                                        struct acsmtp_error *err)
{
    return acsmtp_secret_new(acsmtp_secret_data(secret), acsmtp_secret_size(secret), err);
}

void acsmtp_wipe(void *memory, size_t size)
{
    if (memory && size > 0)
        OPENSSL_cleanse(memory, size);
}

static void base64_group(const unsigned char *in, size_t size, char out[4])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned long bits = (unsigned long)in[0] << 16;

    if (size > 1)
        bits |= (unsigned long)in[1] << 8;
    if (size > 2)
        bits |= in[2];
    out[0] = digits[bits >> 18 & 63];
    out[1] = digits[bits >> 12 & 63];
    out[2] = '=';
    out[3] = '=';
    if (size > 1)
        out[2] = digits[bits >> 6 & 63];
    if (size > 2)
        out[3] = digits[bits & 63];
}

int acsmtp_secret_append_base64(struct acsmtp_secret *out, const void *bytes, size_t size,
                                struct acsmtp_error *err)
{
    size_t own = own_offset(out, bytes), length = size / 3 * 4 + (size % 3 ? 4 : 0), at;
    const unsigned char *in;
    char *room;

    if (size > ACSMTP_SECRET_MAX || length > ACSMTP_SECRET_MAX - out->size)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "more than %u bytes are too many for a secret",
                           ACSMTP_SECRET_MAX);
    room = secret_reserve(out, length, err);
    if (!room)
        return ACSMTP_SYSTEM;
    in = own == SIZE_MAX ? bytes : out->bytes + own;
    for (at = 0; at < size; at += 3, room += 4)
        base64_group(in + at, size - at, room);
    secret_commit(out, length);
    return ACSMTP_OK;
}

const struct acsmtp_secret *secret_lock_first(void)
{
    (void)pthread_mutex_lock(&lock);
    return living;
}

const struct acsmtp_secret *secret_next(const struct acsmtp_secret *secret)
{
    return secret->next;
}

void secret_unlock(void)
{
    (void)pthread_mutex_unlock(&lock);
}
