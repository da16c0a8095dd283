/* SPDX-License-Identifier: MIT */
/* Every failure of the troubleshooting lists has its way out. */
#include "config_fixture.h"
#include "cunit_main.h"

static const char *hint(int status, int server_code, const char *code, const char *text,
                        const char *message)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    (void)acsmtp_fail(&err, status, "%s", message);
    acsmtp_error_server(&err, server_code, code, text);
    return acsmtp_hint(&err);
}

static void a_refused_login_names_the_causes_in_order(void)
{
    const char *found = hint(ACSMTP_DENIED, 535, "5.7.3", "Authentication unsuccessful", "login");

    ASSERT_HAS(found, "user name");
    ASSERT_HAS(found, "expired");
    ASSERT_HAS(found, "scope");
    ASSERT_HAS(found, "https://communication.azure.com/.default");
    ASSERT_HAS(found, "Communication and Email Service Owner");
    ASSERT_HAS(found, "propagating");
}

static void a_refused_token_and_a_refused_password_have_their_own_hints(void)
{
    const char *token = hint(ACSMTP_DENIED, 535, "5.7.3", "Authentication unsuccessful",
                             "AUTH XOAUTH2: 535 5.7.3 Authentication unsuccessful");
    const char *password = hint(ACSMTP_DENIED, 535, "5.7.3", "Authentication unsuccessful",
                                "AUTH LOGIN: 535 5.7.3 Authentication unsuccessful");

    ASSERT_HAS(token, "scope");
    ASSERT_HAS_NOT(token, "password");
    ASSERT_HAS(password, "password");
    ASSERT_HAS_NOT(password, "scope");
}

static void a_token_for_exchange_is_named(void)
{
    ASSERT_HAS(hint(ACSMTP_DENIED, 0, NULL, NULL,
                    "the token is for Exchange Online (aud https://outlook.office365.com), the "
                    "server would refuse it"),
               "Exchange Online");
}

static void smtp_replies_have_hints(void)
{
    ASSERT_HAS(hint(ACSMTP_REJECTED, 550, "5.3.5", "Email sender's username is invalid", "MAIL"),
               "MailFrom");
    ASSERT_HAS(hint(ACSMTP_TEMPORARY, 450, "4.5.127", "Message rejected.", "DATA"), "quota");
    ASSERT_HAS(hint(ACSMTP_REJECTED, 550, "5.7.54", "SMTP; Unable to relay", "RCPT"), "logged in");
    ASSERT_HAS(hint(ACSMTP_REJECTED, 530, "5.7.57", "Client not authenticated", "MAIL"), "login");
    ASSERT_HAS(hint(ACSMTP_PROTOCOL, 530, "5.7.0", "Must issue a STARTTLS", "MAIL"), "587");
    ASSERT_HAS(hint(ACSMTP_PROTOCOL, 538, "5.7.11", "Encryption required", "AUTH"), "TLS");
    ASSERT_HAS(hint(ACSMTP_PROTOCOL, 504, "5.7.4", "Unrecognized", "AUTH"), "smtp-xoauth2");
    ASSERT_HAS(hint(ACSMTP_REJECTED, 552, "5.3.4", "Message size exceeds", "DATA"), "7.5 MB");
    ASSERT_HAS(hint(ACSMTP_REJECTED, 0, "5.3.4", "", "too large"), "7.5 MB");
    ASSERT_HAS(hint(ACSMTP_TEMPORARY, 421, "4.3.2", "Service not available", "greeting"),
               "few minutes");
    ASSERT_HAS(hint(ACSMTP_TEMPORARY, 421, "4.3.2", "number of concurrent connections", "AUTH"),
               "250");
}

/* Numbers of SMTP and HTTP overlap: a gateway's time-out has nothing to do with ways to log in. */
static void a_gateway_that_timed_out_is_no_login(void)
{
    CU_ASSERT_PTR_NULL(acsmtp_hint(&(struct acsmtp_error){.size = sizeof(struct acsmtp_error),
                                                          .status = ACSMTP_TEMPORARY,
                                                          .server_code = 504,
                                                          .message = "POST https://x: 504"}));
}

static void every_code_of_entra_has_a_hint(void)
{
    static const int codes[] = {
        7000215, 7000222, 7000218, 700025, 700027,  700030, 50012,  50013,  500133, 700016, 700011,
        70001,   7000112, 90002,   90038,  900023,  50059,  50128,  50034,  50020,  51004,  50126,
        50055,   50057,   50053,   50076,  50079,   53003,  530032, 53000,  65001,  90094,  65002,
        500011,  50001,   650057,  70011,  28002,   700022, 700023, 50196,  50173,  700082, 70008,
        70043,   90055,   90033,   50033,  1002012, 70021,  700211, 700212, 700213, 700024};
    size_t i;

    for (i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        char code[32];

        (void)snprintf(code, sizeof code, "AADSTS%d", codes[i]);
        if (!hint(ACSMTP_DENIED, 401, code, "text", "token"))
            printf("\n    no hint for %s\n", code);
        CU_ASSERT_PTR_NOT_NULL(hint(ACSMTP_DENIED, 401, code, "text", "token"));
    }
}

