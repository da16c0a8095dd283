/* SPDX-License-Identifier: MIT */
/* DATA and BDAT: receives the message byte for byte, ends it at CRLF.CRLF and nowhere else, and
 * decides whether it is accepted. */
#include "mail_access.h"
#include "mailbox.h"
#include "smtp_body.h"
#include "smtp_session.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
    RESERVE_STEP = 256 * 1024,
    HEAD_MAXIMUM = 64 * 1024, /* how far a From field is looked for */
};

struct reception {
    struct smtp_session *session;
    struct smtp_body body;
    size_t limit;
    bool too_large;
    bool no_room;
};

static void keep(void *cls, const char *data, size_t length)
{
    struct reception *reception = cls;
    struct smtp_mail *mail = &reception->session->mail;
    if (reception->too_large || reception->no_room) {
        return;
    }
    reception->too_large =
        mail->body.length > reception->limit || length > reception->limit - mail->body.length;
    while (!reception->too_large && !reception->no_room &&
           mail->body.length + length > mail->reserved) {
        reception->no_room = !inbox_reserve(&reception->session->emulator->inbox, RESERVE_STEP);
        mail->reserved += reception->no_room ? 0 : RESERVE_STEP;
    }
    if (!reception->too_large && !reception->no_room) {
        text_add(&mail->body, data, length);
        reception->no_room = mail->body.failed;
    }
}

struct senders {
    struct json_object *state;
    const char *service;
    bool all_registered;
};

static void check_from(void *cls, const char *address)
{
    struct senders *senders = cls;
    senders->all_registered =
        senders->all_registered && mail_access_is_sender(senders->state, senders->service, address);
}

/* The reply that refuses the message, or NULL. UNVERIFIED in their digits: all but the rate's. */
static const char *verdict(struct smtp_session *session, const struct reception *reception)
{
    const struct smtp_mail *mail = &session->mail;
    struct json_object *settings = session->settings;
    const char *service = session->login.service;
    struct senders senders = {.state = session->state, .service = service, .all_registered = true};
    if (reception->no_room) {
        return "452 4.3.1 Insufficient system resources";
    }
    if (reception->too_large) {
        return "552 5.3.4 Message size exceeds fixed maximum message size";
    }
    if (reception->body.bare_newline && !mail->binary &&
        strcmp(tree_string(settings, "bare_newline", ""), "refuse") == 0) {
        return "550 5.6.11 Bare CR or LF or a NUL in the message";
    }
    size_t head = mail->body.length < HEAD_MAXIMUM ? mail->body.length : HEAD_MAXIMUM;
    if (mailbox_scan_from(text_string(&mail->body), head, check_from, &senders) != 1) {
        return "550 5.6.0 The message needs one From field with an address";
    }
    if (!senders.all_registered || !mail_access_is_sender(session->state, service, mail->from)) {
        return tree_string(settings, "sender_reply", "550 5.3.5");
    }
    if (!inbox_rate_take(&session->emulator->inbox, tree_int(settings, "per_minute", 0),
                         tree_int(settings, "per_hour", 0))) {
        return "450 4.5.127 Message rejected. Excessive message rate from sender. For more "
               "information see https://aka.ms/EXOSmtpErrors";
    }
    return NULL;
}

