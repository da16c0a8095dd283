/* SPDX-License-Identifier: MIT */
/* MAIL and RCPT: who may send, from where, to how many, with which parameters. */
#include "mail_access.h"
#include "smtp_session.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Checks one parameter; the reply that refuses it, or NULL. */
typedef const char *parameter_check(struct smtp_session *session,
                                    const struct syntax_parameter *parameter);

static bool value_is(const struct syntax_parameter *parameter, const char *value)
{
    return parameter->value != NULL && parameter->length == strlen(value) &&
           strncasecmp(parameter->value, value, parameter->length) == 0;
}

static const char *check_size(struct smtp_session *session,
                              const struct syntax_parameter *parameter)
{
    int64_t size =
        parameter->value == NULL ? -1 : syntax_number(parameter->value, parameter->length);
    if (size < 0) {
        return "501 5.5.4 Invalid SIZE";
    }
    if (size > tree_int(session->settings, "max_size", 0)) {
        return "552 5.3.4 Message size exceeds fixed maximum message size";
    }
    session->mail.size = size;
    return NULL;
}

static const char *check_body(struct smtp_session *session,
                              const struct syntax_parameter *parameter)
{
    session->mail.binary = value_is(parameter, "BINARYMIME") && smtp_offers(session, "BINARYMIME");
    bool known = session->mail.binary || value_is(parameter, "7BIT") ||
                 (value_is(parameter, "8BITMIME") && smtp_offers(session, "8BITMIME"));
    return known ? NULL : "501 5.5.4 Invalid BODY";
}

static const char *check_utf8(struct smtp_session *session,
                              const struct syntax_parameter *parameter)
{
    session->mail.utf8 = true;
    return parameter->value == NULL ? NULL : "501 5.5.4 SMTPUTF8 takes no value";
}

static const char *check_ret(struct smtp_session *session, const struct syntax_parameter *parameter)
{
    (void)session;
    return value_is(parameter, "FULL") || value_is(parameter, "HDRS") ? NULL
                                                                      : "501 5.5.4 Invalid RET";
}

static const char *check_envid(struct smtp_session *session,
                               const struct syntax_parameter *parameter)
{
    (void)session;
    return parameter->value != NULL && parameter->length <= 100 &&
                   syntax_is_xtext(parameter->value, parameter->length)
               ? NULL
               : "501 5.5.4 Invalid ENVID";
}

static const char *check_auth(struct smtp_session *session,
                              const struct syntax_parameter *parameter)
{
    (void)session;
    return value_is(parameter, "<>") || (parameter->value != NULL &&
                                         syntax_is_xtext(parameter->value, parameter->length))
               ? NULL
               : "501 5.5.4 Invalid AUTH";
}

static const char *check_notify(struct smtp_session *session,
                                const struct syntax_parameter *parameter)
{
    (void)session;
    return parameter->value != NULL && syntax_is_notify(parameter->value, parameter->length)
               ? NULL
               : "501 5.5.4 Invalid NOTIFY";
}

static const char *check_orcpt(struct smtp_session *session,
                               const struct syntax_parameter *parameter)
{
    (void)session;
    const char *value = parameter->value;
    const char *colon = value == NULL ? NULL : memchr(value, ';', parameter->length);
    return colon != NULL && colon > value &&
                   syntax_is_xtext(colon + 1, parameter->length - (size_t)(colon + 1 - value))
               ? NULL
               : "501 5.5.4 Invalid ORCPT";
}

struct known_parameter {
    const char *keyword;
    const char *extension;
    parameter_check *check;
};

static const struct known_parameter MAIL_PARAMETERS[] = {
    {"SIZE", "SIZE", check_size},
    {"BODY", "8BITMIME", check_body},
    {"SMTPUTF8", "SMTPUTF8", check_utf8},
    {"RET", "DSN", check_ret},
    {"ENVID", "DSN", check_envid},
    {"AUTH", "AUTH", check_auth},
    {NULL, NULL, NULL},
};

static const struct known_parameter RCPT_PARAMETERS[] = {
    {"NOTIFY", "DSN", check_notify},
    {"ORCPT", "DSN", check_orcpt},
    {NULL, NULL, NULL},
};

static const char *check_parameter(struct smtp_session *session,
                                   const struct known_parameter *known,
                                   const struct syntax_parameter *parameter)
{
    for (; known->keyword != NULL; known++) {
        if (strcmp(known->keyword, parameter->keyword) == 0 &&
            smtp_offers(session, known->extension)) {
            return known->check(session, parameter);
        }
    }
    return "555 5.5.4 Parameter is not recognized or not offered";
}

static bool check_parameters(struct smtp_session *session, const struct known_parameter *known,
                             const struct syntax_parameters *parameters, struct json_object *record)
{
    for (size_t i = 0; i < parameters->count; i++) {
        const struct syntax_parameter *parameter = &parameters->list[i];
        const char *refusal = check_parameter(session, known, parameter);
        if (refusal != NULL) {
            smtp_refuse(session, "ESMTP parameter", "%s", refusal);
            return false;
        }
        json_object_object_add(
            record, parameter->keyword,
            json_object_new_string_len(parameter->value == NULL ? "" : parameter->value,
                                       (int)parameter->length));
    }
    return true;
}

