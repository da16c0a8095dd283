/* SPDX-License-Identifier: MIT */
/* Refusals: every shape an error body has been seen in, and what is made of it. */
#include "client_private.h"
#include "config_fixture.h"
#include "cunit_main.h"

static struct client_failure failure;

static int read_text(const char *text)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = acsmtp_json_parse(text, strlen(text), NULL);

    return client_failure_read(json, &failure);
}

/* The whole way from a reply to a message. */
static struct acsmtp_error err;

static int fail_with(int status, const char *body)
{
    struct client_reply reply = {.status = status, .retry_after = -1};
    int result;

    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    reply.json = acsmtp_json_parse(body, strlen(body), NULL);
    reply.is_foreign = *body && !reply.json;
    result = client_fail(&reply, "create x", &err);
    client_reply_release(&reply);
    return result;
}

static int fail_code(int status, const char *code)
{
    char body[256];

    (void)snprintf(body, sizeof body, "{\"error\":{\"code\":\"%s\",\"message\":\"words\"}}", code);
    return fail_with(status, body);
}

/* ---- shapes ---- */

static void arms_shape_is_read(void)
{
    CU_ASSERT(read_text("{\"error\":{\"code\":\"Outer\",\"message\":\"m\",\"target\":\"t\","
                        "\"details\":[{\"message\":\"no code\"},{\"code\":\"First\",\"message\":"
                        "\"d\"},{\"code\":\"Second\"}]}}"));
    ASSERT_TEXT(failure.code, "First");
    ASSERT_TEXT(failure.codes, "Outer/First");
    ASSERT_TEXT(failure.text, "m; d");
}

static void codes_within_codes_are_read(void)
{
    CU_ASSERT(read_text("{\"error\":{\"code\":\"Forbidden\",\"message\":\"m\",\"innererror\":{"
                        "\"code\":\"ForbiddenByRbac\",\"innererror\":{\"code\":\"Deeper\"}}}}"));
    ASSERT_TEXT(failure.code, "Deeper");
    ASSERT_TEXT(failure.codes, "Forbidden/ForbiddenByRbac/Deeper");
    CU_ASSERT(read_text("{\"error\":{\"code\":\"Request_BadRequest\",\"message\":\"m\","
                        "\"details\":[{\"code\":\"NoBackingApplicationObject\",\"message\":\"m\"}],"
                        "\"innerError\":{\"date\":\"2025\",\"request-id\":\"1\"}}}"));
    ASSERT_TEXT(failure.code, "NoBackingApplicationObject");
    ASSERT_TEXT(failure.codes, "Request_BadRequest/NoBackingApplicationObject");
    ASSERT_TEXT(failure.text, "m");
}

static void other_shapes_are_read(void)
{
    CU_ASSERT(read_text("{\"code\":\"Top\",\"message\":\"level\"}"));
    ASSERT_TEXT(failure.code, "Top");
    ASSERT_TEXT(failure.text, "level");
    CU_ASSERT(read_text("{\"id\":\"/op\",\"status\":\"Failed\",\"error\":{\"code\":\"Inside\"}}"));
    ASSERT_TEXT(failure.code, "Inside");
    CU_ASSERT(read_text("{\"error\":\"invalid_token\",\"error_description\":\"expired\"}"));
    ASSERT_TEXT(failure.code, "invalid_token");
    ASSERT_TEXT(failure.text, "expired");
    CU_ASSERT(read_text("{\"error\":{\"code\":\"RequestDisallowedByPolicy\",\"message\":\"m\","
                        "\"additionalInfo\":[{\"type\":\"PolicyViolation\",\"info\":"
                        "{\"policyDefinitionDisplayName\":\"Allowed locations\"}}]}}"));
    ASSERT_TEXT(failure.text, "m; Allowed locations");
}

static void what_is_no_error_is_none(void)
{
    static const char *const none[] = {"{}",
                                       "[]",
                                       "\"x\"",
                                       "1",
                                       "{\"error\":null}",
                                       "{\"error\":[]}",
                                       "{\"error\":{}}",
                                       "{\"code\":1}",
                                       "{\"error\":{\"code\":\"with blank\"}}"};

    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        CU_ASSERT(!read_text(none[i]));
        ASSERT_TEXT(failure.code, "");
        ASSERT_TEXT(failure.text, "");
    }
    CU_ASSERT(!client_failure_read(NULL, &failure));
}

