/* SPDX-License-Identifier: MIT */
/* From a config entry and an option table to what a plugin sees. */
#include "cunit_main.h"
#include "settings_fixture.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* ---- plain values ---- */

static void values_have_their_types(void)
{
    struct acsmtp_settings *s =
        build("\"host\":\"h\",\"port\":25,\"offset\":-7,\"tls\":\"implicit\",\"verify\":false,"
              "\"wait\":\"5m\",\"scopes\":[\"a\",\"b\"]");

    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    ASSERT_TEXT(acsmtp_settings_string(s, "host"), "h");
    CU_ASSERT_EQUAL(acsmtp_settings_integer(s, "port"), 25);
    CU_ASSERT_EQUAL(acsmtp_settings_integer(s, "offset"), -7);
    ASSERT_TEXT(acsmtp_settings_string(s, "tls"), "implicit");
    CU_ASSERT_EQUAL(acsmtp_settings_boolean(s, "verify"), 0);
    CU_ASSERT_EQUAL(acsmtp_settings_duration(s, "wait"), 300000);
    CU_ASSERT_EQUAL(acsmtp_settings_count(s, "scopes"), 2);
    ASSERT_TEXT(acsmtp_settings_item(s, "scopes", 1), "b");
    CU_ASSERT_PTR_NULL(acsmtp_settings_item(s, "scopes", 2));
    settings_free(s);
}

static void defaults_fill_in_and_the_rest_is_unset(void)
{
    struct acsmtp_settings *s = build("\"host\":\"h\"");

    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(acsmtp_settings_integer(s, "port"), 587);
    ASSERT_TEXT(acsmtp_settings_string(s, "tls"), "starttls");
    CU_ASSERT_EQUAL(acsmtp_settings_boolean(s, "verify"), 1);
    CU_ASSERT_EQUAL(acsmtp_settings_duration(s, "wait"), 0);
    CU_ASSERT_EQUAL(acsmtp_settings_has(s, "port"), 1);
    CU_ASSERT_EQUAL(acsmtp_settings_has(s, "wait"), 0);
    CU_ASSERT_EQUAL(acsmtp_settings_has(s, "secret"), 0);
    CU_ASSERT_EQUAL(acsmtp_settings_count(s, "scopes"), 0);
    settings_free(s);
}

static void the_environment_stands_in_for_the_config(void)
{
    struct acsmtp_settings *s;

    (void)setenv("ACSMTP_TEST_HOST", "from-environment", 1);
    (void)setenv("ACSMTP_TEST_PORT", "2525", 1);
    s = build("");
    ASSERT_TEXT(s ? acsmtp_settings_string(s, "host") : err.message, "from-environment");
    CU_ASSERT_EQUAL(s ? acsmtp_settings_integer(s, "port") : 0, 2525);
    settings_free(s);
    s = build("\"host\":\"from-config\"");
    ASSERT_TEXT(s ? acsmtp_settings_string(s, "host") : err.message, "from-config");
    settings_free(s);
    (void)setenv("ACSMTP_TEST_PORT", "many", 1);
    refuse("", "environment variable ACSMTP_TEST_PORT");
    (void)setenv("ACSMTP_TEST_PORT", "", 1);
    s = build("");
    CU_ASSERT_EQUAL(s ? acsmtp_settings_integer(s, "port") : 0, 587);
    settings_free(s);
    (void)unsetenv("ACSMTP_TEST_HOST");
    (void)unsetenv("ACSMTP_TEST_PORT");
}

static void an_entry_may_be_a_name_alone(void)
{
    struct acsmtp_settings *s = NULL;

    (void)setenv("ACSMTP_TEST_HOST", "h", 1);
    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    config_free(config);
    config = fixture_config("/x/c.json", "{\"profiles\":{\"p\":{\"credentials\":[\"example\"]}}}",
                            0, NULL, 0, &err);
    CU_ASSERT_EQUAL(
        settings_build(config, ENTRY, config_at(config_root(config), ENTRY), &plugin, &s, &err),
        ACSMTP_OK);
    settings_free(s);
    (void)unsetenv("ACSMTP_TEST_HOST");
}

