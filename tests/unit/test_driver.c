/* SPDX-License-Identifier: MIT */
/* The facade: what a program that embeds the driver sees. */
#include "acsmtp-defaults.h"
#include "cunit_main.h"
#include "plugins/fixture.h"
#include <acsmtp/driver.h>
#include <pthread.h>

#define TELL(more) "{\"plugin\": \"tell\", \"log\": \"@/log\"" more "}"

static struct fixture fixture;
static struct acsmtp_driver *driver;

/* As fixture_config() writes it; the driver opens the file itself. */
static int try_open(const char *profile, struct acsmtp_driver_options *options)
{
    char path[512];
    int status;

    fixture_open(&fixture, profile);
    options->size = sizeof *options;
    options->flags |= ACSMTP_DRIVER_CONFIG_ONLY;
    options->config_file = fixture_path(&fixture, "config.json", path);
    driver = NULL;
    acsmtp_error_clear(&fixture.err);
    status = acsmtp_driver_open(options, &driver, &fixture.err);
    options->config_file = NULL;
    return status;
}

static void start(const char *profile)
{
    struct acsmtp_driver_options options = {.size = sizeof options};
    int status = try_open(profile, &options);

    if (status != ACSMTP_OK)
        printf("\n  %s\n", fixture.err.message);
    CU_ASSERT_EQUAL_FATAL(status, ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_driver_prepare(driver, fixture.context, &fixture.err), ACSMTP_OK);
}

static void stop(void)
{
    acsmtp_driver_close(driver);
    fixture_close(&fixture);
}

static void says(const char *what)
{
    fixture_says(&fixture.err, what);
}

static void the_profiles_texts_can_be_read(void)
{
    start("\"from\": \"a@b.example\", \"username\": \"user\"");
    CU_ASSERT_STRING_EQUAL(acsmtp_driver_profile_name(driver), "p");
    CU_ASSERT_STRING_EQUAL(acsmtp_driver_profile_string(driver, "from"), "a@b.example");
    CU_ASSERT_PTR_NULL(acsmtp_driver_profile_string(driver, "scope"));
    CU_ASSERT_PTR_NULL(acsmtp_driver_profile_string(driver, "transports"));
    stop();
}

static void a_credential_is_asked_for_with_the_profiles_scope_and_tenant(void)
{
    struct acsmtp_credential_request request = {.size = sizeof request};

    start("\"tenant\": \"contoso.example\", \"credentials\": [" TELL("") "]");
    CU_ASSERT_EQUAL(acsmtp_driver_credential(driver, fixture.context, &request, fixture.credential,
                                             fixture.report, &fixture.err),
                    ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(fixture_secret(&fixture), "tok-1");
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire tenant=contoso.example"), 1);
    CU_ASSERT_EQUAL(acsmtp_report_length(fixture.report), 1);
    CU_ASSERT_PTR_NULL(acsmtp_report_attempt(fixture.report, 1));
    stop();
}

static void a_request_from_an_older_program_may_be_shorter(void)
{
    struct acsmtp_credential_request request;

    memset(&request, 0xff, sizeof request);
    request.size = 8;
    request.flags = 0;
    start("\"credentials\": [" TELL("") "]");
    CU_ASSERT_EQUAL(acsmtp_driver_credential(driver, fixture.context, &request, fixture.credential,
                                             NULL, &fixture.err),
                    ACSMTP_OK);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "acquire\n"), 1);
    stop();
}

static void a_profile_without_credentials_gives_none(void)
{
    struct acsmtp_credential_request request = {.size = sizeof request};

    start("");
    CU_ASSERT_EQUAL(acsmtp_driver_credential(driver, fixture.context, &request, fixture.credential,
                                             NULL, &fixture.err),
                    ACSMTP_CONFIG);
    says("profile 'p' has no \"credentials\"");
    stop();
}

static void no_cache_means_no_cache(void)
{
    struct acsmtp_credential_request request = {.size = sizeof request};
    struct acsmtp_driver_options options = {.flags = ACSMTP_DRIVER_NO_CACHE};
    char path[512];

    CU_ASSERT_EQUAL_FATAL(try_open("\"credentials\": [" TELL("") "]", &options), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_driver_credential(driver, fixture.context, &request, fixture.credential,
                                             NULL, &fixture.err),
                    ACSMTP_OK);
    CU_ASSERT_NOT_EQUAL(access(fixture_path(&fixture, "acsmtp", path), F_OK), 0);
    stop();
}

static void the_cloud_of_the_command_line_goes_before_the_others(void)
{
    struct acsmtp_driver_options options = {.cloud = "usgov"};

    CU_ASSERT_EQUAL_FATAL(try_open("\"cloud\": \"china\"", &options), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_driver_prepare(driver, fixture.context, &fixture.err), ACSMTP_OK);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(acsmtp_context_endpoint(fixture.context, "authority_host"), ".us"));
    stop();
    start("\"cloud\": \"china\"");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(acsmtp_context_endpoint(fixture.context, "authority_host"), ".cn"));
    stop();
    start("");
    CU_ASSERT_PTR_NULL(acsmtp_context_endpoint(fixture.context, "authority_host"));
    stop();
    options = (struct acsmtp_driver_options){.cloud = "nowhere"};
    CU_ASSERT_EQUAL(try_open("", &options), ACSMTP_CONFIG);
    CU_ASSERT_PTR_NULL(driver);
    stop();
}

