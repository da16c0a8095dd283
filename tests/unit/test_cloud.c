/* SPDX-License-Identifier: MIT */
/* Where a cloud's services are. */
#include "config_fixture.h"
#include "cunit_main.h"
#include <driver/cloud.h>

static struct acsmtp_error err;

/* A cloud from JSON text ("\"usgov\"", an object, ...); NULL and `err` when it is refused. */
static struct cloud *open_text(const char *text)
{
    struct cloud *cloud = NULL;
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;

    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    json = acsmtp_json_parse(text, strlen(text), &err);
    CU_ASSERT_PTR_NOT_NULL(json);
    if (cloud_open(json, &cloud, &err) != ACSMTP_OK)
        CU_ASSERT_EQUAL(err.status, ACSMTP_CONFIG);
    return cloud;
}

static void refuse(const char *text, const char *why)
{
    struct cloud *cloud = open_text(text);

    if (cloud)
        printf("\n    taken: %s\n", text);
    CU_ASSERT_PTR_NULL(cloud);
    ASSERT_HAS(err.message, why);
    cloud_free(cloud);
}

static void without_a_word_it_is_the_public_cloud(void)
{
    struct cloud *cloud = NULL;

    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    CU_ASSERT_EQUAL(cloud_open(NULL, &cloud, &err), ACSMTP_OK);
    ASSERT_TEXT(cloud_get(cloud, "authority_host"), "https://login.microsoftonline.com");
    ASSERT_TEXT(cloud_get(cloud, "smtp_host"), "smtp.azurecomm.net");
    ASSERT_TEXT(cloud_get(cloud, "smtp_port"), "587");
    ASSERT_TEXT(cloud_get(cloud, "scope"), "https://communication.azure.com/.default");
    ASSERT_TEXT(cloud_get(cloud, "imds"), "http://169.254.169.254");
    ASSERT_TEXT(cloud_get(cloud, "key_vault_domain"), "vault.azure.net");
    CU_ASSERT_PTR_NULL(cloud_get(cloud, "ca_file"));
    CU_ASSERT_PTR_NULL(cloud_get(cloud, "nonsense"));
    cloud_free(cloud);
}

static void national_clouds_have_their_own_hosts(void)
{
    struct cloud *cloud = open_text("\"usgov\"");

    ASSERT_TEXT(cloud_get(cloud, "authority_host"), "https://login.microsoftonline.us");
    ASSERT_TEXT(cloud_get(cloud, "key_vault_domain"), "vault.usgovcloudapi.net");
    CU_ASSERT_PTR_NULL(cloud_get(cloud, "smtp_host"));
    cloud_free(cloud);
    cloud = open_text("\"china\"");
    ASSERT_TEXT(cloud_get(cloud, "key_vault_domain"), "vault.azure.cn");
    cloud_free(cloud);
}

static void an_unknown_name_gets_the_nearest_one(void)
{
    refuse("\"pubilc\"", "did you mean 'public'?");
    refuse("\"mars\"", "public, usgov, china");
    refuse("7", "neither a name");
}

static void an_object_knows_only_what_it_says(void)
{
    struct cloud *cloud = open_text("{\"authority_host\":\"https://login.localhost:8443/\","
                                    "\"smtp\":{\"host\":\"127.0.0.1\",\"port\":2525}}");

    ASSERT_TEXT(cloud_get(cloud, "authority_host"), "https://login.localhost:8443");
    ASSERT_TEXT(cloud_get(cloud, "smtp_host"), "127.0.0.1");
    ASSERT_TEXT(cloud_get(cloud, "smtp_port"), "2525");
    CU_ASSERT_PTR_NULL(cloud_get(cloud, "imds"));
    CU_ASSERT_PTR_NULL(cloud_get(cloud, "scope"));
    cloud_free(cloud);
}

static void a_base_is_laid_under(void)
{
    struct cloud *cloud = open_text("{\"base\":\"public\",\"imds\":\"http://localhost:1\"}");

    ASSERT_TEXT(cloud_get(cloud, "imds"), "http://localhost:1");
    ASSERT_TEXT(cloud_get(cloud, "graph"), "https://graph.microsoft.com");
    cloud_free(cloud);
    refuse("{\"base\":\"mars\"}", "'base' must be");
    refuse("{\"base\":7}", "'base' must be");
}

