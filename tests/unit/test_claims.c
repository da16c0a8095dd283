/* SPDX-License-Identifier: MIT */
/*
 * Looking into JWTs made by hand, whatever their algorithm and type; and everything that is none.
 */
#include "cunit_main.h"
#include "jwt_text.h"
#include <acsmtp/json.h>
#include <acsmtp/token.h>

static struct acsmtp_claims *parse(const char *header, const char *body)
{
    struct acsmtp_secret *token = jwt_text(header, body, "c2lnbmF0dXJl");
    struct acsmtp_claims *claims = acsmtp_claims_parse(token, NULL);

    acsmtp_secret_free(token);
    return claims;
}

static void any_algorithm_and_type_can_be_read(void)
{
    static const char *const headers[] = {"{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"x\"}",
                                          "{\"alg\":\"PS256\",\"typ\":\"JWT\"}",
                                          "{\"typ\":\"at+jwt\",\"alg\":\"RS256\"}",
                                          "{\"typ\":\"at+jwt\",\"alg\":\"PS256\"}",
                                          "{\"alg\":\"ES512\",\"x\":[1,{\"y\":null}]}",
                                          "{\"alg\":\"none\"}",
                                          "{\"alg\":\"made up\"}"};

    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct acsmtp_claims *claims = parse(headers[i], "{\"tid\":\"t1\",\"exp\":1700000000}");
        int64_t exp = 0;

        CU_ASSERT_PTR_NOT_NULL_FATAL(claims);
        CU_ASSERT_STRING_EQUAL(acsmtp_claims_string(claims, "tid"), "t1");
        CU_ASSERT_TRUE(acsmtp_claims_integer(claims, "exp", &exp));
        CU_ASSERT_EQUAL(exp, 1700000000);
        acsmtp_claims_free(claims);
    }
}

static void claims_are_typed(void)
{
    struct acsmtp_claims *claims = parse(
        "{\"alg\":\"PS256\"}", "{\"aud\":[\"a\",\"b\"],\"one\":\"a\",\"empty\":[],\"n\":5,"
                               "\"big\":4102444800,\"s\":\"7\",\"o\":{},\"t\":true,\"z\":null,"
                               "\"mixed\":[1,\"b\"],\"name\":\"\\u00e4\"}");
    int64_t value = 0;

    CU_ASSERT_STRING_EQUAL(acsmtp_claims_string(claims, "aud"), "a");
    CU_ASSERT_STRING_EQUAL(acsmtp_claims_string(claims, "one"), "a");
    CU_ASSERT_STRING_EQUAL(acsmtp_claims_string(claims, "name"), "\xc3\xa4");
    CU_ASSERT_PTR_NULL(acsmtp_claims_string(claims, "empty"));
    CU_ASSERT_PTR_NULL(acsmtp_claims_string(claims, "mixed"));
    CU_ASSERT_PTR_NULL(acsmtp_claims_string(claims, "n"));
    CU_ASSERT_PTR_NULL(acsmtp_claims_string(claims, "o"));
    CU_ASSERT_PTR_NULL(acsmtp_claims_string(claims, "z"));
    CU_ASSERT_PTR_NULL(acsmtp_claims_string(claims, "absent"));
    CU_ASSERT_TRUE(acsmtp_claims_integer(claims, "n", &value));
    CU_ASSERT_EQUAL(value, 5);
    CU_ASSERT_TRUE(acsmtp_claims_integer(claims, "big", &value));
    CU_ASSERT_EQUAL(value, 4102444800);
    CU_ASSERT_FALSE(acsmtp_claims_integer(claims, "o", &value));
    CU_ASSERT_FALSE(acsmtp_claims_integer(claims, "t", &value));
    CU_ASSERT_FALSE(acsmtp_claims_integer(claims, "absent", &value));
    acsmtp_claims_free(claims);
}

static void null_claims_are_empty(void)
{
    int64_t value;

    CU_ASSERT_PTR_NULL(acsmtp_claims_string(NULL, "a"));
    CU_ASSERT_FALSE(acsmtp_claims_integer(NULL, "a", &value));
    CU_ASSERT_PTR_NULL(acsmtp_claims_json(NULL));
    acsmtp_claims_free(NULL);
    CU_ASSERT_PTR_NULL(acsmtp_claims_parse(NULL, NULL));
}

