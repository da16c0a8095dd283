/* SPDX-License-Identifier: MIT */
/*
 * What the SMTP transports share: their options, and an instance that connects with a mechanism of
 * the plugin's, sends and disconnects. A plugin adds its mechanism and nothing else.
 */
#ifndef SMTP_COMMON_H
#define SMTP_COMMON_H

#include <acsmtp/plugin.h>
#include <acsmtp/smtp.h>

extern const char *const smtp_common_tls_values[];

/* The rows of the option table. */
#define SMTP_COMMON_OPTIONS                                                                        \
    {.name = "host", .type = ACSMTP_STRING, .summary = "Server, default: the cloud's."},           \
        {.name = "port",                                                                           \
         .type = ACSMTP_INTEGER,                                                                   \
         .minimum = 1,                                                                             \
         .maximum = 65535,                                                                         \
         .summary = "Port, default: the cloud's, else 587 (465 with implicit TLS)."},              \
        {.name = "tls",                                                                            \
         .type = ACSMTP_STRING,                                                                    \
         .default_value = "starttls",                                                              \
         .values = smtp_common_tls_values,                                                         \
         .summary = "STARTTLS after the greeting, or TLS from the first byte."},                   \
        {.name = "ca_file",                                                                        \
         .type = ACSMTP_STRING,                                                                    \
         .summary = "PEM file of the authorities to trust, default: the cloud's, else the "        \
                    "system's."},                                                                  \
        {.name = "ca_path",                                                                        \
         .type = ACSMTP_STRING,                                                                    \
         .summary = "Hashed folder of the authorities to trust."},                                 \
        {.name = "ehlo",                                                                           \
         .type = ACSMTP_STRING,                                                                    \
         .summary = "Name to greet the server with, default: this machine's."},                    \
        {.name = "username",                                                                       \
         .type = ACSMTP_STRING,                                                                    \
         .summary = "SMTP user name, default: the profile's."},                                    \
    {                                                                                              \
        .name = "timeout", .type = ACSMTP_DURATION, .minimum = 1, .maximum = 3600000,              \
        .summary = "Longest wait for the connection and for each reply, default: 30 s and 5 min."  \
    }

struct smtp_common {
    const struct acsmtp_settings *settings;
    struct acsmtp_smtp *smtp;
};

/* The operations of struct acsmtp_transport_ops, connect() and diagnose() excepted. */
int smtp_common_open(const struct acsmtp_settings *settings, void **instance,
                     struct acsmtp_error *err);
int smtp_common_send(void *instance, struct acsmtp_context *context,
                     const struct acsmtp_mail *mails, size_t count, struct acsmtp_error *err);
void smtp_common_disconnect(void *instance, struct acsmtp_context *context);
void smtp_common_close(void *instance);

/*
 * The user name to show: the credential's own (it belongs to the password), else the option, else
 * `username`. NULL and ACSMTP_CONFIG when there is none, or when it holds control characters.
 */
const char *smtp_common_username(const struct smtp_common *common, const char *username,
                                 const struct acsmtp_credential *credential,
                                 struct acsmtp_error *err);

int smtp_common_connect(struct smtp_common *common, struct acsmtp_context *context,
                        const struct acsmtp_smtp_mechanism *mechanism, struct acsmtp_error *err);

/* As acsmtp_transport_ops.diagnose, for the mechanism of that name. */
int smtp_common_diagnose(const struct smtp_common *common, struct acsmtp_context *context,
                         const char *mechanism, const struct acsmtp_finding_sink *sink,
                         struct acsmtp_error *err) ACSMTP_CHECK;

#endif
