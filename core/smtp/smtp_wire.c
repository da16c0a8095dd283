/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL's own socket object writes with write(2), which raises SIGPIPE when the peer has gone: a
 * library must not end the program that it serves. So there is one here, on send(2).
 */
#include "smtp_wire.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static int is_not_ready(int number)
{
    return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

/* ---- what OpenSSL calls ---- */

static int carry_out(BIO *bio, const char *bytes, int size)
{
    const struct smtp_wire *wire = BIO_get_data(bio);
    ssize_t sent = send(wire->fd, bytes, (size_t)size, MSG_NOSIGNAL);

    BIO_clear_retry_flags(bio);
    if (sent < 0 && is_not_ready(errno))
        BIO_set_retry_write(bio);
    return (int)sent;
}

static int carry_in(BIO *bio, char *bytes, int size)
{
    const struct smtp_wire *wire = BIO_get_data(bio);
    ssize_t got = recv(wire->fd, bytes, (size_t)size, 0);

    BIO_clear_retry_flags(bio);
    if (got < 0 && is_not_ready(errno))
        BIO_set_retry_read(bio);
    if (got == 0)
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return (int)got;
}

static long control(BIO *bio, int command, long number, void *pointer)
{
    (void)number;
    (void)pointer;
    if (command == BIO_CTRL_EOF)
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return command == BIO_CTRL_FLUSH;
}

static pthread_once_t method_once = PTHREAD_ONCE_INIT;
static BIO_METHOD *method;

static void make_method(void)
{
    BIO_METHOD *made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "acsmtp socket");

    if (made && BIO_meth_set_write(made, carry_out) && BIO_meth_set_read(made, carry_in) &&
        BIO_meth_set_ctrl(made, control))
        method = made;
    else
        BIO_meth_free(made);
}

BIO *smtp_wire_bio(struct smtp_wire *wire)
{
    BIO *bio;

    (void)pthread_once(&method_once, make_method);
    bio = method ? BIO_new(method) : NULL;
    if (!bio)
        return NULL;
    BIO_set_data(bio, wire);
    BIO_set_init(bio, 1);
    return bio;
}

/* ---- what the session calls ---- */

void smtp_wire_open(struct smtp_wire *wire, int fd)
{
    *wire = (struct smtp_wire){.fd = fd, .read_wants = POLLIN, .write_wants = POLLOUT};
}

/* A size that moved, or what OpenSSL says about none: either direction may need the other one. */
static ssize_t result_of(const struct smtp_wire *wire, int moved, short *wants)
{
    if (moved > 0)
        return moved;
    switch (SSL_get_error(wire->ssl, moved)) {
    case SSL_ERROR_WANT_READ:
        *wants = POLLIN;
        return 0;
    case SSL_ERROR_WANT_WRITE:
        *wants = POLLOUT;
        return 0;
    default:
        return -1;
    }
}

ssize_t smtp_wire_read(struct smtp_wire *wire, char *bytes, size_t size)
{
    ssize_t got;

    if (wire->ssl) {
        ERR_clear_error();
        return result_of(wire, SSL_read(wire->ssl, bytes, size < INT_MAX ? (int)size : INT_MAX),
                         &wire->read_wants);
    }
    got = recv(wire->fd, bytes, size, 0);
    if (got < 0 && is_not_ready(errno))
        return 0;
    return got > 0 ? got : -1;
}

ssize_t smtp_wire_write(struct smtp_wire *wire, const char *bytes, size_t size)
{
    ssize_t sent;

    if (wire->ssl) {
        ERR_clear_error();
        return result_of(wire, SSL_write(wire->ssl, bytes, size < INT_MAX ? (int)size : INT_MAX),
                         &wire->write_wants);
    }
    sent = send(wire->fd, bytes, size, MSG_NOSIGNAL);
    if (sent < 0 && is_not_ready(errno))
        return 0;
    return sent;
}

int smtp_wire_pending(const struct smtp_wire *wire)
{
    return wire->ssl && SSL_has_pending(wire->ssl);
}

void smtp_wire_close(struct smtp_wire *wire, int is_polite)
{
    if (wire->ssl && is_polite) {
        ERR_clear_error();
        (void)SSL_shutdown(wire->ssl);
    }
    SSL_free(wire->ssl);
    wire->ssl = NULL;
    if (wire->fd >= 0)
        (void)close(wire->fd);
    wire->fd = -1;
}