static void a_code_is_also_found_in_the_words(void)
{
    const char *by_code = hint(ACSMTP_DENIED, 401, "AADSTS7000215", "", "POST");

    CU_ASSERT_PTR_EQUAL(hint(ACSMTP_DENIED, 401, "invalid_client",
                             "AADSTS7000215: Invalid client secret provided.", "POST"),
                        by_code);
    CU_ASSERT_PTR_EQUAL(
        hint(ACSMTP_UNAVAILABLE, 0, NULL, NULL, "az said: AADSTS7000215: Invalid client secret"),
        by_code);
}

static void a_longer_code_is_another_code(void)
{
    CU_ASSERT_PTR_NULL(hint(ACSMTP_DENIED, 401, "AADSTS70002159", "AADSTS70002159: x", "POST"));
    CU_ASSERT_PTR_NOT_EQUAL(hint(ACSMTP_DENIED, 400, "AADSTS700021", "x", "POST"),
                            hint(ACSMTP_DENIED, 400, "AADSTS70021", "x", "POST"));
    CU_ASSERT_PTR_NOT_EQUAL(hint(ACSMTP_REJECTED, 550, "5.3.54", "x", "MAIL"),
                            hint(ACSMTP_REJECTED, 550, "5.3.5", "x", "MAIL"));
    CU_ASSERT_PTR_EQUAL(hint(ACSMTP_REJECTED, 550, "", "said 5.3.5.", "MAIL"),
                        hint(ACSMTP_REJECTED, 550, "5.3.5", "x", "MAIL"));
}

static void key_vault_has_hints(void)
{
    ASSERT_HAS(hint(ACSMTP_DENIED, 403, "ForbiddenByRbac", "", "GET"), "Key Vault Secrets User");
    ASSERT_HAS(hint(ACSMTP_DENIED, 403, "AccessDenied", "", "GET"), "access policy");
    ASSERT_HAS(hint(ACSMTP_DENIED, 403, "ForbiddenByPolicy", "", "GET"), "access policy");
    ASSERT_HAS(hint(ACSMTP_DENIED, 403, "ForbiddenByFirewall", "", "GET"), "firewall");
    ASSERT_HAS(hint(ACSMTP_DENIED, 403, "SecretDisabled", "", "GET"), "disabled");
    ASSERT_HAS(hint(ACSMTP_CONFIG, 404, "SecretNotFound", "", "GET"), "name");
}

static void managed_identity_has_a_hint(void)
{
    ASSERT_HAS(hint(ACSMTP_DENIED, 400, "invalid_request", "Identity not found", "GET"),
               "managed identity");
}

static void the_network_has_hints(void)
{
    ASSERT_HAS(hint(ACSMTP_TEMPORARY, 0, "timeout", NULL, "smtp.azurecomm.net:25: no connection"),
               "587");
    ASSERT_HAS(hint(ACSMTP_TEMPORARY, 0, "connect_refused", NULL, "h:587: refused"), "port");
    ASSERT_HAS(hint(ACSMTP_TEMPORARY, 0, "connect_unreachable", NULL, "h:587: x"), "firewall");
    ASSERT_HAS(hint(ACSMTP_TEMPORARY, 0, "dns", NULL, "h:587: x"), "spelling");
    ASSERT_HAS(hint(ACSMTP_TEMPORARY, 0, "timeout", NULL, "h:587: x"), "--timeout");
    ASSERT_HAS(hint(ACSMTP_PROTOCOL, 0, "tls", NULL, "h:587: the certificate does not verify"),
               "ca_file");
    ASSERT_HAS(hint(ACSMTP_PROTOCOL, 0, "tls", NULL, "h:587: the TLS handshake failed"), "465");
    ASSERT_HAS(hint(ACSMTP_CONFIG, 0, "tls", NULL, "the file is unusable"), "ca_path");
}

static void nothing_known_is_no_hint(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    CU_ASSERT_PTR_NULL(acsmtp_hint(&err));
    CU_ASSERT_PTR_NULL(acsmtp_hint(NULL));
    CU_ASSERT_PTR_NULL(hint(ACSMTP_SYSTEM, 0, NULL, NULL, "out of memory"));
    CU_ASSERT_PTR_NULL(hint(ACSMTP_CONFIG, 0, NULL, NULL, "dns and tls are only words here"));
    CU_ASSERT_PTR_NULL(hint(ACSMTP_REJECTED, 550, "5.1.1", "User unknown", "RCPT"));
}

CUNIT_MAIN("hint", T(a_refused_login_names_the_causes_in_order),
           T(a_refused_token_and_a_refused_password_have_their_own_hints),
           T(a_token_for_exchange_is_named), T(smtp_replies_have_hints),
           T(every_code_of_entra_has_a_hint), T(a_code_is_also_found_in_the_words),
           T(a_longer_code_is_another_code), T(key_vault_has_hints), T(managed_identity_has_a_hint),
           T(the_network_has_hints), T(nothing_known_is_no_hint),
           T(a_gateway_that_timed_out_is_no_login))
