/* SPDX-License-Identifier: MIT */
/*
 * From GMime's tree to the host's writer, piece by piece: a GMimeStream whose only operation is
 * writing. On the way each line is measured, since no server has to take one of more than 998
 * bytes (RFC 5321 section 4.5.3.1.6), and GMime does not break everything.
 */
#include "mime.h"
#include <errno.h>

enum { OUTPUT_LINE_MAX = 998 };

struct mime_output {
    acsmtp_writer write;
    void *data;
    struct acsmtp_context *context;
    struct acsmtp_error *err;
    size_t line; /* bytes of the current line so far, without its end */
    int failed;
};

static int measure(struct mime_output *output, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n')
            output->line = 0;
        else if (bytes[i] != '\r' && ++output->line > OUTPUT_LINE_MAX)
            return acsmtp_fail(output->err, ACSMTP_REJECTED,
                               "a header field has a word that is longer than a line may be "
                               "(%d bytes)",
                               OUTPUT_LINE_MAX);
    }
    return ACSMTP_OK;
}

static int pass_on(struct mime_output *output, const char *bytes, size_t size)
{
    if (!output->failed &&
        (acsmtp_context_check(output->context, "composing the message", output->err) != 0 ||
         measure(output, bytes, size) != ACSMTP_OK ||
         output->write(output->data, bytes, size, output->err) != ACSMTP_OK))
        output->failed = 1;
    return output->failed ? -1 : 0;
}

/* ---- the stream, as GObject wants classes to be written ---- */

typedef struct {
    GMimeStream parent;
    struct mime_output *output;
} MimeOutputStream;

typedef struct {
    GMimeStreamClass parent;
} MimeOutputStreamClass;

GType mime_output_stream_get_type(void);
G_DEFINE_TYPE(MimeOutputStream, mime_output_stream, GMIME_TYPE_STREAM)

static ssize_t stream_write(GMimeStream *stream, const char *bytes, size_t size)
{
    struct mime_output *output = ((MimeOutputStream *)(void *)stream)->output;

    if (pass_on(output, bytes, size) != 0) {
        errno = EIO;
        return -1;
    }
    stream->position += (gint64)size;
    return (ssize_t)size;
}

static void mime_output_stream_class_init(MimeOutputStreamClass *class)
{
    GMimeStreamClass *stream = &class->parent;

    stream->write = stream_write;
}

static void mime_output_stream_init(MimeOutputStream *stream)
{
    stream->output = NULL;
}

/* ---- the message ---- */

static int write_tree(GMimeMessage *message, struct mime_output *output)
{
    MimeOutputStream *sink = g_object_new(mime_output_stream_get_type(), NULL);
    GMimeFormatOptions *options = g_mime_format_options_new();
    GMimeStream *buffered;
    ssize_t written;

    sink->output = output;
    g_mime_stream_construct(&sink->parent, 0, -1);
    buffered = g_mime_stream_buffer_new(&sink->parent, GMIME_STREAM_BUFFER_BLOCK_WRITE);
    g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
    written = g_mime_object_write_to_stream(GMIME_OBJECT(message), options, buffered);
    if (written >= 0 && g_mime_stream_flush(buffered) != 0)
        written = -1;
    g_object_unref(buffered);
    g_object_unref(sink);
    g_mime_format_options_free(options);
    return written < 0 ? -1 : 0;
}

int mime_output(GMimeMessage *message, struct acsmtp_context *context, acsmtp_writer write,
                void *data, struct acsmtp_error *err)
{
    struct mime_output output = {.write = write, .data = data, .context = context, .err = err};
    int failed;

    errno = 0;
    failed = write_tree(message, &output) != 0;
    if (output.failed)
        return err->status;
    if (failed)
        return acsmtp_fail(err, ACSMTP_REJECTED, "the message cannot be written: %s",
                           errno ? g_strerror(errno) : "an attachment cannot be read");
    return ACSMTP_OK;
}
