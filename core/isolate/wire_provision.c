/* SPDX-License-Identifier: MIT */
/*
 * Steps go to terminals and logs, and the result into files: both are judged where they come in.
 */
#include "wire_provision.h"
#include "base/utf8.h"
#include "wire_value.h"
#include <stdlib.h>
#include <string.h>

#define ELAPSED_MAX_MS (366LL * 86400 * 1000)

/* ---- requests ---- */

void wire_put_provision_request(struct wire_writer *writer,
                                const struct acsmtp_provision_request *request)
{
    wire_put_u32(writer, request->flags);
    wire_put_text(writer, request->format);
    wire_put_text(writer, request->merge);
}

void wire_get_provision_request(struct wire_reader *reader,
                                struct acsmtp_provision_request *request)
{
    *request = (struct acsmtp_provision_request){.size = sizeof *request};
    request->flags = wire_get_u32(reader);
    request->format = wire_get_text(reader, FRAME_MAX);
    request->merge = wire_get_text(reader, FRAME_MAX);
}

void wire_put_diagnose_request(struct wire_writer *writer,
                               const struct acsmtp_diagnose_request *request)
{
    wire_put_text(writer, request->sender);
    wire_put_text(writer, request->username);
    wire_put_text(writer, request->client_id);
    wire_put_text(writer, request->object_id);
}

void wire_get_diagnose_request(struct wire_reader *reader, struct acsmtp_diagnose_request *request)
{
    *request = (struct acsmtp_diagnose_request){.size = sizeof *request};
    request->sender = wire_get_text(reader, ISOLATE_TEXT_MAX);
    request->username = wire_get_text(reader, ISOLATE_TEXT_MAX);
    request->client_id = wire_get_text(reader, ISOLATE_TEXT_MAX);
    request->object_id = wire_get_text(reader, ISOLATE_TEXT_MAX);
}

/* ---- steps ---- */

static uint32_t count_needs(const struct acsmtp_step *step)
{
    uint32_t count = 0;

    while (step->needs && step->needs[count])
        count++;
    return count;
}

void wire_put_step(struct wire_writer *writer, const struct acsmtp_step *step)
{
    struct acsmtp_step whole = {0};
    uint32_t needs, i;

    memcpy(&whole, step, step->size < sizeof whole ? step->size : sizeof whole);
    needs = count_needs(&whole);
    wire_put_u32(writer, (uint32_t)whole.state);
    wire_put_text(writer, whole.id);
    wire_put_text(writer, whole.title);
    wire_put_text(writer, whole.change);
    wire_put_text(writer, whole.detail);
    wire_put_i64(writer, whole.elapsed_ms);
    wire_put_u32(writer, needs);
    for (i = 0; i < needs; i++)
        wire_put_text(writer, whole.needs[i]);
}

/* The next text, copied behind those before it; with its NUL it is as long as in the payload. */
static const char *keep_text(struct wire_reader *reader, char **room)
{
    const char *text = wire_get_text(reader, ISOLATE_TEXT_MAX);
    char *copy = *room;

    if (!text)
        return NULL;
    *room = stpcpy(copy, text) + 1;
    utf8_make_printable(copy, '\0');
    return copy;
}

static int64_t clamp(int64_t elapsed_ms)
{
    if (elapsed_ms < 0)
        return 0;
    return elapsed_ms < ELAPSED_MAX_MS ? elapsed_ms : ELAPSED_MAX_MS;
}

static void get_step(struct wire_reader *reader, struct wire_step *made)
{
    char *room = made->texts;
    uint32_t count, i;

    made->step.size = sizeof made->step;
    made->step.state = (int32_t)wire_get_count(reader, ACSMTP_STEP_SKIPPED);
    made->step.id = keep_text(reader, &room);
    made->step.title = keep_text(reader, &room);
    made->step.change = keep_text(reader, &room);
    made->step.detail = keep_text(reader, &room);
    made->step.elapsed_ms = clamp(wire_get_i64(reader));
    count = wire_get_count(reader, ISOLATE_ITEMS_MAX);
    for (i = 0; i < count && !reader->failed; i++) {
        made->needs[i] = keep_text(reader, &room);
        if (!made->needs[i])
            reader->failed = 1;
    }
    made->step.needs = made->needs;
}

int wire_get_step(struct wire_reader *reader, struct wire_step *step, struct acsmtp_error *err)
{
    *step = (struct wire_step){.texts = malloc(reader->left + 1)};
    if (!step->texts)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    get_step(reader, step);
    return wire_check(reader, "step", err);
}

void wire_step_release(struct wire_step *step)
{
    free(step->texts);
    *step = (struct wire_step){0};
}

/* ---- results ---- */

int wire_put_result(struct wire_writer *writer, const struct acsmtp_json *result,
                    struct acsmtp_error *err)
{
    int status = ACSMTP_OK;
    char *text;

    if (!result)
        return ACSMTP_OK;
    text = acsmtp_json_format(result);
    if (!text)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    if (strlen(text) > ISOLATE_RESULT_MAX)
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "its result is longer than %u bytes",
                             ISOLATE_RESULT_MAX);
    else
        wire_put_text(writer, text);
    free(text);
    return status;
}

int wire_get_result(struct wire_reader *reader, struct acsmtp_json **result,
                    struct acsmtp_error *err)
{
    struct acsmtp_json *made;
    const char *text;
    int status;

    *result = NULL;
    if (wire_done(reader))
        return ACSMTP_OK;
    text = wire_need_text(reader, ISOLATE_RESULT_MAX);
    status = wire_check(reader, "result", err);
    if (status != ACSMTP_OK)
        return status;
    made = acsmtp_json_parse(text, strlen(text), err);
    if (!made) {
        acsmtp_error_prefix(err, "the other process sent a result that is no JSON");
        return ACSMTP_PROTOCOL;
    }
    if (acsmtp_json_type(made) != ACSMTP_JSON_OBJECT) {
        acsmtp_json_free(made);
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "the other process sent a result that is no JSON object");
    }
    *result = made;
    return ACSMTP_OK;
}
