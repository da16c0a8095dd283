/* SPDX-License-Identifier: MIT */
/* From a config entry and an option table to what a plugin sees. */
#include "config_fixture.h"
#include "cunit_main.h"
#include <driver/settings_private.h>
#include <pty.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>

static const char *const tls_values[] = {"starttls", "implicit", NULL};

static const struct acsmtp_option options[] = {
    {"host", ACSMTP_STRING, ACSMTP_REQUIRED, NULL, "ACSMTP_TEST_HOST", NULL, "server's name", 0, 0},
    {"port", ACSMTP_INTEGER, 0, "587", "ACSMTP_TEST_PORT", NULL, "port", 1, 65535},
    {"offset", ACSMTP_INTEGER, 0, NULL, NULL, NULL, "any number", 0, 0},
    {"tls", ACSMTP_STRING, 0, "starttls", NULL, tls_values, "how", 0, 0},
    {"verify", ACSMTP_BOOLEAN, 0, "true", NULL, NULL, "whether", 0, 0},
    {"wait", ACSMTP_DURATION, 0, NULL, NULL, NULL, "how long", 100, 3600000},
    {"scopes", ACSMTP_STRING, ACSMTP_LIST, NULL, NULL, NULL, "many", 0, 0},
    {"secret", ACSMTP_STRING, ACSMTP_SECRET, NULL, "ACSMTP_TEST_SECRET", NULL, "hidden", 0, 0},
    {"credentials", ACSMTP_CHAIN, 0, NULL, NULL, NULL, "nested", 0, 0},
};

static const struct acsmtp_plugin plugin = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .name = "example",
    .version = "1",
    .summary = "for tests",
    ACSMTP_PLUGIN_OPTIONS(options),
};

static struct acsmtp_error err;
static struct config *config;

#define ENTRY "profiles.p.credentials.0"

/* Settings from the members of one entry, after `set` (NULL: none), in a file that `exposed` says
 * others can read. NULL and `err` when they are refused. */
static struct acsmtp_settings *build_with(const struct acsmtp_plugin *with, const char *members,
                                          const char *set, int exposed)
{
    struct acsmtp_settings *settings = NULL;
    char text[4096];

    (void)snprintf(text, sizeof text,
                   "{\"profiles\":{\"p\":{\"credentials\":[\n{\"plugin\":\"example\"%s%s}]}}}",
                   *members ? ",\n" : "", members);
    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    config_free(config);
    config = fixture_config("/x/c.json", text, exposed, &set, set != NULL, &err);
    if (config)
        (void)!settings_build(config, ENTRY, config_at(config_root(config), ENTRY), with, &settings,
                              &err);
    return settings;
}

static struct acsmtp_settings *build(const char *members)
{
    return build_with(&plugin, members, NULL, 0);
}

static void refuse_with(const char *members, const char *set, int exposed, const char *why)
{
    struct acsmtp_settings *settings = build_with(&plugin, members, set, exposed);

    if (settings)
        printf("\n    taken: %s\n", members);
    CU_ASSERT_PTR_NULL(settings);
    CU_ASSERT_EQUAL(err.status, ACSMTP_CONFIG);
    ASSERT_HAS(err.message, why);
    settings_free(settings);
}

static void refuse(const char *members, const char *why)
{
    refuse_with(members, NULL, 0, why);
}

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

/* ---- secrets ---- */

/* What a secret option of these members gives; NULL and `err` when it fails. For free(3). */
static char *secret_of(const char *value)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = NULL;
    struct acsmtp_context *context = NULL;
    struct acsmtp_settings *s;
    char members[2048];
    char *text = NULL;

    (void)snprintf(members, sizeof members, "\"host\":\"h\"%s%s", *value ? ",\"secret\":" : "",
                   value);
    s = build(members);
    if (s && acsmtp_context_new(&context, &err) == ACSMTP_OK &&
        acsmtp_settings_secret(s, context, "secret", &secret, &err) == ACSMTP_OK)
        text = secret ? strdup(acsmtp_secret_data(secret)) : strdup("<unset>");
    acsmtp_context_free(context);
    settings_free(s);
    return text;
}

