/* SPDX-License-Identifier: MIT */
/*
 * The tree of parts, of which each level is there only when it has something to hold:
 *
 *	mixed
 *	  related
 *	    alternative
 *	      text/plain
 *	      text/html
 *	    inline images
 *	  attachments
 */
#include "mime.h"
#include <string.h>

enum {
    BODY_LINE_MAX = 998, /* RFC 5322 section 2.1.1 */
    BOUNDARY_DIGITS = 24 /* the longest field that holds one still fits into 78 columns */
};

/* ---- texts ---- */

/* LF alone, also at the end: the line ends of the message are made when it is written. */
static char *unix_lines(const char *text)
{
    char *lines = g_malloc(strlen(text) + 2);
    char *out = lines;

    for (; *text; text++)
        if (*text != '\r')
            *out++ = *text;
        else if (text[1] != '\n')
            *out++ = '\n';
    if (out > lines && out[-1] != '\n')
        *out++ = '\n';
    *out = '\0';
    return lines;
}

/* Printable ASCII in lines that are short enough needs no encoding. */
static int is_plain(const char *lines)
{
    size_t length = 0;

    for (const unsigned char *c = (const unsigned char *)lines; *c; c++) {
        length = *c == '\n' ? 0 : length + 1;
        if (length > BODY_LINE_MAX || *c >= 0x7f || (*c < 0x20 && *c != '\n' && *c != '\t'))
            return 0;
    }
    return 1;
}

static GMimeObject *text_part_new(const char *text, const char *subtype)
{
    char *lines = unix_lines(text);
    size_t size = strlen(lines);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(lines, size);
    GMimeDataWrapper *content =
        g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
    GMimePart *part = g_mime_part_new_with_type("text", subtype);
    GMimeContentEncoding encoding = GMIME_CONTENT_ENCODING_7BIT;

    if (!is_plain(lines)) {
        encoding = g_mime_utils_best_encoding((const unsigned char *)lines, size);
        if (encoding != GMIME_CONTENT_ENCODING_BASE64)
            encoding = GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
    }
    g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
    g_mime_part_set_content_encoding(part, encoding);
    g_mime_part_set_content(part, content);
    g_object_unref(content);
    g_object_unref(stream);
    g_free(lines);
    return GMIME_OBJECT(part);
}

/* ---- levels ---- */

/* "=_" occurs in no base64 and in no quoted-printable text (RFC 2045 section 6.7, note 2). */
static GMimeMultipart *multipart_new(const char *subtype, struct mime_seed *seed)
{
    GMimeMultipart *multipart = g_mime_multipart_new_with_subtype(subtype);
    char *unique = mime_seed_next(seed);
    char *boundary = g_strdup_printf("=_%.*s", BOUNDARY_DIGITS, unique);

    g_mime_multipart_set_boundary(multipart, boundary);
    g_free(boundary);
    g_free(unique);
    return multipart;
}

static void add(GMimeMultipart *multipart, GMimeObject *part)
{
    g_mime_multipart_add(multipart, part);
    g_object_unref(part);
}

static GMimeObject *texts_new(const struct acsmtp_draft *draft, struct mime_seed *seed)
{
    GMimeMultipart *alternative;

    if (!draft->html)
        return text_part_new(draft->text ? draft->text : "", "plain");
    if (!draft->text)
        return text_part_new(draft->html, "html");
    alternative = multipart_new("alternative", seed);
    add(alternative, text_part_new(draft->text, "plain"));
    add(alternative, text_part_new(draft->html, "html"));
    return GMIME_OBJECT(alternative);
}

/* An inline part belongs to the HTML that refers to it; without HTML it is shown in its place. */
static int is_related(const struct acsmtp_draft *draft, const struct acsmtp_attachment *attachment)
{
    return draft->html && attachment->content_id;
}

static size_t count_related(const struct acsmtp_draft *draft)
{
    size_t count = 0;

    for (size_t i = 0; i < draft->attachment_count; i++) {
        struct acsmtp_attachment attachment = mime_attachment(draft, i);

        count += is_related(draft, &attachment) != 0;
    }
    return count;
}

static int check_content_ids(const struct acsmtp_draft *draft, struct acsmtp_error *err)
{
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (size_t i = 0; i < draft->attachment_count; i++) {
        struct acsmtp_attachment attachment = mime_attachment(draft, i);

        if (attachment.content_id &&
            !g_hash_table_add(seen, (gpointer)(uintptr_t)attachment.content_id))
            (void)acsmtp_fail(err, ACSMTP_REJECTED, "two inline files are both called '%s'",
                              attachment.content_id);
    }
    g_hash_table_destroy(seen);
    return err->status;
}

static int add_files(GMimeMultipart *multipart, const struct acsmtp_draft *draft, int related,
                     struct acsmtp_error *err)
{
    for (size_t i = 0; i < draft->attachment_count; i++) {
        struct acsmtp_attachment attachment = mime_attachment(draft, i);
        GMimeObject *part;

        if (is_related(draft, &attachment) != related)
            continue;
        part = mime_attach_new(&attachment, err);
        if (!part)
            return err->status;
        add(multipart, part);
    }
    return ACSMTP_OK;
}

/* RFC 2387 section 3.1: the type of the root, which is the first part. */
static void set_root_type(GMimeMultipart *related, GMimeObject *root)
{
    char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(root));

    g_mime_object_set_content_type_parameter(GMIME_OBJECT(related), "type", type);
    g_free(type);
}

/* `inner` moves into a new multipart that also has the files of that sort. */
static GMimeObject *wrap(const char *subtype, GMimeObject *inner, const struct acsmtp_draft *draft,
                         int related, struct mime_seed *seed, struct acsmtp_error *err)
{
    GMimeMultipart *outer = multipart_new(subtype, seed);

    if (related)
        set_root_type(outer, inner);
    add(outer, inner);
    if (add_files(outer, draft, related, err) == ACSMTP_OK)
        return GMIME_OBJECT(outer);
    g_object_unref(outer);
    return NULL;
}

GMimeObject *mime_body_new(const struct acsmtp_draft *draft, struct mime_seed *seed,
                           struct acsmtp_error *err)
{
    size_t related = count_related(draft);
    GMimeObject *body;

    if (mime_check_text(draft->text, "the text", err) != ACSMTP_OK ||
        mime_check_text(draft->html, "the HTML text", err) != ACSMTP_OK ||
        check_content_ids(draft, err) != ACSMTP_OK)
        return NULL;
    body = texts_new(draft, seed);
    if (related)
        body = wrap("related", body, draft, 1, seed, err);
    if (body && draft->attachment_count > related)
        body = wrap("mixed", body, draft, 0, seed, err);
    return body;
}
