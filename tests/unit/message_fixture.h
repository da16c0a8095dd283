/* SPDX-License-Identifier: MIT */
/*
 * For the tests of messages: one made from text, and what is read back from any of them.
 */
#ifndef MESSAGE_FIXTURE_H
#define MESSAGE_FIXTURE_H

#include <CUnit/Basic.h>
#include <acsmtp/message.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline struct acsmtp_message *from(const char *text)
{
    struct acsmtp_message *message = NULL;
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    if (acsmtp_message_from_memory(text, strlen(text), &message, &err) != ACSMTP_OK)
        printf("\n  %s\n", err.message);
    return message;
}

/* The whole message, read `step` bytes at a time; the caller frees. */
static inline char *read_all(struct acsmtp_message *message, size_t step, size_t *size)
{
    char *text = malloc(1 << 21);
    size_t got;

    *size = 0;
    if (acsmtp_message_rewind(message, NULL) != ACSMTP_OK) {
        free(text);
        return NULL;
    }
    do {
        if (acsmtp_message_read(message, text + *size, step, &got, NULL) != ACSMTP_OK) {
            free(text);
            return NULL;
        }
        *size += got;
    } while (got > 0 && *size < (1 << 21) - step);
    text[*size] = '\0';
    return text;
}

static inline void expect(struct acsmtp_message *message, const char *want)
{
    for (size_t step = 1; step < 300; step += step < 20 ? 1 : 70) {
        size_t size;
        char *text = read_all(message, step, &size);

        CU_ASSERT_STRING_EQUAL(text, want);
        free(text);
    }
}

static inline void expect_header(const struct acsmtp_message *message, const char *name,
                                 size_t index, const char *want)
{
    char *value = acsmtp_message_header_dup(message, name, index);

    if (want && value)
        CU_ASSERT_STRING_EQUAL(value, want);
    CU_ASSERT_EQUAL(value == NULL, want == NULL);
    free(value);
}

#endif
