/* SPDX-License-Identifier: MIT */
/* Lines and columns of values in a text of JSON. */
#include "config_fixture.h"
#include "cunit_main.h"
#include <driver/locate.h>

static const char example[] = "// a comment with { and \"quotes\"\n"
                              "{\n"
                              "  /* \"b\": 0 */ \"a\": 1,\n"
                              "  \"b\": { \"c\": [ \"x, ]\", { \"d\\\"e\": \"}\" } ],\n"
                              "         \"f.g\": { \"h\": null } },\n"
                              "  \"ä\": true, \"\\u0061b\": 2\n"
                              "}\n";

/* "LINE:COLUMN" of the path, "-" when it is not found. */
static const char *at(const char *text, size_t size, const char *path)
{
    static char where[64];
    size_t offset = 0;

    (void)snprintf(where, sizeof where, "-");
    if (locate_path(text, size, path, &offset)) {
        struct locate_position position = locate_offset(text, size, offset);

        (void)snprintf(where, sizeof where, "%zu:%zu", position.line, position.column);
    }
    return where;
}

static const char *in_example(const char *path)
{
    return at(example, strlen(example), path);
}

static void members_are_found_at_their_key(void)
{
    ASSERT_TEXT(in_example("a"), "3:16");
    ASSERT_TEXT(in_example("b"), "4:3");
    ASSERT_TEXT(in_example("b.c"), "4:10");
}

static void elements_are_found_at_their_value(void)
{
    ASSERT_TEXT(in_example("b.c.0"), "4:17");
    ASSERT_TEXT(in_example("b.c.1"), "4:25");
    ASSERT_TEXT(in_example("b.c.1.d\"e"), "4:27");
    ASSERT_TEXT(in_example("b.c.2"), "-");
    ASSERT_TEXT(in_example("b.c.01"), "-");
}

static void the_empty_path_is_the_whole_value(void)
{
    ASSERT_TEXT(in_example(""), "2:1");
    ASSERT_TEXT(at("  7", 3, ""), "1:3");
}

static void keys_may_hold_dots_and_escapes(void)
{
    ASSERT_TEXT(in_example("b.f.g"), "5:10");
    ASSERT_TEXT(in_example("b.f.g.h"), "5:19");
    ASSERT_TEXT(in_example("ab"), "6:14");
}

static void columns_count_characters_not_bytes(void)
{
    ASSERT_TEXT(in_example("ä"), "6:3");
    ASSERT_TEXT(at("{\"ä\":0,\"b\":1}", 14, "b"), "1:8");
}

static void a_byte_order_mark_counts_for_nothing(void)
{
    ASSERT_TEXT(at("\xef\xbb\xbf{\"a\":0}", 10, "a"), "1:2");
}

static void what_is_not_there_is_not_found(void)
{
    ASSERT_TEXT(in_example("c"), "-");
    ASSERT_TEXT(in_example("a.b"), "-");
    ASSERT_TEXT(in_example("b.c.d"), "-");
    ASSERT_TEXT(in_example("b."), "-");
    ASSERT_TEXT(in_example("."), "-");
}

static void of_a_key_that_is_there_twice_the_last_counts(void)
{
    ASSERT_TEXT(at("{\"a\":1,\"a\":2}", 13, "a"), "1:8");
}

static void large_indexes_are_found(void)
{
    char text[4096];
    size_t used = 1, i;

    text[0] = '[';
    for (i = 0; i < 1000; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "7%s", i < 999 ? "," : "]");
    ASSERT_TEXT(at(text, used, "999"), "1:2000");
    ASSERT_TEXT(at(text, used, "1000"), "-");
    ASSERT_TEXT(at(text, used, "99999999999999999999999999"), "-");
}

static void every_cut_of_the_text_is_safe(void)
{
    static const char *const paths[] = {"a", "b.c.1.d\"e", "b.f.g.h", "ab", "b.c.7"};
    size_t size, i;

    for (size = 0; size < sizeof example; size++) {
        /* Memory of exactly that size, so that a sanitizer sees a step too far. */
        char *cut = malloc(size ? size : 1);
        size_t offset;

        memcpy(cut, example, size);
        for (i = 0; i < sizeof paths / sizeof paths[0]; i++)
            if (locate_path(cut, size, paths[i], &offset))
                CU_ASSERT(offset < size);
        free(cut);
    }
}

static void an_offset_beyond_the_end_is_the_end(void)
{
    struct locate_position end = locate_offset("ab\nc", 4, 99);

    CU_ASSERT_EQUAL(end.line, 2);
    CU_ASSERT_EQUAL(end.column, 2);
}

CUNIT_MAIN("locate", T(members_are_found_at_their_key), T(elements_are_found_at_their_value),
           T(the_empty_path_is_the_whole_value), T(keys_may_hold_dots_and_escapes),
           T(columns_count_characters_not_bytes), T(a_byte_order_mark_counts_for_nothing),
           T(what_is_not_there_is_not_found), T(of_a_key_that_is_there_twice_the_last_counts),
           T(large_indexes_are_found), T(every_cut_of_the_text_is_safe),
           T(an_offset_beyond_the_end_is_the_end))
