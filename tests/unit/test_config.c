/* SPDX-License-Identifier: MIT */
/* Layers, profiles, --set, and messages that point at the place. */
#include "config_fixture.h"
#include "cunit_main.h"
#include <driver/config_format.h>
#include <sys/auxv.h>
#include <sys/sendfile.h>
#include <sys/wait.h>

static struct acsmtp_error err;

/* A config from text, with --set options behind it; NULL and `err` when it is refused. */
static struct config *read_config(const char *text, const char *const *sets, size_t count)
{
    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    return fixture_config("/x/c.json", text, 0, sets, count, &err);
}

static void refuse(const char *text, const char *why)
{
    struct config *config = read_config(text, NULL, 0);

    if (config)
        printf("\n    taken: %s\n", text);
    CU_ASSERT_PTR_NULL(config);
    CU_ASSERT_EQUAL(err.status, ACSMTP_CONFIG);
    ASSERT_HAS(err.message, why);
    config_free(config);
}

static void refuse_set(const char *text, const char *assignment, const char *why)
{
    struct config *config = read_config(text, &assignment, 1);

    if (config)
        printf("\n    taken: --set %s\n", assignment);
    CU_ASSERT_PTR_NULL(config);
    CU_ASSERT_EQUAL(err.status, ACSMTP_CONFIG);
    ASSERT_HAS(err.message, why);
    config_free(config);
}

/* What the profile is after these --set options, as compact JSON. */
static void expect_set(const char *text, const char *const *sets, size_t count, const char *wanted)
{
    struct config *config = read_config(text, sets, count);
    char *have = config ? acsmtp_json_format(config_profile(config)) : NULL;

    if (!config)
        printf("\n    %s\n", err.message);
    ASSERT_TEXT(have, wanted);
    free(have);
    config_free(config);
}

static struct config *load(const char *system_folder, const char *file, const char *profile)
{
    struct acsmtp_driver_options options = {
        .size = sizeof options, .config_file = file, .profile = profile};
    struct config *config = NULL;

    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    if (config_load_from(&options, system_folder, &config, &err) != ACSMTP_OK)
        CU_ASSERT_PTR_NULL(config);
    return config;
}

/* ---- layers ---- */

