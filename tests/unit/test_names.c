/* SPDX-License-Identifier: MIT */
/* What shells and editors are told: names at a place, and the schema of the config. */
#include "config_fixture.h"
#include "cunit_main.h"
#include <acsmtp/driver.h>
#include <driver/schema_private.h>

static struct acsmtp_error err;

struct told {
    char text[4096]; /* "name|about " for each */
    int stop_after;  /* 0: never */
    int count;
};

static int tell(void *data, const char *name, const char *about)
{
    struct told *told = data;
    size_t used = strlen(told->text);

    (void)snprintf(told->text + used, sizeof told->text - used, "%s|%s ", name, about);
    return ++told->count == told->stop_after;
}

static const char config_text[] =
    "{\"profiles\":{"
    "\"modern\":{\"from\":\"a@example.org\",\"credentials\":[\"one\",{\"plugin\":\"two\"}]},"
    "\"mixed\":{\"transports\":[\"three\"]},"
    "\"legacy\":{}}}";

static int names(const char *text, int what, const char *prefix, struct told *told)
{
    char *folder = fixture_folder();
    struct acsmtp_driver_options options = {.size = sizeof options,
                                            .flags = ACSMTP_DRIVER_CONFIG_ONLY};
    int status;

    fixture_clean_environment(folder);
    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    options.config_file = fixture_write(folder, "c.json", text);
    status = acsmtp_names(&options, what, prefix, tell, told, &err);
    fixture_remove(folder);
    return status;
}

static void profiles_need_no_choice_of_one(void)
{
    struct told told = {0};

    CU_ASSERT_EQUAL(names(config_text, ACSMTP_NAMES_PROFILE, NULL, &told), ACSMTP_OK);
    ASSERT_TEXT(told.text, "modern|a@example.org mixed| legacy| ");
}

static void only_what_begins_so_is_told(void)
{
    struct told told = {0};

    CU_ASSERT_EQUAL(names(config_text, ACSMTP_NAMES_PROFILE, "m", &told), ACSMTP_OK);
    ASSERT_TEXT(told.text, "modern|a@example.org mixed| ");
    told = (struct told){0};
    CU_ASSERT_EQUAL(names(config_text, ACSMTP_NAMES_CLOUD, "us", &told), ACSMTP_OK);
    ASSERT_TEXT(told.text, "usgov| ");
}

static void the_visitor_ends_the_walk(void)
{
    struct told told = {.stop_after = 1};

    CU_ASSERT_EQUAL(names(config_text, ACSMTP_NAMES_PROFILE, NULL, &told), 1);
    CU_ASSERT_EQUAL(told.count, 1);
    told = (struct told){.stop_after = 2};
    CU_ASSERT_EQUAL(names(config_text, ACSMTP_NAMES_KEY, NULL, &told), 1);
    CU_ASSERT_EQUAL(told.count, 2);
}

static void keys_lead_into_lists_step_by_step(void)
{
    struct told told = {0};

    CU_ASSERT_EQUAL(
        names("{\"profiles\":{\"p\":{\"transports\":[\"one\"]}}}", ACSMTP_NAMES_KEY, "tran", &told),
        ACSMTP_OK);
    ASSERT_TEXT(told.text, "transports.0.|one ");
    told = (struct told){0}; /* a plugin that is not there has no options */
    CU_ASSERT_EQUAL(names("{\"profiles\":{\"p\":{\"transports\":[\"one\"]}}}", ACSMTP_NAMES_KEY,
                          "transports.0.", &told),
                    ACSMTP_OK);
    ASSERT_TEXT(told.text, "");
    told = (struct told){0};
    CU_ASSERT_EQUAL(names("{}", ACSMTP_NAMES_KEY, "user", &told), ACSMTP_OK);
    ASSERT_HAS(told.text, "username=|");
}

static void what_is_wrong_is_said(void)
{
    struct told told = {0};

    CU_ASSERT_EQUAL(names("{ nothing", ACSMTP_NAMES_CLOUD, NULL, &told), ACSMTP_CONFIG);
    ASSERT_HAS(err.message, "c.json:1:");
    CU_ASSERT_EQUAL(names("{}", 99, NULL, &told), ACSMTP_SYSTEM);
    CU_ASSERT_EQUAL(told.count, 0);
}

