/* SPDX-License-Identifier: MIT */
/*
 * JSON: what is valid and what is not, typed getters that never abort, writing.
 */
#include "cunit_main.h"
#include <acsmtp/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct acsmtp_json *parse(const char *text)
{
    return acsmtp_json_parse(text, strlen(text), NULL);
}

static void valid_texts_are_accepted(void)
{
    static const char *const texts[] = {"{}",
                                        "[]",
                                        "null",
                                        "true",
                                        "false",
                                        "0",
                                        "-0",
                                        "-1.5e+10",
                                        "1E5",
                                        "1e-5",
                                        "\"\"",
                                        "\"a\"",
                                        " \t\r\n[ 1 , 2 ] \n",
                                        "\"\\u00e4\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                                        "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"",
                                        "\"\x7f\"",
                                        "\"a\\u0000b\"",
                                        "{\"\":1,\" \":2}",
                                        "{\"a\":{\"a\":{\"a\":null}},\"b\":[{\"a\":1},{\"a\":1}]}"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct acsmtp_json *json = parse(texts[i]);

        if (!json)
            printf("\n  refused: %s\n", texts[i]);
        CU_ASSERT_PTR_NOT_NULL(json);
        acsmtp_json_free(json);
    }
}

static void invalid_texts_are_refused(void)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "{",
                                        "}",
                                        "[",
                                        "]",
                                        "[1",
                                        "{\"a\"",
                                        "{\"a\":",
                                        "{\"a\":1",
                                        "\"a",
                                        "\"a\\",
                                        "\"\\",
                                        "[1,]",
                                        "{\"a\":1,}",
                                        "[,1]",
                                        "[1 2]",
                                        "{\"a\" 1}",
                                        "{1:2}",
                                        "{a:1}",
                                        "{'a':1}",
                                        "'a'",
                                        "[1]]",
                                        "[1] x",
                                        "{} {}",
                                        "1 2",
                                        "01",
                                        "-01",
                                        "1.",
                                        ".5",
                                        "+1",
                                        "-",
                                        "1e",
                                        "1e+",
                                        "0x10",
                                        "[-]",
                                        "[1.]",
                                        "NaN",
                                        "[NaN]",
                                        "Infinity",
                                        "-Infinity",
                                        "nan",
                                        "True",
                                        "TRUE",
                                        "nul",
                                        "nulll",
                                        "truefalse",
                                        "\"a\tb\"",
                                        "\"a\nb\"",
                                        "\"\x01\"",
                                        "\"\\x\"",
                                        "\"\\u12\"",
                                        "\"\\u12g4\"",
                                        "\"\xff\"",
                                        "\"\xc0\xaf\"",
                                        "\"\xed\xa0\x80\"",
                                        "\"\xf4\x90\x80\x80\"",
                                        "\"\xc3\"",
                                        "\"\xe2\x82\"",
                                        "\xef\xbb\xbf{}",
                                        "// x\n1",
                                        "/* x */1",
                                        "1/**/",
                                        "#1",
                                        "\v1",
                                        "\f[]",
                                        "{\"a\\u0000b\":1}",
                                        "{\"a\":1,\"a\":2}",
                                        "{\"a\":{\"b\":1,\"b\":2}}",
                                        "[{\"a\":1,\"a\":1}]"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct acsmtp_error err = ACSMTP_ERROR_INIT;
        struct acsmtp_json *json = acsmtp_json_parse(texts[i], strlen(texts[i]), &err);

        if (json)
            printf("\n  accepted: %s\n", texts[i]);
        CU_ASSERT_PTR_NULL(json);
        CU_ASSERT_EQUAL(err.status, ACSMTP_PROTOCOL);
        acsmtp_json_free(json);
    }
}

