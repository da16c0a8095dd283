/* SPDX-License-Identifier: MIT */
/*
 * For the tests of deliveries: a chain and a delivery over the test plugins `tell` and `wire`,
 * mails to deliver, and what came of them.
 */
#ifndef DELIVERY_FIXTURE_H
#define DELIVERY_FIXTURE_H

#include "driver/delivery.h"
#include "driver/delivery_private.h"
#include "plugins/fixture.h"

#define SCOPE "https://communication.azure.com/.default"
#define MAILS 4

#define TELL(more) "{\"plugin\": \"tell\", \"log\": \"@/log\", " more "}"
#define WIRE(kind, more) "{\"plugin\": \"wire-" kind "\", \"log\": \"@/wire\"" more "}"

static struct fixture fixture;
static struct chain *chain;
static struct delivery *delivery;
static struct acsmtp_credential_request request;
static struct acsmtp_mail mails[MAILS];
static char warnings[4096];

static inline void keep_line(void *data, int level, const char *line)
{
    size_t used = strlen(warnings);

    (void)data;
    if (level <= ACSMTP_LOG_WARNING)
        (void)snprintf(warnings + used, sizeof warnings - used, "%s\n", line);
}

/* `credentials` NULL: the profile has none. */
static inline void start(const char *credentials, const char *transports)
{
    char profile[8192];
    size_t i;

    if (credentials)
        (void)snprintf(profile, sizeof profile, "\"credentials\": [%s], \"transports\": [%s]",
                       credentials, transports);
    else
        (void)snprintf(profile, sizeof profile, "\"transports\": [%s]", transports);
    fixture_open(&fixture, profile);
    warnings[0] = '\0';
    acsmtp_context_set_log(fixture.context, keep_line, NULL, ACSMTP_LOG_WARNING);
    chain = NULL;
    delivery = NULL;
    if (credentials)
        CU_ASSERT_EQUAL_FATAL(
            chain_open(&fixture.host,
                       acsmtp_json_get(config_profile(fixture.config), "credentials"),
                       "profiles.p.credentials", &chain, &fixture.err),
            ACSMTP_OK);
    CU_ASSERT_EQUAL_FATAL(delivery_open(&fixture.host, chain, &delivery, &fixture.err), ACSMTP_OK);
    request = (struct acsmtp_credential_request){
        .size = sizeof request, .scope = SCOPE, .username = "profile-user"};
    for (i = 0; i < MAILS; i++)
        mails[i] = (struct acsmtp_mail){.size = sizeof mails[i],
                                        .result = acsmtp_result_new(1, &fixture.err)};
}

static inline void stop(void)
{
    size_t i;

    for (i = 0; i < MAILS; i++)
        acsmtp_result_free(mails[i].result);
    delivery_close(delivery);
    chain_close(chain);
    fixture_close(&fixture);
}

static inline int deliver(size_t count)
{
    acsmtp_error_clear(&fixture.err);
    return delivery_run(delivery, fixture.context, &request, mails, count, fixture.report,
                        &fixture.err);
}

static inline void delivers(size_t count)
{
    size_t i;

    if (deliver(count) != ACSMTP_OK)
        printf("\n  %s\n", fixture.err.message);
    CU_ASSERT_EQUAL(fixture.err.status, ACSMTP_OK);
    for (i = 0; i < count; i++)
        CU_ASSERT_EQUAL(acsmtp_result_message(mails[i].result)->delivery, ACSMTP_ACCEPTED);
}

static inline void fails(int status, const char *message)
{
    CU_ASSERT_EQUAL(deliver(1), status);
    CU_ASSERT_EQUAL(fixture.err.status, status);
    fixture_says(&fixture.err, message);
    CU_ASSERT_EQUAL(acsmtp_result_message(mails[0].result)->delivery, ACSMTP_NOT_TRIED);
}

static inline void wire_saw(const char *calls)
{
    CU_ASSERT_STRING_EQUAL(fixture_read(&fixture, "wire"), calls);
}

#endif
