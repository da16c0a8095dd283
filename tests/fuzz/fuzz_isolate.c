/* SPDX-License-Identifier: MIT */
/*
 * What goes between a host and the process of an isolated plugin, in both directions: the first
 * byte says which payload the rest is. What was understood is written again and has to be the same.
 */
#include "driver/registry_private.h"
#include "driver/settings_build.h"
#include "isolate/channel.h"
#include "isolate/isolate_call.h"
#include "isolate/isolate_given.h"
#include "isolate/wire_plugin.h"
#include "isolate/wire_provision.h"
#include "isolate/wire_value.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char message_text[] = "From: a@example.com\r\nSubject: x\r\n\r\nHello\r\n";

static const struct acsmtp_option options[] = {
    {.name = "text", .type = ACSMTP_STRING, .summary = "s"},
    {.name = "list", .type = ACSMTP_STRING, .flags = ACSMTP_LIST, .summary = "s"},
    {.name = "secret", .type = ACSMTP_STRING, .flags = ACSMTP_SECRET, .summary = "s"},
    {.name = "chain", .type = ACSMTP_CHAIN, .summary = "s"},
};

static const struct acsmtp_plugin plugin = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .name = "fuzz",
    .version = "1",
    .summary = "s",
    ACSMTP_PLUGIN_OPTIONS(options),
};

static void must(int holds)
{
    if (!holds)
        abort();
}

/* ---- plain payloads ---- */

/* What the host gets of a plugin is judged like one that was loaded. */
static void description(struct wire_reader *reader)
{
    struct wire_description told = {0};
    struct acsmtp_credential_ops ops;
    struct loaded *loaded = NULL;

    if (wire_get_description(reader, &told, NULL) == ACSMTP_OK) {
        struct acsmtp_plugin raw = plugin;

        isolate_credential_ops(told.has, &ops);
        raw.version = told.version;
        raw.summary = told.summary;
        raw.options = told.options;
        raw.option_count = told.option_count;
        raw.credential = &ops;
        if (registry_check(&raw, ACSMTP_KIND_CREDENTIAL, "fuzz", &loaded, NULL) == ACSMTP_OK) {
            must(loaded->plugin.option_count <= ISOLATE_OPTIONS_MAX);
            free(loaded->options);
            free(loaded);
        }
    }
    wire_description_release(&told);
}

static void credential(struct wire_reader *reader)
{
    struct acsmtp_credential *first = acsmtp_credential_new(NULL);
    struct acsmtp_credential *again = acsmtp_credential_new(NULL);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *payload = acsmtp_secret_new(NULL, 0, NULL);
    struct wire_writer writer = {.out = payload};
    struct wire_reader back;

    must(first && again && payload);
    if (wire_get_credential(reader, first, NULL) == ACSMTP_OK && wire_done(reader)) {
        wire_put_credential(&writer, first);
        back = wire_read(payload);
        must(!writer.failed && wire_get_credential(&back, again, NULL) == ACSMTP_OK);
        must(wire_done(&back) && acsmtp_credential_kind(first) == acsmtp_credential_kind(again));
        must(acsmtp_credential_expires_on(first) == acsmtp_credential_expires_on(again));
    }
    acsmtp_credential_free(first);
    acsmtp_credential_free(again);
}

static void outcome(struct wire_reader *reader)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int status = wire_get_outcome(reader, &err);

    must(status >= ACSMTP_OK && status <= ACSMTP_SYSTEM && status == err.status);
    must(status == ACSMTP_OK || err.message[0]);
}

static void scope(struct wire_reader *reader)
{
    struct acsmtp_context *root = NULL, *limited = NULL;

    must(acsmtp_context_new(&root, NULL) == ACSMTP_OK);
    if (wire_get_scope(reader, root, NULL, NULL, &limited, NULL) == ACSMTP_OK)
        acsmtp_context_free(limited);
    acsmtp_context_free(root);
}

static void settings(struct wire_reader *reader)
{
    struct acsmtp_settings *made = NULL;

    if (wire_get_settings(reader, &plugin, &made, NULL) != ACSMTP_OK)
        return;
    must(!acsmtp_settings_has(made, "text") || acsmtp_settings_string(made, "text"));
    must(!acsmtp_settings_item(made, "list", acsmtp_settings_count(made, "list")));
    settings_free(made);
}

static void draft(struct wire_reader *reader)
{
    struct wire_draft made;
    size_t i, length = 0;

    if (wire_get_draft(reader, &made, NULL) == ACSMTP_OK) {
        for (i = 0; i < made.draft.header_count; i++)
            length += strlen(made.draft.headers[i]);
        for (i = 0; i < made.draft.attachment_count; i++)
            length += strlen(made.draft.attachments[i].path);
        must(length <= FRAME_MAX);
    }
    wire_draft_release(&made);
}