static void http_is_only_for_near_hosts(void)
{
    static const char *const near[] = {"http://127.0.0.1:1",     "http://localhost",
                                       "http://[::1]:8",         "http://imds.localhost:9/x",
                                       "http://169.254.169.254", "http://[fe80::1]"};
    static const char *const far[] = {"http://10.0.0.1",
                                      "http://login.example.com",
                                      "http://127.0.0.1.example.com",
                                      "http://localhost.example.com",
                                      "http://notlocalhost",
                                      "http://[2001:db8::1]",
                                      "http://[::1"};
    char text[200];
    size_t i;

    for (i = 0; i < sizeof near / sizeof near[0]; i++) {
        struct cloud *cloud;

        (void)snprintf(text, sizeof text, "{\"imds\":\"%s\"}", near[i]);
        cloud = open_text(text);
        ASSERT_TEXT(cloud ? cloud_get(cloud, "imds") : "refused", near[i]);
        cloud_free(cloud);
    }
    for (i = 0; i < sizeof far / sizeof far[0]; i++) {
        (void)snprintf(text, sizeof text, "{\"imds\":\"%s\"}", far[i]);
        refuse(text, "'imds' must be a URL");
    }
}

static void values_that_could_mean_something_else_are_refused(void)
{
    refuse("{\"authority_host\":\"https://user@login.example.com\"}", "authority_host");
    refuse("{\"authority_host\":\"https://login.example.com/?x\"}", "authority_host");
    refuse("{\"authority_host\":\"https://login.example.com\\n\"}", "authority_host");
    refuse("{\"authority_host\":\"ftp://login.example.com\"}", "authority_host");
    refuse("{\"authority_host\":\"https://\"}", "authority_host");
    refuse("{\"authority_host\":\"https://a:99999\"}", "authority_host");
    refuse("{\"authority_host\":7}", "authority_host");
    refuse("{\"key_vault_domain\":\"vault.example.com/x\"}", "key_vault_domain");
    refuse("{\"key_vault_domain\":\".example.com\"}", "key_vault_domain");
    refuse("{\"smtp\":{\"host\":\"a b\"}}", "smtp.host");
    refuse("{\"smtp\":{\"host\":\"a\\r\\nQUIT\"}}", "smtp.host");
    refuse("{\"smtp\":{\"host\":\"a\",\"port\":0}}", "smtp.port");
    refuse("{\"smtp\":{\"host\":\"a\",\"port\":65536}}", "smtp.port");
    refuse("{\"smtp\":{\"host\":\"a\",\"port\":\"x\"}}", "smtp.port");
    refuse("{\"smtp\":\"a:25\"}", "'smtp' must be an object");
    refuse("{\"tenant_id\":\"a/../b\"}", "tenant_id");
    refuse("{\"scope\":\"a b\"}", "scope");
    refuse("{\"ca_file\":\"a\\u0000b\"}", "ca_file");
}

static void an_unknown_key_of_an_object_is_an_error(void)
{
    refuse("{\"authorty_host\":\"https://a\"}", "did you mean 'authority_host'?");
    refuse("{\"banana\":\"https://a\"}", "unknown key 'banana'");
}

static void a_file_is_read_and_its_ca_file_stands_beside_it(void)
{
    char *folder = fixture_folder();
    char text[400], wanted[PATH_MAX];
    struct cloud *cloud;

    (void)fixture_write(folder, "endpoints.json",
                        "{\"authority_host\":\"https://login.localhost:1\",\"ca_file\":\"ca.pem\","
                        "\"inbox\":\"http://127.0.0.1:2\",\"operator\":{\"client_secret\":\"x\"},"
                        "\"subscription_id\":\"s\",\"tenant_id\":\"t\",\"a_later_service\":1}");
    (void)snprintf(text, sizeof text, "\"%s/endpoints.json\"", folder);
    (void)snprintf(wanted, sizeof wanted, "%s/ca.pem", folder);
    cloud = open_text(text);
    ASSERT_TEXT(cloud ? cloud_get(cloud, "ca_file") : NULL, wanted);
    ASSERT_TEXT(cloud ? cloud_get(cloud, "tenant_id") : NULL, "t");
    cloud_free(cloud);

    (void)fixture_write(folder, "endpoints.json", "{\"authorty_host\":\"https://a\"}");
    refuse(text, "did you mean 'authority_host'?");
    (void)fixture_write(folder, "endpoints.json", "{\n \"imds\": }");
    refuse(text, "endpoints.json:2:");
    (void)fixture_write(folder, "endpoints.json", "[]");
    refuse(text, "must hold an object");
    fixture_remove(folder);
    refuse(text, "No such file");
    refuse("\"/\"", "not a regular file");
}

