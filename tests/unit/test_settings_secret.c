/* SPDX-License-Identifier: MIT */
/* Where secrets come from: literals, variables, files, commands, people. */
#include "cunit_main.h"
#include "settings_fixture.h"
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>

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
        {"{\"keychain\":\"A\"}", "no source of secrets"},
        {"{\"keyring\":\"\"}", "\"keyring\" must be the name of an entry"},
        {"{\"keyring\":true}", "\"keyring\" must be the name of an entry"},
        {"{\"keyring\":\"a\\nb\"}", "\"keyring\" must be the name of an entry"},
        {"{\"keyring\":{\"plugin\":\"k\"}}", "\"keyring\" must be the name of an entry"},
        {"{\"keyring\":{\"name\":\"n\",\"plugin\":7}}", "\"keyring\" must be the name of an entry"},
        {"{\"keyring\":{\"name\":\"n\",\"other\":\"k\"}}",
         "\"keyring\" must be the name of an entry"},
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

CUNIT_MAIN("settings_secret", T(a_literal_is_taken_from_a_private_file),
           T(a_literal_in_a_file_that_others_read_is_refused),
           T(a_literal_on_the_command_line_is_refused),
           T(a_secret_from_the_environment_is_read_each_time),
           T(the_table_names_a_variable_for_a_secret), T(a_secret_from_a_file_loses_one_line_end),
           T(a_secret_file_must_be_private_and_small), T(inputs_are_variables_and_absolute_files),
           T(a_secret_from_a_command_loses_one_line_end),
           T(a_reference_is_exactly_one_of_the_known), T(a_person_is_asked_once_and_without_echo),
           T(an_interrupt_cancels_the_question), T(without_a_terminal_nobody_is_asked))
