/* SPDX-License-Identifier: MIT */
/* Where the header ends, where the message ends, and that nothing is lost between. */
#include "cunit_main.h"
#include "input_fixture.h"
#include <cli/sendmail_input.h>
#include <stdio.h>
#include <string.h>

static struct acsmtp_error err;

/* Reads a message; both texts are the caller's to free. Returns the status. */
static int read_message(const char *bytes, size_t size, int end_at_dot, char **header, char **body)
{
    struct sendmail_input *input = calloc(1, sizeof *input);
    int from = fixture_input(bytes, size), to = memfd_create("body", MFD_CLOEXEC);
    size_t got;
    int status;

    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    sendmail_input_init(input, from, end_at_dot);
    status = sendmail_input_header(input, &err);
    if (status == ACSMTP_OK && input->has_body)
        status = sendmail_input_body(input, to, &err);
    *header = input->header ? strdup(input->header) : NULL;
    *body = fixture_content(to, &got);
    sendmail_input_release(input);
    free(input);
    (void)close(from);
    (void)close(to);
    return status;
}

static void expect(const char *message, int end_at_dot, const char *want_header,
                   const char *want_body)
{
    char *header, *body;

    CU_ASSERT_EQUAL(read_message(message, strlen(message), end_at_dot, &header, &body), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(header, want_header);
    CU_ASSERT_STRING_EQUAL(body, want_body);
    free(header);
    free(body);
}

static void an_empty_line_ends_the_header(void)
{
    expect("A: b\n\nc\n", 0, "A: b\n", "c\n");
    expect("A: b\r\n c\r\n\r\nd\r\n", 0, "A: b\n c\n", "d\r\n");
    expect("A: b", 0, "A: b\n", "");
    expect("\nx\n", 0, "", "x\n");
    expect("", 0, "", "");
}

static void a_line_that_is_no_field_begins_the_body(void)
{
    expect("hello\nworld\n", 0, "", "hello\nworld\n");
    expect("A: b\nhello\n\nx", 0, "A: b\n", "hello\n\nx");
    expect(" A: b\n", 0, "", " A: b\n");
    expect("A b: c\n", 0, "", "A b: c\n");
    expect("A : b\n\n", 0, "A : b\n", "");
    expect(": b\n", 0, "", ": b\n");
}

static void a_carriage_return_hides_no_field(void)
{
    expect("A: b\rBcc: c\n\nd\re\n", 0, "A: b\nBcc: c\n", "d\re\n");
    expect("A: b\r\rc", 0, "A: b\n", "c");
    expect("A: b\r\n\rc", 0, "A: b\n", "c");
}

static void the_line_of_a_mailbox_is_dropped(void)
{
    expect("From ann Tue Nov 3 10:00:00 2026\nA: b\n\nc", 0, "A: b\n", "c");
    expect(">From ann\nA: b\n\nc", 0, "A: b\n", "c");
    expect("From: ann\n\nFrom c", 0, "From: ann\n", "From c");
}

static void a_lone_dot_ends_the_message(void)
{
    expect("A: b\n\nc\n.\nd\n", 1, "A: b\n", "c\n");
    expect("A: b\n\nc\n.\nd\n", 0, "A: b\n", "c\n.\nd\n");
    expect("A: b\n\nc\n.\r\nd\n", 1, "A: b\n", "c\n");
    expect("A: b\n\nc\n.", 1, "A: b\n", "c\n");
    expect("A: b\n\n..\n.c\n. \nd.\n", 1, "A: b\n", "..\n.c\n. \nd.\n");
    expect("A: b\n.\nc: d\n", 1, "A: b\n", "");
    expect(".\nA: b\n", 1, "", "");
}

static void lines_are_longer_than_the_buffer(void)
{
    static char text[3 * SENDMAIL_CHUNK + 64], want[3 * SENDMAIL_CHUNK + 64];
    char *header, *body;

    for (size_t size = SENDMAIL_CHUNK - 8; size < SENDMAIL_CHUNK + 8; size++) {
        memset(text, 'x', 2 * SENDMAIL_CHUNK);
        memcpy(text, "A:", 2);
        memcpy(text + size, "\rBcc: c\n\n.", 11);
        memset(want, 'x', size);
        memcpy(want, "A:", 2);
        memcpy(want + size, "\nBcc: c\n", 9);
        CU_ASSERT_EQUAL(read_message(text, size + 10, 0, &header, &body), ACSMTP_OK);
        CU_ASSERT_STRING_EQUAL(header, want);
        CU_ASSERT_STRING_EQUAL(body, ".");
        free(header);
        free(body);
    }
}

static void bounds_are_kept(void)
{
    size_t size = SENDMAIL_HEADER_MAX + 1;
    char *text = malloc(size), *header, *body;

    memset(text, 'x', size);
    memcpy(text, "A: ", 3);
    CU_ASSERT_EQUAL(read_message(text, size, 0, &header, &body), ACSMTP_REJECTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "header has more than"));
    free(header);
    free(body);
    free(text);
    CU_ASSERT_EQUAL(read_message("A: \0b\n\n", 7, 0, &header, &body), ACSMTP_REJECTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "NUL"));
    free(header);
    free(body);
}

/* Its writer shall be able to finish. */
static void what_is_left_is_drained(void)
{
    struct sendmail_input *input = calloc(1, sizeof *input);
    static char text[8 * SENDMAIL_CHUNK];
    int fd = fixture_input(text, sizeof text);
    char byte;

    sendmail_input_init(input, fd, 0);
    sendmail_input_drain(input);
    CU_ASSERT_EQUAL(read(fd, &byte, 1), 0);
    (void)close(fd);
    free(input);
}

/* The caller who has written it waits for the answer. */
static void a_lone_dot_ends_what_is_drained(void)
{
    struct sendmail_input *input = calloc(1, sizeof *input);
    static char text[8 * SENDMAIL_CHUNK] = "A: b\n\nc\r\n.\r\n";
    int fd = fixture_input(text, sizeof text);

    sendmail_input_init(input, fd, 1);
    sendmail_input_drain(input);
    CU_ASSERT_TRUE(lseek(fd, 0, SEEK_CUR) <= SENDMAIL_CHUNK);
    (void)close(fd);
    free(input);
}

CUNIT_MAIN("sendmail input", T(an_empty_line_ends_the_header),
           T(a_line_that_is_no_field_begins_the_body), T(a_carriage_return_hides_no_field),
           T(the_line_of_a_mailbox_is_dropped), T(a_lone_dot_ends_the_message),
           T(lines_are_longer_than_the_buffer), T(bounds_are_kept), T(what_is_left_is_drained),
           T(a_lone_dot_ends_what_is_drained))
