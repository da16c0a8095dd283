/* SPDX-License-Identifier: MIT */
/* Inside acsmtp_smtp_look(): the certificate that a server showed, as it is and as it is judged. */
#ifndef SMTP_LOOK_H
#define SMTP_LOOK_H

#include <acsmtp/diagnose.h>
#include <openssl/ssl.h>

#define SMTP_LOOK_PROBLEMS 4

/* What verification found fault with; filled in by the handshake. */
struct smtp_certificate {
    size_t problem_count;
    int problems[SMTP_LOOK_PROBLEMS]; /* X509_V_ERR_*, without repetition */
};

/*
 * Let the handshake on `ssl` go to its end whatever the certificate is, and note what is wrong with
 * it. Nothing that matters may be sent over such a connection. `certificate` must outlive `ssl`.
 */
void smtp_certificate_watch(struct smtp_certificate *certificate, SSL *ssl);

/* Tell what the certificate is, and whether it would have been accepted. */
void smtp_certificate_tell(const struct smtp_certificate *certificate, SSL *ssl,
                           const char *subject, int64_t elapsed_ms,
                           const struct acsmtp_finding_sink *sink);

#endif