static void nothing_at_all_is_an_empty_profile(void)
{
    char *folder = fixture_folder();
    struct config *config;

    fixture_clean_environment(folder);
    config = load(folder, NULL, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    ASSERT_TEXT(config_profile_name(config), "default");
    CU_ASSERT_EQUAL(acsmtp_json_type(config_profile(config)), ACSMTP_JSON_OBJECT);
    CU_ASSERT_PTR_NULL(acsmtp_json_key(config_profile(config), 0));
    config_free(config);
    config = load(folder, NULL, "work");
    CU_ASSERT_PTR_NULL(config);
    ASSERT_HAS(err.message, "no config file has any profile");
    fixture_remove(folder);
}

static void layers_are_merged_in_order(void)
{
    char *folder = fixture_folder();
    char system[PATH_MAX], file[PATH_MAX];
    struct config *config;
    const struct acsmtp_json *p;

    fixture_clean_environment(folder);
    (void)snprintf(system, sizeof system, "%s/etc", folder);
    (void)fixture_write(folder, "etc/config.json",
                        "{\"profiles\":{\"p\":{\"from\":\"1\",\"username\":\"1\",\"tenant\":\"1\","
                        "\"scope\":\"1\",\"composer\":\"1\",\"transports\":[\"a\",\"b\"]}}}");
    (void)fixture_write(folder, "etc/conf.d/20.json",
                        "{\"profiles\":{\"p\":{\"username\":\"3\",\"tenant\":\"3\","
                        "\"scope\":\"3\"}}}");
    (void)fixture_write(folder, "etc/conf.d/10.json",
                        "{\"profiles\":{\"p\":{\"username\":\"2\",\"composer\":\"2\"}}}");
    (void)fixture_write(folder, "etc/conf.d/.hidden.json", "not read");
    (void)fixture_write(folder, "etc/conf.d/99.json.bak", "not read");
    (void)fixture_write(folder, ".config/acsmtp/config.json",
                        "{\"profiles\":{\"p\":{\"tenant\":\"4\",\"transports\":[\"c\"]}}}");
    (void)snprintf(file, sizeof file, "%s",
                   fixture_write(folder, "mine.json",
                                 "{\"profiles\":{\"p\":{\"scope\":\"5\",\"composer\":null}}}"));
    config = load(system, file, NULL);
    if (!config)
        printf("\n    %s\n", err.message);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    p = config_profile(config);
    ASSERT_TEXT(acsmtp_json_string(p, "from"), "1");
    ASSERT_TEXT(acsmtp_json_string(p, "username"), "3");
    ASSERT_TEXT(acsmtp_json_string(p, "tenant"), "4");
    ASSERT_TEXT(acsmtp_json_string(p, "scope"), "5");
    CU_ASSERT_PTR_NULL(acsmtp_json_string(p, "composer"));
    CU_ASSERT_EQUAL(acsmtp_json_length(acsmtp_json_get(p, "transports")), 1);
    config_free(config);
    fixture_remove(folder);
}

static void the_environment_names_file_and_profile(void)
{
    char *folder = fixture_folder();
    char named[PATH_MAX];
    struct config *config;

    fixture_clean_environment(folder);
    (void)snprintf(named, sizeof named, "%s",
                   fixture_write(folder, "n.json", "{\"profiles\":{\"a\":{},\"b\":{}}}"));
    (void)setenv("ACSMTP_CONFIG", named, 1);
    (void)setenv("ACSMTP_PROFILE", "b", 1);
    config = load(folder, NULL, NULL);
    ASSERT_TEXT(config ? config_profile_name(config) : NULL, "b");
    config_free(config);
    config = load(folder, NULL, "a");
    ASSERT_TEXT(config ? config_profile_name(config) : NULL, "a");
    config_free(config);
    fixture_clean_environment(folder);
    (void)setenv("XDG_CONFIG_HOME", folder, 1);
    (void)fixture_write(folder, "acsmtp/config.json", "{\"profiles\":{\"xdg\":{}}}");
    config = load(folder, NULL, NULL);
    ASSERT_TEXT(config ? config_profile_name(config) : NULL, "xdg");
    config_free(config);
    fixture_clean_environment(folder);
    fixture_remove(folder);
}

/*
 * The same program once more, as a set-user-id program of root that nobody starts: this is where it
 * begins, before main(). It says 0 when it looked at nothing that its caller offered.
 */
#define SECURE_MARK "ACSMTP_TEST_SECURE"

__attribute__((constructor)) static void run_secure_half(void)
{
    const char *folder = getenv(SECURE_MARK);
    struct config *config;

    if (!folder)
        return;
    if (!getauxval(AT_SECURE))
        _exit(77);
    config = load(folder, NULL, NULL);
    _exit(config && strcmp(config_profile_name(config), "default") == 0 &&
                  config_plugin_folders(config) == 1
              ? 0
              : 1);
}

static int copy_program(const char *to)
{
    int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    ssize_t got;

    do
        got = sendfile(out, in, NULL, 1 << 20);
    while (got > 0);
    (void)close(in);
    got |= fchmod(out, 04755);
    (void)close(out);
    return got == 0;
}

/* So that it is not for lack of rights that nothing was read. */
static void open_to_all(const char *folder)
{
    static const char *const names[] = {"", ".config", ".config/acsmtp",
                                        ".config/acsmtp/config.json"};
    char path[PATH_MAX];
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        CU_ASSERT_EQUAL(chmod(path, 0755), 0);
    }
}

static void start_secure_half(const char *folder, const char *program)
{
    (void)setenv(SECURE_MARK, "/nonexistent", 1);
    (void)setenv("ACSMTP_PROFILE", "user", 1);
    (void)setenv("ACSMTP_PLUGIN_PATH", "/hostile", 1);
    (void)setenv("HOME", folder, 1);
    if (setgid(65534) == 0 && setuid(65534) == 0)
        (void)execl(program, program, (char *)NULL);
    _exit(78);
}

