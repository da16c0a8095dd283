/* SPDX-License-Identifier: MIT */
/* Finding, loading and checking plugins, with real shared objects. */
#include "cunit_main.h"
#include "driver/registry.h"
#include "plugins/fixture.h"
#include <pthread.h>

/* ---- a plugin inside the program, as a static build would have it ---- */

static int inside_open(const struct acsmtp_settings *settings, void **instance,
                       struct acsmtp_error *err)
{
    (void)settings;
    (void)err;
    *instance = NULL;
    return ACSMTP_OK;
}

static int inside_acquire(void *instance, struct acsmtp_context *context,
                          const struct acsmtp_credential_request *request,
                          struct acsmtp_credential *out, struct acsmtp_error *err)
{
    (void)instance;
    (void)context;
    (void)request;
    (void)out;
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "only for show");
}

static void inside_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_credential_ops inside_ops = {.size = sizeof inside_ops,
                                                        .open = inside_open,
                                                        .acquire = inside_acquire,
                                                        .close = inside_close};

ACSMTP_PLUGIN(built_in) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL), .name = "built-in",        .version = "1.0",
    .summary = "Linked into the program.",      .credential = &inside_ops,
};

/* libltdl's table of preloaded modules: like lt_dlsymlist, with a pointer to a function. */
struct preloaded {
    const char *name;
    acsmtp_plugin_entry address;
};

extern const struct preloaded acsmtp_preloaded_plugins[];
__attribute__((visibility("default"))) const struct preloaded acsmtp_preloaded_plugins[] = {
    {"@PROGRAM@", NULL},
    {"built_in.a", NULL},
    {"built_in_LTX_acsmtp_plugin", built_in_LTX_acsmtp_plugin},
    {NULL, NULL},
};

/* ---- helpers ---- */

static struct fixture fixture;

static const struct acsmtp_plugin *get(int kind, const char *name)
{
    const struct acsmtp_plugin *plugin = NULL;

    acsmtp_error_clear(&fixture.err);
    (void)registry_get(fixture.registry, kind, name, &plugin, &fixture.err);
    return plugin;
}

static void says(const char *what)
{
    fixture_says(&fixture.err, what);
}

static void refused(const char *name, const char *because)
{
    fixture_open(&fixture, "");
    CU_ASSERT_PTR_NULL(get(ACSMTP_KIND_CREDENTIAL, name));
    CU_ASSERT_EQUAL(fixture.err.status, ACSMTP_SYSTEM);
    says(because);
    says(name);
    fixture_close(&fixture);
}

/* ---- good ones ---- */

static void a_good_plugin_is_loaded_once(void)
{
    const struct acsmtp_plugin *first;

    fixture_open(&fixture, "");
    first = get(ACSMTP_KIND_CREDENTIAL, "tell-one");
    CU_ASSERT_PTR_NOT_NULL_FATAL(first);
    CU_ASSERT_STRING_EQUAL(first->name, "tell-one");
    CU_ASSERT_EQUAL(first->size, sizeof *first);
    CU_ASSERT_PTR_EQUAL(get(ACSMTP_KIND_CREDENTIAL, "tell-one"), first);
    CU_ASSERT_PTR_NOT_NULL(get(ACSMTP_KIND_TRANSPORT, "wire-none"));
    CU_ASSERT_PTR_NOT_NULL(get(ACSMTP_KIND_COMPOSER, "plain"));
    fixture_close(&fixture);
}

static void a_provisioner_has_its_operations(void)
{
    const struct acsmtp_plugin *plugin;

    fixture_open(&fixture, "");
    plugin = get(ACSMTP_KIND_PROVISIONER, "maker");
    CU_ASSERT_PTR_NOT_NULL_FATAL(plugin);
    CU_ASSERT_EQUAL(plugin->provisioner->size, sizeof *plugin->provisioner);
    CU_ASSERT_PTR_NOT_NULL(plugin->provisioner->plan);
    CU_ASSERT_PTR_NULL(plugin->provisioner->rotate);
    CU_ASSERT_PTR_NULL(get(ACSMTP_KIND_PROVISIONER, "bad-planless"));
    says("it lacks the operation 'plan'");
    CU_ASSERT_PTR_NULL(get(ACSMTP_KIND_PROVISIONER, "bad-older"));
    says("its descriptor has ");
    CU_ASSERT_PTR_NULL(get(ACSMTP_KIND_CREDENTIAL, "maker"));
    fixture_close(&fixture);
}

static void a_shorter_descriptor_of_the_same_major_is_filled_up_with_nothing(void)
{
    const struct acsmtp_plugin *plugin;

    fixture_open(&fixture, "");
    plugin = get(ACSMTP_KIND_CREDENTIAL, "short");
    CU_ASSERT_PTR_NOT_NULL_FATAL(plugin);
    CU_ASSERT_PTR_NULL(plugin->transport);
    CU_ASSERT_PTR_NULL(plugin->composer);
    CU_ASSERT_PTR_NULL(plugin->credential->probe);
    CU_ASSERT_PTR_NULL(plugin->credential->report);
    fixture_close(&fixture);
}

