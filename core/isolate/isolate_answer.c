/* SPDX-License-Identifier: MIT */
/*
 * What an isolated plugin asks its host, and tells it. Every name, number and handle is looked up
 * before it is used: the functions behind are those of the settings and the message, which trust
 * their caller.
 */
#include "isolate_answer.h"
#include "driver/settings_private.h"
#include "isolate_given.h"
#include "wire_value.h"
#include <string.h>

int isolate_impossible(const char *what, struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "it asked for %s that there is not", what);
}

/* The option of the plugin's table that has that name, NULL when there is none. */
static const struct setting *find_setting(const struct isolate_call *call, const char *name)
{
    size_t count = call->settings ? call->settings->count : 0, i;

    for (i = 0; i < count; i++)
        if (strcmp(call->settings->list[i].option.name, name) == 0)
            return &call->settings->list[i];
    return NULL;
}

/* No question takes longer than its call. */
static struct acsmtp_context *limited(const struct isolate_call *call, int64_t remaining)
{
    return acsmtp_context_limit(call->context,
                                remaining < 0 || remaining == INT64_MAX ? -1 : remaining);
}

/* ---- told ---- */

static int count_line(struct isolate_call *call, struct acsmtp_error *err)
{
    if (++call->lines <= ISOLATE_LINES_MAX)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "it floods its host with log lines");
}

static int take_log(struct isolate_call *call, struct wire_reader *in, struct wire_writer *out,
                    struct acsmtp_error *err)
{
    int level = (int)wire_get_count(in, ACSMTP_LOG_TRACE);
    const char *line = wire_need_text(in, ISOLATE_TEXT_MAX);
    int status = wire_check(in, "log line", err);

    (void)out;
    if (status == ACSMTP_OK)
        acsmtp_log(call->context, level, "%s", line);
    return status == ACSMTP_OK ? count_line(call, err) : status;
}

static int take_finding(struct isolate_call *call, struct wire_reader *in, struct wire_writer *out,
                        struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct acsmtp_finding finding;
    int status;

    (void)out;
    wire_get_finding(in, &problem, &finding);
    status = wire_check(in, "finding", err);
    if (status == ACSMTP_OK && !call->sink)
        return isolate_impossible("a diagnosis", err);
    if (status != ACSMTP_OK)
        return status;
    acsmtp_tell(call->sink, &finding, "%s", finding.detail ? finding.detail : "");
    return count_line(call, err);
}

static int take_verdict(struct isolate_call *call, struct wire_reader *in, struct wire_writer *out,
                        struct acsmtp_error *err)
{
    const char *option = wire_need_text(in, ISOLATE_TEXT_MAX);
    const struct setting *setting = find_setting(call, option);
    struct acsmtp_credential *shown = acsmtp_credential_new(err);
    struct acsmtp_verdict verdict;
    int status;

    (void)out;
    if (!shown)
        return ACSMTP_SYSTEM;
    status = wire_get_verdict(in, shown, &verdict, err);
    if (status == ACSMTP_OK)
        status = wire_check(in, "verdict", err);
    if (status == ACSMTP_OK && (!setting || setting->option.type != ACSMTP_CHAIN))
        status = isolate_impossible("a chain", err);
    if (status == ACSMTP_OK) {
        verdict.credential = given_same(*call->given, option, verdict.credential);
        acsmtp_settings_report(call->settings, call->context, option, &verdict);
    }
    acsmtp_credential_free(shown);
    return status;
}

/* ---- asked ---- */

static int answer_secret(struct isolate_call *call, struct wire_reader *in, struct wire_writer *out,
                         struct acsmtp_error *err)
{
    int64_t remaining = wire_get_i64(in);
    const char *option = wire_need_text(in, ISOLATE_TEXT_MAX);
    const struct setting *setting = find_setting(call, option);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = NULL;
    struct acsmtp_context *context;
    int status;

    if (!wire_done(in) || !setting || !(setting->option.flags & ACSMTP_SECRET))
        return isolate_impossible("a secret option", err);
    context = limited(call, remaining);
    if (!context)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = acsmtp_settings_secret(call->settings, context, option, &secret, err);
    acsmtp_context_free(context);
    if (status == ACSMTP_OK)
        wire_put_secret(out, secret);
    return status;
}