static void too_much_is_cut(void)
{
    char text[8192] = "{\"error\":{\"code\":\"A\",\"message\":\"";
    size_t used = strlen(text);

    memset(text + used, 'x', 3000);
    used += 3000;
    used += (size_t)snprintf(text + used, sizeof text - used, "\"");
    for (int i = 0; i < 12; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 ",\"innererror\":{\"code\":\"Inner%040d\"", i);
    for (int i = 0; i < 14; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "}");
    CU_ASSERT(read_text(text));
    CU_ASSERT_EQUAL(strlen(failure.text), sizeof failure.text - 1);
    CU_ASSERT(strlen(failure.codes) < sizeof failure.codes);
    ASSERT_TEXT(failure.code, "Inner0000000000000000000000000000000000000007");
    CU_ASSERT_EQUAL(fail_with(400, text), ACSMTP_CONFIG);
}

/* ---- classes ---- */

static void classes_follow_from_the_status(void)
{
    CU_ASSERT_EQUAL(fail_code(401, "Unknown"), ACSMTP_DENIED);
    CU_ASSERT_EQUAL(fail_code(403, "Unknown"), ACSMTP_DENIED);
    CU_ASSERT_EQUAL(fail_code(400, "Unknown"), ACSMTP_CONFIG);
    CU_ASSERT_EQUAL(fail_code(409, "Unknown"), ACSMTP_CONFIG);
    CU_ASSERT_EQUAL(fail_code(408, "Unknown"), ACSMTP_TEMPORARY);
    CU_ASSERT_EQUAL(fail_code(429, "Unknown"), ACSMTP_TEMPORARY);
    CU_ASSERT_EQUAL(fail_code(500, "Unknown"), ACSMTP_TEMPORARY);
    CU_ASSERT_EQUAL(fail_with(400, "<html>"), ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(fail_with(404, ""), ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(fail_with(502, "<html>"), ACSMTP_TEMPORARY);
    CU_ASSERT_EQUAL(fail_with(403, "<html>"), ACSMTP_DENIED);
    ASSERT_TEXT(err.message,
                "create x: HTTP 403: the reply is no JSON; is there a proxy in between?");
    CU_ASSERT_EQUAL(err.server_code, 403);
}

static void codes_are_found_again_at_any_depth(void)
{
    CU_ASSERT_EQUAL(
        fail_with(400,
                  "{\"error\":{\"code\":\"Outer\",\"message\":\"Not: this/That: x\",\"details\":"
                  "[{\"code\":\"Middle\",\"details\":[{\"code\":\"Inner\"}]}]}}"),
        ACSMTP_CONFIG);
    CU_ASSERT(client_failed_with(&err, "outer") && client_failed_with(&err, "Middle") &&
              client_failed_with(&err, "INNER"));
    CU_ASSERT(!client_failed_with(&err, "Oute") && !client_failed_with(&err, "Not") &&
              !client_failed_with(&err, "That") && !client_failed_with(&err, ""));
    ASSERT_TEXT(err.code, "Inner");
    CU_ASSERT_EQUAL(fail_with(400, "{\"error\":{\"message\":\"two words: x\"}}"), ACSMTP_CONFIG);
    CU_ASSERT(!client_failed_with(&err, "two") && !client_failed_with(&err, "words"));
}

static void control_characters_do_not_reach_a_terminal(void)
{
    (void)fail_with(400, "{\"error\":{\"code\":\"A\",\"message\":\"a\\u001b[2J\\r\\nb\"}}");
    CU_ASSERT_PTR_NULL(strpbrk(err.message, "\x1b\r\n"));
    CU_ASSERT_PTR_NULL(strpbrk(err.server_text, "\x1b\r\n"));
}

/* ---- remedies ---- */

static void a_missing_role_is_named(void)
{
    CU_ASSERT_EQUAL(
        fail_with(403,
                  "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"The client 'c' with "
                  "object id 'o' does not have authorization to perform action "
                  "'Microsoft.Communication/emailServices/write' over scope '/subscriptions/s/"
                  "resourceGroups/rg' or the scope is invalid. If access was recently granted, "
                  "please refresh your credentials.\"}}"),
        ACSMTP_DENIED);
    ASSERT_TEXT(err.message,
                "create x: this identity may not do 'Microsoft.Communication/emailServices/write' "
                "on '/subscriptions/s/resourceGroups/rg': it needs the role Contributor there (a "
                "new assignment takes minutes): HTTP 403 AuthorizationFailed");
    ASSERT_HAS(err.server_text, "AuthorizationFailed: The client 'c' with object id 'o'");
    CU_ASSERT_EQUAL(
        fail_with(403, "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"... perform "
                       "action 'Microsoft.Authorization/roleAssignments/write' over scope "
                       "'/s/x/providers/Microsoft.Authorization/roleAssignments/1'\"}}"),
        ACSMTP_DENIED);
    ASSERT_HAS(err.message, "on '/s/x': it needs the role Owner or User Access Administrator");
    CU_ASSERT_EQUAL(
        fail_with(403,
                  "{\"error\":{\"code\":\"LinkedAuthorizationFailed\",\"message\":\"The client "
                  "has permission to perform action 'a/write' on scope '/x'; however, it does "
                  "not have permission to perform action(s) 'b/join/action' on the linked "
                  "scope(s) '/y' or the linked scope(s) are invalid.\"}}"),
        ACSMTP_DENIED);
    ASSERT_HAS(err.message, "may not do 'b/join/action' on '/y'");
    CU_ASSERT_EQUAL(fail_code(403, "AuthorizationFailed"), ACSMTP_DENIED);
    ASSERT_HAS(err.message, "may not do 'this' on 'this scope'");
}

static void a_vaults_role_is_named(void)
{
    CU_ASSERT_EQUAL(
        fail_with(403,
                  "{\"error\":{\"code\":\"Forbidden\",\"message\":\"Caller is not authorized "
                  "to perform action on resource.\\r\\nCaller: appid=a;oid=o;iss=i\\r\\n"
                  "Action: 'Microsoft.KeyVault/vaults/secrets/setSecret/action'\\r\\nResource: "
                  "'/subscriptions/s/vaults/kv/secrets/x'\\r\\nAssignment: (not found)\","
                  "\"innererror\":{\"code\":\"ForbiddenByRbac\"}}}"),
        ACSMTP_DENIED);
    ASSERT_HAS(err.message, "'Microsoft.KeyVault/vaults/secrets/setSecret/action' on "
                            "'/subscriptions/s/vaults/kv/secrets/x': it needs the role Key Vault "
                            "Secrets Officer there");
    ASSERT_TEXT(err.code, "ForbiddenByRbac");
    CU_ASSERT(client_failed_with(&err, "Forbidden"));
    ASSERT_HAS_NOT(err.message, "Caller is not authorized");
    ASSERT_HAS(err.server_text, "Caller is not authorized");
}

static void beside_a_remedy_one_sentence_of_azures_will_do(void)
{
    static const char taken[] = "{\"error\":{\"code\":\"VaultAlreadyExists\",\"message\":\"The "
                                "name 'kv.x' is in use. Vault "
                                "names are global.\"}}";
    static const char lines[] =
        "{\"error\":{\"code\":\"PrincipalNotFound\",\"message\":\"Principal p "
        "does not exist\\r\\nin the directory. Check it.\"}}";

    CU_ASSERT_EQUAL(fail_with(409, taken), ACSMTP_CONFIG);
    ASSERT_HAS(err.message, "HTTP 409 VaultAlreadyExists: The name 'kv.x' is in use.");
    ASSERT_HAS_NOT(err.message, "Vault names");
    CU_ASSERT_EQUAL(fail_with(400, lines), ACSMTP_TEMPORARY);
    ASSERT_HAS(err.message, "PrincipalNotFound: Principal p does not exist");
    ASSERT_HAS_NOT(err.message, "in the directory.");
    CU_ASSERT_EQUAL(fail_with(400, "{\"error\":{\"code\":\"Other\",\"message\":\"One. Two.\"}}"),
                    ACSMTP_CONFIG);
    ASSERT_HAS(err.message, "HTTP 400 Other: One. Two.");
}

static void an_unregistered_provider_is_named(void)
{
    CU_ASSERT_EQUAL(
        fail_with(409, "{\"error\":{\"code\":\"MissingSubscriptionRegistration\",\"message\":\"The "
                       "subscription is not registered to use namespace 'Microsoft.KeyVault'. See "
                       "https://aka.ms/rps-not-found\"}}"),
        ACSMTP_CONFIG);
    ASSERT_HAS(err.message, "not registered for the provider Microsoft.KeyVault");
}

static void other_remedies_are_told(void)
{
    static const struct {
        int status;
        const char *code;
        int class;
        const char *words;
    } cases[] = {
        {403, "Authorization_RequestDenied", ACSMTP_DENIED, "Application.ReadWrite.OwnedBy"},
        {404, "SubscriptionNotFound", ACSMTP_CONFIG, "check option 'subscription'"},
        {400, "InvalidSubscriptionId", ACSMTP_CONFIG, "option 'subscription' is not the id"},
        {400, "NoRegisteredProviderFound", ACSMTP_CONFIG, "check option 'location'"},
        {400, "LocationNotAvailableForResourceType", ACSMTP_CONFIG, "to another region"},
        {400, "InvalidLocation", ACSMTP_CONFIG, "to another region"},
        {409, "InvalidResourceGroupLocation", ACSMTP_CONFIG, "exists in another region"},
        {409, "VaultAlreadyExists", ACSMTP_CONFIG, "option 'key_vault'"},
        {409, "NameReservationTaken", ACSMTP_CONFIG, "the name is taken"},
        {403, "SubscriptionQuotaExceeded", ACSMTP_CONFIG, "a quota of the subscription"},
        {400, "RoleAssignmentLimitExceeded", ACSMTP_CONFIG, "a quota of the subscription"},
        {403, "Directory_QuotaExceeded", ACSMTP_CONFIG, "as many directory objects as it may"},
        {429, "QuotaExceeded", ACSMTP_TEMPORARY, "a quota of the subscription"},
        {400, "CredentialInvalidLifetimeAsPerAppPolicy", ACSMTP_CONFIG, "'secret_lifetime'"},
        {409, "ResourceBeingDeleted", ACSMTP_TEMPORARY, "wait until it is gone"},
        {403, "SenderUsernameQuotaExceeded", ACSMTP_CONFIG, "a quota of the subscription"},
        {400, "InvalidLinkedDomains", ACSMTP_CONFIG, "acsmtp provision verify"},
        {400, "PrincipalNotFound", ACSMTP_TEMPORARY, "does not know the new principal yet"},
        {401, "InvalidAuthenticationToken", ACSMTP_DENIED, "log in again"},
        {401, "InvalidAuthenticationTokenTenant", ACSMTP_DENIED, "another tenant"},
        {403, "RequestDisallowedByPolicy", ACSMTP_CONFIG, "a policy of the organisation"},
        {409, "ScopeLocked", ACSMTP_CONFIG, "remove the lock"},
        {403, "ForbiddenByFirewall", ACSMTP_DENIED, "the vault's firewall"},
        {409, "ObjectIsDeletedButRecoverable", ACSMTP_CONFIG, "recover or purge it"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int class = fail_code(cases[i].status, cases[i].code);

        if (class != cases[i].class)
            printf("\n    %s: %d\n", cases[i].code, class);
        CU_ASSERT_EQUAL(class, cases[i].class);
        ASSERT_HAS(err.message, cases[i].words);
        ASSERT_HAS(err.message, cases[i].code);
        ASSERT_TEXT(err.code, cases[i].code);
        CU_ASSERT(client_failed_with(&err, cases[i].code));
    }
}

CUNIT_MAIN("acs failure", T(arms_shape_is_read), T(codes_within_codes_are_read),
           T(other_shapes_are_read), T(what_is_no_error_is_none), T(too_much_is_cut),
           T(classes_follow_from_the_status), T(codes_are_found_again_at_any_depth),
           T(control_characters_do_not_reach_a_terminal), T(a_missing_role_is_named),
           T(a_vaults_role_is_named), T(beside_a_remedy_one_sentence_of_azures_will_do),
           T(an_unregistered_provider_is_named), T(other_remedies_are_told))
