/* SPDX-License-Identifier: MIT */
/* A composer plugin that writes two lines. */
#include "names.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int plain_open(const struct acsmtp_settings *settings, void **instance,
                      struct acsmtp_error *err)
{
    (void)settings;
    (void)err;
    *instance = NULL;
    return ACSMTP_OK;
}

static int plain_compose(void *instance, struct acsmtp_context *context,
                         const struct acsmtp_draft *draft, acsmtp_writer write, void *data,
                         struct acsmtp_error *err)
{
    char text[256];
    int size;

    (void)instance;
    (void)context;
    if (!draft->subject)
        return acsmtp_fail(err, ACSMTP_REJECTED, "no subject");
    size = snprintf(text, sizeof text, "Subject: %s\r\n\r\n", draft->subject);
    return write(data, text, (size_t)size, err);
}

static void plain_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_composer_ops plain_ops = {
    .size = sizeof plain_ops,
    .open = plain_open,
    .compose = plain_compose,
    .close = plain_close,
};

TEST_PLUGIN = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_COMPOSER), .name = PLUGIN_NAME,    .version = "1.0",
    .summary = "Writes a subject.",           .composer = &plain_ops,
};
