/* SPDX-License-Identifier: MIT */
/*
 * Writing and reading payloads, byte by byte accounted for.
 */
#include "wire.h"
#include "protocol.h"
#include <string.h>

/* ---- writing ---- */

static void put(struct wire_writer *writer, const void *bytes, size_t size)
{
    if (writer->failed)
        return;
    writer->failed = acsmtp_secret_size(writer->out) + size > FRAME_MAX ||
                     acsmtp_secret_append(writer->out, bytes, size, NULL) != ACSMTP_OK;
}

void wire_put_u32(struct wire_writer *writer, uint32_t value)
{
    put(writer, &value, sizeof value);
}

void wire_put_i64(struct wire_writer *writer, int64_t value)
{
    put(writer, &value, sizeof value);
}

void wire_put_bytes(struct wire_writer *writer, const void *bytes, size_t size)
{
    if (size > FRAME_MAX) {
        writer->failed = 1;
        return;
    }
    wire_put_u32(writer, (uint32_t)size);
    put(writer, bytes, size);
}

/* With its NUL, so that the other side can use it where it lies; nothing at all is NULL. */
void wire_put_text(struct wire_writer *writer, const char *text)
{
    wire_put_bytes(writer, text, text ? strlen(text) + 1 : 0);
}

void wire_put_secret(struct wire_writer *writer, const struct acsmtp_secret *secret)
{
    wire_put_u32(writer, secret != NULL);
    if (secret)
        wire_put_bytes(writer, acsmtp_secret_data(secret), acsmtp_secret_size(secret));
}

/* ---- reading ---- */

struct wire_reader wire_read(const struct acsmtp_secret *payload)
{
    return (struct wire_reader){.at = (const unsigned char *)acsmtp_secret_data(payload),
                                .left = acsmtp_secret_size(payload)};
}

static const unsigned char *get(struct wire_reader *reader, size_t size)
{
    const unsigned char *bytes = reader->at;

    if (reader->failed || size > reader->left) {
        reader->failed = 1;
        return NULL;
    }
    reader->at += size;
    reader->left -= size;
    return bytes;
}

uint32_t wire_get_u32(struct wire_reader *reader)
{
    const unsigned char *bytes = get(reader, sizeof(uint32_t));
    uint32_t value = 0;

    if (bytes)
        memcpy(&value, bytes, sizeof value);
    return value;
}

uint32_t wire_get_count(struct wire_reader *reader, uint32_t most)
{
    uint32_t value = wire_get_u32(reader);

    if (value <= most)
        return value;
    reader->failed = 1;
    return 0;
}

int64_t wire_get_i64(struct wire_reader *reader)
{
    const unsigned char *bytes = get(reader, sizeof(int64_t));
    int64_t value = 0;

    if (bytes)
        memcpy(&value, bytes, sizeof value);
    return value;
}

const void *wire_get_bytes(struct wire_reader *reader, size_t *size)
{
    const unsigned char *bytes;

    *size = wire_get_u32(reader);
    bytes = get(reader, *size);
    if (!bytes)
        *size = 0;
    return bytes;
}

const char *wire_get_text(struct wire_reader *reader, size_t most)
{
    size_t size;
    const char *text = wire_get_bytes(reader, &size);

    if (!text || size == 0)
        return NULL;
    if (size - 1 <= most && memchr(text, '\0', size) == text + size - 1)
        return text;
    reader->failed = 1;
    return NULL;
}

const char *wire_need_text(struct wire_reader *reader, size_t most)
{
    const char *text = wire_get_text(reader, most);

    if (text)
        return text;
    reader->failed = 1;
    return "";
}

struct acsmtp_secret *wire_get_secret(struct wire_reader *reader)
{
    struct acsmtp_secret *secret;
    const void *bytes;
    size_t size;

    if (wire_get_count(reader, 1) == 0)
        return NULL;
    bytes = wire_get_bytes(reader, &size);
    if (!bytes)
        return NULL;
    secret = acsmtp_secret_new(bytes, size, NULL);
    if (!secret)
        reader->failed = 1;
    return secret;
}

int wire_done(const struct wire_reader *reader)
{
    return !reader->failed && reader->left == 0;
}
