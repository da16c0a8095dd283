/* SPDX-License-Identifier: MIT */
/* The bytes of one connection that does not block: in clear first, later in TLS. */
#ifndef SMTP_WIRE_H
#define SMTP_WIRE_H

#include <openssl/ssl.h>
#include <stddef.h>
#include <sys/types.h>

struct smtp_wire {
    int fd;                        /* -1 when there is none */
    SSL *ssl;                      /* NULL: in clear */
    short read_wants, write_wants; /* what to poll(2) for before another try */
};

void smtp_wire_open(struct smtp_wire *wire, int fd);

/* Both return the number of bytes that moved, 0 when the wire is not ready, -1 when it is lost. */
ssize_t smtp_wire_read(struct smtp_wire *wire, char *bytes, size_t size);
/* After a 0 the call is repeated with the same bytes, or more of them. */
ssize_t smtp_wire_write(struct smtp_wire *wire, const char *bytes, size_t size);

/* Whether bytes of the peer are held back in the TLS layer, so that the socket need not be
 * readable. */
int smtp_wire_pending(const struct smtp_wire *wire);

/* An object of OpenSSL's that carries records over the wire's socket; NULL without memory. */
BIO *smtp_wire_bio(struct smtp_wire *wire);

/* Says goodbye in TLS if `is_polite`, which must not be done to a wire that is lost. */
void smtp_wire_close(struct smtp_wire *wire, int is_polite);

#endif