static void a_longer_descriptor_of_the_same_major_is_cut(void)
{
    const struct acsmtp_plugin *plugin;

    fixture_open(&fixture, "");
    plugin = get(ACSMTP_KIND_CREDENTIAL, "longer");
    CU_ASSERT_PTR_NOT_NULL_FATAL(plugin);
    CU_ASSERT_EQUAL(plugin->size, sizeof *plugin);
    CU_ASSERT_EQUAL(plugin->credential->size, sizeof *plugin->credential);
    CU_ASSERT_EQUAL(plugin->option_size, sizeof(struct acsmtp_option));
    CU_ASSERT_STRING_EQUAL(plugin->options[0].name, "first");
    CU_ASSERT_STRING_EQUAL(plugin->options[1].name, "second");
    CU_ASSERT_EQUAL(plugin->threads, ACSMTP_THREADS_ONE);
    fixture_close(&fixture);
}

static void a_plugin_inside_the_program_is_found_by_its_bare_name(void)
{
    const struct acsmtp_plugin *plugin;

    fixture_open(&fixture, "");
    plugin = get(ACSMTP_KIND_CREDENTIAL, "built-in");
    CU_ASSERT_PTR_NOT_NULL_FATAL(plugin);
    CU_ASSERT_STRING_EQUAL(plugin->name, "built-in");
    CU_ASSERT_PTR_EQUAL(get(ACSMTP_KIND_CREDENTIAL, "built-in"), plugin);
    CU_ASSERT_PTR_NULL(get(ACSMTP_KIND_TRANSPORT, "built-in"));
    CU_ASSERT_EQUAL(fixture.err.status, ACSMTP_CONFIG);
    fixture_close(&fixture);
}

/* ---- bad ones, each with its own reason ---- */

static void a_wrong_magic_is_refused(void)
{
    refused("bad-magic", "not one of acsmtp");
}

static void another_major_is_refused_with_both_numbers(void)
{
    refused("bad-major", "built for ABI 2, this acsmtp speaks 1");
}

static void a_descriptor_below_the_least_size_is_refused(void)
{
    refused("bad-tiny", "its descriptor has 40 bytes");
}

static void an_entry_function_without_a_descriptor_is_refused(void)
{
    refused("bad-nothing", "returns nothing");
}

static void a_plugin_of_another_name_is_refused(void)
{
    refused("bad-misnamed", "it calls itself 'somebody-else'");
}

static void an_unknown_kind_is_refused(void)
{
    refused("bad-kindless", "of kind 99");
}

static void a_missing_operation_is_named(void)
{
    refused("bad-acquireless", "it lacks the operation 'acquire'");
}

static void an_option_without_a_name_is_refused(void)
{
    refused("bad-optionless", "row 0 of its option table");
}

static void an_option_that_stands_twice_is_refused(void)
{
    refused("bad-twice", "option 'first' stands twice");
}

static void an_undefined_symbol_is_found_at_load_time_and_named(void)
{
    refused("bad-undefined", "undefined symbol: this_function_exists_nowhere");
    /* Also in a plugin whose author did not ask the linker for it. */
    refused("bad-lazy", "undefined symbol: this_function_exists_nowhere");
}

static void an_object_without_the_entry_function_is_refused(void)
{
    refused("bad-entryless", "it has no function bad_entryless_LTX_acsmtp_plugin");
}

/* ---- files ---- */

static void own_folder(const char *from, const char *to, mode_t mode)
{
    char path[512];

    fixture_folder(&fixture);
    CU_ASSERT_EQUAL(mkdir(fixture_path(&fixture, "credential", path), 0700), 0);
    CU_ASSERT_EQUAL(mkdir(fixture_path(&fixture, "transport", path), 0700), 0);
    fixture_copy(from, fixture_path(&fixture, to, path), mode);
    CU_ASSERT_EQUAL_FATAL(fixture_config(&fixture, fixture.folder, ""), ACSMTP_OK);
}

static void a_renamed_file_is_refused(void)
{
    own_folder(TEST_PLUGIN_DIR "/credential/tell.so", "credential/other.so", 0644);
    CU_ASSERT_PTR_NULL(get(ACSMTP_KIND_CREDENTIAL, "other"));
    CU_ASSERT_EQUAL(fixture.err.status, ACSMTP_SYSTEM);
    says("its file was renamed");
    fixture_close(&fixture);
}

