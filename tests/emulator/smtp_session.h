/* SPDX-License-Identifier: MIT */
/* One SMTP submission session: commands, STARTTLS, and what AUTH, the envelope and the message
 * body, each in a file of its own, share. */
#ifndef EMULATOR_SMTP_SESSION_H
#define EMULATOR_SMTP_SESSION_H

#include "emulator.h"
#include "resources.h"
#include "smtp_stream.h"
#include "smtp_syntax.h"

#include <stdbool.h>

#define SMTP_HOST "acsmtp-emulator.localhost"
#define SMTP_GARBAGE "\xff\xfe\x01 not a reply at all"

enum {
    SMTP_COMMAND_LINE = 512,         /* RFC 5321, with CRLF */
    SMTP_ENVELOPE_LINE = 512 + 1024, /* room for SIZE, BODY, SMTPUTF8, ENVID, ORCPT, NOTIFY */
    SMTP_SASL_LINE = 12288 + 2,      /* RFC 4954 names 12288 as what a server should take */
    SMTP_USERNAME = 320,
};

struct smtp_login {
    bool done;
    char mechanism[16];
    char username[SMTP_USERNAME + 1];
    char client_id[64];
    char object_id[64];
    char service[RESOURCE_ID_SIZE]; /* the communication service that the user name is of */
    int64_t token_end;              /* Unix seconds; 0 for a password */
};

struct smtp_mail {
    bool started;
    char from[SYNTAX_PATH + 1];
    bool utf8;
    bool binary;
    int64_t size; /* declared, 0 when not */
    struct json_object *parameters;
    struct json_object *recipients;
    struct json_object *recipient_parameters;
    bool chunking; /* a BDAT was seen */
    bool refused_chunk;
    struct text body;
    size_t reserved; /* of the inbox's budget */
};

struct smtp_session {
    struct emulator *emulator;
    struct stream stream;
    struct json_object *state;    /* snapshot for the command at hand */
    struct json_object *settings; /* its "smtp" */
    int64_t id;
    bool esmtp;
    bool greeted;
    bool tls;
    bool closing;
    char ehlo[SYNTAX_DOMAIN + 1];
    int64_t failures;
    struct smtp_login login;
    struct smtp_mail mail;
    char line[SMTP_SASL_LINE];
};

/* Takes the descriptor over, except when it returns NULL. */
struct smtp_session *smtp_session_new(struct emulator *emulator, int fd, int64_t id);
void smtp_session_run(struct smtp_session *session);
void smtp_session_release(struct smtp_session *session);

__attribute__((format(printf, 2, 3))) void smtp_reply(struct smtp_session *session,
                                                      const char *format, ...);
/* A reply that refuses, with the true reason for the list of refusals. */
__attribute__((format(printf, 3, 4))) void smtp_refuse(struct smtp_session *session,
                                                       const char *reason, const char *format, ...);
/* Carries out an ordered failure of the step: true when the step is over with that. */
bool smtp_fault(struct smtp_session *session, const char *step);
/* The next line, of at most maximum bytes with CRLF, into session->line. false when it must not be
 * used: the reply to it, if any, has been written. */
bool smtp_next_line(struct smtp_session *session, size_t maximum, const char *too_long);
bool smtp_offers(const struct smtp_session *session, const char *extension);
/* RFC 2920: nothing may follow this command before its reply. true when something does: the
 * session then ends. */
bool smtp_out_of_step(struct smtp_session *session);
/* Whether the token that let the session in has ended and that matters; then it was replied to. */
bool smtp_token_ended(struct smtp_session *session);
void smtp_mail_reset(struct smtp_session *session);

void smtp_ehlo(struct smtp_session *session, const char *argument);
void smtp_helo(struct smtp_session *session, const char *argument);
void smtp_starttls(struct smtp_session *session, const char *argument);
void smtp_auth(struct smtp_session *session, const char *argument);
void smtp_mail_from(struct smtp_session *session, const char *argument);
void smtp_rcpt_to(struct smtp_session *session, const char *argument);
void smtp_data(struct smtp_session *session, const char *argument);
void smtp_bdat(struct smtp_session *session, const char *argument);
#endif