static void expect_secret(const char *value, const char *wanted)
{
    char *text = secret_of(value);

    if (!text)
        printf("\n    %s\n", err.message);
    ASSERT_TEXT(text, wanted);
    free(text);
}

static void expect_no_secret(const char *value, int status, const char *why)
{
    char *text = secret_of(value);

    CU_ASSERT_PTR_NULL(text);
    CU_ASSERT_EQUAL(err.status, status);
    ASSERT_HAS(err.message, why);
    free(text);
}

static void a_literal_is_taken_from_a_private_file(void)
{
    expect_secret("\"lit3ral\"", "lit3ral");
    expect_secret("", "<unset>");
    refuse("\"host\":\"h\",\"secret\":\"\"", "option 'secret' must have 1 to");
}

static void a_literal_in_a_file_that_others_read_is_refused(void)
{
    refuse_with("\"host\":\"h\",\"secret\":\"lit3ral\"", NULL, 1, "chmod 600 /x/c.json");
    ASSERT_HAS_NOT(err.message, "lit3ral");
}

static void a_literal_on_the_command_line_is_refused(void)
{
    refuse_with("\"host\":\"h\"", "credentials.0.secret=lit3ral", 0,
                "--set 'credentials.0.secret={\"env\":\"NAME\"}'");
    ASSERT_HAS_NOT(err.message, "lit3ral");
    refuse_with("\"host\":\"h\"",
                "credentials=[{\"plugin\":\"example\",\"host\":\"h\",\"secret\":\"lit3ral\"}]", 0,
                "command line");
}

static void a_secret_from_the_environment_is_read_each_time(void)
{
    struct acsmtp_secret *secret = NULL;
    struct acsmtp_settings *s;

    (void)setenv("ACSMTP_TEST_OTHER", "one", 1);
    expect_secret("{\"env\":\"ACSMTP_TEST_OTHER\"}", "one");
    s = build("\"host\":\"h\",\"secret\":{\"env\":\"ACSMTP_TEST_OTHER\"}");
    (void)setenv("ACSMTP_TEST_OTHER", "two", 1);
    CU_ASSERT_EQUAL(acsmtp_settings_secret(s, NULL, "secret", &secret, &err), ACSMTP_OK);
    ASSERT_TEXT(secret ? acsmtp_secret_data(secret) : NULL, "two");
    acsmtp_secret_free(secret);
    settings_free(s);
    (void)unsetenv("ACSMTP_TEST_OTHER");
    expect_no_secret("{\"env\":\"ACSMTP_TEST_OTHER\"}", ACSMTP_CONFIG,
                     "option 'secret': the environment variable ACSMTP_TEST_OTHER is not set");
}

static void the_table_names_a_variable_for_a_secret(void)
{
    (void)setenv("ACSMTP_TEST_SECRET", "s3cr3t", 1);
    expect_secret("", "s3cr3t");
    (void)unsetenv("ACSMTP_TEST_SECRET");
}

static void a_secret_from_a_file_loses_one_line_end(void)
{
    char *folder = fixture_folder();
    char value[PATH_MAX + 20];

    (void)snprintf(value, sizeof value, "{\"file\":\"%s\"}", fixture_write(folder, "s", "a b\n"));
    expect_secret(value, "a b");
    (void)fixture_write(folder, "s", "line\r\n");
    expect_secret(value, "line");
    (void)fixture_write(folder, "s", "two\n\n");
    expect_secret(value, "two\n");
    (void)fixture_write(folder, "s", "none");
    expect_secret(value, "none");
    (void)fixture_write(folder, "s", "\n");
    expect_no_secret(value, ACSMTP_CONFIG, "empty secret");
    fixture_remove(folder);
    expect_no_secret(value, ACSMTP_CONFIG, "No such file");
}

