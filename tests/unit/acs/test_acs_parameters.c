/* SPDX-License-Identifier: MIT */
/* Parameters: which values can work, what is derived from them, what is said about the others. */
#include "config_fixture.h"
#include "cunit_main.h"
#include "options.h"
#include "parameters.h"
#include "parameters_rule.h"

#include <driver/settings_private.h>

#define SUBSCRIPTION "\"subscription\":\"00000000-aaaa-BBBB-cccc-123456789012\""
#define ENTRY "profiles.p.credentials.0"

static const struct acsmtp_plugin plugin = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_PROVISIONER),
    .name = "acs",
    .version = "1",
    .summary = "for tests",
    ACSMTP_PLUGIN_OPTIONS(acs_options),
};

/* What is read from one set of options, and all that it borrows from. */
static struct acsmtp_error err;
static struct config *config;
static struct acsmtp_settings *settings;
static struct parameters got;

static void forget(void)
{
    settings_free(settings);
    config_free(config);
    settings = NULL;
    config = NULL;
}

/* Parameters from members of an entry, with subscription and credentials added. */
static int read_members(const char *members)
{
    char text[2048];

    forget();
    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    (void)snprintf(text, sizeof text,
                   "{\"profiles\":{\"p\":{\"credentials\":[{\"plugin\":\"acs\",%s%s%s,"
                   "\"credentials\":[\"imds\"]}]}}}",
                   strstr(members, "\"subscription\"") ? "" : SUBSCRIPTION,
                   *members && !strstr(members, "\"subscription\"") ? "," : "", members);
    config = fixture_config("/x/c.json", text, 0, NULL, 0, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    CU_ASSERT_EQUAL_FATAL(settings_build(config, ENTRY, config_at(config_root(config), ENTRY),
                                         &plugin, &settings, &err),
                          ACSMTP_OK);
    return parameters_read(settings, &got, &err);
}

static void refuse(const char *members, const char *why)
{
    int status = read_members(members);

    if (status == ACSMTP_OK)
        printf("\n    taken: %s\n", members);
    CU_ASSERT_EQUAL(status, ACSMTP_CONFIG);
    ASSERT_HAS(err.message, why);
    forget();
}

static void defaults_are_those_of_the_reference(void)
{
    CU_ASSERT_EQUAL_FATAL(read_members(""), ACSMTP_OK);
    ASSERT_TEXT(got.subscription, "00000000-aaaa-BBBB-cccc-123456789012");
    ASSERT_TEXT(got.resource_group, "rg-acs-smtp");
    ASSERT_TEXT(got.location, "eastus");
    ASSERT_TEXT(got.data_location, "United States");
    ASSERT_TEXT(got.communication_name, "acs-smtp-poc");
    ASSERT_TEXT(got.email_name, "acs-smtp-poc-email");
    ASSERT_TEXT(got.key_vault_name, "kv-acs-smtp-poc");
    ASSERT_TEXT(got.identity_name, "uami-acs-smtp");
    ASSERT_TEXT(got.legacy_username, "legacy-client");
    ASSERT_TEXT(got.modern_username, "modern-client");
    ASSERT_TEXT(got.domain_name, "AzureManagedDomain");
    CU_ASSERT_PTR_NULL(got.identity_username);
    CU_ASSERT_PTR_NULL(got.custom_domain);
    CU_ASSERT_PTR_NULL(got.dns_server);
    CU_ASSERT_EQUAL(got.secret_lifetime_ms, INT64_C(4320) * 3600000);
    CU_ASSERT(got.renew_before_ms > 0 && got.rotate_grace_ms > 0);
    CU_ASSERT(got.poll_ms > 0 && got.wait_ms > got.poll_ms);
    CU_ASSERT(!got.purge_protection && !got.recover_key_vault);
    forget();
}

static void what_is_said_is_taken(void)
{
    CU_ASSERT_EQUAL_FATAL(
        read_members("\"resource_group\":\"a_B-c.(d)\",\"communication_service\":\"c\","
                     "\"email_service\":\"9-mail\",\"key_vault\":\"kv9\","
                     "\"managed_identity\":\"9_id\",\"legacy_username\":\"Old-1\","
                     "\"modern_username\":\"new\",\"identity_username\":\"vm\","
                     "\"custom_domain\":\"Mail.Contoso.COM\",\"dns_server\":\"[::1]:5353\","
                     "\"purge_protection\":true,\"recover_key_vault\":true,\"wait\":\"1m\","
                     "\"poll\":\"100ms\""),
        ACSMTP_OK);
    ASSERT_TEXT(got.resource_group, "a_B-c.(d)");
    ASSERT_TEXT(got.email_name, "9-mail");
    ASSERT_TEXT(got.key_vault_name, "kv9");
    ASSERT_TEXT(got.identity_name, "9_id");
    ASSERT_TEXT(got.legacy_username, "Old-1");
    ASSERT_TEXT(got.identity_username, "vm");
    ASSERT_TEXT(got.custom_domain, "mail.contoso.com");
    ASSERT_TEXT(got.domain_name, "mail.contoso.com");
    ASSERT_TEXT(got.dns_server, "[::1]:5353");
    CU_ASSERT(got.purge_protection && got.recover_key_vault);
    CU_ASSERT(got.wait_ms == 60000 && got.poll_ms == 100);
    forget();
}

static void places_are_spelled_as_azure_does(void)
{
    CU_ASSERT_EQUAL_FATAL(
        read_members("\"location\":\"West US 2\",\"data_location\":\"united STATES\""), ACSMTP_OK);
    ASSERT_TEXT(got.location, "westus2");
    ASSERT_TEXT(got.data_location, "United States");
    CU_ASSERT_EQUAL_FATAL(read_members("\"data_location\":\"AsiaPacific\""), ACSMTP_OK);
    ASSERT_TEXT(got.data_location, "Asia Pacific");
    CU_ASSERT_EQUAL_FATAL(read_members("\"data_location\":\"Austria\""), ACSMTP_OK);
    ASSERT_TEXT(got.data_location, "Austria");
    forget();
}

static void long_names_stay_within_the_rules_and_apart(void)
{
    char first[32];
    char members[256];
    const char *name = "a-communication-service-with-a-long-name-of-its-own--for-once1";

    CU_ASSERT_EQUAL_FATAL(
        read_members("\"communication_service\":\"a-very--long-name-for-a-service\""), ACSMTP_OK);
    CU_ASSERT(rule_key_vault_name(got.key_vault_name));
    CU_ASSERT_EQUAL(strncmp(got.key_vault_name, "kv-a-very-long-na", 17), 0);
    CU_ASSERT_EQUAL(strlen(got.key_vault_name), 24);
    (void)snprintf(first, sizeof first, "%s", got.key_vault_name);
    CU_ASSERT_EQUAL_FATAL(
        read_members("\"communication_service\":\"a-very--long-name-for-a-server\""), ACSMTP_OK);
    CU_ASSERT_STRING_NOT_EQUAL(got.key_vault_name, first);
    CU_ASSERT_EQUAL_FATAL(
        read_members("\"communication_service\":\"a-very--long-name-for-a-service\","
                     "\"resource_group\":\"other\""),
        ACSMTP_OK);
    CU_ASSERT_STRING_NOT_EQUAL(got.key_vault_name, first);
    (void)snprintf(members, sizeof members, "\"communication_service\":\"%s\"", name);
    CU_ASSERT_EQUAL_FATAL(read_members(members), ACSMTP_OK);
    CU_ASSERT(rule_email_name(got.email_name));
    CU_ASSERT_EQUAL(strlen(got.email_name), 63);
    ASSERT_TEXT(got.email_name + 57, "-email");
    forget();
}

/* Every length of name gives a vault's name that the service takes. */
static void derived_vault_names_are_always_good(void)
{
    static const char name[] = "a--b-c---d-e-f-g--h-i-j-k-l-m-n-o-p-q-r-s-t-u-v-w-x-y-z-0-1-2-3";

    for (size_t size = 1; size < sizeof name; size++) {
        char members[256];

        if (name[size - 1] == '-')
            continue;
        (void)snprintf(members, sizeof members, "\"communication_service\":\"%.*s\"", (int)size,
                       name);
        CU_ASSERT_EQUAL_FATAL(read_members(members), ACSMTP_OK);
        if (!rule_key_vault_name(got.key_vault_name))
            printf("\n    %s: %s\n", members, got.key_vault_name);
        CU_ASSERT(rule_key_vault_name(got.key_vault_name));
        CU_ASSERT(rule_email_name(got.email_name));
    }
    forget();
}

static void bad_values_are_named_with_their_rule(void)
{
    refuse("\"subscription\":\"my-subscription\"", "option 'subscription': 'my-subscription' must");
    refuse("\"subscription\":\"00000000-0000-0000-0000-00000000000g\"", "must be the subscription");
    refuse("\"resource_group\":\"ends.\"", "no '.' at the end");
    refuse("\"resource_group\":\"a/b\"", "option 'resource_group': 'a/b'");
    refuse("\"resource_group\":\"\"", "option 'resource_group': ''");
    refuse("\"location\":\"east-us\"", "an Azure region");
    refuse("\"data_location\":\"x\\\"y\"", "a geography");
    refuse("\"communication_service\":\"1st\"", "beginning with a letter");
    refuse("\"communication_service\":\"a-\"", "ending with a letter or digit");
    refuse("\"communication_service\":\"a_b\"", "1 to 63 letters");
    refuse("\"email_service\":\"a.b\"", "option 'email_service'");
    refuse("\"key_vault\":\"kv\"", "3 to 24");
    refuse("\"key_vault\":\"a-name-that-is-too-long-by1\"", "3 to 24");
    refuse("\"key_vault\":\"a--b\"", "no '--'");
    refuse("\"managed_identity\":\"-id\"", "option 'managed_identity'");
    refuse("\"legacy_username\":\"a@b.c\"", "option 'legacy_username': 'a@b.c'");
    refuse("\"modern_username\":\"-a\"", "at both ends");
    refuse("\"custom_domain\":\"contoso\"", "a mail domain");
    refuse("\"custom_domain\":\"contoso.com.\"", "without a '.' at the end");
    refuse("\"custom_domain\":\"m\\u00fcller.de\"", "xn--");
    refuse("\"dns_server\":\"dns.contoso.com\"", "an address");
}

static void values_must_agree(void)
{
    refuse("\"legacy_username\":\"Mail\",\"modern_username\":\"mail\"",
           "options 'legacy_username' and 'modern_username' are both 'mail'");
    refuse("\"modern_username\":\"x\",\"identity_username\":\"X\"",
           "options 'modern_username' and 'identity_username' are both 'X'");
    refuse("\"secret_lifetime\":\"24h\"", "option 'renew_before' must be shorter");
    refuse("\"secret_lifetime\":\"24h\",\"renew_before\":\"1h\",\"rotate_grace\":\"24h\"",
           "option 'rotate_grace' must be shorter");
    refuse("\"wait\":\"2s\",\"poll\":\"3s\"", "option 'poll' must not be longer");
}

static void domains_are_host_names(void)
{
    static const char *const good[] = {"a.b", "contoso.com", "xn--mller-kva.de", "1.2.example",
                                       "a-b.c-d.museum"};
    static const char *const bad[] = {"",      ".",     "a",     "a..b", ".a.b",
                                      "a.b.",  "-a.b",  "a-.b",  "a.1",  "10.0.0.1",
                                      "a_b.c", "a b.c", "a.b/c", "a.b\n"};
    char longest[300] = "";

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CU_ASSERT(rule_domain(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT(!rule_domain(bad[i]));
    while (strlen(longest) < 250)
        (void)strncat(longest, "a.", 3);
    (void)strncat(longest, "com", 4);
    CU_ASSERT(rule_domain(longest));
    (void)strncat(longest, "m", 2);
    CU_ASSERT(!rule_domain(longest));
    CU_ASSERT(
        !rule_domain("a23456789012345678901234567890123456789012345678901234567890abcd.example"));
    CU_ASSERT(
        rule_domain("a23456789012345678901234567890123456789012345678901234567890abc.example"));
}

static void servers_are_addresses(void)
{
    static const char *const good[] = {"127.0.0.1",    "127.0.0.1:53", "::1",
                                       "2001:db8::53", "[::1]",        "[2001:db8::53]:65535"};
    static const char *const bad[] = {
        "",      "localhost", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:5a",
        "127.1", "[::1",      "[::1]53",    "[::1]:",      "[127.0.0.1]:53",  "127.0.0.1:123456",
        ":53",   "[]:53"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CU_ASSERT(rule_server(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT(!rule_server(bad[i]));
}

CUNIT_MAIN("acs parameters", T(defaults_are_those_of_the_reference), T(what_is_said_is_taken),
           T(places_are_spelled_as_azure_does), T(long_names_stay_within_the_rules_and_apart),
           T(derived_vault_names_are_always_good), T(bad_values_are_named_with_their_rule),
           T(values_must_agree), T(domains_are_host_names), T(servers_are_addresses))
