/* SPDX-License-Identifier: MIT */
/* Which proxy the environment means, and for whom. */
#include "cunit_main.h"
#include "smtp/smtp_proxy.h"

#include <stdlib.h>
#include <string.h>

static int parse(const char *text, struct smtp_proxy *proxy, struct acsmtp_error *err)
{
    *proxy = (struct smtp_proxy){.kind = SMTP_PROXY_NONE};
    *err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    return smtp_proxy_parse(text, proxy, err);
}

static void urls_of_proxies_are_read(void)
{
    static const struct {
        const char *text;
        int kind;
        const char *host;
        int port;
    } good[] = {
        {"proxy.example", SMTP_PROXY_HTTP, "proxy.example", 1080},
        {"proxy.example:3128", SMTP_PROXY_HTTP, "proxy.example", 3128},
        {"http://proxy.example:3128/", SMTP_PROXY_HTTP, "proxy.example", 3128},
        {"HTTP://127.0.0.1:8080", SMTP_PROXY_HTTP, "127.0.0.1", 8080},
        {"socks5h://[2001:db8::1]:1081", SMTP_PROXY_SOCKS5, "2001:db8::1", 1081},
        {"socks5://[::1]", SMTP_PROXY_SOCKS5, "::1", 1080},
        {"SOCKS5H://proxy", SMTP_PROXY_SOCKS5, "proxy", 1080},
    };

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct smtp_proxy proxy;
        struct acsmtp_error err;

        CU_ASSERT_EQUAL(parse(good[i].text, &proxy, &err), ACSMTP_OK);
        CU_ASSERT_EQUAL(proxy.kind, good[i].kind);
        CU_ASSERT_STRING_EQUAL(proxy.host, good[i].host);
        CU_ASSERT_EQUAL(proxy.port, good[i].port);
        CU_ASSERT_PTR_NULL(proxy.user);
        smtp_proxy_release(&proxy);
    }
}

static void user_and_password_are_decoded(void)
{
    static const char *const texts[][3] = {
        {"http://ada:lovelace@proxy", "ada", "lovelace"},
        {"socks5h://ada@proxy:1", "ada", ""},
        {"http://a%40b:p%3aq%2F@proxy", "a@b", "p:q/"},
        {"http://a:b:c@proxy", "a", "b:c"},
        {"http://a@b:c@proxy", "a@b", "c"},
        {"http://100%:%4@proxy", "100%", "%4"},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct smtp_proxy proxy;
        struct acsmtp_error err;

        CU_ASSERT_EQUAL(parse(texts[i][0], &proxy, &err), ACSMTP_OK);
        CU_ASSERT_STRING_EQUAL(proxy.host, "proxy");
        CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(proxy.user), texts[i][1]);
        CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(proxy.password), texts[i][2]);
        smtp_proxy_release(&proxy);
    }
}

static void what_is_no_proxy_is_a_setting(void)
{
    static const char *const bad[] = {
        "",
        "https://proxy:443",
        "socks4://proxy",
        "socks4a://proxy",
        "ftp://proxy",
        "://proxy",
        "http://",
        "http://:3128",
        "http://proxy:0",
        "http://proxy:65536",
        "http://proxy:123456",
        "http://proxy:80x",
        "http://proxy/path",
        "http://proxy?x",
        "http://a b",
        "http://pr\r\noxy",
        "http://[::1",
        "http://ada%0d%0aX:y@proxy",
        "http://ada:%00@proxy",
        "http://ada\n@proxy",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct smtp_proxy proxy;
        struct acsmtp_error err;

        CU_ASSERT_EQUAL(parse(bad[i], &proxy, &err), ACSMTP_CONFIG);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "all_proxy"));
        smtp_proxy_release(&proxy);
    }
}