static void a_plugin_in_the_folder_of_another_kind_is_refused(void)
{
    own_folder(TEST_PLUGIN_DIR "/credential/tell.so", "transport/tell.so", 0644);
    CU_ASSERT_PTR_NULL(get(ACSMTP_KIND_TRANSPORT, "tell"));
    says("it is a credential plugin, but stands where transports belong");
    fixture_close(&fixture);
}

static void a_world_writable_file_is_not_passed_over(void)
{
    own_folder(TEST_PLUGIN_DIR "/credential/tell.so", "credential/tell.so", 0666);
    CU_ASSERT_PTR_NULL(get(ACSMTP_KIND_CREDENTIAL, "tell"));
    CU_ASSERT_EQUAL(fixture.err.status, ACSMTP_SYSTEM);
    says("chmod o-w");
    fixture_close(&fixture);
}

static void a_truncated_file_is_an_error_and_not_a_crash(void)
{
    char path[512];

    own_folder(TEST_PLUGIN_DIR "/credential/tell.so", "credential/tell.so", 0644);
    CU_ASSERT_EQUAL(truncate(fixture_path(&fixture, "credential/tell.so", path), 5000), 0);
    CU_ASSERT_PTR_NULL(get(ACSMTP_KIND_CREDENTIAL, "tell"));
    says("is truncated");
    fixture_close(&fixture);
}

static void a_link_to_a_good_file_is_the_same_plugin(void)
{
    const struct acsmtp_plugin *plugin;
    char path[512];

    fixture_open(&fixture, "");
    plugin = get(ACSMTP_KIND_CREDENTIAL, "tell");
    fixture_close(&fixture);
    fixture_folder(&fixture);
    CU_ASSERT_EQUAL(mkdir(fixture_path(&fixture, "credential", path), 0700), 0);
    CU_ASSERT_EQUAL(symlink(TEST_PLUGIN_DIR "/credential/tell.so",
                            fixture_path(&fixture, "credential/tell.so", path)),
                    0);
    CU_ASSERT_EQUAL_FATAL(fixture_config(&fixture, fixture.folder, ""), ACSMTP_OK);
    CU_ASSERT_PTR_EQUAL(get(ACSMTP_KIND_CREDENTIAL, "tell"), plugin);
    fixture_close(&fixture);
}

/* ---- names ---- */

static void a_missing_plugin_names_the_nearest_one_and_the_folders(void)
{
    fixture_open(&fixture, "");
    CU_ASSERT_PTR_NULL(get(ACSMTP_KIND_CREDENTIAL, "tall"));
    CU_ASSERT_EQUAL(fixture.err.status, ACSMTP_CONFIG);
    says("there is no credential plugin 'tall'; did you mean 'tell'?");
    says(TEST_PLUGIN_DIR);
    CU_ASSERT_PTR_NULL(get(ACSMTP_KIND_CREDENTIAL, "build-in"));
    says("did you mean 'built-in'?");
    CU_ASSERT_PTR_NULL(get(ACSMTP_KIND_TRANSPORT, "build-in"));
    CU_ASSERT_PTR_NULL(strstr(fixture.err.message, "built-in"));
    fixture_close(&fixture);
}

static void names_that_could_leave_the_folder_are_refused(void)
{
    static const char *const names[] = {"../tell", "tell.so", "/etc/passwd", "",
                                        "-x",      "Tell",    "te\nll"};
    size_t i;

    fixture_open(&fixture, "");
    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        CU_ASSERT_PTR_NULL(get(ACSMTP_KIND_CREDENTIAL, names[i]));
        CU_ASSERT_EQUAL(fixture.err.status, ACSMTP_CONFIG);
        says("cannot be a plugin");
    }
    fixture_close(&fixture);
}

/* libltdl would search both for a bare name; the only plugin is not where the config says. */
static void search_paths_of_the_environment_play_no_part(void)
{
    fixture_folder(&fixture);
    CU_ASSERT_EQUAL_FATAL(fixture_config(&fixture, fixture.folder, ""), ACSMTP_OK);
    (void)setenv("LTDL_LIBRARY_PATH", TEST_PLUGIN_DIR "/credential", 1);
    (void)setenv("LD_LIBRARY_PATH", TEST_PLUGIN_DIR "/credential", 1);
    CU_ASSERT_PTR_NULL(get(ACSMTP_KIND_CREDENTIAL, "tell-any"));
    CU_ASSERT_EQUAL(fixture.err.status, ACSMTP_CONFIG);
    (void)unsetenv("LTDL_LIBRARY_PATH");
    (void)unsetenv("LD_LIBRARY_PATH");
    fixture_close(&fixture);
}

/* ---- listing ---- */

struct listing {
    char text[4096];
    int problems;
};

