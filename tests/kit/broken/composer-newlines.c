/* SPDX-License-Identifier: MIT */
/* A composer that ends its lines as a Unix file does. */
#include <acsmtp/plugin.h>
#include <string.h>

static int open_it(const struct acsmtp_settings *settings, void **instance,
                   struct acsmtp_error *err)
{
    (void)err;
    *instance = (void *)settings;
    return ACSMTP_OK;
}

static int compose(void *instance, struct acsmtp_context *context, const struct acsmtp_draft *draft,
                   acsmtp_writer write, void *data, struct acsmtp_error *err)
{
    static const char text[] = "From: kit@example.com\n\nHello\n";

    (void)instance;
    (void)context;
    if (strpbrk(draft->subject, "\r\n"))
        return acsmtp_fail(err, ACSMTP_REJECTED, "a line break in the subject");
    return write(data, text, sizeof text - 1, err);
}

static void close_it(void *instance)
{
    (void)instance;
}

static const struct acsmtp_composer_ops operations = {
    .size = sizeof operations, .open = open_it, .compose = compose, .close = close_it};

ACSMTP_PLUGIN(composer_newlines) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_COMPOSER),
    .threads = ACSMTP_THREADS_ANY,
    .name = PLUGIN_NAME,
    .version = "1.0",
    .summary = "For the test of the check.",
    .composer = &operations,
};