static void a_mistake_in_a_cloud_of_the_config_has_its_line(void)
{
    struct acsmtp_driver_options options = {.flags = 0};

    CU_ASSERT_EQUAL(try_open("\"cloud\": {\"imsd\": \"http://127.0.0.1\"}", &options),
                    ACSMTP_CONFIG);
    says(".json:");
    says("unknown key 'imsd'; did you mean 'imds'?");
    stop();
}

/* However long its path is, the line of the file is told. */
static void a_config_with_a_long_path_keeps_its_line(void)
{
    struct acsmtp_driver_options options = {.size = sizeof options,
                                            .flags = ACSMTP_DRIVER_CONFIG_ONLY};
    char path[512], file[1024];
    size_t used;

    fixture_open(&fixture, "\"credentials\": [\"no-such-plugin\"]");
    used = (size_t)snprintf(file, sizeof file, "%s", fixture_path(&fixture, ".", path));
    while (used < 600)
        used += (size_t)snprintf(file + used, sizeof file - used, "/.");
    (void)snprintf(file + used, sizeof file - used, "/config.json");
    options.config_file = file;
    CU_ASSERT_EQUAL_FATAL(acsmtp_driver_open(&options, &driver, &fixture.err), ACSMTP_OK);
    CU_ASSERT_NOT_EQUAL(acsmtp_driver_check(driver, &fixture.err), ACSMTP_OK);
    says("config.json:");
    stop();
}

static void mails_are_delivered(void)
{
    struct acsmtp_mail mail = {.size = sizeof mail, .result = acsmtp_result_new(1, NULL)};

    start("\"username\": \"user\", \"credentials\": [" TELL(
        "") "], \"transports\": [{\"plugin\": \"wire-token\", \"log\": \"@/wire\"}]");
    CU_ASSERT_EQUAL(
        acsmtp_driver_deliver(driver, fixture.context, &mail, 1, fixture.report, &fixture.err),
        ACSMTP_OK);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "connect user tok-1"), 1);
    CU_ASSERT_EQUAL(acsmtp_driver_set_dry_run(driver, "/x", &fixture.err), ACSMTP_OK);
    acsmtp_result_clear(mail.result);
    CU_ASSERT_EQUAL(acsmtp_driver_deliver(driver, fixture.context, &mail, 1, NULL, &fixture.err),
                    ACSMTP_OK);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "connect"), 1);
    acsmtp_result_free(mail.result);
    stop();
}

static int collect(void *data, const void *bytes, size_t size, struct acsmtp_error *err)
{
    char *text = data;
    size_t used = strlen(text);

    (void)err;
    memcpy(text + used, bytes, size);
    text[used + size] = '\0';
    return 0;
}

static int refuse(void *data, const void *bytes, size_t size, struct acsmtp_error *err)
{
    (void)data;
    (void)bytes;
    (void)size;
    return acsmtp_fail(err, ACSMTP_SYSTEM, "disk full");
}

static void a_draft_is_composed_by_the_profiles_composer(void)
{
    struct acsmtp_draft draft = {.size = sizeof draft, .subject = "hello"};
    char text[256] = "";

    start("\"composer\": \"plain\"");
    CU_ASSERT_EQUAL(
        acsmtp_driver_compose(driver, fixture.context, &draft, collect, text, &fixture.err),
        ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(text, "Subject: hello\r\n\r\n");
    CU_ASSERT_EQUAL(
        acsmtp_driver_compose(driver, fixture.context, &draft, refuse, NULL, &fixture.err),
        ACSMTP_SYSTEM);
    says("composer plain: disk full");
    acsmtp_error_clear(&fixture.err);
    draft.subject = NULL;
    CU_ASSERT_EQUAL(
        acsmtp_driver_compose(driver, fixture.context, &draft, collect, text, &fixture.err),
        ACSMTP_REJECTED);
    stop();
}

static void the_default_composer_is_needed_only_when_something_is_composed(void)
{
    struct acsmtp_draft draft = {.size = sizeof draft, .subject = "hello"};

    start("");
    CU_ASSERT_EQUAL(acsmtp_driver_check(driver, &fixture.err), ACSMTP_OK);
    CU_ASSERT_EQUAL(
        acsmtp_driver_compose(driver, fixture.context, &draft, collect, NULL, &fixture.err),
        ACSMTP_CONFIG);
    says("there is no composer plugin '" ACSMTP_DEFAULT_COMPOSER "'");
    stop();
}

#define NESTED_MISTAKE "[{\"plugin\": \"tell\", \"nosuch\": 1}]"

static void check_looks_at_everything_the_profile_names(void)
{
    static const char *const wrong[] = {
        "\"credentials\": [\"tell\", {\"plugin\": \"tell\", \"nosuch\": 1}]",
        ("\"credentials\": [{\"plugin\": \"tell\", \"credentials\": " NESTED_MISTAKE "}]"),
        "\"transports\": [\"wire-none\", {\"plugin\": \"wire-none\", \"nosuch\": 1}]",
        "\"composer\": {\"plugin\": \"plain\", \"nosuch\": 1}",
    };
    size_t i;

    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        start(wrong[i]);
        CU_ASSERT_EQUAL(acsmtp_driver_check(driver, &fixture.err), ACSMTP_CONFIG);
        says("nosuch");
        says("config.json:");
        stop();
    }
    start("\"credentials\": [\"tell\"], \"transports\": [\"wire-none\"], \"composer\": \"plain\"");
    CU_ASSERT_EQUAL(acsmtp_driver_check(driver, &fixture.err), ACSMTP_OK);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", ""), 0);
    stop();
}