/* Only root can make such a program; where nobody can (nosuid, no root) there is nothing to see. */
static void a_program_with_more_rights_than_its_caller_does_not_listen_to_him(void)
{
    char *folder = fixture_folder();
    char program[PATH_MAX];
    int status = -1;
    pid_t child;

    (void)snprintf(program, sizeof program, "%s/secure", folder);
    (void)fixture_write(folder, ".config/acsmtp/config.json", "{\"profiles\":{\"user\":{}}}");
    if (geteuid() != 0 || !copy_program(program))
        printf("(needs root) ");
    else {
        open_to_all(folder);
        child = fork();
        if (child == 0)
            start_secure_half(folder, program);
        CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
        CU_ASSERT(WIFEXITED(status));
        CU_ASSERT(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
        printf("(exit %d) ", WEXITSTATUS(status));
    }
    fixture_remove(folder);
}

static void config_only_reads_the_named_file_alone(void)
{
    char *folder = fixture_folder();
    char file[PATH_MAX];
    struct acsmtp_driver_options options = {
        .size = sizeof options, .flags = ACSMTP_DRIVER_CONFIG_ONLY, .config_file = file};
    struct config *config = NULL;

    fixture_clean_environment(folder);
    (void)fixture_write(folder, "config.json", "{\"profiles\":{\"system\":{}}}");
    (void)fixture_write(folder, ".config/acsmtp/config.json", "{\"profiles\":{\"user\":{}}}");
    (void)snprintf(file, sizeof file, "%s",
                   fixture_write(folder, "f.json", "{\"profiles\":{\"file\":{}}}"));
    CU_ASSERT_EQUAL(config_load_from(&options, folder, &config, &err), ACSMTP_OK);
    ASSERT_TEXT(config ? config_profile_name(config) : NULL, "file");
    config_free(config);
    fixture_remove(folder);
}

static void a_named_file_must_be_there(void)
{
    char *folder = fixture_folder();

    fixture_clean_environment(folder);
    CU_ASSERT_PTR_NULL(load(folder, "/nonexistent/acsmtp.json", NULL));
    CU_ASSERT_EQUAL(err.status, ACSMTP_CONFIG);
    ASSERT_HAS(err.message, "/nonexistent/acsmtp.json: No such file");
    CU_ASSERT_PTR_NULL(load(folder, folder, NULL));
    ASSERT_HAS(err.message, "not a regular file");
    CU_ASSERT_PTR_NULL(load(folder, "/dev/zero", NULL));
    ASSERT_HAS(err.message, "not a regular file");
    fixture_remove(folder);
}

static void odd_files_are_refused(void)
{
    char *folder = fixture_folder();
    char *large = calloc(1, CONFIG_FILE_MAX + 1);
    char path[PATH_MAX];

    fixture_clean_environment(folder);
    memset(large, ' ', CONFIG_FILE_MAX + 1);
    (void)snprintf(path, sizeof path, "%s",
                   fixture_write_bytes(folder, "l.json", large, CONFIG_FILE_MAX + 1, 0600));
    CU_ASSERT_PTR_NULL(load(folder, path, NULL));
    ASSERT_HAS(err.message, "larger than");
    free(large);
    (void)snprintf(path, sizeof path, "%s/fifo", folder);
    CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
    CU_ASSERT_PTR_NULL(load(folder, path, NULL));
    ASSERT_HAS(err.message, "not a regular file");
    (void)snprintf(path, sizeof path, "%s", fixture_write_bytes(folder, "w.json", "{}", 2, 0666));
    CU_ASSERT_PTR_NULL(load(folder, path, NULL));
    ASSERT_HAS(err.message, "chmod o-w");
    fixture_remove(folder);
}

static void a_byte_order_mark_is_skipped(void)
{
    struct config *config = read_config("\xef\xbb\xbf{\"profiles\":{\"p\":{}}}", NULL, 0);

    CU_ASSERT_PTR_NOT_NULL(config);
    config_free(config);
}

struct seen {
    char text[4 * PATH_MAX];
};

static void see(void *data, const char *path, int exists)
{
    struct seen *seen = data;
    size_t used = strlen(seen->text);

    (void)snprintf(seen->text + used, sizeof seen->text - used, "%d:%s\n", exists, path);
}

static void layers_can_be_listed(void)
{
    char *folder = fixture_folder();
    struct acsmtp_driver_options options = {.size = sizeof options, .config_file = "/n/o.json"};
    struct seen seen = {""};
    char wanted[PATH_MAX];

    fixture_clean_environment(folder);
    (void)fixture_write(folder, ".config/acsmtp/config.json", "{}");
    acsmtp_driver_layers(&options, see, &seen);
    (void)snprintf(wanted, sizeof wanted, "1:%s/.config/acsmtp/config.json\n0:/n/o.json\n", folder);
    ASSERT_HAS(seen.text, wanted);
    ASSERT_HAS(seen.text, "acsmtp/config.json\n");
    seen.text[0] = '\0';
    options.flags = ACSMTP_DRIVER_CONFIG_ONLY;
    acsmtp_driver_layers(&options, see, &seen);
    ASSERT_TEXT(seen.text, "0:/n/o.json\n");
    fixture_remove(folder);
}

/* ---- what is in them ---- */

static void syntax_errors_have_line_and_column(void)
{
    refuse("{\n  \"profiles\": {\n    \"a\": { \"from\": 'x' }\n}}", "/x/c.json:3:");
    refuse("", "/x/c.json");
    refuse("[]", "must hold an object");
    refuse("{\"profiles\":{}} trailing", "/x/c.json:1:");
    refuse("{\"profiles\":{\"p\":{\"from\":\"\xff\"}}}", "/x/c.json:1:");
}

static void unknown_keys_get_place_and_nearest_key(void)
{
    refuse("{\n  \"profile\": {} }",
           "/x/c.json:2:3: unknown key 'profile'; did you mean 'profiles'?");
    refuse("{\"profiles\":{\"p\":{\n   \"form\":\"a\"}}}",
           "/x/c.json:2:4: unknown key 'form'; did you mean 'from'?");
    refuse("{\"profiles\":{\"p\":{\"dry_run\":true}}}", "unknown key 'dry_run'");
    refuse("{\"profiles\":{\"other\":{\"credential\":[]},\"p\":{}},\"default_profile\":\"p\"}",
           "did you mean 'credentials'?");
}

static void wrong_types_say_what_is_wanted(void)
{
    refuse("{\"profiles\":[]}", "/x/c.json:1:2: 'profiles' must be an object");
    refuse("{\"profiles\":{\"p\":7}}", "/x/c.json:1:14: profile 'p' must be an object");
    refuse("{\"profiles\":{\"p\":{\"from\":7}}}", "'from' must be an address");
    refuse("{\"profiles\":{\"p\":{\"from\":\"\"}}}", "'from' must be an address");
    refuse("{\"profiles\":{\"p\":{\"from\":\"a\\r\\nb\"}}}", "'from' must be an address");
    refuse("{\"profiles\":{\"p\":{\"username\":\"a\\u0000b\"}}}", "/x/c.json");
    refuse("{\"profiles\":{\"p\":{\"credentials\":\"imds\"}}}", "'credentials' must be a list");
    refuse("{\"profiles\":{\"p\":{\"transports\":[7]}}}", "'transports' must be a list");
    refuse("{\"profiles\":{\"p\":{\"transports\":[{\"host\":\"x\"}]}}}", "\"plugin\"");
    refuse("{\"profiles\":{\"p\":{\"composer\":[]}}}", "'composer' must be");
    refuse("{\"profiles\":{\"p\":{\"cloud\":7}}}", "'cloud' must be");
    refuse("{\"default_profile\":7}", "'default_profile' must be");
    refuse("{\"plugin_path\":[7]}", "'plugin_path' must be");
    refuse("{\"profiles\":{\"\":{}}}", "a profile's name");
}

static void the_profile_is_chosen_by_its_name(void)
{
    static const char two[] = "{\"profiles\":{\"acs\":{},\"work\":{}}}";
    struct config *config;

    refuse(two, "which profile? There are: acs, work; use --profile");
    refuse(
        "{\"default_profile\":\"wrok\",\"profiles\":{\"acs\":{},\"work\":{}}}",
        "/x/c.json:1:2: there is no profile 'wrok'; did you mean 'work'? (there are: acs, work)");
    config = read_config("{\"default_profile\":\"work\",\"profiles\":{\"acs\":{},\"work\":{}}}",
                         NULL, 0);
    ASSERT_TEXT(config ? config_profile_name(config) : NULL, "work");
    config_free(config);
    config = read_config("{\"profiles\":{\"only\":{}}}", NULL, 0);
    ASSERT_TEXT(config ? config_profile_name(config) : NULL, "only");
    config_free(config);
}

static void plugin_folders_come_in_order(void)
{
    struct config *config;

    fixture_clean_environment("/nonexistent");
    (void)setenv("ACSMTP_PLUGIN_PATH", "/e1:/e2:", 1);
    config = read_config("{\"plugin_path\":[\"/c1\",\"/c2\"]}", NULL, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    CU_ASSERT_EQUAL(config_plugin_folders(config), 5);
    ASSERT_TEXT(config_plugin_folder(config, 0), "/e1");
    ASSERT_TEXT(config_plugin_folder(config, 1), "/e2");
    ASSERT_TEXT(config_plugin_folder(config, 2), "/c1");
    ASSERT_TEXT(config_plugin_folder(config, 3), "/c2");
    CU_ASSERT_PTR_NOT_NULL(config_plugin_folder(config, 4));
    CU_ASSERT_PTR_NULL(config_plugin_folder(config, 5));
    config_free(config);
    (void)setenv("ACSMTP_PLUGIN_PATH", "plugins", 1);
    refuse("{}", "ACSMTP_PLUGIN_PATH: the plugin folder 'plugins' must be an absolute path");
    (void)unsetenv("ACSMTP_PLUGIN_PATH");
    refuse("{\"plugin_path\":\"plugins\"}", "/x/c.json:1:2: the plugin folder 'plugins'");
}

static void paths_of_clouds_stand_beside_their_file(void)
{
    struct config *config =
        read_config("{\"cloud\":\"usgov\",\"profiles\":{\"p\":{\"cloud\":\"./e.json\"}}}", NULL, 0);

    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    ASSERT_TEXT(acsmtp_json_string(config_root(config), "cloud"), "usgov");
    ASSERT_TEXT(acsmtp_json_string(config_profile(config), "cloud"), "/x/./e.json");
    config_free(config);
    config =
        read_config("{\"cloud\":{\"ca_file\":\"ca.pem\",\"imds\":\"http://localhost\"}}", NULL, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    ASSERT_TEXT(acsmtp_json_string(acsmtp_json_get(config_root(config), "cloud"), "ca_file"),
                "/x/ca.pem");
    config_free(config);
}

/* ---- --set ---- */

static void values_are_set_at_dotted_paths(void)
{
    static const char *const sets[] = {"from=a@b", "transports.0.port=2525",
                                       "transports.0.tls=implicit",
                                       "credentials.0.client_secret={\"env\":\"X\"}"};

    expect_set("{}", sets, 1, "{\"from\":\"a@b\"}");
    expect_set("{\"profiles\":{\"p\":{\"transports\":[\"smtp-login\",\"file\"]}}}", sets + 1, 2,
               "{\"transports\":[{\"plugin\":\"smtp-login\",\"port\":2525,\"tls\":\"implicit\"},"
               "\"file\"]}");
    expect_set("{\"profiles\":{\"p\":{\"credentials\":[{\"plugin\":\"s\",\"a\":1}]}}}", sets + 3, 1,
               "{\"credentials\":[{\"plugin\":\"s\",\"a\":1,\"client_secret\":{\"env\":\"X\"}}]}");
}

static void what_is_missing_on_the_way_is_made(void)
{
    static const char *const sets[] = {"credentials.0=imds", "credentials.1.plugin=azcli",
                                       "credentials.1.tenant=t", "composer.plugin=mime"};

    expect_set("{}", sets, 4,
               "{\"credentials\":[\"imds\",{\"plugin\":\"azcli\",\"tenant\":\"t\"}],"
               "\"composer\":{\"plugin\":\"mime\"}}");
}

static void lists_can_be_set_whole_and_keys_removed(void)
{
    static const char *const sets[] = {"credentials=[\"imds\",\"azcli\"]", "credentials.0=null",
                                       "from=null"};

    expect_set("{\"profiles\":{\"p\":{\"from\":\"x\",\"credentials\":[\"a\"]}}}", sets, 3,
               "{\"credentials\":[\"azcli\"]}");
}

static void text_stays_text(void)
{
    static const char *const sets[] = {"tenant=1234",
                                       "username=true",
                                       "from=a=b",
                                       "credentials.0={\"plugin\":\"x\"}",
                                       "credentials.0.client_id=12345678901234567890123",
                                       "credentials.0.other=1.50",
                                       "credentials.0.quoted=\"1\""};

    expect_set("{}", sets, 7,
               "{\"tenant\":\"1234\",\"username\":\"true\",\"from\":\"a=b\",\"credentials\":[{"
               "\"plugin\":\"x\",\"client_id\":\"12345678901234567890123\",\"other\":1.50,"
               "\"quoted\":\"1\"}]}");
}

static void bad_assignments_are_refused(void)
{
    static const char text[] = "{\"profiles\":{\"p\":{\"from\":\"x\",\"transports\":[\"a\"]}}}";
    char deep[200] = "a";
    size_t i;

    refuse_set(text, "nothing", "--set needs KEY=VALUE");
    ASSERT_HAS_NOT(err.message, "nothing");
    refuse_set(text, "=x", "a key before");
    refuse_set(text, "transports.5=x", "'5' is no index of a list of 1; use 0 to 1");
    refuse_set(text, "transports.00=x", "no index");
    refuse_set(text, "transports.x=y", "'x' is no index");
    refuse_set(text, "from.a=x", "neither an object nor a list");
    refuse_set(text, "transports..a=x", "not a path");
    refuse_set(text, "transports.=x", "not a path");
    refuse_set(text, "form=x", "--set form: unknown key 'form'; did you mean 'from'?");
    refuse_set(text, "from=", "--set from: 'from' must be");
    refuse_set(text, "transports=7", "--set transports: 'transports' must be a list");
    for (i = 1; i < 90; i += 2)
        memcpy(deep + i, ".a", 3);
    memcpy(deep + i, "=1", 3);
    refuse_set(text, deep, "more than");
}

/* ---- where ---- */

static void where_points_at_the_last_layer(void)
{
    static const char *const sets[] = {"transports.0.port=25"};
    struct acsmtp_driver_options options = {.size = sizeof options, .set = sets, .set_count = 1};
    struct config_file one = {.path = strdup("/one.json")};
    struct config_file two = {.path = strdup("/two.json")};
    struct config *config = config_new(&err);
    char where[CONFIG_WHERE_MAX];

    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    one.text = acsmtp_secret_new("{\n\"profiles\":{\"a.b\":{\n\"from\":\"x\",\n\"tenant\":\"t\"}}}",
                                 49, &err);
    two.text = acsmtp_secret_new(
        "{\"profiles\":{\"a.b\":{\"transports\":[\n\"m\"],\n\"from\":\"y\"}}}", 54, &err);
    CU_ASSERT_EQUAL(config_add(config, &one, &err), ACSMTP_OK);
    CU_ASSERT_EQUAL(config_add(config, &two, &err), ACSMTP_OK);
    CU_ASSERT_EQUAL(config_finish(config, &options, &err), ACSMTP_OK);
    config_where(config, "profiles.a.b.from", where, sizeof where);
    ASSERT_TEXT(where, "/two.json:3");
    config_where(config, "profiles.a.b.tenant", where, sizeof where);
    ASSERT_TEXT(where, "/one.json:4");
    config_where(config, "profiles.a.b.transports.0.plugin", where, sizeof where);
    ASSERT_TEXT(where, "/two.json:2");
    config_where(config, "profiles.a.b.transports.0.port", where, sizeof where);
    ASSERT_TEXT(where, "--set transports.0.port");
    config_where(config, "profiles.a.b.missing.key", where, sizeof where);
    ASSERT_TEXT(where, "/two.json:1");
    config_where(config, "profiles.a.b.transports.0.missing", where, sizeof where);
    ASSERT_TEXT(where, "/two.json:2");
    config_free(config);
}

static void where_always_says_something(void)
{
    static const char *const sets[] = {"credentials.0.plugin=imds"};
    struct config *config = read_config("{}", sets, 1);
    char where[CONFIG_WHERE_MAX], small[5];

    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    config_where(config, "profiles.default.credentials.0", where, sizeof where);
    ASSERT_TEXT(where, "--set credentials.0.plugin");
    config_where(config, "profiles.default.transports", where, sizeof where);
    CU_ASSERT(where[0] != '\0');
    config_where(config, "", where, sizeof where);
    ASSERT_TEXT(where, "/x/c.json:1");
    config_where(config, "profiles.default.credentials.0", small, sizeof small);
    ASSERT_TEXT(small, "--se");
    config_free(config);
}

static void files_that_others_can_read_are_known(void)
{
    static const mode_t modes[] = {0600, 0604, 0640, 0644, 0400};
    static const char text[] = "{\"profiles\":{\"p\":{}}}";
    char *folder = fixture_folder();
    char path[PATH_MAX];
    size_t i;

    fixture_clean_environment(folder);
    for (i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct config *config;

        (void)snprintf(path, sizeof path, "%s",
                       fixture_write_bytes(folder, "c.json", text, sizeof text - 1, modes[i]));
        config = load(folder, path, NULL);
        CU_ASSERT_PTR_NOT_NULL(config);
        CU_ASSERT_EQUAL(config && config_exposed(config, "profiles.p"), (modes[i] & 044) != 0);
        config_free(config);
    }
    fixture_remove(folder);
}

/* ---- showing ---- */

static void literal_secrets_are_not_shown(void)
{
    struct config *config = read_config(
        "{\"profiles\":{\"p\":{\"credentials\":[{\"plugin\":\"token\",\"client_secret\":\"s3cr3t\","
        "\"Password\":\"s3cr3t\",\"access_token\":[\"s3cr3t\"],\"api_key\":1234567,"
        "\"tokens\":{\"a\":\"s3cr3t\"},\"passwords\":{\"env\":\"VISIBLE\"},"
        "\"private_key\":{\"file\":\"/visible\"},\"host\":\"shown\"}]}},"
        "\"cloud\":{\"key_vault_domain\":\"vault.localhost\"}}",
        NULL, 0);
    char *text = config ? config_format_dup(config, &err) : NULL;

    ASSERT_HAS(text, "\"<secret>\"");
    ASSERT_HAS_NOT(text, "s3cr3t");
    ASSERT_HAS_NOT(text, "1234567");
    ASSERT_HAS(text, "VISIBLE");
    ASSERT_HAS(text, "visible");
    ASSERT_HAS(text, "\"shown\"");
    ASSERT_HAS(text, "\"token\"");
    ASSERT_HAS(text, "vault.localhost");
    free(text);
    config_free(config);
}

CUNIT_MAIN("config", T(nothing_at_all_is_an_empty_profile), T(layers_are_merged_in_order),
           T(the_environment_names_file_and_profile),
           T(a_program_with_more_rights_than_its_caller_does_not_listen_to_him),
           T(config_only_reads_the_named_file_alone), T(a_named_file_must_be_there),
           T(odd_files_are_refused), T(a_byte_order_mark_is_skipped), T(layers_can_be_listed),
           T(syntax_errors_have_line_and_column), T(unknown_keys_get_place_and_nearest_key),
           T(wrong_types_say_what_is_wanted), T(the_profile_is_chosen_by_its_name),
           T(plugin_folders_come_in_order), T(paths_of_clouds_stand_beside_their_file),
           T(values_are_set_at_dotted_paths), T(what_is_missing_on_the_way_is_made),
           T(lists_can_be_set_whole_and_keys_removed), T(text_stays_text),
           T(bad_assignments_are_refused), T(where_points_at_the_last_layer),
           T(where_always_says_something), T(files_that_others_can_read_are_known),
           T(literal_secrets_are_not_shown))
