/* SPDX-License-Identifier: MIT */
/* The command loop of a session, and the commands that concern the session itself. */
#include "smtp_session.h"

#include "tree.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct smtp_session *smtp_session_new(struct emulator *emulator, int fd, int64_t id)
{
    struct smtp_session *session = calloc(1, sizeof(*session));
    if (session == NULL) {
        return NULL;
    }
    session->emulator = emulator;
    session->id = id;
    session->state = state_acquire(&emulator->state);
    session->settings = tree_get(session->state, "smtp", NULL);
    stream_init(&session->stream, fd, (long)tree_int(session->settings, "idle_timeout_ms", 300000));
    return session;
}

void smtp_session_release(struct smtp_session *session)
{
    stream_release(&session->stream);
    state_give_back(&session->emulator->state, session->state);
    OPENSSL_cleanse(session->line, sizeof(session->line));
    free(session);
}

static void renew_state(struct smtp_session *session)
{
    state_give_back(&session->emulator->state, session->state);
    session->state = state_acquire(&session->emulator->state);
    session->settings = tree_get(session->state, "smtp", NULL);
}

void smtp_reply(struct smtp_session *session, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    text_puts(&session->stream.output, line);
    text_puts(&session->stream.output, "\r\n");
}

void smtp_refuse(struct smtp_session *session, const char *reason, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    counters_refuse(&session->emulator->counters, "smtp", reason);
    smtp_reply(session, "%s", line);
}

static void reply_with_fault(struct smtp_session *session, const char *reply)
{
    for (const char *at = reply; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, "\r\n");
        smtp_reply(session, "%.*s", (int)length, at);
        at += length;
        at += strspn(at, "\r\n");
    }
    session->closing = session->closing || strncmp(reply, "421", 3) == 0;
}

bool smtp_fault(struct smtp_session *session, const char *step)
{
    struct fault fault;
    enum fault_action action = faults_take_smtp(&session->emulator->faults, step, &fault);
    if (action != FAULT_NONE && fault.delay_ms > 0) {
        (void)stream_flush(&session->stream);
        session->closing = !pause_wait(&session->emulator->pause, fault.delay_ms);
    }
    switch (action) {
    case FAULT_DROP:
        session->closing = true;
        return true;
    case FAULT_REPLY:
        reply_with_fault(session, fault.reply);
        return true;
    case FAULT_GARBAGE:
        smtp_reply(session, SMTP_GARBAGE);
        return true;
    default:
        return session->closing;
    }
}

bool smtp_next_line(struct smtp_session *session, size_t maximum, const char *too_long)
{
    switch (stream_read_line(&session->stream, session->line, maximum)) {
    case STREAM_LINE:
        return true;
    case STREAM_TOO_LONG:
        smtp_refuse(session, "line too long", "%s", too_long);
        return false;
    case STREAM_BARE_LF:
        smtp_refuse(session, "line without CRLF or with NUL",
                    "500 5.5.2 Syntax error, commands end with CRLF");
        session->closing = true;
        return false;
    case STREAM_TIMEOUT:
        smtp_reply(session, "421 4.4.2 Connection timed out");
        session->closing = true;
        return false;
    default:
        session->closing = true;
        return false;
    }
}

bool smtp_offers(const struct smtp_session *session, const char *extension)
{
    return session->esmtp && tree_has(session->settings, "extensions", extension);
}

bool smtp_out_of_step(struct smtp_session *session)
{
    if (!stream_has_input(&session->stream)) {
        return false;
    }
    smtp_refuse(session, "input before the reply", "554 5.5.0 SMTP protocol synchronization error");
    session->closing = true;
    return true;
}

void smtp_mail_reset(struct smtp_session *session)
{
    struct smtp_mail *mail = &session->mail;
    json_object_put(mail->parameters);
    json_object_put(mail->recipients);
    json_object_put(mail->recipient_parameters);
    text_release(&mail->body);
    inbox_unreserve(&session->emulator->inbox, mail->reserved);
    *mail = (struct smtp_mail){.started = false};
}

