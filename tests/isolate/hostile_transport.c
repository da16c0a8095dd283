/* SPDX-License-Identifier: MIT */
/*
 * A transport that accepts mail and crashes at the point that its option names.
 */
#include <acsmtp/plugin.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const char *const points[] = {"open",  "connect",    "before", "middle",
                                     "after", "disconnect", "never",  NULL};

static const struct acsmtp_option hostile_options[] = {
    {.name = "crash",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_REQUIRED,
     .values = points,
     .summary = "Where it crashes; of a send: before, in the middle of, after the second mail"},
};

static void crash_at(const struct acsmtp_settings *settings, const char *point)
{
    if (strcmp(acsmtp_settings_string(settings, "crash"), point) != 0)
        return;
    (void)signal(SIGSEGV, SIG_DFL); /* which a sanitizer would handle */
    (void)raise(SIGSEGV);
}

static int hostile_open(const struct acsmtp_settings *settings, void **instance,
                        struct acsmtp_error *err)
{
    (void)err;
    crash_at(settings, "open");
    *instance = (void *)settings;
    return ACSMTP_OK;
}

static int hostile_connect(void *instance, struct acsmtp_context *context, const char *username,
                           const struct acsmtp_credential *credential, struct acsmtp_error *err)
{
    (void)context;
    (void)username;
    (void)credential;
    (void)err;
    crash_at(instance, "connect");
    return ACSMTP_OK;
}

static int read_message(void *instance, struct acsmtp_message *message, size_t index,
                        struct acsmtp_error *err)
{
    char piece[512];
    size_t got = 0;
    int status = acsmtp_message_rewind(message, err);

    if (status == ACSMTP_OK)
        status = acsmtp_message_read(message, piece, sizeof piece, &got, err);
    if (index == 1)
        crash_at(instance, "middle");
    while (status == ACSMTP_OK && got > 0)
        status = acsmtp_message_read(message, piece, sizeof piece, &got, err);
    if (index == 1)
        crash_at(instance, "after");
    return status;
}

static int hostile_send(void *instance, struct acsmtp_context *context,
                        const struct acsmtp_mail *mails, size_t count, struct acsmtp_error *err)
{
    static const struct acsmtp_reply good = {
        .size = sizeof good, .delivery = ACSMTP_ACCEPTED, .code = 250, .text = "taken"};
    int status = ACSMTP_OK;
    size_t i;

    (void)context;
    for (i = 0; i < count && status == ACSMTP_OK; i++) {
        if (i == 1)
            crash_at(instance, "before");
        status = read_message(instance, mails[i].message, i, err);
        if (status == ACSMTP_OK)
            acsmtp_result_set_message(mails[i].result, &good);
    }
    return status;
}

static void hostile_disconnect(void *instance, struct acsmtp_context *context)
{
    (void)context;
    crash_at(instance, "disconnect");
}

static void hostile_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_transport_ops hostile_ops = {
    .size = sizeof hostile_ops,
    .accepts = ACSMTP_CREDENTIAL_NONE,
    .open = hostile_open,
    .connect = hostile_connect,
    .send = hostile_send,
    .disconnect = hostile_disconnect,
    .close = hostile_close,
};

ACSMTP_PLUGIN(hostile) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_TRANSPORT),
    .name = "hostile",
    .version = "1.0",
    .summary = "Accepts mail and crashes",
    ACSMTP_PLUGIN_OPTIONS(hostile_options),
    .transport = &hostile_ops,
};
