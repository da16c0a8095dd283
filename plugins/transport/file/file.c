/* SPDX-License-Identifier: MIT */
/*
 * Mail into files: a folder of .eml files, a Maildir, one file, or a stream. It is the dry run, and
 * a transport for tests and archives. Nothing is added to a message; the envelope is not kept,
 * since every place for it would be a field that the sender did not write.
 */
#include "place.h"
#include <acsmtp/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_CHUNK = 64 * 1024 };

struct file {
    const char *path;
    const char *format; /* NULL: as it looks */
    struct place place;
};

/* Maildir readers expect the line ends of the system (LF); .eml files keep what the message has. */
struct file_line_ends {
    int to_lf;
    int pending_cr; /* the last byte so far was a CR, not written yet */
};

static int file_open(const struct acsmtp_settings *settings, void **instance,
                     struct acsmtp_error *err)
{
    struct file *file = calloc(1, sizeof *file);

    if (!file)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    file->path = acsmtp_settings_string(settings, "path");
    file->format = acsmtp_settings_string(settings, "format");
    *instance = file;
    return ACSMTP_OK;
}

static int file_connect(void *instance, struct acsmtp_context *context, const char *username,
                        const struct acsmtp_credential *credential, struct acsmtp_error *err)
{
    struct file *file = instance;
    int as_maildir = file->format && strcmp(file->format, "maildir") == 0;

    (void)context;
    (void)username;
    (void)credential;
    if (place_init(&file->place, file->path, as_maildir, err) != ACSMTP_OK)
        return err->status;
    if (file->format && !as_maildir && file->place.kind == PLACE_MAILDIR)
        file->place.kind = PLACE_FOLDER;
    return ACSMTP_OK;
}

/* In place: CRLF becomes LF, also where the two fall into different pieces. `buffer` has one byte
 * more than `size`. */
static size_t file_convert(struct file_line_ends *ends, char *buffer, size_t size)
{
    size_t kept = 0;

    if (!ends->to_lf)
        return size;
    if (ends->pending_cr) {
        memmove(buffer + 1, buffer, size++);
        buffer[0] = '\r';
    }
    ends->pending_cr = size && buffer[size - 1] == '\r';
    size -= (size_t)ends->pending_cr;
    for (size_t i = 0; i < size; i++)
        if (buffer[i] != '\r' || i + 1 == size || buffer[i + 1] != '\n')
            buffer[kept++] = buffer[i];
    return kept;
}

static int file_copy(struct acsmtp_message *message, struct acsmtp_context *context,
                     struct place_file *out, int to_lf, struct acsmtp_error *err)
{
    struct file_line_ends ends = {.to_lf = to_lf};
    char buffer[FILE_CHUNK + 1];
    size_t got;

    if (acsmtp_message_rewind(message, err) != ACSMTP_OK)
        return err->status;
    for (;;) {
        if (acsmtp_context_check(context, "writing the message", err) != ACSMTP_OK ||
            acsmtp_message_read(message, buffer, FILE_CHUNK, &got, err) != ACSMTP_OK)
            return err->status;
        if (!got)
            break;
        if (place_write(out, buffer, file_convert(&ends, buffer, got), err) != ACSMTP_OK)
            return err->status;
    }
    return ends.pending_cr ? place_write(out, "\r", 1, err) : ACSMTP_OK;
}

static int file_send_one(struct file *file, struct acsmtp_context *context,
                         const struct acsmtp_mail *mail, struct acsmtp_error *err)
{
    struct acsmtp_reply reply = {.size = sizeof reply, .delivery = ACSMTP_ACCEPTED};
    struct place_file out;
    int status = place_begin(&file->place, &out, err);

    if (status != ACSMTP_OK)
        return status;
    status = file_copy(mail->message, context, &out, file->place.kind == PLACE_MAILDIR, err);
    acsmtp_message_close(mail->message);
    if (status == ACSMTP_OK)
        status = place_commit(&out, err);
    else
        place_abandon(&out);
    if (status != ACSMTP_OK)
        return status;
    (void)snprintf(reply.text, sizeof reply.text, "written to %.480s", out.final);
    acsmtp_result_set_message(mail->result, &reply);
    return ACSMTP_OK;
}

static int file_send(void *instance, struct acsmtp_context *context,
                     const struct acsmtp_mail *mails, size_t count, struct acsmtp_error *err)
{
    for (size_t i = 0; i < count; i++) {
        int status = file_send_one(instance, context, &mails[i], err);

        if (status != ACSMTP_OK)
            return status;
    }
    return ACSMTP_OK;
}

static void file_disconnect(void *instance, struct acsmtp_context *context)
{
    (void)instance;
    (void)context;
}

static void file_close(void *instance)
{
    free(instance);
}

static const char *const file_formats[] = {"eml", "maildir", NULL};

static const struct acsmtp_option file_options[] = {
    {.name = "path",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_REQUIRED,
     .summary = "Folder, Maildir, new file, or stream (/dev/stdout) to write to."},
    {.name = "format",
     .type = ACSMTP_STRING,
     .values = file_formats,
     .summary = "How to write; default: maildir where cur, new and tmp are, else eml."},
};

static const struct acsmtp_transport_ops file_ops = {
    .size = sizeof file_ops,
    .accepts = ACSMTP_CREDENTIAL_NONE | ACSMTP_CREDENTIAL_TOKEN | ACSMTP_CREDENTIAL_PASSWORD,
    .open = file_open,
    .connect = file_connect,
    .send = file_send,
    .disconnect = file_disconnect,
    .close = file_close,
};

ACSMTP_PLUGIN(file) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_TRANSPORT),
    .threads = ACSMTP_THREADS_INSTANCE,
    .name = "file",
    .version = "1.0",
    .summary = "Mail into .eml files, a Maildir, or a stream; nothing is sent.",
    ACSMTP_PLUGIN_OPTIONS(file_options),
    .transport = &file_ops,
};
