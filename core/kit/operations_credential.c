/* SPDX-License-Identifier: MIT */
/* The operations of credential plugins as the battery calls them, see session.h. */
#include "lent.h"
#include "session.h"
#include "verdict.h"
#include <stdlib.h>

enum { VALIDITY = 300, LENT_SIZE = 4096 };

static int open_it(const struct acsmtp_plugin *plugin, const struct acsmtp_settings *settings,
                   void **instance, struct acsmtp_error *err)
{
    return plugin->credential->open(settings, instance, err);
}

static void close_it(const struct acsmtp_plugin *plugin, void *instance)
{
    plugin->credential->close(instance);
}

static int probe(struct session *session, struct acsmtp_context *context, struct acsmtp_error *err)
{
    return session->subject->plugin->credential->probe(session->instance, context, err);
}

/* A request whose texts are gone afterwards. */
static const struct acsmtp_credential_request *lend_request(struct lent *lent, uint32_t flags)
{
    struct acsmtp_credential_request *request =
        lent ? lent_place(lent, sizeof(struct acsmtp_credential_request)) : NULL;

    if (!request)
        return NULL;
    *request = (struct acsmtp_credential_request){
        .size = sizeof *request,
        .flags = flags,
        .scope = lent_text(lent, "https://mail.kit.example.com/.default"),
        .username = lent_text(lent, "kit@example.com"),
        .min_validity = VALIDITY,
    };
    return request;
}

static int ask(struct session *session, struct acsmtp_context *context, uint32_t flags,
               struct acsmtp_error *err)
{
    struct acsmtp_credential *out = acsmtp_credential_new(err);
    struct lent *lent = lent_new(LENT_SIZE);
    const struct acsmtp_credential_request *request = lend_request(lent, flags);
    int status;

    if (!out || !request) {
        acsmtp_credential_free(out);
        lent_take_back(lent);
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    status = session->subject->plugin->credential->acquire(session->instance, context, request, out,
                                                           err);
    lent_take_back(lent);
    if (status == ACSMTP_OK && acsmtp_credential_kind(out) == ACSMTP_CREDENTIAL_NONE)
        (void)verdict_fail(RULE_CREDENTIAL_FILLED, "acquire() returned OK and gave nothing");
    acsmtp_credential_free(session->credential);
    session->credential = out;
    return status;
}

static int acquire(struct session *session, struct acsmtp_context *context,
                   struct acsmtp_error *err)
{
    return ask(session, context, 0, err);
}

static int acquire_anew(struct session *session, struct acsmtp_context *context,
                        struct acsmtp_error *err)
{
    return ask(session, context, ACSMTP_REQUEST_REFRESH, err);
}

static void tell(struct session *session, struct acsmtp_context *context, int status, int code,
                 const char *text)
{
    struct lent *lent = lent_new(LENT_SIZE);
    struct acsmtp_verdict *verdict = lent ? lent_place(lent, sizeof *verdict) : NULL;

    if (verdict) {
        *verdict = (struct acsmtp_verdict){.size = sizeof *verdict,
                                           .status = status,
                                           .server_code = code,
                                           .text = lent_text(lent, text),
                                           .credential = session->credential};
        session->subject->plugin->credential->report(session->instance, context, verdict);
    }
    lent_take_back(lent);
}

static int report_accepted(struct session *session, struct acsmtp_context *context,
                           struct acsmtp_error *err)
{
    (void)err;
    tell(session, context, ACSMTP_OK, 235, NULL);
    return ACSMTP_OK;
}

static int report_refused(struct session *session, struct acsmtp_context *context,
                          struct acsmtp_error *err)
{
    (void)err;
    tell(session, context, ACSMTP_DENIED, 535, "5.7.3 Authentication unsuccessful");
    return ACSMTP_OK;
}

static int look(struct session *session, struct acsmtp_context *context, struct acsmtp_error *err)
{
    const char *chain = NULL;

    return session->subject->plugin->credential->look(session->instance, context, &chain, err);
}

static int forget(struct session *session, struct acsmtp_context *context, struct acsmtp_error *err)
{
    return session->subject->plugin->credential->forget(session->instance, context, err);
}

static int has_probe(const struct acsmtp_plugin *plugin)
{
    return plugin->credential->probe != NULL;
}

static int has_report(const struct acsmtp_plugin *plugin)
{
    return plugin->credential->report != NULL;
}

static int has_look(const struct acsmtp_plugin *plugin)
{
    return plugin->credential->look != NULL;
}

static int has_forget(const struct acsmtp_plugin *plugin)
{
    return plugin->credential->forget != NULL;
}

enum { PROBE, ACQUIRE, ACQUIRE_ANEW, ACCEPTED, REFUSED, LOOK, FORGET, OPERATIONS };

static const struct operation operations[OPERATIONS + 1] = {
    [PROBE] = {.name = "probe",
               .needs = STATE_OPEN,
               .forbids = STATE_PROBED,
               .sets = STATE_PROBED,
               .offered = has_probe,
               .run = probe},
    [ACQUIRE] = {.name = "acquire",
                 .needs = STATE_OPEN,
                 .sets = STATE_PROBED,
                 .sets_ok = STATE_HOLDS,
                 .clears_failed = STATE_HOLDS,
                 .run = acquire},
    [ACQUIRE_ANEW] = {.name = "acquire",
                      .needs = STATE_OPEN,
                      .sets = STATE_PROBED,
                      .sets_ok = STATE_HOLDS,
                      .clears_failed = STATE_HOLDS,
                      .run = acquire_anew},
    [ACCEPTED] = {.name = "report",
                  .needs = STATE_HOLDS,
                  .is_silent = 1,
                  .offered = has_report,
                  .run = report_accepted},
    [REFUSED] = {.name = "report",
                 .needs = STATE_HOLDS,
                 .clears = STATE_HOLDS,
                 .is_silent = 1,
                 .offered = has_report,
                 .run = report_refused},
    [LOOK] = {.name = "look",
              .needs = STATE_OPEN,
              .stays = RULE_CREDENTIAL_LOOK,
              .offered = has_look,
              .run = look},
    [FORGET] = {.name = "forget", .needs = STATE_OPEN, .offered = has_forget, .run = forget},
};

static const int life[] = {PROBE, ACQUIRE, ACCEPTED, ACQUIRE_ANEW, -1};

const struct kind_operations credential_operations = {.operations = operations,
                                                      .life = life,
                                                      .together = life,
                                                      .depth = 3,
                                                      .open = open_it,
                                                      .close = close_it};
