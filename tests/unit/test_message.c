/* SPDX-License-Identifier: MIT */
/*
 * Messages as streams: what one pass learns, header fields, and what is left out.
 */
#include "cunit_main.h"
#include "message_fixture.h"

static void size_counts_crlf_at_every_line(void)
{
    static const struct {
        const char *text;
        int64_t size;
    } cases[] = {{"A: b\r\n\r\nc\r\n", 11}, {"A: b\n\nc\n", 11},
                 {"A: b\n\nc", 11},         {"A: b", 6},
                 {"A: b\r\rc\r", 11},       {"A: b\n\r\nc\r\r\n", 13},
                 {"A: b\r\n\r\n", 8},       {"A: b\n\n\n\r\n\n", 14},
                 {"A: b\n\n..\n.\n", 15}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct acsmtp_message *message = from(cases[i].text);

        CU_ASSERT_EQUAL(acsmtp_message_size(message), cases[i].size);
        expect(message, cases[i].text);
        acsmtp_message_free(message);
    }
    acsmtp_message_free(NULL);
}

static void flags_tell_what_the_server_must_support(void)
{
    char text[1100] = "A: b\r\n\r\n";
    struct acsmtp_message *message = from("A: b\r\n\r\nc\r\n");

    CU_ASSERT_EQUAL(acsmtp_message_flags(message), 0);
    acsmtp_message_free(message);
    message = from("A: b\r\n\r\n\xc3\xa4\r\n");
    CU_ASSERT_EQUAL(acsmtp_message_flags(message), ACSMTP_MESSAGE_8BIT);
    acsmtp_message_free(message);
    message = from("A: \xc3\xa4\r\n\r\nc\r\n");
    CU_ASSERT_EQUAL(acsmtp_message_flags(message),
                    ACSMTP_MESSAGE_8BIT | ACSMTP_MESSAGE_UTF8_HEADER);
    acsmtp_message_free(message);
    memset(text + 8, 'x', 998);
    message = from(text);
    CU_ASSERT_EQUAL(acsmtp_message_flags(message), 0);
    acsmtp_message_free(message);
    text[8 + 998] = 'x';
    message = from(text);
    CU_ASSERT_EQUAL(acsmtp_message_flags(message), ACSMTP_MESSAGE_LONG_LINE);
    acsmtp_message_free(message);
}

static void what_is_no_message_is_refused(void)
{
    static const char *const texts[] = {
        "",      "\r\n",    "\n",     "text",     "text\n",      "a b: c",
        ": c\n", " A: b\n", "A\n: b", "A\x01: b", "\xc3\xa4: b", "From me Tue Nov 3\nA: b\n"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct acsmtp_message *message = NULL;
        struct acsmtp_error err = ACSMTP_ERROR_INIT;

        CU_ASSERT_EQUAL(acsmtp_message_from_memory(texts[i], strlen(texts[i]), &message, &err),
                        ACSMTP_REJECTED);
        CU_ASSERT_PTR_NULL(message);
        CU_ASSERT_NOT_EQUAL(err.message[0], '\0');
    }
}

static void a_nul_is_refused(void)
{
    struct acsmtp_message *message = NULL;

    CU_ASSERT_EQUAL(acsmtp_message_from_memory("A: b\0\r\n\r\n", 9, &message, NULL),
                    ACSMTP_REJECTED);
    CU_ASSERT_EQUAL(acsmtp_message_from_memory("A: b\r\n\r\n\0", 9, &message, NULL),
                    ACSMTP_REJECTED);
}

static void fields_are_found_and_unfolded(void)
{
    struct acsmtp_message *message =
        from("To: a@b,\r\n\tc@d\r\nSUBJECT :  x \r\nto:e@f\r\nEmpty:\r\nBlank: \r\n \r\n"
             "Fold:\r\n one\n two\r three\r\nTo-Do: no\r\nnonsense\r\nLast: z\r\n\r\nTo: body\r\n");

    expect_header(message, "To", 0, "a@b,\tc@d");
    expect_header(message, "tO", 1, "e@f");
    expect_header(message, "To", 2, NULL);
    expect_header(message, "Subject", 0, "x");
    expect_header(message, "Empty", 0, "");
    expect_header(message, "Blank", 0, "");
    expect_header(message, "Fold", 0, "one two three");
    expect_header(message, "To-Do", 0, "no");
    expect_header(message, "Last", 0, "z");
    expect_header(message, "Las", 0, NULL);
    expect_header(message, "", 0, NULL);
    expect_header(message, NULL, 0, NULL);
    acsmtp_message_free(message);
    message = from("To: unfinished");
    expect_header(message, "To", 0, "unfinished");
    acsmtp_message_free(message);
}

static void an_omitted_field_goes_with_its_continuations(void)
{
    struct acsmtp_message *message =
        from("bcc: a@b,\r\n\tc@d\r\n \r\nTo: x\r\nBCC : q\r\nBcc-X: stays\r\nBc: stays\r\n"
             "Bcc stays\r\nBcc:\r\nFolded: a\r\n Bcc: b\r\n\r\nBcc: body\r\n");

    acsmtp_message_omit_header(message, "Bcc");
    expect(message, "To: x\r\nBcc-X: stays\r\nBc: stays\r\nBcc stays\r\nFolded: a\r\n Bcc: b\r\n"
                    "\r\nBcc: body\r\n");
    CU_ASSERT_EQUAL(acsmtp_message_size(message), 76);
    /* Looking up still finds it: the envelope is made from it. */
    expect_header(message, "bcc", 1, "q");
    acsmtp_message_free(message);
}

