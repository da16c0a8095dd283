/* SPDX-License-Identifier: MIT */
/* The client's side of a dialogue: makes the mails of a file and hands them to an SMTP session. */
#ifndef DIALOGUE_CLIENT_H
#define DIALOGUE_CLIENT_H

#include "dialogue_server.h"

#include <CUnit/Basic.h>
#include <acsmtp/smtp.h>
#include <pthread.h>

#define MAILS_MAX 8
#define RECIPIENTS_MAX 1200
#define ANSWERS_MAX 12
#define TRACE_MAX 1048576
#define MESSAGE_MAX (12U * 1048576U)

static char default_user[] = DIALOGUE_USER;
static char default_password[] = DIALOGUE_PASSWORD;

struct mail {
    char *sender;
    char *recipients[RECIPIENTS_MAX];
    size_t recipient_count;
    char *dsn[3];
    char *text; /* MESSAGE_MAX */
    size_t size;
    int is_file, vanishes;
    char path[128];
    struct acsmtp_envelope envelope;
    struct acsmtp_message *message;
    struct acsmtp_result *result;
};

struct client {
    struct mail mails[MAILS_MAX];
    struct acsmtp_mail handed[MAILS_MAX];
    size_t mail_count;
    char *answers[ANSWERS_MAX];
    size_t answer_count;
    const char *steps;
    int cancel_ms;
    struct acsmtp_context *context;
    struct acsmtp_smtp_mechanism mechanism;
    struct acsmtp_smtp_options options;
    struct acsmtp_smtp *smtp;
    struct acsmtp_error errors[3]; /* of open, send, noop */
    char trace[TRACE_MAX];
    size_t trace_size;
};

static inline void collect_trace(void *data, int level, const char *line)
{
    struct client *client = data;
    size_t size = strlen(line);

    (void)level;
    if (client->trace_size + size + 2 > sizeof client->trace)
        return;
    memcpy(client->trace + client->trace_size, line, size);
    client->trace_size += size;
    client->trace[client->trace_size++] = '\n';
    client->trace[client->trace_size] = '\0';
}

static inline int answer(void *data, unsigned step, const char *challenge, size_t size,
                         struct acsmtp_secret *response, struct acsmtp_error *err)
{
    struct client *client = data;
    char bytes[DIALOGUE_TEXT_MAX];
    const char *text = step < client->answer_count ? client->answers[step] : NULL;

    CU_ASSERT(challenge[size] == '\0');
    if (!text)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the mechanism has no answer");
    return acsmtp_secret_append(response, bytes, dialogue_unescape(text, strlen(text), bytes), err);
}

static inline void add_mail(struct client *client, char *rest)
{
    struct mail *mail = &client->mails[client->mail_count++];
    char *word;

    mail->text = malloc(MESSAGE_MAX);
    loopback_need(mail->text != NULL, "memory");
    mail->sender = strsep(&rest, " ");
    if (strcmp(mail->sender, "<>") == 0)
        mail->sender[0] = '\0';
    while ((word = strsep(&rest, " ")))
        mail->recipients[mail->recipient_count++] = word;
}

static inline void add_recipients(struct mail *mail, long count)
{
    for (int i = 0; i < count; i++)
        loopback_need(asprintf(&mail->recipients[mail->recipient_count++], "u%d@b.example", i) > 0,
                      "memory");
}

static inline void add_text(struct mail *mail, const struct dialogue_line *line)
{
    if (strcmp(line->word, "text") == 0)
        mail->size +=
            (size_t)snprintf(mail->text + mail->size, DIALOGUE_TEXT_MAX, "%s\r\n", line->rest);
    else if (strcmp(line->word, "raw") == 0)
        mail->size += dialogue_unescape(line->rest, strlen(line->rest), mail->text + mail->size);
    else
        for (int i = 0; i < strtol(line->rest, NULL, 10); i++)
            mail->size += dialogue_fill_line(i, mail->text + mail->size);
}

/* A directive of the client; 0 when it is none. */
static inline int configure_mail(struct client *client, const struct dialogue_line *line)
{
    struct mail *mail = client->mail_count ? &client->mails[client->mail_count - 1] : NULL;
    char *rest = line->rest;

    if (strcmp(line->word, "mail") == 0)
        add_mail(client, rest);
    else if (strcmp(line->word, "recipients") == 0)
        add_recipients(mail, strtol(rest, NULL, 10));
    else if (strcmp(line->word, "dsn") == 0)
        for (int i = 0; i < 3; i++)
            mail->dsn[i] = strsep(&rest, " ");
    else if (strcmp(line->word, "file") == 0)
        mail->is_file = 1;
    else if (strcmp(line->word, "vanishes") == 0)
        mail->vanishes = 1;
    else if (strcmp(line->word, "text") == 0 || strcmp(line->word, "raw") == 0 ||
             strcmp(line->word, "fill") == 0)
        add_text(mail, line);
    else
        return 0;
    return 1;
}

static inline void configure(struct client *client, const struct dialogue_line *line)
{
    const char *word = line->word;
    long number = strtol(line->rest, NULL, 10);

    if (configure_mail(client, line))
        return;
    if (strcmp(word, "tls") == 0)
        client->options.tls = ACSMTP_SMTP_IMPLICIT;
    else if (strcmp(word, "host") == 0)
        client->options.host = line->rest;
    else if (strcmp(word, "mechanism") == 0)
        client->mechanism.name = line->rest;
    else if (strcmp(word, "answer") == 0)
        client->answers[client->answer_count++] = line->rest;
    else if (strcmp(word, "reply-timeout") == 0)
        client->options.reply_timeout_ms = number;
    else if (strcmp(word, "deadline") == 0)
        acsmtp_context_set_timeout(client->context, number);
    else if (strcmp(word, "cancel") == 0)
        client->cancel_ms = (int)number;
    else if (strcmp(word, "do") == 0)
        client->steps = line->rest;
}