/* The order of the checks tells a client what it forgot: TLS, then AUTH, then the sequence. */
static bool may_start(struct smtp_session *session)
{
    if (!session->greeted) {
        smtp_refuse(session, "no EHLO", "503 5.5.2 Send hello first");
    } else if (!session->tls) {
        smtp_refuse(session, "MAIL without TLS", "530 5.7.0 Must issue a STARTTLS command first");
    } else if (!session->login.done) {
        smtp_refuse(session, "MAIL without AUTH",
                    "530 5.7.57 Client not authenticated to send mail");
    } else if (session->mail.started) {
        smtp_refuse(session, "nested MAIL", "503 5.5.2 Sender already specified");
    } else {
        return true;
    }
    return false;
}

static bool phase_is(const struct smtp_session *session, const char *setting, const char *phase)
{
    return strcmp(tree_string(session->settings, setting, ""), phase) == 0;
}

/* UNVERIFIED at which command ACS says these things; the settings choose between MAIL and the end
 * of the data. */
static bool check_sender(struct smtp_session *session, const char *address)
{
    if (phase_is(session, "rate_phase", "mail") &&
        !inbox_rate_allows(&session->emulator->inbox, tree_int(session->settings, "per_minute", 0),
                           tree_int(session->settings, "per_hour", 0))) {
        smtp_refuse(session, "rate limit",
                    "450 4.5.127 Message rejected. Excessive message rate from sender. For more "
                    "information see https://aka.ms/EXOSmtpErrors");
        return false;
    }
    if (!phase_is(session, "sender_phase", "mail") ||
        mail_access_is_sender(session->state, session->login.service, address)) {
        return true;
    }
    if (address[0] != '\0' &&
        !mail_access_is_linked_domain(session->state, session->login.service, address)) {
        /* UNVERIFIED digits before the enhanced code */
        smtp_refuse(session, "sender domain not linked",
                    "550 5.1.7 The specified sender domain has not been linked.");
    } else {
        smtp_refuse(session, "sender not registered", "%s",
                    tree_string(session->settings, "sender_reply", "550 5.3.5"));
    }
    return false;
}

void smtp_mail_from(struct smtp_session *session, const char *argument)
{
    struct syntax_envelope envelope;
    if (!may_start(session) || smtp_fault(session, "mail") || smtp_token_ended(session)) {
        return;
    }
    if (!syntax_envelope(argument, "FROM:", true, &envelope)) {
        smtp_refuse(session, "MAIL syntax", "501 5.5.4 Invalid arguments");
        return;
    }
    struct smtp_mail *mail = &session->mail;
    smtp_mail_reset(session);
    mail->parameters = json_object_new_object();
    if (!check_parameters(session, MAIL_PARAMETERS, &envelope.parameters, mail->parameters)) {
        smtp_mail_reset(session);
        return;
    }
    if (envelope.path.utf8 && !mail->utf8) {
        smtp_refuse(session, "UTF-8 without SMTPUTF8", "553 5.6.7 SMTPUTF8 is required");
        smtp_mail_reset(session);
        return;
    }
    if (!check_sender(session, envelope.path.address)) {
        smtp_mail_reset(session);
        return;
    }
    mail->started = true;
    mail->recipients = json_object_new_array();
    mail->recipient_parameters = json_object_new_array();
    snprintf(mail->from, sizeof(mail->from), "%s", envelope.path.address);
    smtp_reply(session, "250 2.1.0 Sender OK");
}

void smtp_rcpt_to(struct smtp_session *session, const char *argument)
{
    struct smtp_mail *mail = &session->mail;
    struct syntax_envelope envelope;
    if (!mail->started || mail->chunking) {
        smtp_refuse(session, "RCPT without MAIL", "503 5.5.2 Need mail command");
        return;
    }
    if (smtp_fault(session, "rcpt")) {
        return;
    }
    if (!syntax_envelope(argument, "TO:", false, &envelope)) {
        smtp_refuse(session, "RCPT syntax", "501 5.5.4 Invalid arguments");
        return;
    }
    if (envelope.path.utf8 && !mail->utf8) {
        smtp_refuse(session, "UTF-8 without SMTPUTF8", "553 5.6.7 SMTPUTF8 is required");
        return;
    }
    struct json_object *record = json_object_new_object();
    if (!check_parameters(session, RCPT_PARAMETERS, &envelope.parameters, record)) {
        json_object_put(record);
        return;
    }
    if ((int64_t)json_object_array_length(mail->recipients) >=
        tree_int(session->settings, "max_recipients", 50)) {
        json_object_put(record);
        /* UNVERIFIED words; the limit of 50 is documented. */
        smtp_refuse(session, "too many recipients", "452 4.5.3 Too many recipients");
        return;
    }
    json_object_array_add(mail->recipients, json_object_new_string(envelope.path.address));
    json_object_array_add(mail->recipient_parameters, record);
    smtp_reply(session, "250 2.1.5 Recipient OK");
}
