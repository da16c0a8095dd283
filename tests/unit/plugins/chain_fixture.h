/* SPDX-License-Identifier: MIT */
/*
 * One chain over the fixture's config, for the tests of chains. Every test begins with start() and
 * ends with stop().
 */
#ifndef CHAIN_FIXTURE_H
#define CHAIN_FIXTURE_H

#include "driver/chain.h"
#include "driver/chain_private.h"
#include "fixture.h"

#define SCOPE "https://communication.azure.com/.default"
#define LOG "\"log\": \"@/log\""
#define TELL(more) "{\"plugin\": \"tell\", " LOG ", " more "}"
#define UNAVAILABLE "{\"plugin\": \"tell-any\", \"answer\": \"unavailable\"}"

static struct fixture fixture;
static struct chain *chain;

static struct acsmtp_credential_request request = {.size = sizeof request, .scope = SCOPE};

static inline int try_open(const char *entries)
{
    char profile[8192];

    (void)snprintf(profile, sizeof profile, "\"credentials\": %s", entries);
    fixture_open(&fixture, profile);
    chain = NULL;
    request = (struct acsmtp_credential_request){.size = sizeof request, .scope = SCOPE};
    return chain_open(&fixture.host, acsmtp_json_get(config_profile(fixture.config), "credentials"),
                      "profiles.p.credentials", &chain, &fixture.err);
}

static inline void start(const char *entries)
{
    int status = try_open(entries);

    if (status != ACSMTP_OK)
        printf("\n  %s\n", fixture.err.message);
    CU_ASSERT_EQUAL_FATAL(status, ACSMTP_OK);
}

/* A second chain of the same config, as another process has it: nothing in memory. */
static inline void again(void)
{
    chain_close(chain);
    chain = NULL;
    CU_ASSERT_EQUAL_FATAL(chain_open(&fixture.host,
                                     acsmtp_json_get(config_profile(fixture.config), "credentials"),
                                     "profiles.p.credentials", &chain, &fixture.err),
                          ACSMTP_OK);
}

static inline void stop(void)
{
    chain_close(chain);
    fixture_close(&fixture);
}

static inline int acquire(void)
{
    acsmtp_error_clear(&fixture.err);
    return chain_acquire(chain, fixture.context, &request, fixture.credential, fixture.report,
                         &fixture.err);
}

/* Acquire, and expect this token. */
static inline void gives(const char *token)
{
    if (acquire() != ACSMTP_OK)
        printf("\n  %s\n", fixture.err.message);
    CU_ASSERT_STRING_EQUAL(fixture_secret(&fixture), token);
}

static inline void fails(int status, const char *message)
{
    CU_ASSERT_EQUAL(acquire(), status);
    CU_ASSERT_EQUAL(fixture.err.status, status);
    fixture_says(&fixture.err, message);
    CU_ASSERT_STRING_EQUAL(fixture_secret(&fixture), "");
}

static inline void verdict(int status)
{
    const struct acsmtp_verdict said = {
        .size = sizeof said, .status = status, .server_code = 535, .text = "no"};

    chain_report(chain, fixture.context, &said);
}

static inline int acquires(void)
{
    return fixture_count(&fixture, "log", "acquire");
}

static inline void attempt_is(size_t index, const char *plugin, int status, const char *message)
{
    const struct acsmtp_attempt *attempt = acsmtp_report_attempt(fixture.report, index);

    CU_ASSERT_PTR_NOT_NULL_FATAL(attempt);
    CU_ASSERT_STRING_EQUAL(attempt->plugin, plugin);
    CU_ASSERT_EQUAL(attempt->status, status);
    CU_ASSERT_PTR_NOT_NULL(strstr(attempt->message, message));
}

#endif
