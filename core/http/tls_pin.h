/* SPDX-License-Identifier: MIT */
/* Trust in one certificate that is known by its SHA-1, and in no other. */
#ifndef HTTP_TLS_PIN_H
#define HTTP_TLS_PIN_H

#include <acsmtp/error.h>

#define TLS_PIN_SIZE 20U

struct tls_pin {
    int is_set;
    unsigned char sha1[TLS_PIN_SIZE];
};

/* 40 hex digits; colons and blanks between them are skipped. CONFIG for anything else. */
int tls_pin_parse(const char *text, struct tls_pin *pin, struct acsmtp_error *err) ACSMTP_CHECK;

/* Make `ssl_ctx` (an SSL_CTX) accept the pinned certificate alone. `pin` must outlive it. */
void tls_pin_apply(const struct tls_pin *pin, void *ssl_ctx);

#endif
