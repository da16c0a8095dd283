/* SPDX-License-Identifier: MIT */
/*
 * Prints where every field of every public structure stands. Built against each set
 * of frozen headers and against today's: the frozen lines must all be among today's, and a
 * structure may only be longer.
 */
#include <acsmtp/http.h>
#include <acsmtp/plugin.h>
#include <acsmtp/process.h>
#include <acsmtp/smtp.h>
#include <acsmtp/token.h>
#include <stddef.h>
#include <stdio.h>

#define FIELD(structure, field)                                                                    \
    printf(#structure "." #field " %zu %zu\n", offsetof(struct structure, field),                  \
           sizeof(((struct structure *)0)->field))
#define VALUE(name) printf(#name " = %lld\n", (long long)(name))

static void print_plugin(void)
{
    FIELD(acsmtp_plugin, magic);
    FIELD(acsmtp_plugin, abi_major);
    FIELD(acsmtp_plugin, abi_minor);
    FIELD(acsmtp_plugin, size);
    FIELD(acsmtp_plugin, kind);
    FIELD(acsmtp_plugin, threads);
    FIELD(acsmtp_plugin, name);
    FIELD(acsmtp_plugin, version);
    FIELD(acsmtp_plugin, summary);
    FIELD(acsmtp_plugin, options);
    FIELD(acsmtp_plugin, option_count);
    FIELD(acsmtp_plugin, option_size);
    FIELD(acsmtp_plugin, credential);
    FIELD(acsmtp_plugin, transport);
    FIELD(acsmtp_plugin, composer);
    FIELD(acsmtp_option, name);
    FIELD(acsmtp_option, type);
    FIELD(acsmtp_option, flags);
    FIELD(acsmtp_option, default_value);
    FIELD(acsmtp_option, environment);
    FIELD(acsmtp_option, values);
    FIELD(acsmtp_option, summary);
    FIELD(acsmtp_option, minimum);
    FIELD(acsmtp_option, maximum);
}

static void print_operations(void)
{
    FIELD(acsmtp_credential_ops, size);
    FIELD(acsmtp_credential_ops, open);
    FIELD(acsmtp_credential_ops, probe);
    FIELD(acsmtp_credential_ops, acquire);
    FIELD(acsmtp_credential_ops, report);
    FIELD(acsmtp_credential_ops, close);
    FIELD(acsmtp_transport_ops, size);
    FIELD(acsmtp_transport_ops, accepts);
    FIELD(acsmtp_transport_ops, open);
    FIELD(acsmtp_transport_ops, connect);
    FIELD(acsmtp_transport_ops, send);
    FIELD(acsmtp_transport_ops, disconnect);
    FIELD(acsmtp_transport_ops, close);
    FIELD(acsmtp_composer_ops, size);
    FIELD(acsmtp_composer_ops, open);
    FIELD(acsmtp_composer_ops, compose);
    FIELD(acsmtp_composer_ops, close);
}

static void print_requests(void)
{
    FIELD(acsmtp_credential_request, size);
    FIELD(acsmtp_credential_request, flags);
    FIELD(acsmtp_credential_request, scope);
    FIELD(acsmtp_credential_request, tenant);
    FIELD(acsmtp_credential_request, claims);
    FIELD(acsmtp_credential_request, username);
    FIELD(acsmtp_credential_request, min_validity);
    FIELD(acsmtp_verdict, size);
    FIELD(acsmtp_verdict, status);
    FIELD(acsmtp_verdict, server_code);
    FIELD(acsmtp_verdict, text);
    FIELD(acsmtp_error, size);
    FIELD(acsmtp_error, status);
    FIELD(acsmtp_error, server_code);
    FIELD(acsmtp_error, retry_after);
    FIELD(acsmtp_error, code);
    FIELD(acsmtp_error, server_text);
    FIELD(acsmtp_error, message);
}

