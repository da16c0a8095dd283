/* SPDX-License-Identifier: MIT */
/*
 * A session with a submission server (libacsmtp-smtp): RFC 5321 and 6409 over TLS, with STARTTLS
 * (RFC 3207) or implicit TLS (RFC 8314), AUTH (RFC 4954) by a mechanism that the transport plugin
 * brings, and PIPELINING (RFC 2920), SIZE (1870), 8BITMIME (6152), SMTPUTF8 (6531), DSN (3461)
 * where the server offers them. There is no session without TLS and none without the wanted
 * mechanism: no mail is ever sent unauthenticated because a server forgot to ask. A session belongs
 * to one thread at a time.
 */
#ifndef ACSMTP_SMTP_H
#define ACSMTP_SMTP_H

#include <acsmtp/context.h>
#include <acsmtp/diagnose.h>
#include <acsmtp/error.h>
#include <acsmtp/message.h>
#include <acsmtp/secret.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A SASL mechanism as a pure function: the server's challenge in (decoded, `step` counts from 0),
 * the response out (not encoded; empty is allowed). The response is sent only after a challenge of
 * the server, never on the AUTH line: long tokens do not fit there (RFC 4954 section 4), and
 * servers cut them. A failure ends the exchange with "*".
 */
struct acsmtp_smtp_mechanism {
    uint32_t size;    /* sizeof(struct acsmtp_smtp_mechanism) */
    const char *name; /* as the server lists it: "LOGIN", "XOAUTH2" */
    void *data;
    int (*respond)(void *data, unsigned step, const char *challenge, size_t challenge_size,
                   struct acsmtp_secret *response, struct acsmtp_error *err);
};

enum acsmtp_smtp_tls { ACSMTP_SMTP_STARTTLS = 0, ACSMTP_SMTP_IMPLICIT = 1 };

struct acsmtp_smtp_options {
    uint32_t size;    /* sizeof(struct acsmtp_smtp_options) */
    int32_t tls;      /* enum acsmtp_smtp_tls */
    const char *host; /* ASCII; an address without brackets */
    int32_t port;
    const char *ehlo;    /* name to greet with, NULL: this host's name */
    const char *ca_file; /* PEM to trust instead of the system's store; NULL: cloud's ca_file, else
                            the system's */
    const char *ca_path; /* hashed folder, the same */
    int64_t connect_timeout_ms; /* below 0: 30 s */
    int64_t reply_timeout_ms;   /* below 0: 300 s, and 600 s after the final dot (RFC 5321
                                   section 4.5.3.2) */
    const struct acsmtp_smtp_mechanism *mechanism; /* needed */
};

struct acsmtp_smtp;

/*
 * Connect, TLS, EHLO, AUTH. A server that is neither this machine nor excepted by no_proxy is
 * reached through the proxy of smtp_proxy (smtps_proxy with implicit TLS) or all_proxy: CONNECT or
 * SOCKS 5. DENIED when the identity is refused (535 and its kin), PROTOCOL when STARTTLS or the
 * mechanism is not offered, or the certificate does not verify; TEMPORARY when the server cannot be
 * reached or says 4xx; CONFIG when the options or the proxy are unusable. err->server_code, code
 * (enhanced) and server_text tell what the server said; where it said nothing, code is one of those
 * of acsmtp_http_send(). *smtp is only set on success.
 */
int acsmtp_smtp_open(struct acsmtp_context *context, const struct acsmtp_smtp_options *options,
                     struct acsmtp_smtp **smtp, struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Send mails one after the other; where the server allows pipelining, the next envelope travels
 * behind the last message's end. Contract of acsmtp_transport_ops.send. Memory does not grow with
 * the size of a message. A message larger than the server's SIZE is refused before it is offered.
 */
int acsmtp_smtp_send(struct acsmtp_smtp *smtp, struct acsmtp_context *context,
                     const struct acsmtp_mail *mails, size_t count,
                     struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Look at the way to the server and tell it: the name's addresses, TCP to the port and to 587 and
 * 25, the certificate (also one that does not verify), what EHLO offers, whether the options'
 * mechanism is among it (only its name counts). Nobody logs in. OK however the checks end;
 * CANCELLED, SYSTEM, or CONFIG when the options make no sense. Since ABI 1.1.
 */
int acsmtp_smtp_look(struct acsmtp_context *context, const struct acsmtp_smtp_options *options,
                     const struct acsmtp_finding_sink *sink, struct acsmtp_error *err) ACSMTP_CHECK;

/* NOOP: keeps an idle session open, and tells whether it still is. */
int acsmtp_smtp_noop(struct acsmtp_smtp *smtp, struct acsmtp_context *context,
                     struct acsmtp_error *err) ACSMTP_CHECK;

/* QUIT without waiting long for its reply, then close. NULL is allowed. */
void acsmtp_smtp_close(struct acsmtp_smtp *smtp, struct acsmtp_context *context);

/* What the server said to EHLO under TLS: 1 and the parameters ("" if none) when the keyword is
 * there. */
int acsmtp_smtp_capability(const struct acsmtp_smtp *smtp, const char *keyword,
                           const char **parameters);

#ifdef __cplusplus
}
#endif

#endif
