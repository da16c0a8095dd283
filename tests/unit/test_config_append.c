/* SPDX-License-Identifier: MIT */
/* Lists that a layer adds to, and the folder of the files that packages bring. */
#include "config_fixture.h"
#include "cunit_main.h"

static struct acsmtp_error err;

static struct config *load(const char *system_folder)
{
    static const struct acsmtp_driver_options options = {.size = sizeof options};
    struct config *config = NULL;

    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    (void)config_load_from(&options, system_folder, &config, &err);
    return config;
}

static const char *text_at(const struct config *config, const char *path)
{
    return acsmtp_json_text(config_at(config_root(config), path));
}

static void where_is(const struct config *config, const char *path, const char *wanted)
{
    char where[CONFIG_WHERE_MAX];

    config_where_exactly(config, path, where, sizeof where);
    ASSERT_HAS(where, wanted);
}

static void a_snippet_adds_to_the_lists_below_it(void)
{
    static const char third[] = "{\"profiles\":{\"p.q\":{\"credentials+\":[\n\"e\"]}}}";
    char *folder = fixture_folder();
    char system[PATH_MAX];
    struct config *config;

    fixture_clean_environment(folder);
    (void)snprintf(system, sizeof system, "%s/etc", folder);
    (void)fixture_write(folder, "etc/config.json",
                        "{\"plugin_path\":\"/a\",\n\"profiles\":{\"p.q\":{\n"
                        "\"credentials\":[\"a\",\n{\"plugin\":\"b\"}]}}}");
    (void)fixture_write(folder, "etc/conf.d/10-c.json",
                        "{\"plugin_path+\":[\"/c\"],\"profiles\":{\"p.q\":{\n\"credentials+\":[\n"
                        "{\"plugin\":\"c\",\n\"tenant_id\":\"t\"},\n\"d\"],"
                        "\"transports+\":[\"y\"],\"transports\":[\"x\"]}}}");
    (void)fixture_write_bytes(folder, "etc/conf.d/20-e.json", third, sizeof third - 1, 0644);
    config = load(system);
    if (!config)
        printf("\n    %s\n", err.message);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    CU_ASSERT_EQUAL(acsmtp_json_length(config_at(config_profile(config), "credentials")), 5);
    ASSERT_TEXT(text_at(config, "profiles.p.q.credentials.0"), "a");
    ASSERT_TEXT(text_at(config, "profiles.p.q.credentials.2.plugin"), "c");
    ASSERT_TEXT(text_at(config, "profiles.p.q.credentials.4"), "e");
    ASSERT_TEXT(text_at(config, "profiles.p.q.transports.0"), "x");
    ASSERT_TEXT(text_at(config, "profiles.p.q.transports.1"), "y");
    CU_ASSERT_PTR_NULL(acsmtp_json_get(config_profile(config), "credentials+"));
    ASSERT_TEXT(config_plugin_folder(config, 0), "/a");
    ASSERT_TEXT(config_plugin_folder(config, 1), "/c");
    where_is(config, "profiles.p.q.credentials.1", "/etc/config.json:4:1");
    where_is(config, "profiles.p.q.credentials.2.tenant_id", "/conf.d/10-c.json:4:1");
    where_is(config, "profiles.p.q.credentials.3", "/conf.d/10-c.json:5:1");
    where_is(config, "profiles.p.q.credentials.4", "/conf.d/20-e.json:2:1");
    where_is(config, "profiles.p.q.credentials", "/conf.d/20-e.json:1:");
    where_is(config, "profiles.p.q.transports.0", "/conf.d/10-c.json:5:");
    /* Whether others can read a secret there depends on the file that holds it. */
    CU_ASSERT_FALSE(config_file_of(config, "profiles.p.q.credentials.3", NULL)->exposed);
    CU_ASSERT_TRUE(config_file_of(config, "profiles.p.q.credentials.4", NULL)->exposed);
    config_free(config);
    fixture_remove(folder);
}