static void values(struct wire_reader *reader)
{
    struct acsmtp_credential_request request;
    struct acsmtp_envelope envelope;
    struct acsmtp_reply reply;

    wire_get_request(reader, &request);
    must(request.scope != NULL);
    wire_get_envelope(reader, &envelope);
    must(envelope.sender != NULL && envelope.recipient_count <= ISOLATE_MAILS_MAX);
    wire_get_reply(reader, &reply);
    must(memchr(reply.text, '\0', sizeof reply.text) != NULL);
}

/* ---- provisioners ---- */

static void must_be_printable(const char *text)
{
    for (; text && *text; text++)
        must((unsigned char)*text >= ' ' && *text != '\x7f');
}

static void look_at_step(void *data, const struct acsmtp_step *step)
{
    size_t i;

    (void)data;
    must(step->size == sizeof *step && step->needs != NULL);
    must(step->state >= ACSMTP_STEP_PENDING && step->state <= ACSMTP_STEP_SKIPPED);
    must(step->elapsed_ms >= 0 && step->elapsed_ms < INT64_MAX / 1000);
    must_be_printable(step->id);
    must_be_printable(step->title);
    must_be_printable(step->change);
    must_be_printable(step->detail);
    for (i = 0; step->needs[i]; i++)
        must_be_printable(step->needs[i]);
    must(i <= ISOLATE_ITEMS_MAX);
}

static const struct acsmtp_provision_observer observer = {.size = sizeof observer,
                                                          .step = look_at_step};

/* Read, written and read once more it stays what it became the first time. */
static void step(struct wire_reader *reader)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *first = acsmtp_secret_new(NULL, 0, NULL);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *second = acsmtp_secret_new(NULL, 0, NULL);
    struct wire_writer writer = {.out = first};
    struct wire_step told, again;
    struct wire_reader back;

    must(first && second);
    if (wire_get_step(reader, &told, NULL) == ACSMTP_OK) {
        look_at_step(NULL, &told.step);
        wire_put_step(&writer, &told.step);
        back = wire_read(first);
        must(!writer.failed && wire_get_step(&back, &again, NULL) == ACSMTP_OK);
        writer = (struct wire_writer){.out = second};
        wire_put_step(&writer, &again.step);
        must(acsmtp_secret_size(first) == acsmtp_secret_size(second));
        must(memcmp(acsmtp_secret_data(first), acsmtp_secret_data(second),
                    acsmtp_secret_size(first)) == 0);
        wire_step_release(&again);
    }
    wire_step_release(&told);
}

static void result(struct wire_reader *reader)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *payload = acsmtp_secret_new(NULL, 0, NULL);
    ACSMTP_AUTO_JSON struct acsmtp_json *first = NULL, *again = NULL;
    struct wire_writer writer = {.out = payload};
    struct wire_reader back;

    must(payload != NULL);
    if (wire_get_result(reader, &first, NULL) != ACSMTP_OK || !first)
        return;
    must(acsmtp_json_type(first) == ACSMTP_JSON_OBJECT);
    must(wire_put_result(&writer, first, NULL) == ACSMTP_OK);
    back = wire_read(payload);
    must(wire_get_result(&back, &again, NULL) == ACSMTP_OK && again);
}

static void asked(struct wire_reader *reader)
{
    struct acsmtp_provision_request provision;
    struct acsmtp_diagnose_request diagnose;

    wire_get_provision_request(reader, &provision);
    must(provision.size == sizeof provision);
    must(!provision.merge || strlen(provision.merge) <= FRAME_MAX);
    wire_get_diagnose_request(reader, &diagnose);
    must(!diagnose.sender || strlen(diagnose.sender) <= ISOLATE_TEXT_MAX);
}

/* ---- questions of a plugin ---- */

/* A type and a length of two bytes, then the payload: as many as there are. */
static void ask_all(struct isolate_call *call, const uint8_t *data, size_t size)
{
    struct isolate_child *child = *call->child;
    char answer[4096];

    while (size >= 3) {
        size_t length = (size_t)data[1] << 8 | data[2];
        uint32_t type = HOST_LOG + data[0] % 16U;

        data += 3;
        size -= 3;
        length = length < size ? length : size;
        acsmtp_secret_truncate(child->in, 0);
        must(acsmtp_secret_append(child->in, data, length, NULL) == ACSMTP_OK);
        if (isolate_answer(call, type, NULL) != ACSMTP_OK)
            return;
        while (recv(child->control, answer, sizeof answer, MSG_DONTWAIT) > 0)
            ;
        data += length;
        size -= length;
    }
}

