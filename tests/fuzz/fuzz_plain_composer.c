/* SPDX-License-Identifier: MIT */
/*
 * The composer that `acsmtp plugin new` writes: whatever a draft holds, a message that it gives out
 * has a header of the fields that were asked for, and the text as it was.
 */
#include "base/utf8.h"
#include "plain.c"
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

struct message {
    char *bytes;
    size_t size;
};

static int collect(void *data, const void *bytes, size_t size, struct acsmtp_error *err)
{
    struct message *message = data;

    (void)err;
    message->bytes = realloc(message->bytes, message->size + size + 1);
    must(message->bytes != NULL);
    memcpy(message->bytes + message->size, bytes, size);
    message->size += size;
    message->bytes[message->size] = '\0';
    return ACSMTP_OK;
}

/* Fields between NULs: an absent one is NULL, what is left over is dropped. */
static char *next_field(char **rest, const char *end)
{
    char *field = *rest;

    if (field > end)
        return NULL;
    *rest += strlen(field) + 1;
    return *field ? field : NULL;
}

static size_t given(const struct acsmtp_draft *draft)
{
    const char *const fields[] = {draft->from, draft->reply_to, draft->to, draft->cc,
                                  draft->subject};
    size_t count = 2; /* Date, Message-ID */

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        count += fields[i] && fields[i][strspn(fields[i], " ")];
    return count;
}

/* Every line is ASCII, short enough, and begins a field or goes on with one. */
static void check_header(const struct message *message, const struct acsmtp_draft *draft)
{
    const char *line = message->bytes;
    size_t fields = 0;

    while (line && *line) {
        size_t size = strcspn(line, "\r\n");

        must(size > 0 && size <= LINE_BYTES && strncmp(line + size, "\r\n", 2) == 0);
        must(strspn(line, " ") < size);
        for (size_t i = 0; i < size; i++)
            must((unsigned char)line[i] >= ' ' && (unsigned char)line[i] < 0x7f);
        if (*line != ' ') {
            must(strcspn(line, ":") < size);
            fields++;
        }
        line += size + 2;
    }
    must(fields == given(draft));
}

static int is_utf8(const char *text)
{
    size_t left = strlen(text), size = 1;

    for (; left && size; text += size, left -= size)
        size = utf8_size(text, left);
    return !left;
}

static const char *end_of_line(const char *text)
{
    return text + (text[0] == '\r') + (text[text[0] == '\r'] == '\n');
}

/* The same lines, each with its end. */
static void check_text(const struct message *message, const char *text)
{
    const char *written = message->size ? message->bytes : "";

    must(is_utf8(text));
    while (*text) {
        size_t size = strcspn(text, "\r\n");

        must(size <= LINE_BYTES && strncmp(written, text, size) == 0);
        must(strncmp(written + size, "\r\n", 2) == 0);
        text = end_of_line(text + size);
        written += size + 2;
    }
    must(!*written);
}

static int compose(const struct acsmtp_draft *draft, struct message *message,
                   void (*part)(struct plain_output *out, const struct acsmtp_draft *draft))
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct plain_output out = {.write = collect, .data = message, .err = &err};

    part(&out, draft);
    must(out.status == err.status);
    must(out.status == ACSMTP_OK || out.status == ACSMTP_REJECTED);
    return out.status;
}

static void write_text(struct plain_output *out, const struct acsmtp_draft *draft)
{
    plain_text(out, draft->text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *input = malloc(size + 1), *rest = input;
    struct message header = {0}, text = {0};
    struct acsmtp_draft draft = {.size = sizeof draft};

    must(input != NULL);
    memcpy(input, data, size);
    input[size] = '\0';
    draft.from = next_field(&rest, input + size);
    draft.to = next_field(&rest, input + size);
    draft.cc = next_field(&rest, input + size);
    draft.reply_to = next_field(&rest, input + size);
    draft.subject = next_field(&rest, input + size);
    draft.date = next_field(&rest, input + size);
    draft.message_id = next_field(&rest, input + size);
    draft.text = next_field(&rest, input + size);
    if (compose(&draft, &header, plain_header) == ACSMTP_OK)
        check_header(&header, &draft);
    if (draft.text && compose(&draft, &text, write_text) == ACSMTP_OK)
        check_text(&text, draft.text);
    free(header.bytes);
    free(text.bytes);
    free(input);
    return 0;
}
