/* SPDX-License-Identifier: MIT */
/*
 * Boundaries and the Message-ID need text that occurs nowhere else. It comes from the kernel, or,
 * when SOURCE_DATE_EPOCH asks for reproducible output, from a digest of the draft.
 */
#include "mime.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { SEED_BYTES = 32, SEED_DIGITS = 32 };
static const int64_t SEED_EPOCH_MAX = INT64_C(253402300799); /* 9999-12-31T23:59:59Z */

static int read_epoch(struct mime_seed *seed, struct acsmtp_error *err)
{
    const char *text = secure_getenv("SOURCE_DATE_EPOCH");
    char *end = NULL;

    if (!text || !*text)
        return ACSMTP_OK;
    errno = 0;
    seed->epoch = strtoll(text, &end, 10);
    if (errno || *end || *text < '0' || *text > '9' || seed->epoch > SEED_EPOCH_MAX)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "SOURCE_DATE_EPOCH is not a number of seconds: '%.40s'", text);
    seed->is_fixed = 1;
    return ACSMTP_OK;
}

/* Each text with its NUL, so that two fields never read as one. */
static void digest_text(GChecksum *checksum, const char *text)
{
    const char *known = text ? text : "";

    g_checksum_update(checksum, (const guchar *)(text ? "+" : "-"), 1);
    g_checksum_update(checksum, (const guchar *)known, (gssize)strlen(known) + 1);
}

static void digest_draft(struct mime_seed *seed, const struct acsmtp_draft *draft)
{
    const char *const texts[] = {draft->from,     draft->to,   draft->cc,
                                 draft->reply_to, draft->date, draft->message_id,
                                 draft->text,     draft->html, draft->subject};
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        digest_text(checksum, texts[i]);
    for (size_t i = 0; i < draft->header_count; i++)
        digest_text(checksum, draft->headers[i]);
    for (size_t i = 0; i < draft->attachment_count; i++) {
        struct acsmtp_attachment attachment = mime_attachment(draft, i);

        digest_text(checksum, mime_attachment_name(&attachment));
    }
    (void)snprintf(seed->text, sizeof seed->text, "%s", g_checksum_get_string(checksum));
    g_checksum_free(checksum);
}

static int draw(struct mime_seed *seed, struct acsmtp_error *err)
{
    unsigned char bytes[SEED_BYTES];

    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return acsmtp_fail_errno(err, errno, "cannot get random bytes");
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)snprintf(seed->text + 2 * i, 3, "%02x", bytes[i]);
    return ACSMTP_OK;
}

int mime_seed_init(struct mime_seed *seed, const struct acsmtp_draft *draft,
                   struct acsmtp_error *err)
{
    *seed = (struct mime_seed){0};
    if (read_epoch(seed, err) != ACSMTP_OK)
        return err->status;
    if (!seed->is_fixed)
        return draw(seed, err);
    digest_draft(seed, draft);
    return ACSMTP_OK;
}

char *mime_seed_next(struct mime_seed *seed)
{
    char *text = g_strdup_printf("%s %" G_GINT64_FORMAT " %u", seed->text, (gint64)seed->epoch,
                                 seed->used++);
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

    g_free(text);
    digest[SEED_DIGITS] = '\0';
    return digest;
}
