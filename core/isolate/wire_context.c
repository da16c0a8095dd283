/* SPDX-License-Identifier: MIT */
/*
 * How things end, and under which circumstances they are done.
 */
#include "base/context_private.h"
#include "protocol.h"
#include "wire_value.h"

#define ENDPOINTS_MAX 64

int wire_check(const struct wire_reader *reader, const char *what, struct acsmtp_error *err)
{
    if (wire_done(reader))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "the other process sent a %s that cannot be read",
                       what);
}

/* ---- outcomes ---- */

void wire_put_outcome(struct wire_writer *writer, int status, const struct acsmtp_error *problem)
{
    static const struct acsmtp_error nothing = ACSMTP_ERROR_INIT;

    if (!problem)
        problem = &nothing;
    wire_put_u32(writer, (uint32_t)status);
    if (status == ACSMTP_OK)
        return;
    wire_put_text(writer, problem->message);
    wire_put_u32(writer, (uint32_t)problem->server_code);
    wire_put_text(writer, problem->code);
    wire_put_text(writer, problem->server_text);
    wire_put_u32(writer, (uint32_t)problem->retry_after);
}

int wire_get_outcome(struct wire_reader *reader, struct acsmtp_error *err)
{
    uint32_t status = wire_get_u32(reader);
    const char *message, *code, *server_text;
    int32_t server_code, retry_after;

    if (status == ACSMTP_OK && !reader->failed)
        return ACSMTP_OK;
    message = wire_need_text(reader, ISOLATE_TEXT_MAX);
    server_code = (int32_t)wire_get_u32(reader);
    code = wire_need_text(reader, ISOLATE_TEXT_MAX);
    server_text = wire_need_text(reader, ISOLATE_TEXT_MAX);
    retry_after = (int32_t)wire_get_u32(reader);
    if (reader->failed)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the other process did not tell how it ended");
    if (status > ACSMTP_SYSTEM)
        status = ACSMTP_SYSTEM;
    acsmtp_error_server(err, server_code, code[0] ? code : NULL,
                        server_text[0] ? server_text : NULL);
    if (err && err->status == ACSMTP_OK && retry_after >= 0)
        err->retry_after = retry_after;
    return acsmtp_fail(err, (int)status, "%s", message[0] ? message : "it did not say why");
}

/* ---- contexts ---- */

static int log_level(const struct acsmtp_context *context)
{
    const struct context_log *log = context_log(context);

    if (!log->sink)
        return -1;
    return log->level < ACSMTP_LOG_TRACE ? log->level : ACSMTP_LOG_TRACE;
}

void wire_put_scope(struct wire_writer *writer, const struct acsmtp_context *context)
{
    const char *name, *value;
    uint32_t count = 0, i;

    while (context_endpoint_at(context, count, &name, &value))
        count++;
    wire_put_i64(writer, acsmtp_context_remaining(context));
    wire_put_u32(writer, acsmtp_context_in_chain(context) != 0);
    wire_put_u32(writer, (uint32_t)(log_level(context) + 1));
    wire_put_u32(writer, count);
    for (i = 0; i < count; i++) {
        (void)context_endpoint_at(context, i, &name, &value);
        wire_put_text(writer, name);
        wire_put_text(writer, value);
    }
}

static int get_endpoints(struct wire_reader *reader, struct acsmtp_context *root,
                         struct acsmtp_error *err)
{
    uint32_t count = wire_get_count(reader, ENDPOINTS_MAX), i;
    int status = ACSMTP_OK;

    for (i = 0; status == ACSMTP_OK && !reader->failed && i < count; i++) {
        const char *name = wire_need_text(reader, ISOLATE_TEXT_MAX);
        const char *value = wire_need_text(reader, ISOLATE_TEXT_MAX);

        if (!reader->failed)
            status = acsmtp_context_set_endpoint(root, name, value, err);
    }
    return status;
}

int wire_get_scope(struct wire_reader *reader, struct acsmtp_context *root, acsmtp_log_sink sink,
                   void *data, struct acsmtp_context **limited, struct acsmtp_error *err)
{
    int64_t remaining = wire_get_i64(reader);
    uint32_t in_chain = wire_get_count(reader, 1);
    int level = (int)wire_get_count(reader, ACSMTP_LOG_TRACE + 1) - 1;
    int status = get_endpoints(reader, root, err);

    if (status != ACSMTP_OK)
        return status;
    acsmtp_context_set_log(root, level < 0 ? NULL : sink, data, level);
    *limited = acsmtp_context_limit(root, remaining == INT64_MAX ? -1 : remaining);
    if (!*limited)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    acsmtp_context_set_in_chain(*limited, (int)in_chain);
    return ACSMTP_OK;
}
