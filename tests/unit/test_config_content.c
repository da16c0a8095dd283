/* SPDX-License-Identifier: MIT */
/* Keys, types, profiles, --set, and messages that point at the place. */
#include "config_fixture.h"
#include "cunit_main.h"
#include <driver/config_format.h>

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

static void columns_are_characters_in_every_message(void)
{
    refuse("{\"default_profile\":\"\xc3\xa4\xc3\xa4\" x", "/x/c.json:1:25: not valid JSON: ");
    refuse("\xef\xbb\xbfx", "/x/c.json:1:1: not valid JSON: ");
}

/* What one program reads in it another does not. */
static void a_repeated_key_is_pointed_at(void)
{
    static const char what[] = "not valid JSON: the object has this key already";
    static const struct {
        const char *text, *place;
    } rows[] = {{"{\"profiles\":{},\n // \"\n \"profiles\":{}}", "/x/c.json:3:2: "},
                {"{\"a\":{\"a\":[{\"a\":1},{\"a\":2}],\n\"\\u0061\":3}}", "/x/c.json:2:1: "},
                {"{\"a\":\"a\",\"b\":[\"a\",\"a\"],\"a\":0}", "/x/c.json:1:24: "},
                {"{\"\\\"\":0,\"\\u0022\" :0}", "/x/c.json:1:9: "},
                {"{\"\":{},\"\":{}}", "/x/c.json:1:8: "}};
    char wanted[sizeof what + 40];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(wanted, sizeof wanted, "%s%s", rows[i].place, what);
        refuse(rows[i].text, wanted);
    }
}

static void the_other_encoding_is_named(void)
{
    refuse("\xff\xfe{", "/x/c.json:1:1: not valid JSON: this is UTF-16");
    refuse("\xfe\xff\n{", "save it as UTF-8");
}

static void names_of_profiles_rearrange_nothing(void)
{
    refuse("{\"profiles\":{\"a\xe2\x80\xae"
           "b\":{}}}",
           "none of them a control character");
    refuse("{\"profiles\":{\"a\xc2\x9b"
           "2J\":{}}}",
           "none of them a control character");
}

static void a_config_without_profiles_names_who_asked(void)
{
    refuse("{\"default_profile\":\"a\"}",
           "/x/c.json:1:2: there is no profile 'a'; no config file has any profile");
}

static void everything_that_sounds_secret_is_hidden(void)
{
    struct config *config = read_config(
        "{\"profiles\":{\"p\":{\"credentials\":[{\"plugin\":\"x\",\"passphrase\":\"a1\","
        "\"client_assertion\":\"b2\",\"host\":\"c3\"}]}}}",
        NULL, 0);
    char *text = config_format_dup(config, &err);

    ASSERT_HAS_NOT(text, "a1");
    ASSERT_HAS_NOT(text, "b2");
    ASSERT_HAS(text, "c3");
    free(text);
    config_free(config);
}

CUNIT_MAIN("config_content", T(syntax_errors_have_line_and_column),
           T(unknown_keys_get_place_and_nearest_key), T(wrong_types_say_what_is_wanted),
           T(the_profile_is_chosen_by_its_name), T(plugin_folders_come_in_order),
           T(paths_of_clouds_stand_beside_their_file), T(values_are_set_at_dotted_paths),
           T(what_is_missing_on_the_way_is_made), T(lists_can_be_set_whole_and_keys_removed),
           T(text_stays_text), T(bad_assignments_are_refused), T(where_points_at_the_last_layer),
           T(where_always_says_something), T(literal_secrets_are_not_shown),
           T(columns_are_characters_in_every_message), T(a_repeated_key_is_pointed_at),
           T(the_other_encoding_is_named), T(names_of_profiles_rearrange_nothing),
           T(a_config_without_profiles_names_who_asked), T(everything_that_sounds_secret_is_hidden))