static void an_unknown_option_gets_place_and_nearest_name(void)
{
    refuse("\"host\":\"h\",\n\"prot\":25",
           "/x/c.json:4: credential example: option 'prot' is unknown; did you mean 'port'?");
    refuse("\"host\":\"h\",\"on_denid\":\"next\"", "did you mean 'on_denied'?");
    refuse("\"host\":\"h\",\"banana\":25", "known are: host, port, offset");
}

static void keys_of_the_host_are_left_alone(void)
{
    struct acsmtp_settings *s = build("\"host\":\"h\",\"on_denied\":\"next\",\"timeout\":\"5s\"");

    CU_ASSERT_PTR_NOT_NULL(s);
    settings_free(s);
}

static void a_missing_option_says_how_to_give_it(void)
{
    refuse("", "/x/c.json:2: credential example: option 'host' is missing (server's name)");
    ASSERT_HAS(err.message, "ACSMTP_TEST_HOST");
}

static void wrong_values_say_what_is_right(void)
{
    refuse("\"host\":7", "option 'host' must be a text in quotes");
    refuse("\"host\":[\"a\"]", "option 'host' must be a text in quotes");
    refuse("\"host\":\"\"", "option 'host' is empty");
    refuse("\"host\":\"a\\nb\"", "control character");
    refuse("\"host\":\"a\\u0000b\"", "/x/c.json");
    refuse("\"host\":\"h\",\"port\":0", "option 'port' must be 1 to 65535, not 0");
    refuse("\"host\":\"h\",\"port\":65536", "option 'port' must be 1 to 65535, not 65536");
    refuse("\"host\":\"h\",\"port\":\"x\"", "option 'port' must be a whole number, not 'x'");
    refuse("\"host\":\"h\",\"port\":2.5", "whole number");
    refuse("\"host\":\"h\",\"port\":99999999999999999999", "option 'port'");
    refuse("\"host\":\"h\",\"port\":{}", "option 'port' must be one value");
    refuse("\"host\":\"h\",\"tls\":\"startls\"", "must be one of starttls, implicit, not "
                                                 "'startls'; did you mean 'starttls'?");
    refuse("\"host\":\"h\",\"verify\":\"yes\"", "option 'verify' must be true or false");
    refuse("\"host\":\"h\",\"verify\":1", "option 'verify' must be true or false");
    refuse("\"host\":\"h\",\"scopes\":[\"a\",7]", "option 'scopes' must be a text");
    refuse("\"host\":\"h\",\"scopes\":{}", "option 'scopes' must be a text");
}

static void durations_have_units(void)
{
    static const struct {
        const char *text;
        int64_t milliseconds;
    } good[] = {{"\"250ms\"", 250},  {"\"10s\"", 10000}, {"\"5m\"", 300000},
                {"\"1h\"", 3600000}, {"7", 7000},        {"\"7\"", 7000}};
    static const char *const bad[] = {"\"\"",
                                      "\"s\"",
                                      "\"5 s\"",
                                      "\"-1s\"",
                                      "-1",
                                      "1.5",
                                      "\"5d\"",
                                      "\"99999999999999999999h\"",
                                      "\"9000000000000h\"",
                                      "true",
                                      "\"5ss\""};
    char text[100];
    size_t i;

    for (i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct acsmtp_settings *s;

        (void)snprintf(text, sizeof text, "\"host\":\"h\",\"wait\":%s", good[i].text);
        s = build(text);
        CU_ASSERT_EQUAL(s ? acsmtp_settings_duration(s, "wait") : -1, good[i].milliseconds);
        settings_free(s);
    }
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)snprintf(text, sizeof text, "\"host\":\"h\",\"wait\":%s", bad[i]);
        refuse(text, "option 'wait' must be a time");
    }
    refuse("\"host\":\"h\",\"wait\":\"99ms\"",
           "option 'wait' must be 100 to 3600000 ms, not 99 ms");
    refuse("\"host\":\"h\",\"wait\":\"2h\"", "not 7200000 ms");
}

