/* SPDX-License-Identifier: MIT */
/*
 * From the options of `acsmtp send` to a composed message: texts and files are collected into a
 * draft, the profile's composer writes the message into an unlinked temporary file, and from there
 * it is a finished message like any other.
 */
#include "exitcode.h"
#include "letter.h"
#include "spool.h"
#include <acsmtp/secret.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 32 * 1024 * 1024, TEXT_CHUNK = 64 * 1024 };

int letter_is_composed(const struct send_options *options)
{
    return options->subject || options->text || options->html || options->reply_to ||
           options->date || options->message_id || options->attachments.count ||
           options->inlines.count || options->headers.count;
}

static int out_of_memory(struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
}

static int no_input(const char *path, struct acsmtp_error *err)
{
    acsmtp_error_server(err, 0, EXITCODE_NO_INPUT, NULL);
    return acsmtp_fail_errno(err, errno, "cannot read '%s'", path);
}

/* ---- texts: TEXT, @FILE, @- ---- */

static int read_text(FILE *in, const char *path, char **text, struct acsmtp_error *err)
{
    size_t capacity = TEXT_CHUNK, size = 0, got;
    char *buffer = malloc(capacity);

    while (buffer && (got = fread(buffer + size, 1, capacity - size - 1, in)) > 0) {
        size += got;
        if (size + 1 == capacity && capacity < TEXT_MAX) {
            char *larger = realloc(buffer, capacity *= 2);

            if (!larger)
                free(buffer);
            buffer = larger;
        }
    }
    if (!buffer)
        return out_of_memory(err);
    buffer[size] = '\0';
    *text = buffer;
    if (ferror(in))
        return no_input(path, err);
    if (size + 1 >= TEXT_MAX)
        return acsmtp_fail(err, ACSMTP_REJECTED, "'%s' is larger than %d bytes; attach it", path,
                           TEXT_MAX);
    if (memchr(buffer, '\0', size))
        return acsmtp_fail(err, ACSMTP_REJECTED, "'%s' holds a NUL byte: it is not text", path);
    return ACSMTP_OK;
}

/* The text that an option's value stands for, for the caller to free(3). NULL stays NULL. */
static int load_text(const char *value, char **text, struct acsmtp_error *err)
{
    FILE *in;
    int status;

    *text = NULL;
    if (!value)
        return ACSMTP_OK;
    if (value[0] != '@' || value[1] == '@') {
        *text = strdup(value + (value[0] == '@'));
        return *text ? ACSMTP_OK : out_of_memory(err);
    }
    if (strcmp(value, "@-") == 0)
        return read_text(stdin, "standard input", text, err);
    in = fopen(value + 1, "re");
    if (!in)
        return no_input(value + 1, err);
    status = read_text(in, value + 1, text, err);
    (void)fclose(in);
    return status;
}

/* ---- the draft ---- */

/* A draft and what it borrows. */
struct draft {
    struct acsmtp_draft values;
    char *to, *cc, *bcc, *text, *html;
    struct acsmtp_attachment *attachments;
};

static void draft_release(struct draft *draft)
{
    free(draft->to);
    free(draft->cc);
    free(draft->bcc);
    free(draft->text);
    free(draft->html);
    free(draft->attachments);
}

/* One list of addresses from an option that was given several times; NULL from none. */
static int join(const struct text_list *list, char **joined, struct acsmtp_error *err)
{
    size_t size = 0;
    FILE *out;

    if (!list->count)
        return ACSMTP_OK;
    out = open_memstream(joined, &size);
    if (!out)
        return out_of_memory(err);
    for (size_t i = 0; i < list->count; i++)
        (void)fprintf(out, "%s%s", i ? ", " : "", list->items[i]);
    return fclose(out) == 0 ? ACSMTP_OK : out_of_memory(err);
}

/* Not opened: the writer of a pipe would be gone when it is read. */
static int check_attachment(const char *path, struct acsmtp_error *err)
{
    struct stat status;

    if (stat(path, &status) != 0 || access(path, R_OK) != 0)
        return no_input(path, err);
    if (!S_ISDIR(status.st_mode))
        return ACSMTP_OK;
    errno = EISDIR;
    return no_input(path, err);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static int add_attachments(struct draft *draft, const struct text_list *files, int is_inline,
                           struct acsmtp_error *err)
{
    for (size_t i = 0; i < files->count; i++) {
        const char *path = files->items[i];

        if (check_attachment(path, err) != ACSMTP_OK)
            return err->status;
        draft->attachments[draft->values.attachment_count++] = (struct acsmtp_attachment){
            .size = sizeof(struct acsmtp_attachment),
            .path = path,
            .content_id = is_inline ? base_name(path) : NULL,
        };
    }
    return ACSMTP_OK;
}

static int draft_fill(struct draft *draft, const struct send_options *options,
                      struct acsmtp_error *err)
{
    size_t files = options->attachments.count + options->inlines.count;

    draft->attachments = calloc(files + 1, sizeof *draft->attachments);
    if (!draft->attachments)
        return out_of_memory(err);
    if (join(&options->to, &draft->to, err) != 0 || join(&options->cc, &draft->cc, err) != 0 ||
        join(&options->bcc, &draft->bcc, err) != 0 ||
        add_attachments(draft, &options->inlines, 1, err) != 0 ||
        add_attachments(draft, &options->attachments, 0, err) != 0 ||
        load_text(options->text, &draft->text, err) != 0 ||
        load_text(options->html, &draft->html, err) != 0)
        return err->status;
    draft->values.to = draft->to;
    draft->values.cc = draft->cc;
    draft->values.bcc = draft->bcc;
    draft->values.text = draft->text;
    draft->values.html = draft->html;
    draft->values.attachments = draft->attachments;
    return ACSMTP_OK;
}

/* ---- the message ---- */

static int write_piece(void *data, const void *bytes, size_t size, struct acsmtp_error *err)
{
    const int *fd = data;

    return spool_write(*fd, bytes, size, err);
}

int letter_compose(struct letter *letter, struct acsmtp_driver *driver,
                   struct acsmtp_context *context, const struct send_options *options,
                   struct acsmtp_error *err)
{
    struct draft draft = {.values = {.size = sizeof draft.values,
                                     .reply_to = options->reply_to,
                                     .subject = options->subject,
                                     .date = options->date,
                                     .message_id = options->message_id,
                                     .headers = options->headers.items,
                                     .header_count = options->headers.count,
                                     .attachment_size = sizeof(struct acsmtp_attachment)}};
    int fd = -1;
    int status;

    draft.values.from =
        options->from ? options->from : acsmtp_driver_profile_string(driver, "from");
    status = draft_fill(&draft, options, err);
    if (status == ACSMTP_OK && (fd = spool_open(err)) < 0)
        status = err->status;
    if (status == ACSMTP_OK)
        status = acsmtp_driver_compose(driver, context, &draft.values, write_piece, &fd, err);
    if (status == ACSMTP_OK && lseek(fd, 0, SEEK_SET) < 0)
        status = acsmtp_fail_errno(err, errno, "cannot read the composed message");
    if (status == ACSMTP_OK)
        status = acsmtp_message_from_fd(fd, &letter->message, err);
    if (fd >= 0)
        (void)close(fd);
    draft_release(&draft);
    return status;
}