static struct json_object *describe(struct smtp_session *session, const struct reception *reception)
{
    struct smtp_mail *mail = &session->mail;
    const struct smtp_login *login = &session->login;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct json_object *about = json_object_new_object();
    tree_set_string(about, "from", mail->from);
    json_object_object_add(about, "recipients", tree_dup(mail->recipients));
    json_object_object_add(about, "mail_parameters", tree_dup(mail->parameters));
    json_object_object_add(about, "recipient_parameters", tree_dup(mail->recipient_parameters));
    struct json_object *auth = tree_set_object(about, "auth");
    tree_set_string(auth, "mechanism", login->mechanism);
    tree_set_string(auth, "username", login->username);
    tree_set_string(auth, "client_id", login->client_id);
    tree_set_string(auth, "object_id", login->object_id);
    tree_set_int(about, "size", (int64_t)mail->body.length);
    tree_set_int(about, "received_ms", (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
    tree_set_string(about, "tls", SSL_get_version(session->stream.ssl));
    tree_set_string(about, "cipher", SSL_get_cipher_name(session->stream.ssl));
    tree_set_string(about, "ehlo", session->ehlo);
    tree_set_int(about, "connection", session->id);
    tree_set_string(about, "verb", mail->chunking ? "BDAT" : "DATA");
    tree_set_bool(about, "eight_bit", reception->body.eight_bit);
    tree_set_bool(about, "bare_newline", reception->body.bare_newline);
    return about;
}

/* false when there was no room left after all. */
static bool deliver(struct smtp_session *session, const struct reception *reception, char *id,
                    size_t size)
{
    struct json_object *about = describe(session, reception);
    snprintf(id, size, "<%lld.%lld@" SMTP_HOST ">", (long long)session->id,
             (long long)tree_int(about, "received_ms", 0));
    /* What was reserved is counted once more as stored; give it back first. */
    inbox_unreserve(&session->emulator->inbox, session->mail.reserved);
    session->mail.reserved = 0;
    if (inbox_store(&session->emulator->inbox, about, &session->mail.body) != 0) {
        json_object_put(about);
        return false;
    }
    counters_add(&session->emulator->counters, "smtp", "accepted");
    return true;
}

static bool refuse_if_due(struct smtp_session *session, const struct reception *reception)
{
    const char *refusal = verdict(session, reception);
    if (refusal != NULL) {
        smtp_refuse(session, refusal, "%s", refusal);
    }
    return refusal != NULL;
}

static void answer(struct smtp_session *session, const struct fault *fault, const char *id)
{
    switch (fault->action) {
    case FAULT_DROP:
        session->closing = true;
        break;
    case FAULT_REPLY:
        smtp_reply(session, "%s", fault->reply);
        session->closing = session->closing || strncmp(fault->reply, "421", 3) == 0;
        break;
    case FAULT_GARBAGE:
        smtp_reply(session, SMTP_GARBAGE);
        break;
    default:
        smtp_reply(session, "250 2.0.0 OK %s Queued mail for delivery", id);
        break;
    }
}

/* An ordered failure at the final dot comes after the message was stored, unless it says not to:
 * that is the moment at which a client cannot know. */
static void finish(struct smtp_session *session, const struct reception *reception)
{
    char id[96] = "";
    struct fault fault;
    faults_take_smtp(&session->emulator->faults, "dot", &fault);
    bool ordered = fault.action != FAULT_NONE && fault.action != FAULT_DELAY;
    if (fault.action != FAULT_NONE && fault.delay_ms > 0) {
        session->closing = !pause_wait(&session->emulator->pause, fault.delay_ms);
    }
    if (ordered && !fault.store) {
        answer(session, &fault, "");
    } else if (!session->closing && !refuse_if_due(session, reception)) {
        if (deliver(session, reception, id, sizeof(id))) {
            answer(session, &fault, id);
        } else {
            smtp_reply(session, "452 4.3.1 Insufficient system storage");
        }
    }
    smtp_mail_reset(session);
}

static bool may_send_data(struct smtp_session *session)
{
    const struct smtp_mail *mail = &session->mail;
    if (!mail->started) {
        smtp_refuse(session, "DATA without MAIL", "503 5.5.2 Need mail command");
    } else if (json_object_array_length(mail->recipients) == 0) {
        smtp_refuse(session, "DATA without RCPT", "503 5.5.2 Need rcpt command");
    } else {
        return true;
    }
    return false;
}

static void begin(struct smtp_session *session, struct reception *reception)
{
    *reception = (struct reception){.session = session};
    reception->body = (struct smtp_body){.keep = keep, .cls = reception};
    reception->limit = (size_t)tree_int(session->settings, "max_size", 0);
    if (session->mail.body.maximum == 0) {
        text_init(&session->mail.body, reception->limit);
    }
}

/* false when the connection ended before the data did. */
static bool receive(struct reception *reception)
{
    struct smtp_session *session = reception->session;
    while (reception->body.place != PLACE_ENDED) {
        const char *data = NULL;
        size_t length = stream_peek(&session->stream, &data);
        if (length == 0 || smtp_fault(session, "body")) {
            session->closing = true;
            return false;
        }
        stream_consume(&session->stream, smtp_body_take(&reception->body, data, length));
    }
    return true;
}

void smtp_data(struct smtp_session *session, const char *argument)
{
    struct reception reception;
    if (argument[0] != '\0') {
        smtp_refuse(session, "DATA syntax", "501 5.5.4 DATA takes no argument");
        return;
    }
    if (!may_send_data(session)) {
        return;
    }
    if (session->mail.binary || session->mail.chunking) {
        smtp_refuse(session, "DATA after BDAT or with BINARYMIME",
                    "503 5.5.1 BDAT is needed for this message");
        return;
    }
    if (smtp_out_of_step(session) || smtp_fault(session, "data")) {
        return;
    }
    begin(session, &reception);
    smtp_reply(session, "354 Start mail input; end with <CRLF>.<CRLF>");
    if (receive(&reception)) {
        finish(session, &reception);
    }
}

/* Reads exactly count bytes, kept when they may be. */
static bool receive_chunk(struct reception *reception, int64_t count)
{
    struct smtp_session *session = reception->session;
    while (count > 0) {
        const char *data = NULL;
        size_t length = stream_peek(&session->stream, &data);
        if (length == 0 || smtp_fault(session, "body")) {
            session->closing = true;
            return false;
        }
        length = (int64_t)length < count ? length : (size_t)count;
        keep(reception, data, length);
        stream_consume(&session->stream, length);
        count -= (int64_t)length;
    }
    return true;
}

void smtp_bdat(struct smtp_session *session, const char *argument)
{
    struct reception reception;
    size_t digits = strcspn(argument, " ");
    int64_t count = syntax_number(argument, digits);
    bool last = strcasecmp(argument + digits, " LAST") == 0;
    if (!smtp_offers(session, "CHUNKING") || count < 0 || (argument[digits] != '\0' && !last)) {
        smtp_refuse(session, "BDAT syntax", "501 5.5.4 Invalid arguments");
        session->closing = true; /* where the chunk ends cannot be known */
        return;
    }
    begin(session, &reception);
    if (!session->mail.started || json_object_array_length(session->mail.recipients) == 0) {
        reception.limit = 0; /* RFC 3030: the chunk is read and thrown away */
        if (receive_chunk(&reception, count)) {
            (void)may_send_data(session);
        }
        smtp_mail_reset(session);
        return;
    }
    session->mail.chunking = true;
    if (!receive_chunk(&reception, count)) {
        return;
    }
    if (last) {
        smtp_body_inspect(&reception.body, text_string(&session->mail.body),
                          session->mail.body.length);
        finish(session, &reception);
    } else if (reception.too_large || reception.no_room) {
        (void)refuse_if_due(session, &reception);
        smtp_mail_reset(session);
    } else {
        smtp_reply(session, "250 2.0.0 %lld octets received", (long long)count);
    }
}