static void a_secret_file_must_be_private_and_small(void)
{
    static const mode_t modes[] = {0640, 0604, 0660, 0602, 0644};
    char *folder = fixture_folder();
    char value[PATH_MAX + 20];
    char *large = calloc(1, SETTINGS_FILE_MAX + 1);
    size_t i;

    for (i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        (void)snprintf(value, sizeof value, "{\"file\":\"%s\"}",
                       fixture_write_bytes(folder, "s", "s3cr3t", 6, modes[i]));
        expect_no_secret(value, ACSMTP_CONFIG, "chmod 600 ");
        ASSERT_HAS_NOT(err.message, "s3cr3t");
    }
    memset(large, 'x', SETTINGS_FILE_MAX + 1);
    (void)fixture_write_bytes(folder, "s", large, SETTINGS_FILE_MAX, 0400);
    free(secret_of(value));
    CU_ASSERT_EQUAL(err.status, ACSMTP_OK);
    (void)fixture_write_bytes(folder, "s", large, SETTINGS_FILE_MAX + 1, 0400);
    expect_no_secret(value, ACSMTP_CONFIG, "larger than 65536 bytes");
    expect_no_secret("{\"file\":\"/dev/zero\"}", ACSMTP_CONFIG, "not a regular file");
    free(large);
    fixture_remove(folder);
}

static int collect(void *data, const char *variable, const char *file, struct acsmtp_error *e)
{
    char *text = data;
    size_t used = strlen(text);

    (void)e;
    (void)snprintf(text + used, 2000 - used, "%s%s;", variable ? "$" : "",
                   variable ? variable : file);
    return ACSMTP_OK;
}

static void inputs_are_variables_and_absolute_files(void)
{
    char text[2000] = "";
    struct acsmtp_settings *s = build("\"host\":\"h\",\"secret\":{\"file\":\"sub/s\"}");

    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(settings_inputs(s, collect, text, &err), ACSMTP_OK);
    ASSERT_TEXT(text, "$ACSMTP_TEST_HOST;$ACSMTP_TEST_PORT;$ACSMTP_TEST_SECRET;/x/sub/s;");
    settings_free(s);
    text[0] = '\0';
    s = build("\"host\":\"h\",\"secret\":{\"env\":\"OTHER\"}");
    CU_ASSERT_EQUAL(settings_inputs(s, collect, text, &err), ACSMTP_OK);
    ASSERT_HAS(text, "$OTHER;");
    settings_free(s);
    text[0] = '\0';
    s = build_with(&plugin, "\"host\":\"h\"", "credentials.0.secret={\"file\":\"s\"}", 0);
    CU_ASSERT_EQUAL(settings_inputs(s, collect, text, &err), ACSMTP_OK);
    ASSERT_HAS(text, ";/");
    settings_free(s);
}

static void a_secret_from_a_command_loses_one_line_end(void)
{
    expect_secret("{\"command\":[\"printf\",\"%s\\\\n\",\"a;b $HOME\"]}", "a;b $HOME");
    expect_secret("{\"command\":[\"/bin/echo\",\"x\"]}", "x");
    expect_no_secret("{\"command\":[\"false\"]}", ACSMTP_CONFIG, "'false' ended with status 1");
    expect_no_secret("{\"command\":[\"true\"]}", ACSMTP_CONFIG, "empty secret");
    expect_no_secret("{\"command\":[\"sh\",\"-c\",\"echo locked >&2; exit 3\"]}", ACSMTP_CONFIG,
                     "status 3: locked");
    expect_no_secret("{\"command\":[\"no-such-program-here\"]}", ACSMTP_UNAVAILABLE,
                     "no-such-program-here");
}

static void a_reference_is_exactly_one_of_the_known(void)
{
    static const struct {
        const char *value;
        const char *why;
    } bad[] = {
        {"{}", "exactly one source"},
        {"{\"env\":\"A\",\"file\":\"b\"}", "exactly one source"},
        {"{\"evn\":\"A\"}", "did you mean 'env'?"},
        {"{\"keyring\":\"A\"}", "no source of secrets"},
        {"{\"env\":7}", "name of an environment variable"},
        {"{\"env\":\"\"}", "name of an environment variable"},
        {"{\"env\":\"A=B\"}", "name of an environment variable"},
        {"{\"file\":[]}", "path of a file"},
        {"{\"file\":\"a\\u0000b\"}", "/x/c.json"},
        {"{\"command\":\"echo x\"}", "list of texts"},
        {"{\"command\":[]}", "list of texts"},
        {"{\"command\":[\"echo\",7]}", "list of texts"},
        {"{\"command\":[\"\"]}", "list of texts"},
        {"{\"prompt\":false}", "\"prompt\" must be true"},
        {"{\"prompt\":\"x\"}", "\"prompt\" must be true"},
        {"7", "option 'secret' must be a text"},
        {"[\"a\"]", "option 'secret' must be a text"},
    };
    char members[300];
    size_t i;

    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)snprintf(members, sizeof members, "\"host\":\"h\",\"secret\":%s", bad[i].value);
        refuse(members, bad[i].why);
    }
}

