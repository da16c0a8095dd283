/* SPDX-License-Identifier: MIT */
/* Growing byte strings with a maximum, and the small encodings that every service of the emulator
 * needs: base64 and base64url, UUIDs, times. A text that would pass its maximum, or that could not
 * get memory, is marked failed and keeps what it had; callers look at `failed` once at the end. */
#ifndef EMULATOR_TEXT_H
#define EMULATOR_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
    TEXT_UUID_SIZE = 37,
    TEXT_TIME_SIZE = 32,
};

struct text {
    char *data; /* always terminated by a NUL that `length` does not count, once not NULL */
    size_t length;
    size_t capacity;
    size_t maximum;
    bool failed;
};

void text_init(struct text *text, size_t maximum);
void text_release(struct text *text);
void text_clear(struct text *text);
void text_add(struct text *text, const void *data, size_t length);
void text_puts(struct text *text, const char *string);
__attribute__((format(printf, 2, 3))) void text_printf(struct text *text, const char *format, ...);
/* "" when nothing was written, never NULL; borrowed. */
const char *text_string(const struct text *text);
/* Appends the string with all but the unreserved characters of RFC 3986 percent-encoded. */
void text_add_escaped(struct text *text, const char *string);

/* Appends the encoding of data. */
void text_add_base64(struct text *text, const void *data, size_t length);
void text_add_base64url(struct text *text, const void *data, size_t length);
/* Strict RFC 4648 with padding: 0, or -1 when data is not canonical base64. */
int text_add_unbase64(struct text *text, const char *data, size_t length);
/* The unpadded URL alphabet of JWTs. */
int text_add_unbase64url(struct text *text, const char *data, size_t length);

void text_uuid(char out[TEXT_UUID_SIZE]);
bool text_is_uuid(const char *string);
/* length characters of a random [0-9A-Za-z~._-] string and a NUL: what Entra's secrets look like.
 */
void text_random_secret(char *out, size_t length);
/* The same of all printable characters, with those that need an escape in JSON, forms, shells and
 * XML among them, and no blank: what Graph may hand out. length: at least 9. */
void text_random_password(char *out, size_t length);
void text_random_hex(char *out, size_t length);
/* "2026-01-31 10:00:00Z" */
void text_utc(time_t when, char out[TEXT_TIME_SIZE]);
/* "2026-01-31T10:00:00.123456Z" */
void text_iso_now(char out[TEXT_TIME_SIZE]);
/* Compares without telling by its duration where two secrets part. */
bool text_secret_equal(const char *a, const char *b);
bool text_has_prefix(const char *string, const char *prefix);
#endif