static void nobody_has_to_say_anything(void)
{
    char *folder = fixture_folder();
    struct told told = {0};

    fixture_clean_environment(folder);
    CU_ASSERT_EQUAL(acsmtp_names(NULL, ACSMTP_NAMES_CLOUD, NULL, tell, &told, NULL), ACSMTP_OK);
    ASSERT_TEXT(told.text, "public| usgov| china| ");
    fixture_remove(folder);
}

/* ---- the schema ---- */

static int count_problem(void *data, const char *path, const struct acsmtp_plugin *plugin,
                         const char *problem)
{
    int *count = data;

    ASSERT_HAS(path, "/credential/broken.so");
    CU_ASSERT_PTR_NULL(plugin);
    CU_ASSERT_PTR_NOT_NULL(problem);
    ++*count;
    return 0;
}

static void every_key_is_explained(void)
{
    struct config_key key;

    for (int of_profile = 0; of_profile < 2; of_profile++)
        for (size_t i = 0; config_key(of_profile, i, &key); i++) {
            if (!schema_key_summary(key.name))
                printf("\n    schema.c says nothing of '%s'\n", key.name);
            CU_ASSERT_PTR_NOT_NULL(schema_key_summary(key.name));
        }
}

static void a_schema_without_plugins_knows_the_config(void)
{
    char *folder = fixture_folder();
    struct acsmtp_json *schema, *again;
    const struct acsmtp_json *definitions;
    char *text, *other;

    fixture_clean_environment(folder);
    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    schema = acsmtp_config_schema(NULL, NULL, NULL, &err);
    again = acsmtp_config_schema(NULL, NULL, NULL, NULL);
    definitions = acsmtp_json_get(schema, "$defs");
    CU_ASSERT_PTR_NOT_NULL(acsmtp_json_get(acsmtp_json_get(schema, "properties"), "profiles"));
    CU_ASSERT_PTR_NOT_NULL(acsmtp_json_get(definitions, "credential"));
    CU_ASSERT_PTR_NOT_NULL(acsmtp_json_get(definitions, "cloud"));
    text = acsmtp_json_format(schema);
    other = acsmtp_json_format(again);
    ASSERT_TEXT(text, other);
    free(text);
    free(other);
    acsmtp_json_free(schema);
    acsmtp_json_free(again);
    fixture_remove(folder);
}

static void a_plugin_that_cannot_be_used_is_a_problem_not_a_failure(void)
{
    char *folder = fixture_folder();
    struct acsmtp_json *schema;
    char path[PATH_MAX];
    int count = 0;

    fixture_clean_environment(folder);
    (void)fixture_write(folder, "plugins/credential/broken.so", "no library");
    (void)snprintf(path, sizeof path, "%s/plugins", folder);
    (void)setenv("ACSMTP_PLUGIN_PATH", path, 1);
    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    schema = acsmtp_config_schema(NULL, count_problem, &count, &err);
    CU_ASSERT_PTR_NOT_NULL(schema);
    CU_ASSERT_EQUAL(count, 1);
    acsmtp_json_free(schema);
    fixture_remove(folder);
}

static void a_wrong_config_has_no_schema(void)
{
    char *folder = fixture_folder();
    struct acsmtp_driver_options options = {.size = sizeof options,
                                            .flags = ACSMTP_DRIVER_CONFIG_ONLY};

    fixture_clean_environment(folder);
    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    options.config_file = fixture_write(folder, "c.json", "{ \"profils\": {} }");
    CU_ASSERT_PTR_NULL(acsmtp_config_schema(&options, NULL, NULL, &err));
    CU_ASSERT_EQUAL(err.status, ACSMTP_CONFIG);
    ASSERT_HAS(err.message, "did you mean 'profiles'?");
    fixture_remove(folder);
}

CUNIT_MAIN("names", T(profiles_need_no_choice_of_one), T(only_what_begins_so_is_told),
           T(the_visitor_ends_the_walk), T(keys_lead_into_lists_step_by_step),
           T(what_is_wrong_is_said), T(nobody_has_to_say_anything), T(every_key_is_explained),
           T(a_schema_without_plugins_knows_the_config),
           T(a_plugin_that_cannot_be_used_is_a_problem_not_a_failure),
           T(a_wrong_config_has_no_schema))
