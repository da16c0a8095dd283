/* SPDX-License-Identifier: MIT */
/* Provisioning through the facade: where settings come from, how steps and results come back. */
#include "acsmtp-defaults.h"
#include "cunit_main.h"
#include "plugins/fixture.h"
#include <acsmtp/driver.h>

#define TELL "{\"plugin\": \"tell\", \"log\": \"@/log\", \"pause\": 5}"
#define MAKER "\"plugin\": \"maker\", \"world\": \"@/world\""
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct fixture fixture;
static struct acsmtp_driver *driver;
static struct acsmtp_json *result;
static char seen[8192]; /* "id=state change;" in the order of the calls */

/* A driver over a config of this text, in which "@/" is the fixture's folder. */
static mode_t own_mode = 0600;

static int try_open(const char *config, struct acsmtp_driver_options *options)
{
    char path[512];
    FILE *file;
    int status;

    fixture_open(&fixture, "");
    file = fopen(fixture_path(&fixture, "own.json", path), "we");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    (void)fprintf(file, "{\"plugin_path\": \"%s\", ", TEST_PLUGIN_DIR);
    for (; *config; config++)
        if (config[0] == '@' && config[1] == '/')
            (void)fputs(fixture.folder, file);
        else
            (void)fputc(*config, file);
    (void)fputs("}\n", file);
    CU_ASSERT_EQUAL(fclose(file), 0);
    CU_ASSERT_EQUAL(chmod(path, own_mode), 0);
    driver = NULL;
    result = NULL;
    seen[0] = '\0';
    options->size = sizeof *options;
    options->flags = ACSMTP_DRIVER_CONFIG_ONLY;
    options->config_file = path;
    status = acsmtp_driver_open(options, &driver, &fixture.err);
    options->config_file = NULL;
    return status;
}

static void start_with(const char *config, struct acsmtp_driver_options *options)
{
    int status = try_open(config, options);

    if (status != ACSMTP_OK)
        printf("\n  %s\n", fixture.err.message);
    CU_ASSERT_EQUAL_FATAL(status, ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_driver_prepare(driver, fixture.context, &fixture.err), ACSMTP_OK);
}

static void start(const char *config)
{
    struct acsmtp_driver_options options = {0};

    start_with(config, &options);
}

static void stop(void)
{
    acsmtp_json_free(result);
    acsmtp_driver_close(driver);
    fixture_close(&fixture);
}

static void note_step(void *data, const struct acsmtp_step *step)
{
    char *end = (char *)data + strlen(data);

    CU_ASSERT_PTR_NOT_NULL(step->title);
    (void)snprintf(end, sizeof seen - (size_t)(end - seen), "%s=%d%s%s;", step->id, step->state,
                   step->change ? " " : "", step->change ? step->change : "");
}

static const struct acsmtp_provision_observer observer = {
    .size = sizeof observer, .data = seen, .step = note_step};

static int run(const char *operation, const char *const *options, size_t count)
{
    acsmtp_json_free(result);
    result = NULL;
    acsmtp_error_clear(&fixture.err);
    return acsmtp_driver_provision(driver, fixture.context, operation, NULL, options, count,
                                   &observer, &result, &fixture.err);
}

static void works(const char *operation, const char *const *options, size_t count)
{
    int status = run(operation, options, count);

    if (status != ACSMTP_OK)
        printf("\n  %s\n", fixture.err.message);
    CU_ASSERT_EQUAL(status, ACSMTP_OK);
    CU_ASSERT_PTR_NOT_NULL(result);
}

static void fails(const char *operation, const char *option, int status, const char *says)
{
    CU_ASSERT_EQUAL(run(operation, &option, option ? 1 : 0), status);
    fixture_says(&fixture.err, says);
}

static const char *output_size(const char *thing)
{
    const struct acsmtp_json *things = acsmtp_json_get(acsmtp_json_get(result, "output"), "things");

    return acsmtp_json_string(acsmtp_json_get(things, thing), "size");
}

/* ---- which plugin ---- */