static void every_kind_of_line_end_hides_nothing(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {{"A: b\nBcc: c\n\nd\n", "A: b\n\nd\n"},
                 {"A: b\rBcc: c\r\rd\r", "A: b\r\rd\r"},
                 {"A: b\r\nBcc: c\n d\r e\r\nF: g\r\n", "A: b\r\nF: g\r\n"},
                 {"Bcc: c", ""},
                 {"Bcc", NULL},
                 {"A: b\r\nBcc", "A: b\r\nBcc"},
                 {"A: b\r\nBcc:c\r\n", "A: b\r\n"},
                 {"A: b\r\nBcc \t : c\r\n x\r\nB: d\r\n", "A: b\r\nB: d\r\n"},
                 {"A: b\r\n\nBcc: body", "A: b\r\n\nBcc: body"},
                 {"A: b\n\r\nBcc: body", "A: b\n\r\nBcc: body"},
                 {"A: b\rBcc: c\n\nBcc: body", "A: b\r\r\nBcc: body"},
                 {"A: b\r\n\r\r\nBcc: body", "A: b\r\n\r\r\nBcc: body"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct acsmtp_message *message = NULL;

        if (acsmtp_message_from_memory(cases[i].text, strlen(cases[i].text), &message, NULL)) {
            CU_ASSERT_PTR_NULL(cases[i].want);
            continue;
        }
        acsmtp_message_omit_header(message, "Bcc");
        expect(message, cases[i].want);
        acsmtp_message_free(message);
    }
}

static void blanks_before_the_colon_hide_nothing(void)
{
    char text[600] = "A: b\r\nBcc";
    struct acsmtp_message *message;

    memset(text + 9, ' ', 400);
    memcpy(text + 409, ": secret\r\nC: d\r\n", 17);
    message = from(text);
    acsmtp_message_omit_header(message, "Bcc");
    expect(message, "A: b\r\nC: d\r\n");
    acsmtp_message_free(message);
}

static void an_omitted_field_counts_no_more(void)
{
    struct acsmtp_message *message = from("A: b\r\nBcc: \xc3\xa4@b\r\n\r\nc\r\n");

    CU_ASSERT_EQUAL(acsmtp_message_flags(message), 3);
    acsmtp_message_omit_header(message, "Bcc");
    CU_ASSERT_EQUAL(acsmtp_message_flags(message), 0);
    CU_ASSERT_EQUAL(acsmtp_message_size(message), 11);
    acsmtp_message_omit_header(message, "X");
    CU_ASSERT_EQUAL(acsmtp_message_flags(message), 3);
    CU_ASSERT_EQUAL(acsmtp_message_size(message), 22);
    acsmtp_message_free(message);
}

static void reading_can_begin_again_at_any_time(void)
{
    struct acsmtp_message *message = from("A: b\r\nBcc: c\r\n\r\nbody\r\n");
    char buffer[64];
    size_t got;

    acsmtp_message_omit_header(message, "Bcc");
    for (size_t stop = 1; stop < 20; stop++) {
        CU_ASSERT_EQUAL(acsmtp_message_rewind(message, NULL), ACSMTP_OK);
        CU_ASSERT_EQUAL(acsmtp_message_read(message, buffer, stop, &got, NULL), ACSMTP_OK);
        CU_ASSERT_TRUE(got > 0 && got <= stop);
        if (stop % 2)
            acsmtp_message_close(message);
        expect(message, "A: b\r\n\r\nbody\r\n");
    }
    CU_ASSERT_EQUAL(acsmtp_message_read(message, buffer, 10, &got, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(got, 0);
    acsmtp_message_close(NULL);
    acsmtp_message_free(message);
}

static void fields_beyond_256_kib_are_not_seen(void)
{
    size_t filler = 256 * 1024, size;
    char *text = malloc(filler + 200), *all;
    struct acsmtp_message *message;

    memcpy(text, "First: 1\r\nLong: ", 16);
    memset(text + 16, 'x', filler);
    memcpy(text + 16 + filler, "\r\nBcc: far\r\n\r\nbody\r\n", 21);
    message = from(text);
    expect_header(message, "First", 0, "1");
    expect_header(message, "Long", 0, NULL);
    expect_header(message, "Bcc", 0, NULL);
    /* But what is to be left out is left out wherever it stands. */
    acsmtp_message_omit_header(message, "Bcc");
    all = read_all(message, 4096, &size);
    CU_ASSERT_PTR_NULL(strstr(all, "far"));
    CU_ASSERT_EQUAL(size, strlen(text) - 10);
    CU_ASSERT_EQUAL(acsmtp_message_size(message), (int64_t)size);
    free(all);
    free(text);
    acsmtp_message_free(message);
}

CUNIT_MAIN("message", T(size_counts_crlf_at_every_line), T(flags_tell_what_the_server_must_support),
           T(what_is_no_message_is_refused), T(a_nul_is_refused), T(fields_are_found_and_unfolded),
           T(an_omitted_field_goes_with_its_continuations), T(every_kind_of_line_end_hides_nothing),
           T(blanks_before_the_colon_hide_nothing), T(an_omitted_field_counts_no_more),
           T(reading_can_begin_again_at_any_time), T(fields_beyond_256_kib_are_not_seen))