static int swallow(void *data, const void *bytes, size_t size, struct acsmtp_error *err)
{
    (void)data;
    (void)bytes;
    (void)size;
    (void)err;
    return ACSMTP_OK;
}

static void log_nothing(void *data, int level, const char *line)
{
    (void)data;
    (void)level;
    must(strpbrk(line, "\r\n") == NULL);
}

/* Settings as a host would have them, without a chain or a store behind them. */
static struct acsmtp_settings *own_settings(void)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *payload = acsmtp_secret_new(NULL, 0, NULL);
    struct wire_writer writer = {.out = payload};
    struct acsmtp_settings *made = NULL;
    struct wire_reader reader;
    size_t i;

    wire_put_text(&writer, "credential fuzz");
    wire_put_u32(&writer, sizeof options / sizeof options[0]);
    for (i = 0; i < sizeof options / sizeof options[0]; i++) {
        wire_put_u32(&writer, 0);
        wire_put_i64(&writer, 0);
        wire_put_u32(&writer, 0);
    }
    reader = wire_read(payload);
    must(wire_get_settings(&reader, &plugin, &made, NULL) == ACSMTP_OK);
    return made;
}

static void questions(const uint8_t *data, size_t size)
{
    struct isolate isolate = {.name = (char *)"fuzz", .kind = ACSMTP_KIND_CREDENTIAL};
    struct isolate_child child = {0}, *children = &child;
    struct isolate_given *given = NULL;
    struct acsmtp_settings *made = own_settings();
    struct acsmtp_message *message = NULL;
    struct acsmtp_mail mail = {.size = sizeof mail, .result = acsmtp_result_new(2, NULL)};
    unsigned char read_whole = 0;
    int ends[2];
    struct isolate_call call = {.isolate = &isolate,
                                .child = &children,
                                .settings = made,
                                .given = &given,
                                .until = INT64_MAX,
                                .mails = &mail,
                                .mail_count = 1,
                                .read_whole = &read_whole,
                                .observer = &observer,
                                .write = swallow};

    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    must(acsmtp_context_new(&call.context, NULL) == ACSMTP_OK);
    must(acsmtp_message_from_memory(message_text, sizeof message_text - 1, &message, NULL) ==
         ACSMTP_OK);
    acsmtp_context_set_log(call.context, log_nothing, NULL, ACSMTP_LOG_TRACE);
    mail.message = message;
    child.channel = ends[0];
    child.control = ends[1];
    child.out = acsmtp_secret_new(NULL, 0, NULL);
    child.in = acsmtp_secret_new(NULL, 0, NULL);
    child.given = acsmtp_secret_new(NULL, 0, NULL);
    ask_all(&call, data, size);
    acsmtp_secret_free(child.out);
    acsmtp_secret_free(child.in);
    acsmtp_secret_free(child.given);
    given_free(given);
    acsmtp_message_free(message);
    acsmtp_result_free(mail.result);
    acsmtp_context_free(call.context);
    settings_free(made);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* ---- frames ---- */

static void frames(const uint8_t *data, size_t size)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *payload = acsmtp_secret_new(NULL, 0, NULL);
    struct channel channel;
    uint32_t type;
    int ends[2];

    must(payload && socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    channel = (struct channel){.fd = ends[0]};
    must(send(ends[1], data, size, MSG_DONTWAIT) >= 0);
    (void)shutdown(ends[1], SHUT_WR);
    while (channel_receive(&channel, &type, payload, NULL) == ACSMTP_OK)
        must(acsmtp_secret_size(payload) <= FRAME_MAX);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const plain[])(struct wire_reader *) = {description, credential, outcome, scope,
                                                          settings,    draft,      values};
    static void (*const of_provisioners[])(struct wire_reader *) = {step, result, asked};
    static const size_t count = sizeof plain / sizeof plain[0];
    static const size_t more = sizeof of_provisioners / sizeof of_provisioners[0];
    struct wire_reader reader;
    size_t which;

    if (size == 0 || size > 16384)
        return 0;
    which = data[0] % (count + 2 + more);
    reader = (struct wire_reader){.at = data + 1, .left = size - 1};
    if (which < count)
        plain[which](&reader);
    else if (which == count)
        questions(data + 1, size - 1);
    else if (which == count + 1)
        frames(data + 1, size - 1);
    else
        of_provisioners[which - count - 2](&reader);
    return 0;
}