static void exceptions_hold_for_whom_they_name(void)
{
    static const struct {
        const char *list, *host;
        int held;
    } cases[] = {
        {"*", "mail.example", 1},
        {"", "mail.example", 0},
        {" , ,", "mail.example", 0},
        {"example", "mail.example", 1},
        {".example", "mail.example", 1},
        {"mail.example", "MAIL.Example", 1},
        {"ail.example", "mail.example", 0},
        {"other, mail.example", "mail.example", 1},
        {"other mail.example", "mail.example", 1},
        {"mail.example.org", "mail.example", 0},
        {".", "mail.example", 0},
        {"192.0.2.1", "192.0.2.1", 1},
        {"192.0.2.0/24", "192.0.2.77", 1},
        {"192.0.2.0/24", "192.0.3.77", 0},
        {"192.0.2.0/25", "192.0.2.128", 0},
        {"192.0.2.0/25", "192.0.2.127", 1},
        {"0.0.0.0/0", "192.0.2.1", 1},
        {"192.0.2.0/33", "192.0.2.1", 0},
        {"2001:db8::/32", "2001:db8:1::1", 1},
        {"2001:db8::/32", "2001:db9::1", 0},
        {"2001:db8::1", "2001:db8:0::1", 1},
        {"::/129", "::1", 0},
        {"0.0.0.0/0", "mail.example", 0},
        {"/8", "mail.example", 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CU_ASSERT_EQUAL(smtp_proxy_is_bypassed(cases[i].list, cases[i].host), cases[i].held);
}

/* ---- the environment ---- */

static const char *const variables[] = {"smtp_proxy",  "SMTP_PROXY", "smtps_proxy",
                                        "SMTPS_PROXY", "all_proxy",  "ALL_PROXY",
                                        "no_proxy",    "NO_PROXY",   NULL};

static void forget(void)
{
    for (size_t i = 0; variables[i]; i++)
        (void)unsetenv(variables[i]);
}

/* The host of the proxy that is found, "" for none. */
static const char *found(const char *host, int is_implicit)
{
    static char text[NET_HOST_MAX + 1];
    struct smtp_proxy proxy = {.kind = SMTP_PROXY_NONE};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    CU_ASSERT_EQUAL(smtp_proxy_find(host, is_implicit, &proxy, &err), ACSMTP_OK);
    memcpy(text, proxy.kind == SMTP_PROXY_NONE ? "" : proxy.host,
           proxy.kind == SMTP_PROXY_NONE ? 1 : sizeof text);
    smtp_proxy_release(&proxy);
    return text;
}

static void the_nearest_variable_counts(void)
{
    forget();
    CU_ASSERT_STRING_EQUAL(found("mail.example", 0), "");
    (void)setenv("ALL_PROXY", "capital", 1);
    CU_ASSERT_STRING_EQUAL(found("mail.example", 0), "capital");
    (void)setenv("all_proxy", "small", 1);
    CU_ASSERT_STRING_EQUAL(found("mail.example", 0), "small");
    (void)setenv("SMTP_PROXY", "of-smtp", 1);
    (void)setenv("smtps_proxy", "of-smtps", 1);
    CU_ASSERT_STRING_EQUAL(found("mail.example", 0), "of-smtp");
    CU_ASSERT_STRING_EQUAL(found("mail.example", 1), "of-smtps");
    (void)setenv("smtp_proxy", "", 1); /* none for SMTP */
    CU_ASSERT_STRING_EQUAL(found("mail.example", 0), "");
    forget();
}

static void exceptions_and_this_machine_need_no_proxy(void)
{
    static const char *const own[] = {"localhost", "mx.localhost", "127.0.0.1",
                                      "::1",       "169.254.1.1",  NULL};

    forget();
    (void)setenv("all_proxy", "proxy", 1);
    for (size_t i = 0; own[i]; i++)
        CU_ASSERT_STRING_EQUAL(found(own[i], 0), "");
    CU_ASSERT_STRING_EQUAL(found("mail.example", 0), "proxy");
    (void)setenv("NO_PROXY", "example", 1);
    CU_ASSERT_STRING_EQUAL(found("mail.example", 0), "");
    (void)setenv("no_proxy", "elsewhere", 1);
    CU_ASSERT_STRING_EQUAL(found("mail.example", 0), "proxy");
    forget();
}

CUNIT_MAIN("smtp_proxy", T(urls_of_proxies_are_read), T(user_and_password_are_decoded),
           T(what_is_no_proxy_is_a_setting), T(exceptions_hold_for_whom_they_name),
           T(the_nearest_variable_counts), T(exceptions_and_this_machine_need_no_proxy))
