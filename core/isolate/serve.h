/* SPDX-License-Identifier: MIT */
/*
 * Inside the process of an isolated plugin: the calls that come (serve.c and one file a kind), and
 * the questions that the plugin has for its host (serve_ask.c, serve_settings.c).
 */
#ifndef ISOLATE_SERVE_H
#define ISOLATE_SERVE_H

#include "channel.h"
#include "wire.h"
#include "wire_value.h"
#include <acsmtp/plugin.h>
#include <pthread.h>

struct serve;
struct settings_remote;

/* A mail of the next send, as its frames tell it (serve_mail.c). */
struct served_mail {
    struct serve *serve;
    uint32_t index;
    struct acsmtp_envelope envelope;
    struct acsmtp_secret *texts; /* the payload that the envelope's texts are in */
    char **recipients;
    size_t told; /* recipients so far */
    struct acsmtp_message *message;
    struct acsmtp_result *result;
};

struct serve {
    struct channel channel;
    struct acsmtp_context *root;              /* endpoints, log and cancellation of every call */
    struct acsmtp_secret *request, *response; /* payloads of the call under way */
    struct acsmtp_secret *result;             /* what the call gives, before it is in a payload */

    pthread_mutex_t lock; /* one question at a time, whichever thread of the plugin asks */
    struct acsmtp_secret *question, *answer;

    const struct acsmtp_plugin *plugin; /* NULL until described */
    struct acsmtp_settings *settings;
    struct settings_remote *remote;
    struct served_mail *mails;
    size_t mail_count;
    void *instance;
    int opened;
};

/* One call: what the host sent, what it gets, and the context it is done under (or NULL). */
struct call {
    struct serve *serve;
    uint32_t type;
    struct wire_reader in;
    struct wire_writer out;
    struct acsmtp_context *context;
};

/*
 * A question: begin(), put its payload into serve->question through the writer, ask(), read the
 * answer through the reader, and end(), which lets the next one in. begin() and end() surround
 * tell() as well, which waits for no answer.
 */
struct wire_writer serve_begin(struct serve *serve);
int serve_ask(struct serve *serve, uint32_t type, const struct wire_writer *writer,
              struct wire_reader *answer, struct acsmtp_error *err);
void serve_tell(struct serve *serve, uint32_t type, const struct wire_writer *writer);
void serve_end(struct serve *serve);

/* The log sink of the root; `data` is the serve. */
void serve_log(void *data, int level, const char *line);

/* Tells the host of every finding. */
struct acsmtp_finding_sink serve_sink(struct serve *serve);

/* Settings as the host sent them, with secrets, chains and store behind them. */
int serve_open_settings(struct call *call, struct acsmtp_error *err);
void serve_close_settings(struct serve *serve);

/* One function for each CALL_ of a kind. */
int serve_probe(struct call *call, struct acsmtp_error *err);
int serve_acquire(struct call *call, struct acsmtp_error *err);
int serve_report(struct call *call, struct acsmtp_error *err);
int serve_look(struct call *call, struct acsmtp_error *err);
int serve_forget(struct call *call, struct acsmtp_error *err);

int serve_connect(struct call *call, struct acsmtp_error *err);
int serve_send(struct call *call, struct acsmtp_error *err);
int serve_disconnect(struct call *call, struct acsmtp_error *err);
int serve_diagnose(struct call *call, struct acsmtp_error *err);
/* Without a return: SYSTEM or PROTOCOL ends the process. */
int serve_mail(struct call *call, struct acsmtp_error *err);
int serve_recipients(struct call *call, struct acsmtp_error *err);
void serve_drop_mails(struct serve *serve);
/* From now on the host is told every result as it comes. */
void serve_watch_result(struct served_mail *mail);

int serve_compose(struct call *call, struct acsmtp_error *err);

int serve_get(struct call *call, struct acsmtp_error *err);
int serve_set(struct call *call, struct acsmtp_error *err);
int serve_remove(struct call *call, struct acsmtp_error *err);

/* All operations of a provisioner: which one, the call's type says. */
int serve_provision(struct call *call, struct acsmtp_error *err);
int serve_diagnose_provider(struct call *call, struct acsmtp_error *err);

#endif
