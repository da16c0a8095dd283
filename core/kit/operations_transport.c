/* SPDX-License-Identifier: MIT */
/* The operations of transport plugins as the battery calls them, see session.h. */
#include "canary.h"
#include "findings.h"
#include "session.h"
#include "verdict.h"
#include <acsmtp/message.h>
#include <acsmtp/secret.h>
#include <string.h>
#include <time.h>

enum { MAILS = 2, RECIPIENTS = 2, TOKEN_LIFE = 3600 };

static int open_it(const struct acsmtp_plugin *plugin, const struct acsmtp_settings *settings,
                   void **instance, struct acsmtp_error *err)
{
    return plugin->transport->open(settings, instance, err);
}

static void close_it(const struct acsmtp_plugin *plugin, void *instance)
{
    plugin->transport->close(instance);
}

/* A credential of a kind that the transport accepts; one that accepts nothing gets an empty one. */
static int fill(const struct session *session, struct acsmtp_credential *credential,
                struct acsmtp_error *err)
{
    uint32_t accepts = session->subject->plugin->transport->accepts;
    char canary[CANARY_SIZE + 1];
    struct acsmtp_secret *secret;

    if (!(accepts & (ACSMTP_CREDENTIAL_TOKEN | ACSMTP_CREDENTIAL_PASSWORD)))
        return ACSMTP_OK;
    canary_write(canary, CANARY_CHAIN, session->probe.instance);
    secret = acsmtp_secret_new(canary, CANARY_SIZE, err);
    acsmtp_wipe(canary, sizeof canary);
    if (!secret)
        return ACSMTP_SYSTEM;
    if (accepts & ACSMTP_CREDENTIAL_TOKEN)
        return acsmtp_credential_set_token(credential, secret, (int64_t)time(NULL) + TOKEN_LIFE, 0,
                                           err);
    return acsmtp_credential_set_password(credential, "kit@example.com", secret, err);
}

static int connect_it(struct session *session, struct acsmtp_context *context,
                      struct acsmtp_error *err)
{
    acsmtp_credential_free(session->credential);
    session->credential = acsmtp_credential_new(err);
    if (!session->credential || fill(session, session->credential, err) != ACSMTP_OK)
        return err->status;
    return session->subject->plugin->transport->connect(
        session->instance, context, "kit@example.com", session->credential, err);
}

/* ---- sending ---- */

struct letters {
    struct acsmtp_envelope envelope;
    struct acsmtp_mail mails[MAILS];
};

static void letters_release(struct letters *letters)
{
    for (size_t i = 0; i < MAILS; i++) {
        acsmtp_message_free(letters->mails[i].message);
        acsmtp_result_free(letters->mails[i].result);
    }
}

static int letters_init(struct letters *letters, struct acsmtp_error *err)
{
    static const char text[] = "From: kit@example.com\r\nTo: ann@example.com\r\nSubject: check\r\n"
                               "\r\n.a line that begins with a dot\r\n.\r\nthe end\r\n";
    static const char *const recipients[RECIPIENTS] = {"ann@example.com", "bob@example.com"};
    int status = ACSMTP_OK;

    *letters = (struct letters){.envelope = {.size = sizeof letters->envelope,
                                             .sender = "kit@example.com",
                                             .recipients = recipients,
                                             .recipient_count = RECIPIENTS}};
    for (size_t i = 0; i < MAILS; i++) {
        struct acsmtp_mail *mail = &letters->mails[i];

        *mail = (struct acsmtp_mail){.size = sizeof *mail, .envelope = &letters->envelope};
        mail->result = acsmtp_result_new(RECIPIENTS, err);
        if (status == ACSMTP_OK)
            status = acsmtp_message_from_memory(text, sizeof text - 1, &mail->message, err);
    }
    return status;
}

static int is_told(const struct acsmtp_result *result)
{
    for (size_t i = 0; i < acsmtp_result_recipients(result); i++)
        if (acsmtp_result_recipient(result, i)->delivery == ACSMTP_NOT_TRIED)
            return 0;
    return 1;
}

static int send_it(struct session *session, struct acsmtp_context *context,
                   struct acsmtp_error *err)
{
    struct letters letters;
    int status = letters_init(&letters, err);

    if (status == ACSMTP_OK)
        status = session->subject->plugin->transport->send(session->instance, context,
                                                           letters.mails, MAILS, err);
    for (size_t i = 0; status == ACSMTP_OK && i < MAILS; i++)
        if (!is_told(letters.mails[i].result))
            (void)verdict_fail(RULE_TRANSPORT_RESULT,
                               "send() returned OK and says nothing about mail %zu", i + 1);
    letters_release(&letters);
    return status;
}

static int disconnect(struct session *session, struct acsmtp_context *context,
                      struct acsmtp_error *err)
{
    (void)err;
    session->subject->plugin->transport->disconnect(session->instance, context);
    return ACSMTP_OK;
}

static int diagnose(struct session *session, struct acsmtp_context *context,
                    struct acsmtp_error *err)
{
    const struct acsmtp_finding_sink sink = {.size = sizeof sink, .tell = findings_tell};

    return session->subject->plugin->transport->diagnose(session->instance, context, &sink, err);
}

static int has_diagnose(const struct acsmtp_plugin *plugin)
{
    return plugin->transport->diagnose != NULL;
}

enum { CONNECT, SEND, DISCONNECT, DIAGNOSE, OPERATIONS };

static const struct operation operations[OPERATIONS + 1] = {
    [CONNECT] = {.name = "connect",
                 .needs = STATE_OPEN,
                 .forbids = STATE_TRIED,
                 .sets = STATE_TRIED,
                 .sets_ok = STATE_CONNECTED,
                 .run = connect_it},
    [SEND] = {.name = "send",
              .needs = STATE_CONNECTED,
              .clears_failed = STATE_CONNECTED,
              .run = send_it},
    [DISCONNECT] = {.name = "disconnect",
                    .needs = STATE_TRIED,
                    .clears = STATE_TRIED | STATE_CONNECTED,
                    .undoes = STATE_TRIED,
                    .is_silent = 1,
                    .run = disconnect},
    [DIAGNOSE] = {.name = "diagnose",
                  .needs = STATE_OPEN,
                  .forbids = STATE_TRIED,
                  .offered = has_diagnose,
                  .run = diagnose},
};

static const int life[] = {DIAGNOSE, CONNECT, SEND, SEND, DISCONNECT, CONNECT, SEND, -1};

const struct kind_operations transport_operations = {
    .operations = operations, .life = life, .depth = 3, .open = open_it, .close = close_it};