static void rset(struct smtp_session *session, const char *argument)
{
    (void)argument;
    if (!smtp_fault(session, "rset")) {
        smtp_mail_reset(session);
        smtp_reply(session, "250 2.0.0 Resetting");
    }
}

static void noop(struct smtp_session *session, const char *argument)
{
    (void)argument;
    if (!smtp_fault(session, "noop")) {
        smtp_reply(session, "250 2.0.0 OK");
    }
}

static void vrfy(struct smtp_session *session, const char *argument)
{
    (void)argument;
    smtp_reply(session, "252 2.1.5 Cannot VRFY user");
}

static void help(struct smtp_session *session, const char *argument)
{
    (void)argument;
    smtp_reply(session, "214 2.0.0 This is an emulator");
}

static void quit(struct smtp_session *session, const char *argument)
{
    (void)argument;
    if (!smtp_fault(session, "quit")) {
        smtp_reply(session, "221 2.0.0 Service closing transmission channel");
    }
    session->closing = true;
}

static const struct command {
    const char *verb;
    void (*run)(struct smtp_session *session, const char *argument);
    size_t maximum;
} COMMANDS[] = {
    {"EHLO", smtp_ehlo, SMTP_COMMAND_LINE},
    {"HELO", smtp_helo, SMTP_COMMAND_LINE},
    {"STARTTLS", smtp_starttls, SMTP_COMMAND_LINE},
    {"AUTH", smtp_auth, SMTP_COMMAND_LINE},
    {"MAIL", smtp_mail_from, SMTP_ENVELOPE_LINE},
    {"RCPT", smtp_rcpt_to, SMTP_ENVELOPE_LINE},
    {"DATA", smtp_data, SMTP_COMMAND_LINE},
    {"BDAT", smtp_bdat, SMTP_COMMAND_LINE},
    {"RSET", rset, SMTP_COMMAND_LINE},
    {"NOOP", noop, SMTP_COMMAND_LINE},
    {"VRFY", vrfy, SMTP_COMMAND_LINE},
    {"HELP", help, SMTP_COMMAND_LINE},
    {"QUIT", quit, SMTP_COMMAND_LINE},
};

static void dispatch(struct smtp_session *session)
{
    char *line = session->line;
    size_t length = strlen(line);
    size_t verb = strcspn(line, " ");
    const char *argument = line[verb] == ' ' ? line + verb + 1 : line + verb;
    for (size_t i = 0; i < sizeof(COMMANDS) / sizeof(COMMANDS[0]); i++) {
        const struct command *command = &COMMANDS[i];
        if (strlen(command->verb) != verb || strncasecmp(line, command->verb, verb) != 0) {
            continue;
        }
        counters_add(&session->emulator->counters, "smtp", command->verb);
        if (length + 2 > command->maximum) {
            smtp_refuse(session, "line too long", "500 5.5.6 Line too long");
        } else if (session->greeted && !smtp_offers(session, "PIPELINING") &&
                   command->run != smtp_data && command->run != smtp_starttls &&
                   smtp_out_of_step(session)) {
            return;
        } else {
            command->run(session, argument);
        }
        return;
    }
    smtp_refuse(session, "unknown command", "500 5.5.1 Unrecognized command");
}

static void serve(struct smtp_session *session)
{
    counters_add(&session->emulator->counters, "smtp", "connections");
    if (smtp_fault(session, "connect")) {
        return;
    }
    if (stream_has_input(&session->stream)) {
        smtp_refuse(session, "input before the greeting",
                    "554 5.5.0 SMTP protocol synchronization error");
        return;
    }
    smtp_reply(session, "220 " SMTP_HOST " Microsoft ESMTP MAIL Service ready (emulated)");
    while (!session->closing) {
        bool usable = smtp_next_line(session, SMTP_ENVELOPE_LINE, "500 5.5.6 Line too long");
        if (usable) {
            renew_state(session);
            dispatch(session);
        }
    }
}

void smtp_session_run(struct smtp_session *session)
{
    serve(session);
    (void)stream_flush(&session->stream);
    smtp_mail_reset(session);
    if (session->login.done) {
        smtp_listener_leave(&session->emulator->smtp);
    }
}