static void every_prefix_of_a_document_is_refused(void)
{
    static const char text[] =
        "{\"a\":[1,2.5e3,\"\\u00e4\xc3\xa4\",true,null],\"b\":{\"c\":\"d\"}}";
    struct acsmtp_json *json = acsmtp_json_parse(text, sizeof text - 1, NULL);

    CU_ASSERT_PTR_NOT_NULL(json);
    acsmtp_json_free(json);
    for (size_t size = 0; size < sizeof text - 1; size++)
        CU_ASSERT_PTR_NULL(acsmtp_json_parse(text, size, NULL));
}

static void a_nul_ends_nothing(void)
{
    CU_ASSERT_PTR_NULL(acsmtp_json_parse("{}\0", 3, NULL));
    CU_ASSERT_PTR_NULL(acsmtp_json_parse("\"a\0b\"", 5, NULL));
    CU_ASSERT_PTR_NULL(acsmtp_json_parse("1\0", 2, NULL));
    CU_ASSERT_PTR_NULL(acsmtp_json_parse(NULL, 0, NULL));
}

static void nesting_is_limited_to_32(void)
{
    char text[200];

    for (int depth = 31; depth <= 34; depth++) {
        struct acsmtp_json *json;

        memset(text, '[', (size_t)depth);
        text[depth] = '1';
        memset(text + depth + 1, ']', (size_t)depth);
        json = acsmtp_json_parse(text, (size_t)depth * 2 + 1, NULL);
        CU_ASSERT_EQUAL(json != NULL, depth <= 32);
        acsmtp_json_free(json);
    }
    memset(text, '[', sizeof text);
    CU_ASSERT_PTR_NULL(acsmtp_json_parse(text, sizeof text, NULL));
}

static void messages_tell_the_place_and_never_the_text(void)
{
    static const char text[] = "{\n  \"password\": \"hunter22\",\n  \"x\": nope\n}";
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    CU_ASSERT_PTR_NULL(acsmtp_json_parse(text, sizeof text - 1, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "line 3, column 8"));
    CU_ASSERT_PTR_NULL(strstr(err.message, "hunter22"));
    CU_ASSERT_PTR_NULL(strstr(err.message, "nope"));
    acsmtp_error_clear(&err);
    CU_ASSERT_PTR_NULL(acsmtp_json_parse("[1,\n 2 3]", 9, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "line 2"));
    acsmtp_error_clear(&err);
    CU_ASSERT_PTR_NULL(acsmtp_json_parse("{\"a\":\n{}", 8, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "line 2, column 3: unexpected end"));
}

static void huge_texts_are_refused(void)
{
    size_t size = ACSMTP_SECRET_MAX;
    char *text = malloc(size + 1);
    struct acsmtp_json *json;

    memset(text, 'x', size + 1);
    text[0] = '"';
    text[size - 1] = '"';
    json = acsmtp_json_parse(text, size, NULL);
    CU_ASSERT_PTR_NOT_NULL(json);
    CU_ASSERT_EQUAL(strlen(acsmtp_json_text(json)), size - 2);
    acsmtp_json_free(json);
    text[size - 1] = 'x';
    text[size] = '"';
    CU_ASSERT_PTR_NULL(acsmtp_json_parse(text, size + 1, NULL));
    CU_ASSERT_PTR_NULL(acsmtp_json_parse_config(text, size + 1, NULL));
    free(text);
}

