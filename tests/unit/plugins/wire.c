/* SPDX-License-Identifier: MIT */
/*
 * A transport plugin without a network: it refuses, loses the connection and accepts as its options
 * say, and writes down every call.
 */
#include "names.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct wire {
    const struct acsmtp_settings *settings;
};

static void note(const struct wire *wire, const char *line)
{
    const char *path = acsmtp_settings_string(wire->settings, "log");
    char text[1024];
    int fd;
    int size = snprintf(text, sizeof text, "%s\n", line);

    if (!path || (fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) < 0)
        return;
    if (write(fd, text, (size_t)size) != size)
        abort();
    (void)close(fd);
}

static int wire_open(const struct acsmtp_settings *settings, void **instance,
                     struct acsmtp_error *err)
{
    struct wire *wire = calloc(1, sizeof *wire);

    if (!wire)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    wire->settings = settings;
    note(wire, "open");
    *instance = wire;
    return ACSMTP_OK;
}

static int wire_connect(void *instance, struct acsmtp_context *context, const char *username,
                        const struct acsmtp_credential *credential, struct acsmtp_error *err)
{
    struct wire *wire = instance;
    const char *deny = acsmtp_settings_string(wire->settings, "deny");
    const struct acsmtp_secret *secret = acsmtp_credential_secret(credential);
    char line[512];

    (void)context;
    (void)snprintf(line, sizeof line, "connect %s %s", username ? username : "-",
                   secret ? acsmtp_secret_data(secret) : "-");
    note(wire, line);
    if (deny && secret && strstr(acsmtp_secret_data(secret), deny)) {
        acsmtp_error_server(err, 535, "5.7.3", "Authentication unsuccessful");
        return acsmtp_fail(err, ACSMTP_DENIED, "AUTH: 535 5.7.3 Authentication unsuccessful");
    }
    if (acsmtp_settings_boolean(wire->settings, "unreachable"))
        return acsmtp_fail(err, ACSMTP_TEMPORARY, "cannot connect");
    return ACSMTP_OK;
}

static void set_result(struct acsmtp_result *result, int delivery)
{
    struct acsmtp_reply reply = {.size = sizeof reply, .delivery = delivery, .code = 250};

    (void)snprintf(reply.text, sizeof reply.text, "done");
    acsmtp_result_set_message(result, &reply);
}

static void refuse_recipients(struct acsmtp_result *result)
{
    struct acsmtp_reply reply = {.size = sizeof reply, .delivery = ACSMTP_REFUSED, .code = 550};
    size_t i;

    for (i = 0; i < acsmtp_result_recipients(result); i++)
        acsmtp_result_set_recipient(result, i, &reply);
}

/* "accept" mails get through, then the connection is lost: before the next one, or after its dot.
 */
static int wire_send(void *instance, struct acsmtp_context *context,
                     const struct acsmtp_mail *mails, size_t count, struct acsmtp_error *err)
{
    struct wire *wire = instance;
    int64_t limit = acsmtp_settings_integer(wire->settings, "accept");
    char line[64];
    size_t i;

    (void)context;
    (void)snprintf(line, sizeof line, "send %zu", count);
    note(wire, line);
    for (i = 0; i < count; i++) {
        if (limit >= 0 && (int64_t)i >= limit) {
            if (acsmtp_settings_boolean(wire->settings, "dot"))
                set_result(mails[i].result, ACSMTP_UNKNOWN);
            return acsmtp_fail(err, ACSMTP_TEMPORARY, "connection lost");
        }
        if (acsmtp_settings_boolean(wire->settings, "nobody"))
            refuse_recipients(mails[i].result);
        else
            set_result(mails[i].result, ACSMTP_ACCEPTED);
    }
    return ACSMTP_OK;
}

static void wire_disconnect(void *instance, struct acsmtp_context *context)
{
    (void)context;
    note(instance, "disconnect");
}

static void wire_close(void *instance)
{
    note(instance, "close");
    free(instance);
}

static const struct acsmtp_option wire_options[] = {
    {.name = "log", .type = ACSMTP_STRING, .summary = "Where calls are noted."},
    {.name = "deny", .type = ACSMTP_STRING, .summary = "Refuse secrets that hold this."},
    {.name = "unreachable", .type = ACSMTP_BOOLEAN, .summary = "Fail to connect."},
    {.name = "accept",
     .type = ACSMTP_INTEGER,
     .default_value = "-1",
     .minimum = -1,
     .maximum = 1000,
     .summary = "Mails before the connection is lost; -1: all."},
    {.name = "nobody", .type = ACSMTP_BOOLEAN, .summary = "Refuse all recipients."},
    {.name = "dot", .type = ACSMTP_BOOLEAN, .summary = "Lose it after a final dot."},
    {.name = "path", .type = ACSMTP_STRING, .environment = "WIRE_PATH", .summary = "Of a dry run."},
};

static const struct acsmtp_transport_ops wire_ops = {
    .size = sizeof wire_ops,
    .accepts = WIRE_ACCEPTS,
    .open = wire_open,
    .connect = wire_connect,
    .send = wire_send,
    .disconnect = wire_disconnect,
    .close = wire_close,
};

TEST_PLUGIN = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_TRANSPORT),
    .threads = ACSMTP_THREADS_INSTANCE,
    .name = PLUGIN_NAME,
    .version = "1.0",
    .summary = "Sends nowhere.",
    ACSMTP_PLUGIN_OPTIONS(wire_options),
    .transport = &wire_ops,
};
