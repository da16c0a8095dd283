/* SPDX-License-Identifier: MIT */
/* Header lines of HTTP replies, one after the other as libcurl hands them over. */
#include "http/http_header.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static void check_all(const struct http_headers *headers)
{
    static const char *const names[] = {"Retry-After", "Date", "a", "WWW-Authenticate"};

    must(headers->size <= HTTP_HEADER_BYTES_MAX && headers->count <= HTTP_HEADER_COUNT_MAX);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value;

        for (size_t k = 0; (value = http_headers_find(headers, names[i], k)); k++)
            must(value >= headers->bytes && value < headers->bytes + headers->size &&
                 value + strlen(value) < headers->bytes + headers->size);
    }
    must(http_headers_retry_after(headers, 1700000000) >= -1);
    (void)http_headers_clock_skew(headers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_headers headers = {0};

    while (size > 0) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t line = end ? (size_t)(end - data) + 1 : size;
        char *copy = malloc(line);
        int result;

        must(copy != NULL);
        memcpy(copy, data, line);
        result = http_headers_add(&headers, copy, line, 1700000000);
        free(copy);
        data += line;
        size -= line;
        if (result != HTTP_HEADER_OK)
            break;
    }
    check_all(&headers);
    http_headers_release(&headers);
    return 0;
}
