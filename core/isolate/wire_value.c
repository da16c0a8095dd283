/* SPDX-License-Identifier: MIT */
/*
 * Credentials, requests, verdicts and what belongs to sending. Errors and contexts are in
 * wire_context.c.
 */
#include "wire_value.h"
#include "base/credential_private.h"
#include "protocol.h"
#include <stdio.h>

/* ---- requests ---- */

void wire_put_request(struct wire_writer *writer, const struct acsmtp_credential_request *request)
{
    wire_put_u32(writer, request->flags);
    wire_put_text(writer, request->scope);
    wire_put_text(writer, request->tenant);
    wire_put_text(writer, request->claims);
    wire_put_text(writer, request->username);
    wire_put_i64(writer, request->min_validity);
}

void wire_get_request(struct wire_reader *reader, struct acsmtp_credential_request *request)
{
    *request = (struct acsmtp_credential_request){.size = sizeof *request};
    request->flags = wire_get_u32(reader);
    request->scope = wire_need_text(reader, ISOLATE_TEXT_MAX);
    request->tenant = wire_get_text(reader, ISOLATE_TEXT_MAX);
    request->claims = wire_get_text(reader, ISOLATE_TEXT_MAX);
    request->username = wire_get_text(reader, ISOLATE_TEXT_MAX);
    request->min_validity = wire_get_i64(reader);
}

/* ---- credentials ---- */

static uint32_t count_files(const struct acsmtp_credential *credential)
{
    uint32_t count = 0;

    while (credential_dependency(credential, count))
        count++;
    return count;
}

void wire_put_credential(struct wire_writer *writer, const struct acsmtp_credential *credential)
{
    uint32_t files = count_files(credential), i;
    int kind = acsmtp_credential_kind(credential);

    wire_put_u32(writer, (uint32_t)kind);
    if (kind == ACSMTP_CREDENTIAL_NONE)
        return;
    wire_put_secret(writer, acsmtp_credential_secret(credential));
    wire_put_text(writer, acsmtp_credential_username(credential));
    wire_put_i64(writer, acsmtp_credential_expires_on(credential));
    wire_put_i64(writer, acsmtp_credential_refresh_on(credential));
    wire_put_u32(writer, files);
    for (i = 0; i < files; i++)
        wire_put_text(writer, credential_dependency(credential, i));
}

static int get_files(struct wire_reader *reader, struct acsmtp_credential *out,
                     struct acsmtp_error *err)
{
    uint32_t files = wire_get_count(reader, ISOLATE_ITEMS_MAX), i;
    int status = ACSMTP_OK;

    for (i = 0; status == ACSMTP_OK && !reader->failed && i < files; i++) {
        const char *path = wire_need_text(reader, ISOLATE_TEXT_MAX);

        if (!reader->failed)
            status = acsmtp_credential_depends_on(out, path, err);
    }
    return status;
}

int wire_get_credential(struct wire_reader *reader, struct acsmtp_credential *out,
                        struct acsmtp_error *err)
{
    uint32_t kind = wire_get_u32(reader);
    struct acsmtp_secret *secret;
    const char *username;
    int64_t expires_on, refresh_on;
    int status;

    if (kind == ACSMTP_CREDENTIAL_NONE || reader->failed)
        return ACSMTP_OK;
    secret = wire_get_secret(reader);
    username = wire_get_text(reader, ISOLATE_TEXT_MAX);
    expires_on = wire_get_i64(reader);
    refresh_on = wire_get_i64(reader);
    if (reader->failed || !secret) {
        acsmtp_secret_free(secret);
        reader->failed = 1;
        return ACSMTP_OK;
    }
    if (kind == ACSMTP_CREDENTIAL_TOKEN)
        status = acsmtp_credential_set_token(out, secret, expires_on, refresh_on, err);
    else
        status = acsmtp_credential_set_password(out, username, secret, err);
    return status == ACSMTP_OK ? get_files(reader, out, err) : status;
}

/* ---- verdicts ---- */

void wire_put_verdict(struct wire_writer *writer, const struct acsmtp_verdict *verdict)
{
    wire_put_u32(writer, (uint32_t)verdict->status);
    wire_put_u32(writer, (uint32_t)verdict->server_code);
    wire_put_text(writer, verdict->text);
    wire_put_u32(writer, verdict->credential != NULL);
    wire_put_credential(writer, verdict->credential);
}

