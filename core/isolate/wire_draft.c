/* SPDX-License-Identifier: MIT */
/*
 * Drafts: texts of any length up to a frame's, and files that the composer reads itself.
 */
#include "protocol.h"
#include "wire_plugin.h"
#include "wire_value.h"
#include <stdlib.h>
#include <string.h>

/* The texts of a draft, in one order for both sides. */
#define DRAFT_TEXTS 10

static void list_texts(struct acsmtp_draft *draft, const char **texts[DRAFT_TEXTS])
{
    const char **all[DRAFT_TEXTS] = {
        &draft->from,    &draft->to,   &draft->cc,         &draft->bcc,  &draft->reply_to,
        &draft->subject, &draft->date, &draft->message_id, &draft->text, &draft->html};

    memcpy(texts, all, sizeof all);
}

/* ---- writing ---- */

/* An array of another version's elements has another stride. */
static void put_attachment(struct wire_writer *writer, const struct acsmtp_draft *draft,
                           size_t index)
{
    const char *at = (const char *)draft->attachments + index * draft->attachment_size;
    struct acsmtp_attachment attachment = {0};
    size_t size = draft->attachment_size;

    memcpy(&attachment, at, size < sizeof attachment ? size : sizeof attachment);
    wire_put_text(writer, attachment.path);
    wire_put_text(writer, attachment.name);
    wire_put_text(writer, attachment.content_type);
    wire_put_text(writer, attachment.content_id);
}

void wire_put_draft(struct wire_writer *writer, const struct acsmtp_draft *draft)
{
    struct acsmtp_draft copy = {0};
    const char **texts[DRAFT_TEXTS];
    size_t i;

    memcpy(&copy, draft, draft->size < sizeof copy ? draft->size : sizeof copy);
    list_texts(&copy, texts);
    for (i = 0; i < DRAFT_TEXTS; i++)
        wire_put_text(writer, *texts[i]);
    wire_put_u32(writer, (uint32_t)copy.header_count);
    for (i = 0; i < copy.header_count; i++)
        wire_put_text(writer, copy.headers[i]);
    wire_put_u32(writer, (uint32_t)copy.attachment_count);
    for (i = 0; i < copy.attachment_count; i++)
        put_attachment(writer, &copy, i);
}

/* ---- reading ---- */

static void get_lists(struct wire_reader *reader, struct wire_draft *draft)
{
    uint32_t i;

    for (i = 0; i < draft->draft.header_count; i++)
        draft->headers[i] = wire_need_text(reader, FRAME_MAX);
    draft->draft.headers = draft->headers;
    draft->draft.attachment_count = wire_get_count(reader, WIRE_DRAFT_ITEMS);
    draft->draft.attachments = draft->attachments;
    draft->draft.attachment_size = sizeof draft->attachments[0];
    for (i = 0; i < draft->draft.attachment_count; i++) {
        struct acsmtp_attachment *attachment = &draft->attachments[i];

        attachment->size = sizeof *attachment;
        attachment->path = wire_need_text(reader, ISOLATE_TEXT_MAX);
        attachment->name = wire_get_text(reader, ISOLATE_TEXT_MAX);
        attachment->content_type = wire_get_text(reader, ISOLATE_TEXT_MAX);
        attachment->content_id = wire_get_text(reader, ISOLATE_TEXT_MAX);
    }
}

int wire_get_draft(struct wire_reader *reader, struct wire_draft *draft, struct acsmtp_error *err)
{
    const char **texts[DRAFT_TEXTS];
    size_t i;

    *draft = (struct wire_draft){.draft = {.size = sizeof draft->draft}};
    list_texts(&draft->draft, texts);
    for (i = 0; i < DRAFT_TEXTS; i++)
        *texts[i] = wire_get_text(reader, FRAME_MAX);
    draft->draft.header_count = wire_get_count(reader, WIRE_DRAFT_ITEMS);
    draft->headers = calloc(WIRE_DRAFT_ITEMS, sizeof *draft->headers);
    draft->attachments = calloc(WIRE_DRAFT_ITEMS, sizeof *draft->attachments);
    if (!draft->headers || !draft->attachments)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    get_lists(reader, draft);
    return wire_check(reader, "draft", err);
}

void wire_draft_release(struct wire_draft *draft)
{
    free(draft->headers);
    free(draft->attachments);
    *draft = (struct wire_draft){0};
}