static int list(void *data, const char *path, const struct acsmtp_plugin *plugin,
                const char *problem)
{
    struct listing *listing = data;
    size_t used = strlen(listing->text);
    const char *base = strrchr(path, '/');

    CU_ASSERT((plugin != NULL) != (problem != NULL));
    listing->problems += problem != NULL;
    (void)snprintf(listing->text + used, sizeof listing->text - used, "%s ",
                   base ? base + 1 : path);
    return 0;
}

static void all_plugins_are_listed_by_kind_and_name_with_their_problems(void)
{
    struct listing listing = {"", 0};

    fixture_open(&fixture, "");
    CU_ASSERT_EQUAL(registry_visit(fixture.registry, NULL, list, &listing, &fixture.err),
                    ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(
        listing.text,
        "(built in) bad-acquireless.so bad-entryless.so bad-kindless.so bad-lazy.so "
        "bad-magic.so bad-major.so bad-misnamed.so bad-nothing.so bad-optionless.so bad-tiny.so "
        "bad-twice.so bad-undefined.so longer.so short.so tell.so tell-any.so "
        "tell-one.so file.so wire-none.so wire-password.so wire-token.so plain.so "
        "bad-older.so bad-planless.so maker.so ");
    CU_ASSERT_EQUAL(listing.problems, 14);
    fixture_close(&fixture);
}

static void one_plugin_is_listed_by_its_name(void)
{
    struct listing listing = {"", 0};

    fixture_open(&fixture, "");
    CU_ASSERT_EQUAL(registry_visit(fixture.registry, "plain", list, &listing, &fixture.err),
                    ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(listing.text, "plain.so ");
    CU_ASSERT_EQUAL(registry_visit(fixture.registry, "plan", list, &listing, &fixture.err),
                    ACSMTP_CONFIG);
    says("did you mean 'plain'?");
    fixture_close(&fixture);
}

static int stop(void *data, const char *path, const struct acsmtp_plugin *plugin,
                const char *problem)
{
    (void)path;
    (void)plugin;
    (void)problem;
    return ++*(int *)data == 2 ? 77 : 0;
}

static void a_visitor_can_end_the_walk(void)
{
    int seen = 0;

    fixture_open(&fixture, "");
    CU_ASSERT_EQUAL(registry_visit(fixture.registry, NULL, stop, &seen, &fixture.err), 77);
    CU_ASSERT_EQUAL(seen, 2);
    fixture_close(&fixture);
}

/* ---- threads ---- */

static void *load_all(void *data)
{
    static const char *const names[] = {"tell", "tell-any", "bad-major", "short", "nobody"};
    int i;

    for (i = 0; i < 20; i++) {
        struct acsmtp_error err = ACSMTP_ERROR_INIT;
        const struct acsmtp_plugin *plugin = NULL;

        (void)registry_get(data, ACSMTP_KIND_CREDENTIAL, names[i % 5], &plugin, &err);
        if ((plugin != NULL) != (err.status == ACSMTP_OK))
            return data;
    }
    return NULL;
}

static void many_threads_may_load_at_once(void)
{
    pthread_t threads[8];
    void *result;
    int i;

    fixture_open(&fixture, "");
    for (i = 0; i < 8; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, load_all, fixture.registry), 0);
    for (i = 0; i < 8; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], &result), 0);
        CU_ASSERT_PTR_NULL(result);
    }
    fixture_close(&fixture);
}

CUNIT_MAIN("registry", T(search_paths_of_the_environment_play_no_part),
           T(a_good_plugin_is_loaded_once), T(a_provisioner_has_its_operations),
           T(a_shorter_descriptor_of_the_same_major_is_filled_up_with_nothing),
           T(a_longer_descriptor_of_the_same_major_is_cut),
           T(a_plugin_inside_the_program_is_found_by_its_bare_name), T(a_wrong_magic_is_refused),
           T(another_major_is_refused_with_both_numbers),
           T(a_descriptor_below_the_least_size_is_refused),
           T(an_entry_function_without_a_descriptor_is_refused),
           T(a_plugin_of_another_name_is_refused), T(an_unknown_kind_is_refused),
           T(a_missing_operation_is_named), T(an_option_without_a_name_is_refused),
           T(an_option_that_stands_twice_is_refused),
           T(an_undefined_symbol_is_found_at_load_time_and_named),
           T(an_object_without_the_entry_function_is_refused), T(a_renamed_file_is_refused),
           T(a_plugin_in_the_folder_of_another_kind_is_refused),
           T(a_world_writable_file_is_not_passed_over),
           T(a_truncated_file_is_an_error_and_not_a_crash),
           T(a_link_to_a_good_file_is_the_same_plugin),
           T(a_missing_plugin_names_the_nearest_one_and_the_folders),
           T(names_that_could_leave_the_folder_are_refused),
           T(all_plugins_are_listed_by_kind_and_name_with_their_problems),
           T(one_plugin_is_listed_by_its_name), T(a_visitor_can_end_the_walk),
           T(many_threads_may_load_at_once))