static void header_and_claims_come_as_json_without_the_signature(void)
{
    struct acsmtp_claims *claims =
        parse("{\"typ\":\"at+jwt\",\"alg\":\"PS256\"}", "{\"exp\":1,\"aud\":\"x\"}");

    CU_ASSERT_STRING_EQUAL(acsmtp_claims_json(claims),
                           "{\"header\":{\"typ\":\"at+jwt\",\"alg\":\"PS256\"},"
                           "\"claims\":{\"exp\":1,\"aud\":\"x\"}}");
    acsmtp_claims_free(claims);
}

static void what_is_no_jwt_is_refused(void)
{
    static const char *const texts[] = {"",
                                        ".",
                                        "..",
                                        "...",
                                        "opaque",
                                        "a.b",
                                        "a.b.c.d.e",
                                        "eyJhbGciOiJub25lIn0",
                                        "eyJhbGciOiJub25lIn0.",
                                        "eyJhbGciOiJub25lIn0..",
                                        "eyJhbGciOiJub25lIn0.e30",
                                        ".e30.",
                                        "eyJhbGciOiJub25lIn0.e30.x.y",
                                        "eyJhbGciOiJub25lIn0.e30=.",
                                        "eyJhbGciOiJub25lIn0=.e30.",
                                        "eyJhbGciOiJub25lIn0.e3 0.",
                                        "eyJhbGciOiJub25lIn0.e30.+/",
                                        "eyJhbGciOiJub25lIn0.e31.",
                                        "eyJhbGciOiJub25lIn0.e.",
                                        "eyJhbGciOiJub25lIn0.e30.a b",
                                        "eyJhbGciOiJub25lIn0\n.e30.",
                                        "eyJhbGciOiJub25lIn1.e30."};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct acsmtp_secret *token = acsmtp_secret_new(texts[i], strlen(texts[i]), NULL);
        struct acsmtp_error err = ACSMTP_ERROR_INIT;

        CU_ASSERT_PTR_NULL(acsmtp_claims_parse(token, &err));
        CU_ASSERT_EQUAL(err.status, ACSMTP_PROTOCOL);
        acsmtp_secret_free(token);
    }
}

static void parts_must_be_strict_json_objects(void)
{
    static const char *const wrong[] = {"[]",
                                        "1",
                                        "null",
                                        "\"x\"",
                                        "",
                                        "{",
                                        "{}x",
                                        "{\"a\":1,}",
                                        "{\"alg\":1}",
                                        "{\"alg\":\"x\",\"alg\":\"y\"}",
                                        "{\"alg\":\"x\",\"a\\u0000b\":1}",
                                        "{\"alg\":\"\xff\"}",
                                        "{\"alg\":\"x\",\"o\":{\"a\":1,\"a\":1}}"};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT_PTR_NULL(parse(wrong[i], "{\"exp\":1}"));
        if (i != 8)
            CU_ASSERT_PTR_NULL(parse("{\"alg\":\"PS256\"}", wrong[i]));
    }
    CU_ASSERT_PTR_NULL(parse("{}", "{\"exp\":1}"));
    CU_ASSERT_PTR_NULL(parse("{\"alg\":\"PS256\"}", "{\"exp\":1,\"exp\":2}"));
}

static void long_tokens_are_refused(void)
{
    static char body[70000];
    struct acsmtp_claims *claims;

    memcpy(body, "{\"x\":\"", 6);
    memset(body + 6, 'y', 40000);
    memcpy(body + 40006, "\"}", 3);
    claims = parse("{\"alg\":\"PS256\"}", body);
    CU_ASSERT_PTR_NOT_NULL(claims);
    CU_ASSERT_EQUAL(strlen(acsmtp_claims_string(claims, "x")), 40000);
    acsmtp_claims_free(claims);
    memset(body + 6, 'y', 60000);
    memcpy(body + 60006, "\"}", 3);
    CU_ASSERT_PTR_NULL(parse("{\"alg\":\"PS256\"}", body));
}

static void the_token_is_never_part_of_a_message(void)
{
    struct acsmtp_secret *token = jwt_text("{\"alg\":\"PS256\"}", "[\"private\"]", "c2ln");
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    CU_ASSERT_PTR_NULL(acsmtp_claims_parse(token, &err));
    CU_ASSERT_PTR_NULL(strstr(err.message, "private"));
    CU_ASSERT_PTR_NULL(strstr(err.message, "eyJ"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "not a JWT"));
    acsmtp_secret_free(token);
}

CUNIT_MAIN("claims", T(any_algorithm_and_type_can_be_read), T(claims_are_typed),
           T(null_claims_are_empty), T(header_and_claims_come_as_json_without_the_signature),
           T(what_is_no_jwt_is_refused), T(parts_must_be_strict_json_objects),
           T(long_tokens_are_refused), T(the_token_is_never_part_of_a_message))
