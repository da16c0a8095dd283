/* SPDX-License-Identifier: MIT */
/* Replies of SMTP servers: whole, in pieces, and what is none. */
#include "cunit_main.h"

#include "smtp/smtp_reply.h"

#include <string.h>

static ssize_t parse(const char *text, struct smtp_reply *reply)
{
    return smtp_reply_parse(text, strlen(text), reply);
}

static void one_line_is_read(void)
{
    struct smtp_reply reply;

    CU_ASSERT_EQUAL(parse("250 2.1.0 sender ok\r\nmore", &reply), 21);
    CU_ASSERT_EQUAL(reply.code, 250);
    CU_ASSERT_STRING_EQUAL(reply.enhanced, "2.1.0");
    CU_ASSERT_STRING_EQUAL(reply.text, "sender ok");
    CU_ASSERT_EQUAL(reply.last_size, 15);
    CU_ASSERT_EQUAL(memcmp(reply.last, "2.1.0 sender ok", 15), 0);
}

static void many_lines_become_one_text(void)
{
    struct smtp_reply reply;
    static const char text[] = "550-5.7.1 not\r\n550-5.7.1 for\r\n550 5.7.1 you\r\n";

    CU_ASSERT_EQUAL(parse(text, &reply), (ssize_t)sizeof text - 1);
    CU_ASSERT_STRING_EQUAL(reply.text, "not for you");
    CU_ASSERT_STRING_EQUAL(reply.enhanced, "5.7.1");
}

static void the_first_enhanced_code_wins(void)
{
    struct smtp_reply reply;

    CU_ASSERT(parse("250-first line\r\n250-2.1.5 second\r\n250 2.0.0 third\r\n", &reply) > 0);
    CU_ASSERT_STRING_EQUAL(reply.enhanced, "2.1.5");
    CU_ASSERT_STRING_EQUAL(reply.text, "first line second third");
}

static void a_reply_without_text_is_read(void)
{
    struct smtp_reply reply;

    CU_ASSERT_EQUAL(parse("250\r\n", &reply), 5);
    CU_ASSERT_EQUAL(parse("250 \r\n", &reply), 6);
    CU_ASSERT_STRING_EQUAL(reply.text, "");
    CU_ASSERT_EQUAL(reply.last_size, 0);
    CU_ASSERT_EQUAL(parse("250\n", &reply), 4);
    CU_ASSERT_EQUAL(parse("250-\r\n250 end\r\n", &reply), 15);
    CU_ASSERT_STRING_EQUAL(reply.text, "end");
}

static void every_prefix_asks_for_more(void)
{
    static const char text[] = "250-2.0.0 one\r\n250 2.0.0 two\r\n";
    struct smtp_reply reply;

    for (size_t size = 0; size < sizeof text - 1; size++)
        CU_ASSERT_EQUAL(smtp_reply_parse(text, size, &reply), 0);
    CU_ASSERT_EQUAL(smtp_reply_parse(text, sizeof text - 1, &reply), (ssize_t)sizeof text - 1);
}

static void what_is_no_reply_is_refused(void)
{
    static const char *const wrong[] = {
        "\r\n",           "hello\r\n",  "25\r\n",      "250x\r\n",    "150 no such class\r\n",
        "650 no\r\n",     "2x0 no\r\n", " 250 no\r\n", "-250 no\r\n", "250-one\r\n251 two\r\n",
        "250-a\r\nb\r\n", "+OK\r\n",    "250\t ok\r\n"};
    struct smtp_reply reply;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_EQUAL_FATAL(parse(wrong[i], &reply), -1);
}

static void only_enhanced_codes_are_enhanced_codes(void)
{
    static const char *const plain[] = {
        "250 2.1 text\r\n",      "250 2.1.0text\r\n",     "250 3.1.0 text\r\n",
        "250 2.1234.0 text\r\n", "250 2..0 text\r\n",     "250 2.1.\r\n",
        "250 22.1.0 text\r\n",   "250 2.1.0000 text\r\n", "250 127.0.0.1 you\r\n"};
    struct smtp_reply reply;

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        CU_ASSERT(parse(plain[i], &reply) > 0);
        CU_ASSERT_STRING_EQUAL(reply.enhanced, "");
    }
    CU_ASSERT(parse("250 2.123.456\r\n", &reply) > 0);
    CU_ASSERT_STRING_EQUAL(reply.enhanced, "2.123.456");
    CU_ASSERT_STRING_EQUAL(reply.text, "");
}

static void control_characters_become_blanks(void)
{
    static const char text[] = "250 a\x1b[31m\0b\x7f\r\n";
    struct smtp_reply reply;

    CU_ASSERT(smtp_reply_parse(text, sizeof text - 1, &reply) > 0);
    CU_ASSERT_STRING_EQUAL(reply.text, "a [31m b ");
}

static void a_long_text_is_cut(void)
{
    char text[4000];
    struct smtp_reply reply;

    memset(text, 'x', sizeof text);
    memcpy(text, "250 ", 4);
    memcpy(text + sizeof text - 2, "\r\n", 2);
    CU_ASSERT_EQUAL(smtp_reply_parse(text, sizeof text, &reply), (ssize_t)sizeof text);
    CU_ASSERT_EQUAL(strlen(reply.text), sizeof reply.text - 1);
    CU_ASSERT_EQUAL(reply.last_size, sizeof text - 6);
}

CUNIT_MAIN("smtp_reply", T(one_line_is_read), T(many_lines_become_one_text),
           T(the_first_enhanced_code_wins), T(a_reply_without_text_is_read),
           T(every_prefix_asks_for_more), T(what_is_no_reply_is_refused),
           T(only_enhanced_codes_are_enhanced_codes), T(control_characters_become_blanks),
           T(a_long_text_is_cut))