static int ask_chain(struct isolate_call *call, int64_t remaining, const char *option,
                     const struct acsmtp_credential_request *request,
                     struct acsmtp_credential *credential, struct wire_writer *out,
                     struct acsmtp_error *err)
{
    struct acsmtp_context *context = limited(call, remaining);
    int status;

    if (!context)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = given_restore(*call->given, option, credential, err);
    if (status == ACSMTP_OK)
        status =
            acsmtp_settings_credential(call->settings, context, option, request, credential, err);
    acsmtp_context_free(context);
    if (status != ACSMTP_OK)
        return status;
    wire_put_credential(out, credential);
    return given_keep(call->given, option, credential, err);
}

static int answer_credential(struct isolate_call *call, struct wire_reader *in,
                             struct wire_writer *out, struct acsmtp_error *err)
{
    int64_t remaining = wire_get_i64(in);
    const char *option = wire_need_text(in, ISOLATE_TEXT_MAX);
    const struct setting *setting = find_setting(call, option);
    struct acsmtp_credential *credential = acsmtp_credential_new(err);
    struct acsmtp_credential_request request;
    int status;

    if (!credential)
        return ACSMTP_SYSTEM;
    wire_get_request(in, &request);
    status = wire_get_credential(in, credential, err);
    if (status == ACSMTP_OK)
        status = wire_check(in, "request", err);
    if (status == ACSMTP_OK && (!setting || setting->option.type != ACSMTP_CHAIN))
        status = isolate_impossible("a chain", err);
    if (status == ACSMTP_OK)
        status = ask_chain(call, remaining, option, &request, credential, out, err);
    acsmtp_credential_free(credential);
    return status;
}

/* ---- all of them ---- */

static const struct {
    uint32_t type;
    int is_question; /* else nobody answers, and a failure is the plugin's end */
    isolate_answer_function *answer;
} rows[] = {
    {HOST_LOG, 0, take_log},
    {HOST_FINDING, 0, take_finding},
    {HOST_RESULT, 0, isolate_take_result},
    {HOST_VERDICT, 0, take_verdict},
    {HOST_SECRET, 1, answer_secret},
    {HOST_CREDENTIAL, 1, answer_credential},
    {HOST_STORE_OPEN, 1, isolate_answer_store_open},
    {HOST_STORE_GET, 1, isolate_answer_store_get},
    {HOST_STORE_SET, 1, isolate_answer_store_set},
    {HOST_STORE_REMOVE, 1, isolate_answer_store_remove},
    {HOST_STORE_CLOSE, 0, isolate_take_store_close},
    {HOST_READ, 1, isolate_answer_read},
    {HOST_WRITE, 1, isolate_answer_write},
    {HOST_STEP, 0, isolate_take_step},
};

static int send_answer(struct isolate_call *call, int status, const struct acsmtp_error *problem,
                       struct acsmtp_error *err)
{
    const struct acsmtp_secret *given = (*call->child)->given;
    struct wire_writer writer = isolate_call_begin(call, 0);
    const struct channel channel = isolate_call_channel(call);

    wire_put_outcome(&writer, status, problem);
    if (status == ACSMTP_OK && acsmtp_secret_append(writer.out, acsmtp_secret_data(given),
                                                    acsmtp_secret_size(given), err) != ACSMTP_OK)
        return ACSMTP_SYSTEM;
    return channel_send(&channel, FRAME_ANSWER, writer.out, err);
}

static int answer_question(struct isolate_call *call, isolate_answer_function *answer,
                           struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct wire_reader in = wire_read((*call->child)->in);
    struct wire_writer out = {.out = (*call->child)->given};
    int status = answer(call, &in, &out, &problem);

    if (status == ACSMTP_OK && out.failed)
        status = acsmtp_fail(&problem, ACSMTP_SYSTEM, "the answer is too long");
    status = send_answer(call, status, &problem, err);
    acsmtp_secret_truncate(out.out, 0);
    return status;
}

int isolate_answer(struct isolate_call *call, uint32_t type, struct acsmtp_error *err)
{
    struct wire_reader in = wire_read((*call->child)->in);
    size_t i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].type != type)
            continue;
        if (rows[i].is_question)
            return answer_question(call, rows[i].answer, err);
        return rows[i].answer(call, &in, NULL, err);
    }
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "it sent a frame that means nothing here (%lu)",
                       (unsigned long)type);
}
