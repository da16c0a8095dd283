/* SPDX-License-Identifier: MIT */
/* The instance behind the SMTP transports, see smtp-common.h. */
#include "smtp-common.h"
#include <stdlib.h>
#include <string.h>

enum { SMTP_PORT_SUBMISSION = 587, SMTP_PORT_SUBMISSIONS = 465, SMTP_PORT_MAX = 65535 };

const char *const smtp_common_tls_values[] = {"starttls", "implicit", NULL};

int smtp_common_open(const struct acsmtp_settings *settings, void **instance,
                     struct acsmtp_error *err)
{
    struct smtp_common *common = calloc(1, sizeof *common);

    if (!common)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    common->settings = settings;
    *instance = common;
    return ACSMTP_OK;
}

static int has_control(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c < 0x20 || *c == 0x7f)
            return 1;
    return 0;
}

const char *smtp_common_username(const struct smtp_common *common, const char *username,
                                 const struct acsmtp_credential *credential,
                                 struct acsmtp_error *err)
{
    const char *own = acsmtp_credential_username(credential);
    const char *option = acsmtp_settings_string(common->settings, "username");
    const char *chosen = own ? own : option ? option : username;

    if (!chosen || !*chosen) {
        (void)acsmtp_fail(err, ACSMTP_CONFIG,
                          "no SMTP user name: set \"username\" in the profile or the transport");
        return NULL;
    }
    /* A SASL message is made of it: a control character would add fields of its own. */
    if (has_control(chosen)) {
        (void)acsmtp_fail(err, ACSMTP_CONFIG, "the SMTP user name holds a control character");
        return NULL;
    }
    return chosen;
}

/* The cloud's port goes with the cloud's host. */
static long cloud_port(struct acsmtp_context *context, const char *host)
{
    const char *cloud_host = acsmtp_context_endpoint(context, "smtp_host");
    const char *port = acsmtp_context_endpoint(context, "smtp_port");

    return port && cloud_host && strcmp(cloud_host, host) == 0 ? strtol(port, NULL, 10) : 0;
}

static int port_of(const struct smtp_common *common, struct acsmtp_context *context,
                   const struct acsmtp_smtp_options *options)
{
    long port;

    if (acsmtp_settings_has(common->settings, "port"))
        return (int)acsmtp_settings_integer(common->settings, "port");
    port = cloud_port(context, options->host);
    if (port > 0 && port <= SMTP_PORT_MAX)
        return (int)port;
    return options->tls == ACSMTP_SMTP_IMPLICIT ? SMTP_PORT_SUBMISSIONS : SMTP_PORT_SUBMISSION;
}

/* What the settings, and where they are silent the cloud, say about the server. */
static int describe(const struct smtp_common *common, struct acsmtp_context *context,
                    const struct acsmtp_smtp_mechanism *mechanism,
                    struct acsmtp_smtp_options *described, struct acsmtp_error *err)
{
    const struct acsmtp_settings *settings = common->settings;
    const char *host = acsmtp_settings_string(settings, "host");
    int64_t timeout = acsmtp_settings_has(settings, "timeout")
                          ? acsmtp_settings_duration(settings, "timeout")
                          : -1;
    struct acsmtp_smtp_options options = {
        .size = sizeof options,
        .tls = strcmp(acsmtp_settings_string(settings, "tls"), "implicit") == 0
                   ? ACSMTP_SMTP_IMPLICIT
                   : ACSMTP_SMTP_STARTTLS,
        .host = host ? host : acsmtp_context_endpoint(context, "smtp_host"),
        .ehlo = acsmtp_settings_string(settings, "ehlo"),
        .ca_file = acsmtp_settings_string(settings, "ca_file"),
        .ca_path = acsmtp_settings_string(settings, "ca_path"),
        .connect_timeout_ms = timeout,
        .reply_timeout_ms = timeout,
        .mechanism = mechanism,
    };

    if (!options.host)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "no server: set \"host\" in the transport, or \"smtp\" in the cloud");
    options.port = port_of(common, context, &options);
    *described = options;
    return ACSMTP_OK;
}

int smtp_common_connect(struct smtp_common *common, struct acsmtp_context *context,
                        const struct acsmtp_smtp_mechanism *mechanism, struct acsmtp_error *err)
{
    struct acsmtp_smtp_options options;
    int status = describe(common, context, mechanism, &options, err);

    return status == ACSMTP_OK ? acsmtp_smtp_open(context, &options, &common->smtp, err) : status;
}

int smtp_common_diagnose(const struct smtp_common *common, struct acsmtp_context *context,
                         const char *mechanism, const struct acsmtp_finding_sink *sink,
                         struct acsmtp_error *err)
{
    const struct acsmtp_smtp_mechanism named = {.size = sizeof named, .name = mechanism};
    struct acsmtp_smtp_options options;
    int status = describe(common, context, &named, &options, err);

    return status == ACSMTP_OK ? acsmtp_smtp_look(context, &options, sink, err) : status;
}

int smtp_common_send(void *instance, struct acsmtp_context *context,
                     const struct acsmtp_mail *mails, size_t count, struct acsmtp_error *err)
{
    struct smtp_common *common = instance;

    return acsmtp_smtp_send(common->smtp, context, mails, count, err);
}

void smtp_common_disconnect(void *instance, struct acsmtp_context *context)
{
    struct smtp_common *common = instance;

    acsmtp_smtp_close(common->smtp, context);
    common->smtp = NULL;
}

void smtp_common_close(void *instance)
{
    free(instance);
}
