/* SPDX-License-Identifier: MIT */
/*
 * A composer on GMime: a draft in, an RFC 5322 and MIME message out. It is loaded only when
 * something is composed.
 */
#include "mime.h"

static int mime_open(const struct acsmtp_settings *settings, void **instance,
                     struct acsmtp_error *err)
{
    (void)settings;
    (void)err;
    g_mime_init(); /* never shut down: GMime does not work after a second start */
    *instance = NULL;
    return ACSMTP_OK;
}

static int mime_build(GMimeMessage *message, const struct acsmtp_draft *draft,
                      struct acsmtp_error *err)
{
    struct mime_seed seed;
    GMimeObject *body;

    if (mime_seed_init(&seed, draft, err) != ACSMTP_OK ||
        mime_header_fill(message, draft, &seed, err) != ACSMTP_OK)
        return err->status;
    body = mime_body_new(draft, &seed, err);
    if (!body)
        return err->status;
    g_mime_message_set_mime_part(message, body);
    g_object_unref(body);
    return ACSMTP_OK;
}

static int mime_compose(void *instance, struct acsmtp_context *context,
                        const struct acsmtp_draft *draft, acsmtp_writer write, void *data,
                        struct acsmtp_error *err)
{
    GMimeMessage *message = g_mime_message_new(TRUE);
    int status;

    (void)instance;
    status = mime_build(message, draft, err);
    if (status == ACSMTP_OK)
        status = mime_output(message, context, write, data, err);
    g_object_unref(message);
    return status;
}

static void mime_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_composer_ops mime_ops = {
    .size = sizeof mime_ops,
    .open = mime_open,
    .compose = mime_compose,
    .close = mime_close,
};

ACSMTP_PLUGIN(mime) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_COMPOSER),
    .threads = ACSMTP_THREADS_ONE, /* GMime's set-up counts without a lock */
    .name = "mime",
    .version = "1.0",
    .summary = "MIME messages: text, HTML, attachments, inline images (GMime).",
    .composer = &mime_ops,
};