/* ---- asking a person ---- */

/* Runs in a child whose terminal the test holds: 0 when both answers are `wanted` (NULL: when the
 * question is cancelled) and the echo is back. */
static int ask_at_terminal(const char *wanted)
{
    struct acsmtp_settings *s = build("\"host\":\"h\",\"secret\":{\"prompt\":true}");
    struct acsmtp_secret *first = NULL, *second = NULL;
    struct acsmtp_context *context = NULL;
    struct termios state;
    int status;

    if (!s || acsmtp_context_new(&context, &err) != ACSMTP_OK)
        return 1;
    acsmtp_context_set_timeout(context, 20000);
    status = acsmtp_settings_secret(s, context, "secret", &first, &err);
    if (tcgetattr(0, &state) != 0 || !(state.c_lflag & ECHO) || !(state.c_lflag & ISIG))
        return 2;
    if (!wanted)
        return status == ACSMTP_CANCELLED ? 0 : 3;
    if (status != ACSMTP_OK || strcmp(acsmtp_secret_data(first), wanted) != 0)
        return 4;
    /* Nobody answers a second question: it must not be asked. */
    if (acsmtp_settings_secret(s, context, "secret", &second, &err) != ACSMTP_OK ||
        strcmp(acsmtp_secret_data(second), wanted) != 0)
        return 5;
    return 0;
}

static void answer_at_terminal(const char *typed, const char *wanted)
{
    char shown[1024] = "";
    size_t used = 0;
    int terminal, status = -1, typed_yet = 0;
    pid_t child;

    (void)fflush(NULL);
    child = forkpty(&terminal, NULL, NULL, NULL);
    if (child == 0)
        _exit(ask_at_terminal(wanted));
    CU_ASSERT_FATAL(child > 0);
    while (used < sizeof shown - 1) {
        ssize_t got = read(terminal, shown + used, sizeof shown - 1 - used);

        if (got <= 0)
            break;
        used += (size_t)got;
        shown[used] = '\0';
        if (!typed_yet && strstr(shown, "secret of credential example: ")) {
            CU_ASSERT_EQUAL(write(terminal, typed, strlen(typed)), (ssize_t)strlen(typed));
            typed_yet = 1;
        }
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    (void)close(terminal);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
    ASSERT_HAS_NOT(shown, "s3cr3t");
}

static void a_person_is_asked_once_and_without_echo(void)
{
    answer_at_terminal("s3cr3t word\n", "s3cr3t word");
}

static void an_interrupt_cancels_the_question(void)
{
    answer_at_terminal("half a s3cr3t\003", NULL);
}

static void without_a_terminal_nobody_is_asked(void)
{
    int status = -1;
    pid_t child;

    (void)fflush(NULL);
    child = fork();
    if (child == 0) {
        char *text;

        (void)setsid();
        text = secret_of("{\"prompt\":true}");
        _exit(!text && err.status == ACSMTP_CONFIG && strstr(err.message, "no terminal") ? 0 : 1);
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
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
           T(a_literal_is_taken_from_a_private_file),
           T(a_literal_in_a_file_that_others_read_is_refused),
           T(a_literal_on_the_command_line_is_refused),
           T(a_secret_from_the_environment_is_read_each_time),
           T(the_table_names_a_variable_for_a_secret), T(a_secret_from_a_file_loses_one_line_end),
           T(a_secret_file_must_be_private_and_small), T(inputs_are_variables_and_absolute_files),
           T(a_secret_from_a_command_loses_one_line_end),
           T(a_reference_is_exactly_one_of_the_known), T(a_person_is_asked_once_and_without_echo),
           T(an_interrupt_cancels_the_question), T(without_a_terminal_nobody_is_asked),
           T(a_nested_chain_is_asked_told_and_closed), T(an_unset_chain_is_a_config_error))
