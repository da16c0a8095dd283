/* SPDX-License-Identifier: MIT */
/*
 * The operations of keyring plugins as the battery calls them, see session.h. Its one entry is
 * removed again at the end of a life.
 */
#include "canary.h"
#include "lent.h"
#include "session.h"
#include "verdict.h"
#include <acsmtp/keyring.h>
#include <acsmtp/secret.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LENT_SIZE = 512 };

static int open_it(const struct acsmtp_plugin *plugin, const struct acsmtp_settings *settings,
                   void **instance, struct acsmtp_error *err)
{
    return plugin->keyring->open(settings, instance, err);
}

static void close_it(const struct acsmtp_plugin *plugin, void *instance)
{
    plugin->keyring->close(instance);
}

/* Each session, and each run of the check, has an entry of its own. */
static const char *entry_name(const struct session *session, struct lent *lent)
{
    char name[64];

    (void)snprintf(name, sizeof name, "acsmtp-plugin-check %ld %u", (long)getpid(),
                   session->number);
    return lent ? lent_text(lent, name) : NULL;
}

/* UNAVAILABLE without a code says that there is no such keyring here: nothing more can be said. */
static int says_no_entry(int status, const struct acsmtp_error *err)
{
    return status == ACSMTP_UNAVAILABLE && strcmp(err->code, ACSMTP_KEYRING_NO_ENTRY) == 0;
}

static int get(struct session *session, struct acsmtp_context *context, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = NULL;
    struct lent *lent = lent_new(LENT_SIZE);
    const char *name = entry_name(session, lent);
    int status =
        session->subject->plugin->keyring->get(session->instance, context, name, &secret, err);

    lent_take_back(lent);
    if (status == ACSMTP_OK &&
        (!secret || !canary_is(acsmtp_secret_data(secret), acsmtp_secret_size(secret), CANARY_ENTRY,
                               session->probe.instance)))
        (void)verdict_fail(RULE_KEYRING_COPY, "get() returned OK and not what set() was given");
    if (says_no_entry(status, err) && (session->state & STATE_HOLDS))
        (void)verdict_fail(RULE_KEYRING_COPY, "get() finds no entry after set() returned OK");
    return status;
}

static int set(struct session *session, struct acsmtp_context *context, struct acsmtp_error *err)
{
    char canary[CANARY_SIZE + 1];
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = NULL;
    struct lent *lent = lent_new(LENT_SIZE);
    const char *name = entry_name(session, lent);
    int status = ACSMTP_SYSTEM;

    canary_write(canary, CANARY_ENTRY, session->probe.instance);
    secret = acsmtp_secret_new(canary, CANARY_SIZE, err);
    acsmtp_wipe(canary, sizeof canary);
    if (secret)
        status =
            session->subject->plugin->keyring->set(session->instance, context, name, secret, err);
    lent_take_back(lent);
    return status;
}

static int remove_it(struct session *session, struct acsmtp_context *context,
                     struct acsmtp_error *err)
{
    struct lent *lent = lent_new(LENT_SIZE);
    const char *name = entry_name(session, lent);
    int status = session->subject->plugin->keyring->remove(session->instance, context, name, err);

    lent_take_back(lent);
    if (says_no_entry(status, err) && (session->state & STATE_HOLDS))
        (void)verdict_fail(RULE_KEYRING_GONE, "remove() finds no entry after set() returned OK");
    return status;
}

/* After remove() the entry is gone, and that has its own code. */
static int miss(struct session *session, struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    int status = get(session, context, &failure);

    if (status == ACSMTP_OK)
        (void)verdict_fail(RULE_KEYRING_GONE, "get() still finds the entry after remove()");
    if (says_no_entry(status, &failure))
        return ACSMTP_OK;
    return status == ACSMTP_OK ? ACSMTP_OK : acsmtp_fail(err, status, "%s", failure.message);
}

enum { GET, SET, REMOVE, MISS, OPERATIONS };

static const struct operation operations[OPERATIONS + 1] = {
    [GET] = {.name = "get", .needs = STATE_OPEN, .run = get},
    [SET] = {.name = "set",
             .needs = STATE_OPEN,
             .clears = STATE_GONE,
             .sets_ok = STATE_HOLDS,
             .run = set},
    [REMOVE] = {.name = "remove",
                .needs = STATE_OPEN,
                .clears = STATE_HOLDS,
                .sets_ok = STATE_GONE,
                .undoes = STATE_HOLDS,
                .run = remove_it},
    [MISS] = {.name = "get", .needs = STATE_OPEN | STATE_GONE, .run = miss},
};

static const int life[] = {SET, GET, SET, GET, REMOVE, MISS, -1};

const struct kind_operations keyring_operations = {.operations = operations,
                                                   .life = life,
                                                   .together = life,
                                                   .depth = 3,
                                                   .open = open_it,
                                                   .close = close_it};
