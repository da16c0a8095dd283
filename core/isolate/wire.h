/* SPDX-License-Identifier: MIT */
/*
 * Payloads: numbers of fixed size, texts and bytes with their length before them, one after the
 * other. Payloads hold secrets, so they are kept as one. A writer or reader that failed stays
 * failed and does nothing more: callers look once, at the end.
 */
#ifndef ISOLATE_WIRE_H
#define ISOLATE_WIRE_H

#include <acsmtp/secret.h>
#include <stddef.h>
#include <stdint.h>

struct wire_writer {
    struct acsmtp_secret *out; /* borrowed; bytes are added at its end */
    int failed;                /* memory, or longer than FRAME_MAX */
};

void wire_put_u32(struct wire_writer *writer, uint32_t value);
void wire_put_i64(struct wire_writer *writer, int64_t value);
void wire_put_bytes(struct wire_writer *writer, const void *bytes, size_t size);
/* NULL is told apart from "". */
void wire_put_text(struct wire_writer *writer, const char *text);
void wire_put_secret(struct wire_writer *writer, const struct acsmtp_secret *secret);

/* Over bytes that stay where they are as long as the texts that it gives are used. */
struct wire_reader {
    const unsigned char *at;
    size_t left;
    int failed; /* the payload was shorter, or its values were not what was asked for */
};

struct wire_reader wire_read(const struct acsmtp_secret *payload);
/* 0 after a failure. */
uint32_t wire_get_u32(struct wire_reader *reader);
/* As u32, but fails above `most`. */
uint32_t wire_get_count(struct wire_reader *reader, uint32_t most);
int64_t wire_get_i64(struct wire_reader *reader);
/* Borrowed from the payload; NULL and 0 after a failure. */
const void *wire_get_bytes(struct wire_reader *reader, size_t *size);
/* NUL-terminated, at most `most` bytes, without a NUL inside; NULL when that was sent, or failed.
 */
const char *wire_get_text(struct wire_reader *reader, size_t most);
/* The same, but NULL is a failure; then the result is "". */
const char *wire_need_text(struct wire_reader *reader, size_t most);
/* For the caller to free; NULL when that was sent, or failed. */
struct acsmtp_secret *wire_get_secret(struct wire_reader *reader);

/* Whether everything was read, and well. */
int wire_done(const struct wire_reader *reader);

#endif