static void a_list_may_be_one_value(void)
{
    struct acsmtp_settings *s = build("\"host\":\"h\",\"scopes\":\"one\"");

    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(acsmtp_settings_count(s, "scopes"), 1);
    ASSERT_TEXT(acsmtp_settings_item(s, "scopes", 0), "one");
    settings_free(s);
}

static void numbers_from_the_command_line_may_be_texts(void)
{
    struct acsmtp_settings *s = build_with(&plugin, "", "credentials.0.host=1234", 0);

    ASSERT_TEXT(s ? acsmtp_settings_string(s, "host") : err.message, "1234");
    settings_free(s);
    refuse_with("\"host\":\"h\"", "credentials.0.prot=1", 0,
                "--set credentials.0.prot: credential example: option 'prot' is unknown");
}

static void an_older_plugin_has_shorter_rows(void)
{
    struct old_option {
        const char *name;
        int32_t type;
        uint32_t flags;
        const char *default_value;
        const char *environment;
    };
    static const struct old_option rows[] = {
        {"host", ACSMTP_STRING, ACSMTP_REQUIRED, NULL, NULL},
        {"port", ACSMTP_INTEGER, 0, "1000000", NULL},
    };
    struct acsmtp_plugin old = plugin;
    struct acsmtp_settings *s;

    old.options = (const struct acsmtp_option *)(const void *)rows;
    old.option_count = 2;
    old.option_size = sizeof rows[0];
    s = build_with(&old, "\"host\":\"h\"", NULL, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    ASSERT_TEXT(acsmtp_settings_string(s, "host"), "h");
    CU_ASSERT_EQUAL(acsmtp_settings_integer(s, "port"), 1000000);
    settings_free(s);
}

static void a_newer_plugin_has_longer_rows(void)
{
    struct new_option {
        struct acsmtp_option option;
        void *more[3];
    };
    static const struct new_option rows[] = {
        {{"one", ACSMTP_STRING, 0, "1", NULL, NULL, NULL, 0, 0}, {NULL, NULL, NULL}},
        {{"two", ACSMTP_STRING, 0, "2", NULL, NULL, NULL, 0, 0}, {NULL, NULL, NULL}},
    };
    struct acsmtp_plugin newer = plugin;
    struct acsmtp_settings *s;

    newer.options = &rows[0].option;
    newer.option_count = 2;
    newer.option_size = sizeof rows[0];
    s = build_with(&newer, "", NULL, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    ASSERT_TEXT(acsmtp_settings_string(s, "one"), "1");
    ASSERT_TEXT(acsmtp_settings_string(s, "two"), "2");
    settings_free(s);
}

/* The signal that ended a child which asks in a wrong way. */
static int defect(void (*ask)(const struct acsmtp_settings *settings))
{
    struct acsmtp_settings *s = build("\"host\":\"h\"");
    int status = 0;
    pid_t child;

    (void)fflush(NULL);
    child = fork();
    if (child == 0) {
        const struct rlimit none = {0, 0};

        (void)setrlimit(RLIMIT_CORE, &none);
        (void)!freopen("/dev/null", "w", stderr);
        (void)signal(SIGABRT, SIG_DFL);
        ask(s);
        _exit(0);
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    settings_free(s);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void ask_unknown(const struct acsmtp_settings *s)
{
    (void)acsmtp_settings_string(s, "nonsense");
}

static void ask_wrong_type(const struct acsmtp_settings *s)
{
    (void)acsmtp_settings_integer(s, "host");
}

static void ask_secret_as_text(const struct acsmtp_settings *s)
{
    (void)acsmtp_settings_string(s, "secret");
}

static void ask_rightly(const struct acsmtp_settings *s)
{
    (void)acsmtp_settings_string(s, "host");
}

static void a_question_beside_the_table_is_a_defect(void)
{
    CU_ASSERT_EQUAL(defect(ask_unknown), SIGABRT);
    CU_ASSERT_EQUAL(defect(ask_wrong_type), SIGABRT);
    CU_ASSERT_EQUAL(defect(ask_secret_as_text), SIGABRT);
    CU_ASSERT_EQUAL(defect(ask_rightly), 0);
}

/* ---- chains ---- */

static int closed, reported;

static int chain_acquire_test(void *chain, struct acsmtp_context *context,
                              const struct acsmtp_credential_request *request,
                              struct acsmtp_credential *out, struct acsmtp_error *e)
{
    (void)context;
    (void)request;
    (void)out;
    return acsmtp_fail(e, ACSMTP_DENIED, "asked %s", (const char *)chain);
}

static void chain_report_test(void *chain, struct acsmtp_context *context,
                              const struct acsmtp_verdict *verdict)
{
    (void)chain;
    (void)context;
    reported += verdict->server_code;
}

static void chain_close_test(void *chain)
{
    (void)chain;
    closed++;
}

static void a_nested_chain_is_asked_told_and_closed(void)
{
    static const struct settings_chain_ops ops = {chain_acquire_test, chain_report_test,
                                                  chain_close_test};
    const struct acsmtp_verdict verdict = {.size = sizeof verdict, .server_code = 401};
    struct acsmtp_settings *s =
        build("\"host\":\"h\",\"credentials\":[\"imds\",{\"plugin\":\"azcli\"}]");
    struct acsmtp_credential *out = acsmtp_credential_new(&err);
    char name[] = "inner";
    const char *path = NULL;

    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(acsmtp_json_length(settings_chain_entries(s, "credentials", &path)), 2);
    ASSERT_TEXT(path, ENTRY ".credentials");
    CU_ASSERT_EQUAL(acsmtp_settings_credential(s, NULL, "credentials", NULL, out, NULL),
                    ACSMTP_SYSTEM);
    CU_ASSERT_EQUAL(settings_attach_chain(s, "credentials", name, &ops, &err), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_settings_credential(s, NULL, "credentials", NULL, out, &err),
                    ACSMTP_DENIED);
    ASSERT_TEXT(err.message, "asked inner");
    acsmtp_settings_report(s, NULL, "credentials", &verdict);
    CU_ASSERT_EQUAL(reported, 401);
    settings_free(s);
    CU_ASSERT_EQUAL(closed, 1);
    acsmtp_credential_free(out);
}

static void an_unset_chain_is_a_config_error(void)
{
    struct acsmtp_settings *s = build("\"host\":\"h\"");
    const char *path = "unchanged";

    CU_ASSERT_PTR_NULL(settings_chain_entries(s, "credentials", &path));
    CU_ASSERT_EQUAL(acsmtp_settings_credential(s, NULL, "credentials", NULL, NULL, NULL),
                    ACSMTP_CONFIG);
    settings_free(s);
    refuse("\"host\":\"h\",\"credentials\":[]", "must be a list of credentials, not empty");
    refuse("\"host\":\"h\",\"credentials\":[7]", "element 0 of option 'credentials'");
    refuse("\"host\":\"h\",\"credentials\":{}", "must be a list of credentials");
}

CUNIT_MAIN("settings", T(values_have_their_types), T(defaults_fill_in_and_the_rest_is_unset),
           T(the_environment_stands_in_for_the_config), T(an_entry_may_be_a_name_alone),
           T(an_unknown_option_gets_place_and_nearest_name), T(keys_of_the_host_are_left_alone),
           T(a_missing_option_says_how_to_give_it), T(wrong_values_say_what_is_right),
           T(durations_have_units), T(a_list_may_be_one_value),
           T(numbers_from_the_command_line_may_be_texts), T(an_older_plugin_has_shorter_rows),
           T(a_newer_plugin_has_longer_rows), T(a_question_beside_the_table_is_a_defect),
           T(a_nested_chain_is_asked_told_and_closed), T(an_unset_chain_is_a_config_error))