static inline const char *none(const char *word)
{
    return word && strcmp(word, "-") != 0 ? word : NULL;
}

static inline void write_file(struct mail *mail, size_t size)
{
    FILE *file = fopen(mail->path, "we");

    loopback_need(file && fwrite(mail->text, 1, size, file) == size && fclose(file) == 0,
                  mail->path);
}

static inline void make_mail(struct client *client, size_t index)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct mail *mail = &client->mails[index];
    int status;

    mail->envelope = (struct acsmtp_envelope){.size = sizeof mail->envelope,
                                              .sender = mail->sender,
                                              .recipients = (const char *const *)mail->recipients,
                                              .recipient_count = mail->recipient_count,
                                              .dsn_notify = none(mail->dsn[0]),
                                              .dsn_return = none(mail->dsn[1]),
                                              .dsn_id = none(mail->dsn[2])};
    if (mail->is_file || mail->vanishes) {
        (void)snprintf(mail->path, sizeof mail->path, "%s/mail", pki.folder); /* as SHRINK */
        write_file(mail, mail->size);
        status = acsmtp_message_from_path(mail->path, &mail->message, &err);
    } else {
        status = acsmtp_message_from_memory(mail->text, mail->size, &mail->message, &err);
    }
    loopback_need(status == ACSMTP_OK, err.message);
    if (mail->vanishes)
        (void)unlink(mail->path);
    mail->result = acsmtp_result_new(mail->recipient_count, &err);
    loopback_need(mail->result != NULL, err.message);
    client->handed[index] = (struct acsmtp_mail){.size = sizeof client->handed[index],
                                                 .envelope = &mail->envelope,
                                                 .message = mail->message,
                                                 .result = mail->result};
}

static inline void *cancel_later(void *data)
{
    struct client *client = data;

    (void)usleep((useconds_t)client->cancel_ms * 1000);
    acsmtp_context_cancel(client->context);
    return NULL;
}

static inline void do_step(struct client *client, const char *step)
{
    if (strcmp(step, "open") == 0)
        (void)(acsmtp_smtp_open(client->context, &client->options, &client->smtp,
                                &client->errors[0]) != 0);
    else if (strcmp(step, "send") == 0 && client->smtp)
        (void)(acsmtp_smtp_send(client->smtp, client->context, client->handed, client->mail_count,
                                &client->errors[1]) != 0);
    else if (strcmp(step, "noop") == 0 && client->smtp)
        (void)(acsmtp_smtp_noop(client->smtp, client->context, &client->errors[2]) != 0);
    else if (strncmp(step, "wait", 4) == 0)
        (void)usleep(60000);
}

static inline void run_steps(struct client *client)
{
    char steps[128];
    char *at = steps;
    char *step;
    pthread_t canceller;

    (void)snprintf(steps, sizeof steps, "%s", client->steps);
    if (client->cancel_ms)
        loopback_need(pthread_create(&canceller, NULL, cancel_later, client) == 0, "a thread");
    while ((step = strsep(&at, " ")))
        do_step(client, step);
    if (client->cancel_ms)
        (void)pthread_join(canceller, NULL);
    acsmtp_smtp_close(client->smtp, client->context);
    client->smtp = NULL;
}

static inline struct client *client_new(const struct dialogue *dialogue)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct client *client = calloc(1, sizeof *client);

    loopback_need(client && acsmtp_context_new(&client->context, &err) == ACSMTP_OK, "a context");
    for (int i = 0; i < 3; i++)
        client->errors[i] = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    acsmtp_context_set_log(client->context, collect_trace, client, ACSMTP_LOG_TRACE);
    acsmtp_context_set_timeout(client->context, LOOPBACK_PATIENCE_MS);
    client->steps = "open send close";
    client->mechanism = (struct acsmtp_smtp_mechanism){
        .size = sizeof client->mechanism, .name = "LOGIN", .data = client, .respond = answer};
    client->options = (struct acsmtp_smtp_options){.size = sizeof client->options,
                                                   .host = "localhost",
                                                   .ehlo = "client.test",
                                                   .ca_file = pki.ca_file,
                                                   .connect_timeout_ms = -1,
                                                   .reply_timeout_ms = -1,
                                                   .mechanism = &client->mechanism};
    for (size_t i = 0; i < dialogue->count; i++)
        configure(client, &dialogue->lines[i]);
    if (client->answer_count == 0) {
        client->answers[client->answer_count++] = default_user;
        client->answers[client->answer_count++] = default_password;
    }
    for (size_t i = 0; i < client->mail_count; i++)
        make_mail(client, i);
    return client;
}

static inline void client_free(struct client *client)
{
    for (size_t i = 0; i < client->mail_count; i++) {
        struct mail *mail = &client->mails[i];

        for (size_t k = 0; k < mail->recipient_count; k++)
            if (mail->recipients[k][0] == 'u' && strstr(mail->recipients[k], "@b.example"))
                free(mail->recipients[k]);
        if (mail->path[0])
            (void)unlink(mail->path);
        free(mail->text);
        acsmtp_message_free(mail->message);
        acsmtp_result_free(mail->result);
    }
    acsmtp_context_free(client->context);
    free(client);
}

#endif