static void a_list_written_above_a_snippet_replaces_what_it_added(void)
{
    char *folder = fixture_folder();
    char system[PATH_MAX];
    struct config *config;

    fixture_clean_environment(folder);
    (void)snprintf(system, sizeof system, "%s/etc", folder);
    (void)fixture_write(folder, "etc/conf.d/10.json",
                        "{\"profiles\":{\"p\":{\"credentials+\":[\"a\",\"b\"]}}}");
    (void)fixture_write(folder, ".config/acsmtp/config.json",
                        "{\"profiles\":{\"p\":{\n\"credentials\":[\n\"c\"]}}}");
    config = load(system);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    CU_ASSERT_EQUAL(acsmtp_json_length(config_at(config_profile(config), "credentials")), 1);
    where_is(config, "profiles.p.credentials.0", ".config/acsmtp/config.json:3:1");
    config_free(config);
    fixture_remove(folder);
}

static void mistakes_of_snippets_are_pointed_at(void)
{
    static const struct {
        const char *text, *wanted;
    } rows[] = {
        {"{\"profiles\":{\"p\":{\n \"credentials+\":\"c\"}}}",
         "/conf.d/10.json:2:2: 'credentials+' must be a list: its elements are added to "
         "'credentials'"},
        {"{\"profiles\":{\"p\":{\"credentials+\":[\"b\",\n  7]}}}",
         "/conf.d/10.json:2:3: 'credentials' must be a list of plugins"},
        {"{\"plugin_path+\":[\"/x\",\n   \"relative\"]}",
         "/conf.d/10.json:2:4: the plugin folder 'relative' must be an absolute path"},
        {"{\"profiles\":{\"p\":{\"from+\":[\"b\"]}}}", "unknown key 'from+'; did you mean 'from'?"},
        {"{\"profiles\":{\"p\":{\"plugin_path+\":[\"b\"]}}}", "unknown key 'plugin_path+'"},
        {"{\"credentials+\":[\"b\"]}", "/conf.d/10.json:1:2: unknown key 'credentials+'"},
        {"{\n,}", "/conf.d/10.json:2:1: not valid JSON"},
    };
    char *folder = fixture_folder();
    char system[PATH_MAX];
    size_t i;

    fixture_clean_environment(folder);
    (void)snprintf(system, sizeof system, "%s/etc", folder);
    (void)fixture_write(folder, "etc/config.json",
                        "{\"profiles\":{\"p\":{\"credentials\":[\"a\"]}}}");
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)fixture_write(folder, "etc/conf.d/10.json", rows[i].text);
        CU_ASSERT_PTR_NULL(load(system));
        CU_ASSERT_EQUAL(err.status, ACSMTP_CONFIG);
        ASSERT_HAS(err.message, rows[i].wanted);
    }
    fixture_remove(folder);
}

static void a_folder_of_snippets_that_all_can_write_to_is_refused(void)
{
    char *folder = fixture_folder();
    char system[PATH_MAX], snippets[PATH_MAX + 8];

    fixture_clean_environment(folder);
    (void)snprintf(system, sizeof system, "%s/etc", folder);
    (void)fixture_write(folder, "etc/conf.d/10.json", "{}");
    (void)snprintf(snippets, sizeof snippets, "%s/conf.d", system);
    CU_ASSERT_EQUAL(chmod(snippets, 01777), 0);
    CU_ASSERT_PTR_NULL(load(system));
    CU_ASSERT_EQUAL(err.status, ACSMTP_CONFIG);
    ASSERT_HAS(err.message, "/conf.d: everybody can write to this folder");
    fixture_remove(folder);
}

CUNIT_MAIN("config-append", T(a_snippet_adds_to_the_lists_below_it),
           T(a_list_written_above_a_snippet_replaces_what_it_added),
           T(mistakes_of_snippets_are_pointed_at),
           T(a_folder_of_snippets_that_all_can_write_to_is_refused))