static void getters_check_the_type(void)
{
    struct acsmtp_json *json =
        parse("{\"n\":null,\"t\":true,\"f\":false,\"i\":1,\"d\":1.5,\"s\":\"x\","
              "\"a\":[1],\"o\":{\"s\":\"y\"},\"z\":\"a\\u0000b\"}");
    static const char *const keys[] = {"n", "t", "f", "i", "d", "s", "a", "o", "z", "absent", ""};
    static const int types[] = {0, 1, 1, 2, 2, 3, 4, 5, 3, 0, 0};
    int64_t value;

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const struct acsmtp_json *member = acsmtp_json_get(json, keys[i]);

        CU_ASSERT_EQUAL(acsmtp_json_type(member), types[i]);
        CU_ASSERT_EQUAL(acsmtp_json_text(member) != NULL, strcmp(keys[i], "s") == 0);
        CU_ASSERT_EQUAL(acsmtp_json_string(json, keys[i]) != NULL, strcmp(keys[i], "s") == 0);
        CU_ASSERT_EQUAL(acsmtp_json_length(member), strcmp(keys[i], "a") == 0);
        CU_ASSERT_EQUAL(acsmtp_json_item(member, 0) != NULL, strcmp(keys[i], "a") == 0);
        CU_ASSERT_EQUAL(acsmtp_json_get(member, "s") != NULL, strcmp(keys[i], "o") == 0);
        CU_ASSERT_EQUAL(acsmtp_json_key(member, 0) != NULL, strcmp(keys[i], "o") == 0);
        CU_ASSERT_EQUAL(acsmtp_json_true(json, keys[i]), strcmp(keys[i], "t") == 0);
        CU_ASSERT_EQUAL(acsmtp_json_integer(json, keys[i], &value), strcmp(keys[i], "i") == 0);
    }
    CU_ASSERT_STRING_EQUAL(acsmtp_json_string(acsmtp_json_get(json, "o"), "s"), "y");
    CU_ASSERT_PTR_NULL(acsmtp_json_item(acsmtp_json_get(json, "a"), 1));
    acsmtp_json_free(json);
}

static void null_pointers_are_absent_everywhere(void)
{
    int64_t value;

    CU_ASSERT_PTR_NULL(acsmtp_json_get(NULL, "a"));
    CU_ASSERT_PTR_NULL(acsmtp_json_get(acsmtp_json_get(NULL, "a"), "b"));
    CU_ASSERT_PTR_NULL(acsmtp_json_string(NULL, "a"));
    CU_ASSERT_PTR_NULL(acsmtp_json_text(NULL));
    CU_ASSERT_PTR_NULL(acsmtp_json_item(NULL, 0));
    CU_ASSERT_PTR_NULL(acsmtp_json_key(NULL, 0));
    CU_ASSERT_EQUAL(acsmtp_json_length(NULL), 0);
    CU_ASSERT_EQUAL(acsmtp_json_type(NULL), ACSMTP_JSON_NULL);
    CU_ASSERT_FALSE(acsmtp_json_true(NULL, "a"));
    CU_ASSERT_FALSE(acsmtp_json_integer(NULL, "a", &value));
    CU_ASSERT_PTR_NULL(acsmtp_json_take_secret(NULL, "a", NULL));
    acsmtp_json_remove(NULL, "a");
    acsmtp_json_free(NULL);
}

static void integers_come_as_numbers_or_strings(void)
{
    struct acsmtp_json *json =
        parse("{\"a\":3599,\"b\":\"3599\",\"c\":-7,\"d\":\"-7\",\"e\":9223372036854775807,"
              "\"f\":9223372036854775808,\"g\":\"9223372036854775808\",\"h\":\"12x\",\"i\":\"\","
              "\"j\":\" 1\",\"k\":\"+1\",\"l\":\"-\",\"m\":1.5,\"n\":99999999999999999999999,"
              "\"o\":-99999999999999999999999,\"p\":\"0x10\",\"q\":0}");
    static const struct {
        const char *key;
        int found;
        int64_t value;
    } cases[] = {{"a", 1, 3599}, {"b", 1, 3599}, {"c", 1, -7}, {"d", 1, -7}, {"e", 1, INT64_MAX},
                 {"f", 0, 0},    {"g", 0, 0},    {"h", 0, 0},  {"i", 0, 0},  {"j", 0, 0},
                 {"k", 0, 0},    {"l", 0, 0},    {"m", 0, 0},  {"n", 0, 0},  {"o", 0, 0},
                 {"p", 0, 0},    {"q", 1, 0}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = 42;

        CU_ASSERT_EQUAL(acsmtp_json_integer(json, cases[i].key, &value), cases[i].found);
        CU_ASSERT_EQUAL(value, cases[i].found ? cases[i].value : 42);
    }
    acsmtp_json_free(json);
}