static void print_mail(void)
{
    FIELD(acsmtp_envelope, size);
    FIELD(acsmtp_envelope, sender);
    FIELD(acsmtp_envelope, recipients);
    FIELD(acsmtp_envelope, recipient_count);
    FIELD(acsmtp_envelope, dsn_notify);
    FIELD(acsmtp_envelope, dsn_return);
    FIELD(acsmtp_envelope, dsn_id);
    FIELD(acsmtp_mail, size);
    FIELD(acsmtp_mail, envelope);
    FIELD(acsmtp_mail, message);
    FIELD(acsmtp_mail, result);
    FIELD(acsmtp_reply, size);
    FIELD(acsmtp_reply, delivery);
    FIELD(acsmtp_reply, code);
    FIELD(acsmtp_reply, enhanced);
    FIELD(acsmtp_reply, text);
    FIELD(acsmtp_draft, size);
    FIELD(acsmtp_draft, from);
    FIELD(acsmtp_draft, subject);
    FIELD(acsmtp_draft, text);
    FIELD(acsmtp_draft, html);
    FIELD(acsmtp_draft, headers);
    FIELD(acsmtp_draft, header_count);
    FIELD(acsmtp_draft, attachments);
    FIELD(acsmtp_draft, attachment_count);
    FIELD(acsmtp_draft, attachment_size);
    FIELD(acsmtp_attachment, size);
    FIELD(acsmtp_attachment, path);
    FIELD(acsmtp_attachment, name);
    FIELD(acsmtp_attachment, content_type);
    FIELD(acsmtp_attachment, content_id);
}

static void print_services(void)
{
    FIELD(acsmtp_http_request, method);
    FIELD(acsmtp_http_request, url);
    FIELD(acsmtp_http_request, headers);
    FIELD(acsmtp_http_request, bearer);
    FIELD(acsmtp_http_request, content_type);
    FIELD(acsmtp_http_request, body);
    FIELD(acsmtp_http_request, timeout_ms);
    FIELD(acsmtp_http_request, connect_timeout_ms);
    FIELD(acsmtp_http_request, retry);
    FIELD(acsmtp_http_request, attempts_made);
    FIELD(acsmtp_http_retry, attempts);
    FIELD(acsmtp_http_retry, delays_ms);
    FIELD(acsmtp_http_retry, delay_count);
    FIELD(acsmtp_http_retry, statuses);
    FIELD(acsmtp_http_retry, connection_errors);
    FIELD(acsmtp_process, argv);
    FIELD(acsmtp_process, environment);
    FIELD(acsmtp_process, directory);
    FIELD(acsmtp_process, input);
    FIELD(acsmtp_process, timeout_ms);
    FIELD(acsmtp_process_result, exit_status);
    FIELD(acsmtp_process_result, output);
    FIELD(acsmtp_process_result, errors);
    FIELD(acsmtp_smtp_options, tls);
    FIELD(acsmtp_smtp_options, host);
    FIELD(acsmtp_smtp_options, port);
    FIELD(acsmtp_smtp_options, mechanism);
    FIELD(acsmtp_smtp_mechanism, name);
    FIELD(acsmtp_smtp_mechanism, data);
    FIELD(acsmtp_smtp_mechanism, respond);
    FIELD(acsmtp_token_format, token);
    FIELD(acsmtp_token_format, expires_on);
    FIELD(acsmtp_token_format, expires_in);
    FIELD(acsmtp_token_format, refresh_in);
}