static void the_digest_tells_clouds_apart(void)
{
    struct cloud *one = open_text("{\"smtp\":{\"host\":\"a\"}}");
    struct cloud *same = open_text("{\"smtp\":{\"host\":\"a\"}}");
    struct cloud *other = open_text("{\"smtp\":{\"host\":\"b\"}}");

    CU_ASSERT_EQUAL(strlen(cloud_digest(one)), 64);
    CU_ASSERT_STRING_EQUAL(cloud_digest(one), cloud_digest(same));
    CU_ASSERT_STRING_NOT_EQUAL(cloud_digest(one), cloud_digest(other));
    cloud_free(one);
    cloud_free(same);
    cloud_free(other);
}

static void a_context_gets_the_endpoints(void)
{
    struct cloud *cloud = open_text("\"public\"");
    struct acsmtp_context *context = NULL;

    CU_ASSERT_EQUAL(acsmtp_context_new(&context, &err), ACSMTP_OK);
    CU_ASSERT_EQUAL(cloud_apply(cloud, context, &err), ACSMTP_OK);
    ASSERT_TEXT(acsmtp_context_endpoint(context, "graph"), "https://graph.microsoft.com");
    ASSERT_TEXT(acsmtp_context_endpoint(context, "smtp_port"), "587");
    CU_ASSERT_PTR_NULL(acsmtp_context_endpoint(context, "ca_file"));
    acsmtp_context_free(context);
    cloud_free(cloud);
}

static void unknown_keys_of_smtp_are_errors_too(void)
{
    refuse("{\"smtp\":{\"host\":\"h\",\"prot\":2525}}",
           "unknown key 'smtp.prot'; did you mean 'port'?");
    refuse("{\"smtp\":{\"host\":\"h\",\"zzzzzzzz\":1}}", "unknown key 'smtp.zzzzzzzz'");
}

static void a_mistake_in_a_file_has_its_line(void)
{
    char *folder = fixture_folder();
    char value[PATH_MAX + 2];

    (void)snprintf(value, sizeof value, "\"%s\"",
                   fixture_write(folder, "a.json", "{\n\n\"imsd\": \"http://127.0.0.1\"}"));
    refuse(value, "a.json:3: unknown key 'imsd'; did you mean 'imds'?");
    (void)snprintf(value, sizeof value, "\"%s\"",
                   fixture_write(folder, "b.json", "{\n\"smtp\": {\n\"host\": \"a b\"}}"));
    refuse(value, "b.json:3: 'smtp.host' must be a host name");
    (void)snprintf(value, sizeof value, "\"%s\"",
                   fixture_write(folder, "c.json", "{\n\"base\": \"privat\"}"));
    refuse(value, "c.json:2: 'base' must be");
    fixture_remove(folder);
}

CUNIT_MAIN("cloud", T(without_a_word_it_is_the_public_cloud),
           T(national_clouds_have_their_own_hosts), T(an_unknown_name_gets_the_nearest_one),
           T(an_object_knows_only_what_it_says), T(a_base_is_laid_under),
           T(http_is_only_for_near_hosts), T(values_that_could_mean_something_else_are_refused),
           T(an_unknown_key_of_an_object_is_an_error),
           T(a_file_is_read_and_its_ca_file_stands_beside_it), T(the_digest_tells_clouds_apart),
           T(a_context_gets_the_endpoints), T(unknown_keys_of_smtp_are_errors_too),
           T(a_mistake_in_a_file_has_its_line))