static void a_secret_leaves_the_document(void)
{
    struct acsmtp_json *json = parse("{\"token\":\"abc\",\"n\":1,\"z\":\"a\\u0000\"}");
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_secret *secret = acsmtp_json_take_secret(json, "token", &err);

    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(secret), "abc");
    CU_ASSERT_PTR_NULL(acsmtp_json_get(json, "token"));
    CU_ASSERT_PTR_NULL(acsmtp_json_take_secret(json, "token", &err));
    CU_ASSERT_PTR_NULL(acsmtp_json_take_secret(json, "n", &err));
    CU_ASSERT_PTR_NULL(acsmtp_json_take_secret(json, "z", &err));
    CU_ASSERT_EQUAL(err.status, ACSMTP_OK);
    acsmtp_secret_free(secret);
    acsmtp_json_free(json);
}

static struct acsmtp_json *config(const char *text)
{
    return acsmtp_json_parse_config(text, strlen(text), NULL);
}

static void config_may_have_comments(void)
{
    static const char text[] =
        "\xef\xbb\xbf// first\n{ /* \" */ \"url\": \"http://x/*y*/\", // \"\n"
        "  \"a\": 1 /**/ /***/ }\n//";
    struct acsmtp_json *json = config(text);
    int64_t value;

    CU_ASSERT_STRING_EQUAL(acsmtp_json_string(json, "url"), "http://x/*y*/");
    CU_ASSERT_TRUE(acsmtp_json_integer(json, "a", &value));
    acsmtp_json_free(json);
    CU_ASSERT_PTR_NULL(config("{} /*"));
    CU_ASSERT_PTR_NULL(config("{} /*/"));
    CU_ASSERT_PTR_NULL(config("{} /"));
    CU_ASSERT_PTR_NULL(config("{} /x"));
    CU_ASSERT_PTR_NULL(config("{'a':1}"));
    CU_ASSERT_PTR_NULL(config("{\"a\":1,}"));
    CU_ASSERT_PTR_NULL(config("{\"a\":1,\"a\":1}"));
    CU_ASSERT_PTR_NULL(config(""));
}

static void comments_do_not_move_positions(void)
{
    static const char text[] = "/* a\n b */\n{ \"x\": /* c */ nope }";
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    CU_ASSERT_PTR_NULL(acsmtp_json_parse_config(text, sizeof text - 1, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "line 3, column 16"));
}

static void keys_come_in_the_order_of_the_text(void)
{
    struct acsmtp_json *json = parse("{\"z\":1,\"a\":2,\"m\":3}");

    CU_ASSERT_STRING_EQUAL(acsmtp_json_key(json, 0), "z");
    CU_ASSERT_STRING_EQUAL(acsmtp_json_key(json, 1), "a");
    CU_ASSERT_STRING_EQUAL(acsmtp_json_key(json, 2), "m");
    CU_ASSERT_PTR_NULL(acsmtp_json_key(json, 3));
    acsmtp_json_free(json);
}

static void expect_text(const struct acsmtp_json *json, int pretty, const char *want)
{
    char *text = pretty ? acsmtp_json_format_pretty(json) : acsmtp_json_format(json);

    CU_ASSERT_STRING_EQUAL(text, want);
    free(text);
}

