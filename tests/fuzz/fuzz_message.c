/* SPDX-License-Identifier: MIT */
/*
 * Messages: reading gives the source back; without the Bcc field no Bcc field is left, whatever the
 * size of the reader's buffer, and the announced size is the size with CRLF.
 */
#include <acsmtp/message.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t read_all(struct acsmtp_message *message, char *text, size_t capacity, size_t step)
{
    size_t used = 0, got;

    if (acsmtp_message_rewind(message, NULL) != ACSMTP_OK)
        abort();
    do {
        if (acsmtp_message_read(message, text + used, step, &got, NULL) != ACSMTP_OK || got > step)
            abort();
        used += got;
        if (used + step > capacity)
            abort();
    } while (got > 0);
    return used;
}

static int64_t size_with_crlf(const char *text, size_t size)
{
    int64_t count = 0;
    int line = 0;

    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n' && i > 0 && text[i - 1] == '\r')
            continue;
        line = text[i] != '\r' && text[i] != '\n';
        count += line ? 1 : 2;
    }
    return count + (line ? 2 : 0);
}

static void check_omission(struct acsmtp_message *message, char *one, char *two, size_t capacity)
{
    struct acsmtp_message *again = NULL;
    size_t a, b;

    acsmtp_message_omit_header(message, "Bcc");
    a = read_all(message, one, capacity, 1);
    b = read_all(message, two, capacity, 61);
    if (a != b || memcmp(one, two, a) != 0)
        abort();
    if (acsmtp_message_size(message) != size_with_crlf(one, a))
        abort();
    if (acsmtp_message_from_memory(one, a, &again, NULL) == ACSMTP_OK) {
        char *left = acsmtp_message_header_dup(again, "bcc", 0);

        if (left)
            abort();
        acsmtp_message_free(again);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct acsmtp_message *message = NULL;
    size_t capacity = size + 100;
    char *one = malloc(capacity), *two = malloc(capacity);

    if (acsmtp_message_from_memory(data, size, &message, NULL) == ACSMTP_OK) {
        if (read_all(message, one, capacity, 7) != size || memcmp(one, data, size) != 0)
            abort();
        if (acsmtp_message_size(message) != size_with_crlf(one, size))
            abort();
        free(acsmtp_message_header_dup(message, "To", 0));
        free(acsmtp_message_header_dup(message, "Subject", 1));
        check_omission(message, one, two, capacity);
        acsmtp_message_free(message);
    }
    free(one);
    free(two);
    return 0;
}