static void the_plugin_is_the_profiles_then_the_top_levels_then_the_default(void)
{
    const struct acsmtp_plugin *plugin = NULL;

    start("\"provision\": \"nobody\", \"profiles\": {\"p\": {\"provision\": \"maker\"}}");
    CU_ASSERT_EQUAL_FATAL(acsmtp_driver_provisioner(driver, &plugin, &fixture.err), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(plugin->name, "maker");
    CU_ASSERT_EQUAL(plugin->kind, ACSMTP_KIND_PROVISIONER);
    CU_ASSERT_EQUAL(plugin->option_size, sizeof(struct acsmtp_option));
    stop();
    start("\"provision\": {" MAKER "}, \"profiles\": {\"p\": {\"provision\": {\"size\": \"x\"}}}");
    CU_ASSERT_EQUAL(acsmtp_driver_provisioner(driver, &plugin, &fixture.err), ACSMTP_OK);
    stop();
    start("\"provision\": \"makr\"");
    CU_ASSERT_EQUAL(acsmtp_driver_provisioner(driver, &plugin, &fixture.err), ACSMTP_CONFIG);
    fixture_says(&fixture.err, "own.json:1: there is no provisioner plugin 'makr'; did you mean "
                               "'maker'?");
    stop();
    start("\"profiles\": {}");
    CU_ASSERT_EQUAL(acsmtp_driver_provisioner(driver, &plugin, &fixture.err), ACSMTP_CONFIG);
    fixture_says(&fixture.err, "no provisioner plugin '" ACSMTP_DEFAULT_PROVISIONER "'");
    stop();
}

static void a_section_must_have_the_right_shape(void)
{
    static const char *const wrong[] = {"5", "[]", "\"\"", "{\"plugin\": 5}", "{\"plugin\": \"\"}"};
    struct acsmtp_driver_options options = {0};
    char config[128];

    for (size_t i = 0; i < COUNT(wrong); i++) {
        (void)snprintf(config, sizeof config, "\"provision\": %s", wrong[i]);
        CU_ASSERT_EQUAL(try_open(config, &options), ACSMTP_CONFIG);
        fixture_says(&fixture.err, "'provision' must be a plugin's name or an object");
        stop();
        (void)snprintf(config, sizeof config, "\"profiles\": {\"p\": {\"provision\": %s}}",
                       wrong[i]);
        CU_ASSERT_EQUAL(try_open(config, &options), ACSMTP_CONFIG);
        stop();
    }
}

/* ---- where options come from ---- */

static void options_are_the_callers_then_the_profiles_then_the_top_levels(void)
{
    static const char *const calm[] = {"size=from the caller"};

    start("\"provision\": {" MAKER ", \"things\": [\"a\"], \"size\": \"from the top\"},"
          "\"profiles\": {\"p\": {}, \"q\": {\"provision\": {\"size\": \"from the profile\"}}},"
          "\"default_profile\": \"p\"");
    works("apply", NULL, 0);
    CU_ASSERT_STRING_EQUAL(output_size("a"), "from the top");
    works("apply", calm, 1);
    CU_ASSERT_STRING_EQUAL(output_size("a"), "from the caller");
    stop();
    start("\"provision\": {" MAKER ", \"things\": [\"a\"], \"size\": \"from the top\"},"
          "\"profiles\": {\"q\": {\"provision\": {\"size\": \"from the profile\"}}}");
    works("apply", NULL, 0);
    CU_ASSERT_STRING_EQUAL(output_size("a"), "from the profile");
    stop();
}

static void options_of_another_plugin_are_passed_over(void)
{
    start("\"provision\": {\"plugin\": \"other\", \"strange\": 1, \"size\": \"x\"},"
          "\"profiles\": {\"p\": {\"provision\": {" MAKER ", \"things\": \"a\"}}}");
    works("apply", NULL, 0);
    CU_ASSERT_STRING_EQUAL(output_size("a"), "small");
    stop();
}

static void an_option_can_be_set_like_any_other(void)
{
    static const char *const sets[] = {"provision.size=007", "provision.things=[\"b\"]"};
    struct acsmtp_driver_options options = {.set = sets, .set_count = 2};

    start_with("\"provision\": {" MAKER "}", &options);
    works("apply", NULL, 0);
    CU_ASSERT_STRING_EQUAL(output_size("b"), "007");
    stop();
    start_with("\"provision\": {\"world\": \"@/world\"},"
               "\"profiles\": {\"p\": {\"provision\": \"maker\"}}",
               &options);
    works("apply", NULL, 0);
    CU_ASSERT_STRING_EQUAL(output_size("b"), "007");
    stop();
}

static void lists_of_the_caller_are_given_one_by_one(void)
{
    static const char *const options[] = {"things=a", "things=b:a",         "size=one",
                                          "size=two", "recover_vault=true", "pause=1ms"};

    start("\"provision\": {" MAKER ", \"things\": [\"never\"]}");
    works("apply", options, COUNT(options));
    CU_ASSERT_STRING_EQUAL(output_size("a"), "two");
    CU_ASSERT_STRING_EQUAL(output_size("b"), "two");
    CU_ASSERT_PTR_NULL(output_size("never"));
    stop();
}

static void wrong_options_are_told_with_their_place(void)
{
    start("\"profiles\": {\"p\": {\n\"provision\": {" MAKER ",\n\"cuont\": 4}}}");
    fails("plan", NULL, ACSMTP_CONFIG,
          "own.json:3: provisioner maker: option 'cuont' is unknown; "
          "did you mean 'count'?");
    stop();
    start("\"provision\": {\n" MAKER ",\n\"count\": 12}, \"profiles\": {\"p\": {}}");
    fails("plan", NULL, ACSMTP_CONFIG,
          "own.json:3: provisioner maker: option 'count' must be 0 to 9");
    fails("plan", "count=10", ACSMTP_CONFIG, "--count: provisioner maker: option 'count'");
    stop();
    start("\"provision\": {" MAKER "}");
    fails("plan", "recover_vault=maybe", ACSMTP_CONFIG, "--recover-vault: provisioner maker");
    fails("plan", "recover_valt=true", ACSMTP_CONFIG, "did you mean 'recover_vault'?");
    fails("plan", "timeout=5", ACSMTP_CONFIG, "--timeout: provisioner maker: option 'timeout'");
    fails("plan", "place=west", ACSMTP_CONFIG, "must be one of north, south");
    fails("plan", "place", ACSMTP_CONFIG, "must be NAME=VALUE");
    stop();
    start("\"provision\": \"maker\"");
    fails("plan", NULL, ACSMTP_CONFIG,
          "own.json:1: provisioner maker: option 'world' is missing (The file that is the "
          "provider.); write it here or give --world");
    stop();
    start("\"provision\": {" MAKER ", \"timeout\": \"5s\"}");
    fails("plan", NULL, ACSMTP_CONFIG, "own.json:1: provisioner maker has no option 'timeout'");
    stop();
}

static void a_secret_is_not_taken_from_the_caller(void)
{
    start("\"provision\": {" MAKER "}");
    fails("plan", "operator_secret=hush-123", ACSMTP_CONFIG, "everybody on this machine can read");
    CU_ASSERT_PTR_NULL(strstr(fixture.err.message, "hush-123"));
    stop();
}

static void a_literal_secret_is_judged_by_the_file_it_stands_in(void)
{
    static const char config[] = "\"provision\": {" MAKER ", \"operator_secret\": \"hush\"}";

    start(config);
    works("plan", NULL, 0);
    stop();
    own_mode = 0644;
    start(config);
    fails("plan", NULL, ACSMTP_CONFIG, "others can read this file");
    stop();
    own_mode = 0600;
}

/* ---- the chain ---- */

static void the_profiles_chain_stands_for_the_provisioners(void)
{
    static const char *const things[] = {"things=a", "things=b", "things=c"};

    start("\"profiles\": {\"p\": {\"credentials\": [" TELL "], \"provision\": {" MAKER "}}}");
    works("apply", things, COUNT(things));
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire"), 3);
    stop();
    start("\"profiles\": {\"p\": {\"credentials\": [\"nobody\"], \"provision\": {" MAKER
          ", \"credentials\": [" TELL "]}}}");
    works("apply", things, COUNT(things));
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire"), 3);
    fails("plan", "credentials=nobody", ACSMTP_OK, "");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire"), 3);
    stop();
    start("\"profiles\": {\"p\": {\"credentials\": [], \"provision\": {" MAKER "}}}");
    works("apply", things, COUNT(things));
    stop();
}

static void count_line(void *data, int level, const char *line)
{
    (void)level;
    (void)line;
    __atomic_add_fetch((int *)data, 1, __ATOMIC_RELAXED);
}

/* Under ThreadSanitizer this is the test that chain, cache, settings and log bear several threads.
 */
static void many_threads_ask_one_chain_for_many_scopes(void)
{
    char text[24][32];
    const char *options[24];
    int lines = 0;

    for (size_t i = 0; i < COUNT(options); i++) {
        (void)snprintf(text[i], sizeof text[i], "things=t%zu", i);
        options[i] = text[i];
    }
    start("\"profiles\": {\"p\": {\"credentials\": [\"tell-any\", " TELL "], \"provision\": {" MAKER
          "}}}");
    acsmtp_context_set_log(fixture.context, count_line, &lines, ACSMTP_LOG_DEBUG);
    for (int i = 0; i < 3; i++)
        works("plan", options, COUNT(options));
    CU_ASSERT(lines >= 72);
    stop();
}

/* ---- steps and results ---- */

static void every_step_is_seen_from_pending_to_done(void)
{
    static const char *const options[] = {"things=a", "things=b:a", "wait=b"};

    start("\"provision\": {" MAKER "}");
    works("apply", options, COUNT(options));
    CU_ASSERT_STRING_EQUAL(seen, "a=0;b=0;a=1;a=3 create;b=1;b=2;b=3 create;");
    seen[0] = '\0';
    works("destroy", options, 2);
    CU_ASSERT_STRING_EQUAL(seen, "a=0;b=0;b=1;b=3 delete;a=1;a=3 delete;");
    stop();
}

static void a_failure_names_the_provisioner(void)
{
    static const char *const options[] = {"things=a", "things=b:a", "fail=a"};

    start("\"provision\": {" MAKER "}");
    CU_ASSERT_EQUAL(run("apply", options, COUNT(options)), ACSMTP_DENIED);
    fixture_says(&fixture.err, "provisioner maker: the provider refuses");
    CU_ASSERT_STRING_EQUAL(seen, "a=0;b=0;a=1;a=4 create;b=5;");
    stop();
}

static void nobody_needs_to_watch(void)
{
    static const char *const options[] = {"things=a"};

    start("\"provision\": {" MAKER "}");
    CU_ASSERT_EQUAL(acsmtp_driver_provision(driver, fixture.context, "apply", NULL, options, 1,
                                            NULL, &result, &fixture.err),
                    ACSMTP_OK);
    stop();
}

static void an_older_programs_request_is_shorter(void)
{
    struct acsmtp_provision_request request;

    memset(&request, 0xff, sizeof request);
    request.size = 8;
    request.flags = ACSMTP_PROVISION_CHECK_DNS;
    start("\"provision\": {" MAKER "}");
    CU_ASSERT_EQUAL(acsmtp_driver_provision(driver, fixture.context, "verify", &request, NULL, 0,
                                            NULL, &result, &fixture.err),
                    ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(acsmtp_json_string(result, "text"), "flags 8 format none merge none\n");
    stop();
}

static void operations_that_are_not_there(void)
{
    start("\"provision\": {" MAKER "}");
    fails("rotate", NULL, ACSMTP_CONFIG, "provisioner maker has no operation 'rotate'");
    fails("open", NULL, ACSMTP_CONFIG, "provisioners have no operation 'open'");
    stop();
}

static void the_profile_comes_back_with_its_cloud(void)
{
    char cloud[512];
    struct acsmtp_driver_options options = {.cloud = cloud};
    struct acsmtp_driver_options plain = {0};

    start_with("\"provision\": {" MAKER "}", &plain);
    works("show", NULL, 0);
    CU_ASSERT_PTR_NULL(acsmtp_json_get(acsmtp_json_get(result, "profile"), "cloud"));
    stop();
    start_with("\"cloud\": \"usgov\", \"provision\": {" MAKER "}", &plain);
    works("show", NULL, 0);
    CU_ASSERT_STRING_EQUAL(acsmtp_json_string(acsmtp_json_get(result, "profile"), "cloud"),
                           "usgov");
    stop();
    (void)snprintf(cloud, sizeof cloud, "/tmp/../tmp/acsmtp-unit-cloud-%d.json", (int)getpid());
    fixture_write(&(struct fixture){.folder = "/tmp"}, strrchr(cloud, '/') + 1, "{}");
    start_with("\"provision\": {" MAKER "}", &options);
    works("show", NULL, 0);
    CU_ASSERT_STRING_EQUAL(acsmtp_json_string(acsmtp_json_get(result, "profile"), "cloud"),
                           cloud + strlen("/tmp/.."));
    CU_ASSERT_EQUAL(unlink(cloud), 0);
    stop();
}

/* ---- check ---- */

static void what_the_config_says_is_checked(void)
{
    start("\"provision\": {\"plugin\": \"maker\", \"size\": \"big\"}");
    CU_ASSERT_EQUAL(acsmtp_driver_check(driver, &fixture.err), ACSMTP_OK);
    stop();
    start("\"provision\": {\"plugin\": \"maker\", \"size\": 5}");
    CU_ASSERT_EQUAL(acsmtp_driver_check(driver, &fixture.err), ACSMTP_CONFIG);
    fixture_says(&fixture.err, "option 'size' must be a text");
    stop();
    start("\"provision\": {\"plugin\": \"maker\", \"credentials\": [\"nobody\"]}");
    CU_ASSERT_EQUAL(acsmtp_driver_check(driver, &fixture.err), ACSMTP_CONFIG);
    fixture_says(&fixture.err, "no credential plugin 'nobody'");
    stop();
    start("\"profiles\": {\"p\": {}}");
    CU_ASSERT_EQUAL(acsmtp_driver_check(driver, &fixture.err), ACSMTP_OK);
    stop();
}

static void the_default_plugin_may_be_absent_where_mail_is_only_sent(void)
{
    start("\"provision\": {\"size\": \"big\"}");
    CU_ASSERT_EQUAL(acsmtp_driver_check(driver, &fixture.err), ACSMTP_OK);
    stop();
    start("\"provision\": {\"plugin\": \"nobody\"}");
    CU_ASSERT_EQUAL(acsmtp_driver_check(driver, &fixture.err), ACSMTP_CONFIG);
    stop();
}

CUNIT_MAIN("provisioner", T(the_plugin_is_the_profiles_then_the_top_levels_then_the_default),
           T(a_section_must_have_the_right_shape),
           T(options_are_the_callers_then_the_profiles_then_the_top_levels),
           T(options_of_another_plugin_are_passed_over), T(an_option_can_be_set_like_any_other),
           T(lists_of_the_caller_are_given_one_by_one), T(wrong_options_are_told_with_their_place),
           T(a_secret_is_not_taken_from_the_caller),
           T(a_literal_secret_is_judged_by_the_file_it_stands_in),
           T(the_profiles_chain_stands_for_the_provisioners),
           T(many_threads_ask_one_chain_for_many_scopes),
           T(every_step_is_seen_from_pending_to_done), T(a_failure_names_the_provisioner),
           T(nobody_needs_to_watch), T(an_older_programs_request_is_shorter),
           T(operations_that_are_not_there), T(the_profile_comes_back_with_its_cloud),
           T(what_the_config_says_is_checked),
           T(the_default_plugin_may_be_absent_where_mail_is_only_sent))