/* ABI 1.1; the frozen headers are older. */
static void print_1_1(void)
{
#if ACSMTP_ABI_MINOR >= 1
    FIELD(acsmtp_plugin, provisioner);
    FIELD(acsmtp_provisioner_ops, size);
    FIELD(acsmtp_provisioner_ops, open);
    FIELD(acsmtp_provisioner_ops, plan);
    FIELD(acsmtp_provisioner_ops, apply);
    FIELD(acsmtp_provisioner_ops, show);
    FIELD(acsmtp_provisioner_ops, verify);
    FIELD(acsmtp_provisioner_ops, rotate);
    FIELD(acsmtp_provisioner_ops, destroy);
    FIELD(acsmtp_provisioner_ops, export_as);
    FIELD(acsmtp_provisioner_ops, close);
    FIELD(acsmtp_provision_request, size);
    FIELD(acsmtp_provision_request, flags);
    FIELD(acsmtp_provision_request, format);
    FIELD(acsmtp_provision_request, merge);
    FIELD(acsmtp_step, size);
    FIELD(acsmtp_step, state);
    FIELD(acsmtp_step, id);
    FIELD(acsmtp_step, title);
    FIELD(acsmtp_step, change);
    FIELD(acsmtp_step, detail);
    FIELD(acsmtp_step, elapsed_ms);
    FIELD(acsmtp_step, needs);
    FIELD(acsmtp_provision_observer, size);
    FIELD(acsmtp_provision_observer, data);
    FIELD(acsmtp_provision_observer, step);
    FIELD(acsmtp_plugin, keyring);
    FIELD(acsmtp_credential_ops, look);
    FIELD(acsmtp_credential_ops, forget);
    FIELD(acsmtp_transport_ops, diagnose);
    FIELD(acsmtp_verdict, credential);
    FIELD(acsmtp_http_request, peer_sha1);
    FIELD(acsmtp_http_request, client_certificate);
    FIELD(acsmtp_http_request, ca_file);
    FIELD(acsmtp_keyring_ops, size);
    FIELD(acsmtp_keyring_ops, open);
    FIELD(acsmtp_keyring_ops, get);
    FIELD(acsmtp_keyring_ops, set);
    FIELD(acsmtp_keyring_ops, remove);
    FIELD(acsmtp_keyring_ops, close);
    VALUE(ACSMTP_KIND_KEYRING);
    VALUE(ACSMTP_PROVISION_READ_ONLY);
    VALUE(ACSMTP_PROVISION_PURGE);
    VALUE(ACSMTP_PROVISION_DESTROY);
    VALUE(ACSMTP_PROVISION_CHECK_DNS);
    VALUE(ACSMTP_STEP_PENDING);
    VALUE(ACSMTP_STEP_SKIPPED);
#endif
}

static void print_values(void)
{
    VALUE(ACSMTP_ABI_MAGIC);
    VALUE(ACSMTP_ABI_MAJOR);
    VALUE(ACSMTP_UNAVAILABLE);
    VALUE(ACSMTP_DENIED);
    VALUE(ACSMTP_CONFIG);
    VALUE(ACSMTP_TEMPORARY);
    VALUE(ACSMTP_REJECTED);
    VALUE(ACSMTP_PROTOCOL);
    VALUE(ACSMTP_CANCELLED);
    VALUE(ACSMTP_SYSTEM);
    VALUE(ACSMTP_KIND_CREDENTIAL);
    VALUE(ACSMTP_KIND_TRANSPORT);
    VALUE(ACSMTP_KIND_COMPOSER);
    VALUE(ACSMTP_KIND_PROVISIONER);
    VALUE(ACSMTP_STRING);
    VALUE(ACSMTP_INTEGER);
    VALUE(ACSMTP_BOOLEAN);
    VALUE(ACSMTP_DURATION);
    VALUE(ACSMTP_CHAIN);
    VALUE(ACSMTP_REQUIRED);
    VALUE(ACSMTP_SECRET);
    VALUE(ACSMTP_LIST);
    VALUE(ACSMTP_CREDENTIAL_NONE);
    VALUE(ACSMTP_CREDENTIAL_TOKEN);
    VALUE(ACSMTP_CREDENTIAL_PASSWORD);
    VALUE(ACSMTP_REQUEST_REFRESH);
    VALUE(ACSMTP_NOT_TRIED);
    VALUE(ACSMTP_ACCEPTED);
    VALUE(ACSMTP_DEFERRED);
    VALUE(ACSMTP_REFUSED);
    VALUE(ACSMTP_UNKNOWN);
    VALUE(ACSMTP_THREADS_ONE);
    VALUE(ACSMTP_THREADS_INSTANCE);
    VALUE(ACSMTP_THREADS_ANY);
}

int main(void)
{
    print_plugin();
    print_operations();
    print_requests();
    print_mail();
    print_services();
    print_1_1();
    print_values();
    return 0;
}