int wire_get_verdict(struct wire_reader *reader, struct acsmtp_credential *credential,
                     struct acsmtp_verdict *verdict, struct acsmtp_error *err)
{
    *verdict = (struct acsmtp_verdict){.size = sizeof *verdict};
    verdict->status = (int32_t)wire_get_count(reader, ACSMTP_SYSTEM);
    verdict->server_code = (int32_t)wire_get_u32(reader);
    verdict->text = wire_get_text(reader, ISOLATE_TEXT_MAX);
    if (wire_get_count(reader, 1))
        verdict->credential = credential;
    return wire_get_credential(reader, credential, err);
}

/* ---- sending ---- */

void wire_put_reply(struct wire_writer *writer, const struct acsmtp_reply *reply)
{
    wire_put_u32(writer, (uint32_t)reply->delivery);
    wire_put_u32(writer, (uint32_t)reply->code);
    wire_put_text(writer, reply->enhanced);
    wire_put_text(writer, reply->text);
}

void wire_get_reply(struct wire_reader *reader, struct acsmtp_reply *reply)
{
    *reply = (struct acsmtp_reply){.size = sizeof *reply};
    reply->delivery = (int32_t)wire_get_count(reader, ACSMTP_UNKNOWN);
    reply->code = (int32_t)wire_get_count(reader, 999);
    (void)snprintf(reply->enhanced, sizeof reply->enhanced, "%s",
                   wire_need_text(reader, sizeof reply->enhanced - 1));
    (void)snprintf(reply->text, sizeof reply->text, "%s",
                   wire_need_text(reader, sizeof reply->text - 1));
}

void wire_put_finding(struct wire_writer *writer, const struct acsmtp_finding *finding)
{
    wire_put_u32(writer, (uint32_t)finding->grade);
    wire_put_text(writer, finding->check);
    wire_put_text(writer, finding->subject);
    wire_put_text(writer, finding->detail);
    wire_put_text(writer, finding->hint);
    wire_put_i64(writer, finding->elapsed_ms);
    wire_put_outcome(writer, finding->error ? finding->error->status : ACSMTP_OK, finding->error);
}

void wire_get_finding(struct wire_reader *reader, struct acsmtp_error *problem,
                      struct acsmtp_finding *finding)
{
    *finding = (struct acsmtp_finding){.size = sizeof *finding};
    finding->grade = (int32_t)wire_get_count(reader, ACSMTP_GRADE_BAD);
    finding->check = wire_need_text(reader, ISOLATE_TEXT_MAX);
    finding->subject = wire_get_text(reader, ISOLATE_TEXT_MAX);
    finding->detail = wire_get_text(reader, ISOLATE_TEXT_MAX);
    finding->hint = wire_get_text(reader, ISOLATE_TEXT_MAX);
    finding->elapsed_ms = wire_get_i64(reader);
    if (wire_get_outcome(reader, problem) != ACSMTP_OK)
        finding->error = problem;
}

void wire_put_envelope(struct wire_writer *writer, const struct acsmtp_envelope *envelope)
{
    wire_put_text(writer, envelope->sender);
    wire_put_u32(writer, (uint32_t)envelope->recipient_count);
    wire_put_text(writer, envelope->dsn_notify);
    wire_put_text(writer, envelope->dsn_return);
    wire_put_text(writer, envelope->dsn_id);
}

void wire_get_envelope(struct wire_reader *reader, struct acsmtp_envelope *envelope)
{
    *envelope = (struct acsmtp_envelope){.size = sizeof *envelope};
    envelope->sender = wire_need_text(reader, ISOLATE_TEXT_MAX);
    envelope->recipient_count = wire_get_count(reader, ISOLATE_MAILS_MAX);
    envelope->dsn_notify = wire_get_text(reader, ISOLATE_TEXT_MAX);
    envelope->dsn_return = wire_get_text(reader, ISOLATE_TEXT_MAX);
    envelope->dsn_id = wire_get_text(reader, ISOLATE_TEXT_MAX);
}