static int count_plugins(void *data, const char *path, const struct acsmtp_plugin *plugin,
                         const char *problem)
{
    (void)path;
    (void)plugin;
    (void)problem;
    ++*(int *)data;
    return 0;
}

static void plugins_are_listed(void)
{
    int count = 0;

    start("");
    CU_ASSERT_EQUAL(acsmtp_driver_plugins(driver, "wire-none", count_plugins, &count, &fixture.err),
                    ACSMTP_OK);
    CU_ASSERT_EQUAL(count, 1);
    stop();
}

static void the_config_is_shown_without_literal_secrets(void)
{
    char *text;

    start("\"username\": \"shown\", \"credentials\": [{\"plugin\": \"tell\", "
          "\"client_secret\": \"canary-5a17\"}]");
    text = acsmtp_driver_config_dup(driver, &fixture.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "shown"));
    CU_ASSERT_PTR_NULL(strstr(text, "canary-5a17"));
    free(text);
    stop();
}

static void a_broken_config_opens_nothing(void)
{
    struct acsmtp_driver_options options = {.profile = "q"};

    CU_ASSERT_EQUAL(try_open("", &options), ACSMTP_CONFIG);
    CU_ASSERT_PTR_NULL(driver);
    stop();
    acsmtp_driver_close(NULL);
}

static void *use_driver(void *data)
{
    struct acsmtp_credential_request request = {.size = sizeof request};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_credential *credential = acsmtp_credential_new(&err);
    struct acsmtp_mail mail = {.size = sizeof mail, .result = acsmtp_result_new(1, &err)};
    struct acsmtp_context *context = NULL;
    char text[256] = "";
    struct acsmtp_draft draft = {.size = sizeof draft, .subject = "hello"};
    int status = acsmtp_context_new(&context, &err);
    int count = 0;

    if (status == ACSMTP_OK)
        status = acsmtp_driver_prepare(data, context, &err);
    if (status == ACSMTP_OK)
        status = acsmtp_driver_check(data, &err);
    if (status == ACSMTP_OK)
        status = acsmtp_driver_credential(data, context, &request, credential, NULL, &err);
    if (status == ACSMTP_OK)
        status = acsmtp_driver_compose(data, context, &draft, collect, text, &err);
    if (status == ACSMTP_OK)
        status = acsmtp_driver_deliver(data, context, &mail, 1, NULL, &err);
    if (status == ACSMTP_OK)
        status = acsmtp_driver_plugins(data, NULL, count_plugins, &count, &err);
    acsmtp_result_free(mail.result);
    acsmtp_credential_free(credential);
    acsmtp_context_free(context);
    return status == ACSMTP_OK ? NULL : data;
}

static void one_driver_serves_many_threads(void)
{
    pthread_t threads[12];
    void *result;
    int i;

    start("\"composer\": \"plain\", \"credentials\": [\"tell-one\", " TELL(
        "") "], \"transports\": [{\"plugin\": \"wire-token\", \"log\": \"@/wire\"}]");
    for (i = 0; i < 12; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, use_driver, driver), 0);
    for (i = 0; i < 12; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], &result), 0);
        CU_ASSERT_PTR_NULL(result);
    }
    CU_ASSERT_EQUAL(fixture_count(&fixture, "wire", "send 1"), 12);
    stop();
}

CUNIT_MAIN("driver", T(the_profiles_texts_can_be_read),
           T(a_credential_is_asked_for_with_the_profiles_scope_and_tenant),
           T(a_request_from_an_older_program_may_be_shorter),
           T(a_profile_without_credentials_gives_none), T(no_cache_means_no_cache),
           T(the_cloud_of_the_command_line_goes_before_the_others),
           T(a_mistake_in_a_cloud_of_the_config_has_its_line),
           T(a_config_with_a_long_path_keeps_its_line), T(mails_are_delivered),
           T(a_draft_is_composed_by_the_profiles_composer),
           T(the_default_composer_is_needed_only_when_something_is_composed),
           T(check_looks_at_everything_the_profile_names), T(plugins_are_listed),
           T(the_config_is_shown_without_literal_secrets), T(a_broken_config_opens_nothing),
           T(one_driver_serves_many_threads))
