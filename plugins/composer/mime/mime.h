/* SPDX-License-Identifier: MIT */
/* The parts of the composer: checks, header fields, bodies, attachments, output. */
#ifndef MIME_H
#define MIME_H

#include <acsmtp/plugin.h>
#include <gmime/gmime.h>

/* ---- mime_seed.c: what is random, or not when SOURCE_DATE_EPOCH wants the same bytes again ----
 */

struct mime_seed {
    int is_fixed;  /* SOURCE_DATE_EPOCH is set */
    int64_t epoch; /* its value */
    char text[65]; /* hex digits that nobody can foretell, or that follow from the draft */
    unsigned used;
};

int mime_seed_init(struct mime_seed *seed, const struct acsmtp_draft *draft,
                   struct acsmtp_error *err);

/* Another 32 hex digits, for the caller to g_free(). */
char *mime_seed_next(struct mime_seed *seed);

/* ---- mime_check.c: what may stand in a field ---- */

/* REJECTED when `text` is not UTF-8 or holds CR, LF or another control character. NULL is allowed.
 */
int mime_check_line(const char *text, const char *what, struct acsmtp_error *err);

/* REJECTED when `text` is not UTF-8; line breaks are fine. NULL is allowed. */
int mime_check_text(const char *text, const char *what, struct acsmtp_error *err);

/* Characters of an RFC 2045 token, one at least. */
int mime_is_token(const char *text, size_t size);

/* What can stand between the angle brackets of a Message-ID or Content-ID (RFC 5322 dot-atom). */
int mime_is_id(const char *text);

/* ---- mime_header.c ---- */

int mime_header_fill(GMimeMessage *message, const struct acsmtp_draft *draft,
                     struct mime_seed *seed, struct acsmtp_error *err);

/* ---- mime_body.c: the tree of parts; NULL on failure ---- */

GMimeObject *mime_body_new(const struct acsmtp_draft *draft, struct mime_seed *seed,
                           struct acsmtp_error *err);

/* ---- mime_attach.c ---- */

/* The index-th attachment, whatever the host's idea of its size is. */
struct acsmtp_attachment mime_attachment(const struct acsmtp_draft *draft, size_t index);

/* The name to show: given, or the last part of the path. */
const char *mime_attachment_name(const struct acsmtp_attachment *attachment);

GMimeObject *mime_attach_new(const struct acsmtp_attachment *attachment, struct acsmtp_error *err);

/* ---- mime_type.c ---- */

/* The content type that a file name suggests. */
const char *mime_type_guess(const char *name);

/* ---- mime_output.c ---- */

/* Write with CRLF line ends. */
int mime_output(GMimeMessage *message, struct acsmtp_context *context, acsmtp_writer write,
                void *data, struct acsmtp_error *err);

#endif
