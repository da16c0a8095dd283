/* SPDX-License-Identifier: MIT */
/* One more profile in the text of a config: what comes in, and that nothing else changes. */
#include "cunit_main.h"
#include <acsmtp/driver.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct acsmtp_error err;

static char *insert(const char *text, const char *name, const char *profile)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = acsmtp_json_parse(profile, strlen(profile), NULL);

    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    return acsmtp_config_insert(text, name, json, &err);
}

static void becomes(const char *text, const char *wanted)
{
    char *made = insert(text, "n", "{\"from\":\"x\"}");

    if (!made || strcmp(made, wanted) != 0)
        printf("\n  have: %s\n  want: %s\n", made ? made : err.message, wanted);
    CU_ASSERT(made && strcmp(made, wanted) == 0);
    free(made);
}

static void fails(const char *text, const char *name, const char *says)
{
    char *made = insert(text, name, "{\"from\":\"x\"}");

    CU_ASSERT_PTR_NULL(made);
    CU_ASSERT_NOT_EQUAL(err.status, ACSMTP_OK);
    if (!strstr(err.message, says))
        printf("\n  '%s' does not say '%s'\n", err.message, says);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, says));
    free(made);
}

#define PROFILE "\n    \"n\": {\n      \"from\": \"x\"\n    }"

static void a_new_file_has_it_as_default(void)
{
    becomes(NULL, "{\n  \"default_profile\": \"n\",\n  \"profiles\": {" PROFILE "\n  }\n}\n");
    becomes("{ \"plugin_path\": [] }", "{\n  \"default_profile\": \"n\",\n  \"profiles\": {" PROFILE
                                       "\n  }, \"plugin_path\": [] }");
    becomes("{\"profiles\": {}}",
            "{\n  \"default_profile\": \"n\",\"profiles\": {" PROFILE "\n  }}");
}

static void the_only_profile_stays_the_default(void)
{
    becomes("{\"profiles\":{\"a\":{}}}",
            "{\n  \"default_profile\": \"a\",\"profiles\":{" PROFILE ",\"a\":{}}}");
    becomes("{\"profiles\":{\"a\":{}},\"default_profile\":\"b\"}",
            "{\"profiles\":{" PROFILE ",\"a\":{}},\"default_profile\":\"b\"}");
    becomes("{\"profiles\":{\"a\":{},\"b\":{}}}", "{\"profiles\":{" PROFILE ",\"a\":{},\"b\":{}}}");
}

static void comments_and_strings_hold_no_braces(void)
{
    becomes(
        "/* { */ { // {\n \"default_profile\": \"{\", \"profiles\" /* : { */ : // {\n {\"a\": {}}}",
        "/* { */ { // {\n \"default_profile\": \"{\", \"profiles\" /* : { */ : // {\n {" PROFILE
        ",\"a\": {}}}");
    becomes(
        "{\"cloud\": {\"profiles\": {}}, \"profiles\": {\"\\\"{\": {}}, \"default_profile\":\"q\"}",
        "{\"cloud\": {\"profiles\": {}}, \"profiles\": {" PROFILE
        ",\"\\\"{\": {}}, \"default_profile\":\"q\"}");
}

static void the_same_profile_again_changes_nothing(void)
{
    becomes("{\"profiles\": { \"n\" : { \"from\" : \"x\" } } }",
            "{\"profiles\": { \"n\" : { \"from\" : \"x\" } } }");
    fails("{\"profiles\": {\"n\": {\"from\": \"y\"}}}", "n",
          "there is a profile 'n' already, and it differs");
    fails("{\"profiles\": {\"n\": {}}}", "n", "already");
}

static void names_are_quoted_and_must_be_names(void)
{
    char *made = insert("{}", "a \"b\"", "{}");

    CU_ASSERT_PTR_NOT_NULL_FATAL(made);
    CU_ASSERT_PTR_NOT_NULL(strstr(made, "\"a \\\"b\\\"\": {}"));
    free(made);
    fails("{}", "", "cannot be a profile's name");
    fails("{}", "a\nb", "cannot be a profile's name");
}

static void what_is_no_config_is_refused(void)
{
    fails("", "n", "");
    fails("[]", "n", "cannot be put in");
    fails("{\"profiles\": 5}", "n", "cannot be put in");
    fails("{\"profiles\": {", "n", "");
}

CUNIT_MAIN("config_insert", T(a_new_file_has_it_as_default), T(the_only_profile_stays_the_default),
           T(comments_and_strings_hold_no_braces), T(the_same_profile_again_changes_nothing),
           T(names_are_quoted_and_must_be_names), T(what_is_no_config_is_refused))
