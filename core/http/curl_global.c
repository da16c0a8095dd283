/* SPDX-License-Identifier: MIT */
/*
 * Process-wide start of libcurl, with an allocator that wipes what it gives back: a token passes
 * through libcurl's own copies of headers and through its receive buffers, which it frees as they
 * are. There is no counterpart at the end: plugins stay loaded until the process exits.
 */
#include "curl_global.h"

#include <acsmtp/secret.h>
#include <curl/curl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode started;

static void wipe_free(void *memory)
{
    if (memory)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

static void *wipe_realloc(void *memory, size_t size)
{
    size_t old = memory ? malloc_usable_size(memory) : 0;
    void *larger;

    if (memory && size > 0 && size <= old)
        return memory;
    larger = malloc(size ? size : 1);
    if (!larger)
        return NULL;
    if (memory)
        memcpy(larger, memory, old < size ? old : size);
    wipe_free(memory);
    return larger;
}

static void start(void)
{
    started =
        curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wipe_free, wipe_realloc, strdup, calloc);
}

int http_curl_init(struct acsmtp_error *err)
{
    (void)pthread_once(&once, start);
    if (started != CURLE_OK)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "libcurl cannot start: %s",
                           curl_easy_strerror(started));
    return ACSMTP_OK;
}
