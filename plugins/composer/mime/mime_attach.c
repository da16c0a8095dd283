/* SPDX-License-Identifier: MIT */
/*
 * One file as a part: read while the message is written, always in base64, so that its bytes arrive
 * as they are whatever they mean.
 */
#include "mime.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SPOOL_CHUNK = 16 * 1024 };

struct acsmtp_attachment mime_attachment(const struct acsmtp_draft *draft, size_t index)
{
    struct acsmtp_attachment attachment = {0};
    size_t size = draft->attachment_size;

    if (size > sizeof attachment)
        size = sizeof attachment;
    memcpy(&attachment, (const char *)draft->attachments + index * draft->attachment_size, size);
    return attachment;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

const char *mime_attachment_name(const struct acsmtp_attachment *attachment)
{
    const char *name = attachment->name ? attachment->name : attachment->path;

    return name ? last_part(name) : "";
}

static int copy_all(int in, FILE *out)
{
    char buffer[SPOOL_CHUNK];
    ssize_t got;

    while ((got = read(in, buffer, sizeof buffer)) > 0)
        if (fwrite(buffer, 1, (size_t)got, out) != (size_t)got)
            return -1;
    return got == 0 && fflush(out) == 0 ? fseek(out, 0, SEEK_SET) : -1;
}

/* GMime goes back to the start before it reads: what cannot (a pipe) is copied first. */
static int spool(int in)
{
    FILE *copy = tmpfile(); /* unlinked already */
    int out = -1;

    if (!copy)
        return -1;
    if (copy_all(in, copy) == 0)
        out = fcntl(fileno(copy), F_DUPFD_CLOEXEC, 0);
    (void)fclose(copy);
    return out;
}

static int open_file(const char *path, struct acsmtp_error *err)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int ready = fd;

    if (fd >= 0 && fstat(fd, &status) != 0)
        ready = -1;
    else if (fd >= 0 && S_ISDIR(status.st_mode)) {
        ready = -1;
        errno = EISDIR;
    } else if (fd >= 0 && !S_ISREG(status.st_mode))
        ready = spool(fd);
    if (ready < 0)
        (void)acsmtp_fail(err, ACSMTP_REJECTED, "cannot read the attachment '%s': %s", path,
                          g_strerror(errno));
    if (fd >= 0 && fd != ready)
        (void)close(fd);
    return ready;
}

static GMimeContentType *content_type(const struct acsmtp_attachment *attachment, const char *name,
                                      struct acsmtp_error *err)
{
    const char *text = attachment->content_type ? attachment->content_type : mime_type_guess(name);
    GMimeContentType *type;
    const char *slash;

    if (mime_check_line(text, "a content type", err) != ACSMTP_OK)
        return NULL;
    slash = strchr(text, '/');
    if (!slash || !mime_is_token(text, (size_t)(slash - text)) ||
        !mime_is_token(slash + 1, strcspn(slash + 1, "; \t"))) {
        (void)acsmtp_fail(err, ACSMTP_REJECTED, "'%s' is not a content type", text);
        return NULL;
    }
    type = g_mime_content_type_parse(NULL, text);
    if (g_mime_content_type_is_type(type, "multipart", "*") ||
        g_mime_content_type_is_type(type, "message", "*")) {
        (void)acsmtp_fail(err, ACSMTP_REJECTED, "a file cannot be attached as '%s'", text);
        g_object_unref(type);
        return NULL;
    }
    return type;
}

static int check(const struct acsmtp_attachment *attachment, const char *name,
                 struct acsmtp_error *err)
{
    if (!*name)
        return acsmtp_fail(err, ACSMTP_REJECTED, "an attachment has no file name");
    if (mime_check_line(name, "the name of an attachment", err) != ACSMTP_OK)
        return err->status;
    if (attachment->content_id && !mime_is_id(attachment->content_id))
        return acsmtp_fail(err, ACSMTP_REJECTED,
                           "'%s' cannot be a Content-ID; inline files need a name of letters, "
                           "digits, '.', '-' and '_'",
                           attachment->content_id);
    return ACSMTP_OK;
}

/* GMime would take the smallest charset that fits; readers expect UTF-8. */
static void set_utf8(GMimeParamList *parameters, const char *name)
{
    GMimeParam *parameter = g_mime_param_list_get_parameter(parameters, name);

    if (parameter)
        g_mime_param_set_charset(parameter, "utf-8");
}

static void set_name(GMimePart *part, const char *name)
{
    GMimeObject *object = GMIME_OBJECT(part);

    g_mime_part_set_filename(part, name);
    set_utf8(g_mime_content_type_get_parameters(g_mime_object_get_content_type(object)), "name");
    set_utf8(
        g_mime_content_disposition_get_parameters(g_mime_object_get_content_disposition(object)),
        "filename");
}

GMimeObject *mime_attach_new(const struct acsmtp_attachment *attachment, struct acsmtp_error *err)
{
    const char *name = mime_attachment_name(attachment);
    GMimeContentType *type;
    GMimeDataWrapper *content;
    GMimeStream *stream;
    GMimePart *part;
    int fd;

    if (!attachment->path) {
        (void)acsmtp_fail(err, ACSMTP_REJECTED, "an attachment has no file");
        return NULL;
    }
    if (check(attachment, name, err) != ACSMTP_OK)
        return NULL;
    type = content_type(attachment, name, err);
    if (!type)
        return NULL;
    fd = open_file(attachment->path, err);
    if (fd < 0) {
        g_object_unref(type);
        return NULL;
    }
    stream = g_mime_stream_fs_new(fd);
    content = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
    part = g_mime_part_new();
    g_mime_object_set_content_type(GMIME_OBJECT(part), type);
    g_mime_object_set_disposition(GMIME_OBJECT(part),
                                  attachment->content_id ? "inline" : "attachment");
    set_name(part, name);
    if (attachment->content_id)
        g_mime_part_set_content_id(part, attachment->content_id);
    g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
    g_mime_part_set_content(part, content);
    g_object_unref(content);
    g_object_unref(stream);
    g_object_unref(type);
    return GMIME_OBJECT(part);
}