static void what_is_written_can_be_read(void)
{
    static const char text[] =
        "{\"a\":[1,-2,1.50e3,true,false,null,[],{}],\"b\":{\"c\":\"/\\u0001\\n"
        "\\\"\\\\\xc3\xa4\\u0000\"},\"u\":18446744073709551615,"
        "\"m\":9223372036854775807}";
    struct acsmtp_json *json = parse(text), *copy = acsmtp_json_dup(json, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    expect_text(json, 0, text);
    expect_text(copy, 0, text);
    acsmtp_json_free(json);
    expect_text(copy, 0, text);
    acsmtp_json_free(copy);
    expect_text(NULL, 0, "null");
}

static void pretty_text_is_indented_by_two(void)
{
    struct acsmtp_json *json = parse("{\"a\":[1,{\"b\":null}],\"c\":{},\"d\":[]}");

    expect_text(json, 1,
                "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": {},\n"
                "  \"d\": []\n}");
    acsmtp_json_free(json);
}

static void documents_are_built_piece_by_piece(void)
{
    struct acsmtp_json *object = acsmtp_json_new_object(NULL);
    struct acsmtp_json *array = acsmtp_json_new_array(NULL);
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    CU_ASSERT_EQUAL(acsmtp_json_append(array, acsmtp_json_new_string("x\ny", &err), &err), 0);
    CU_ASSERT_EQUAL(acsmtp_json_append(array, acsmtp_json_new_boolean(7, &err), &err), 0);
    CU_ASSERT_EQUAL(acsmtp_json_append(array, acsmtp_json_dup(NULL, &err), &err), 0);
    CU_ASSERT_EQUAL(acsmtp_json_set(object, "n", acsmtp_json_new_integer(INT64_MIN, &err), &err),
                    0);
    CU_ASSERT_EQUAL(acsmtp_json_set(object, "a", array, &err), 0);
    CU_ASSERT_EQUAL(acsmtp_json_set(object, "n", acsmtp_json_new_integer(5, &err), &err), 0);
    expect_text(object, 0, "{\"a\":[\"x\\ny\",true,null],\"n\":5}");
    acsmtp_json_remove(object, "a");
    acsmtp_json_remove(object, "absent");
    expect_text(object, 0, "{\"n\":5}");
    CU_ASSERT_EQUAL(err.status, ACSMTP_OK);
    acsmtp_json_free(object);
}

static void a_value_that_cannot_be_set_is_freed(void)
{
    struct acsmtp_json *object = acsmtp_json_new_object(NULL);
    struct acsmtp_json *array = acsmtp_json_new_array(NULL);
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    CU_ASSERT_EQUAL(acsmtp_json_set(object, "a", NULL, &err), ACSMTP_SYSTEM);
    CU_ASSERT_NOT_EQUAL(acsmtp_json_set(array, "a", acsmtp_json_new_integer(1, NULL), NULL), 0);
    CU_ASSERT_NOT_EQUAL(acsmtp_json_set(NULL, "a", acsmtp_json_new_integer(1, NULL), NULL), 0);
    CU_ASSERT_NOT_EQUAL(acsmtp_json_append(object, acsmtp_json_new_integer(1, NULL), NULL), 0);
    CU_ASSERT_NOT_EQUAL(acsmtp_json_append(array, NULL, NULL), 0);
    CU_ASSERT_NOT_EQUAL(acsmtp_json_append(array, array, NULL), 0);
    acsmtp_json_free(object);
    acsmtp_json_free(array);
}

/* A path or an argument may be in any encoding; what is written must be JSON. */
static void what_is_not_utf8_is_written_as_a_replacement(void)
{
    struct acsmtp_json *text = acsmtp_json_new_string("a\xff\xc3\xa4\xe2\x82", NULL);

    expect_text(text, 0, "\"a\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd\"");
    acsmtp_json_free(text);
}

CUNIT_MAIN("json", T(valid_texts_are_accepted), T(invalid_texts_are_refused),
           T(every_prefix_of_a_document_is_refused), T(a_nul_ends_nothing),
           T(nesting_is_limited_to_32), T(messages_tell_the_place_and_never_the_text),
           T(huge_texts_are_refused), T(getters_check_the_type),
           T(null_pointers_are_absent_everywhere), T(integers_come_as_numbers_or_strings),
           T(a_secret_leaves_the_document), T(config_may_have_comments),
           T(comments_do_not_move_positions), T(keys_come_in_the_order_of_the_text),
           T(what_is_written_can_be_read), T(pretty_text_is_indented_by_two),
           T(documents_are_built_piece_by_piece), T(a_value_that_cannot_be_set_is_freed),
           T(what_is_not_utf8_is_written_as_a_replacement))
