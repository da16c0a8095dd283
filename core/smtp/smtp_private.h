/* SPDX-License-Identifier: MIT */
/* An SMTP session from the inside: the connection, what the server offers, and whether it lives. */
#ifndef SMTP_PRIVATE_H
#define SMTP_PRIVATE_H

#include "smtp_capability.h"
#include "smtp_reply.h"
#include "smtp_wait.h"
#include "smtp_wire.h"

#include <acsmtp/secret.h>
#include <acsmtp/smtp.h>
#include <stdint.h>

#define SMTP_PEER_MAX 300U
#define SMTP_IN_MAX 65536U
#define SMTP_OUT_MAX 16384U /* one TLS record */

/* Bytes on their way: small commands are gathered, so that a group is one record and one segment.
 */
struct smtp_io {
    struct smtp_wire wire;
    const struct acsmtp_context *context; /* of the present call */
    int64_t timeout_ms;                   /* for one reply, or for a buffer to be taken */
    int is_lost;                          /* the connection has failed */
    uint64_t queued, sent;    /* bytes since the start, to know whether a final dot went out */
    size_t in_start, in_size; /* received, not yet parsed */
    size_t out_size;          /* queued, not yet sent */
    char *in;                 /* SMTP_IN_MAX */
    char *out;                /* SMTP_OUT_MAX */
};

struct acsmtp_smtp {
    struct smtp_io io;
    struct smtp_capabilities capabilities;
    int64_t reply_timeout_ms;
    int64_t end_timeout_ms; /* for the reply to a message */
    int needs_reset;        /* a transaction was left open */
    char peer[SMTP_PEER_MAX];
};

/* ---- smtp_reach.c ---- */

/* TCP, within the connect timeout of the options, and `io` opened on it. */
int smtp_reach(struct smtp_io *io, const struct acsmtp_smtp_options *options,
               struct acsmtp_error *err) ACSMTP_CHECK;

/* ---- smtp_connect.c ---- */

/* TCP, TLS and EHLO; leaves the session ready for AUTH. */
int smtp_connect(struct acsmtp_smtp *smtp, const struct acsmtp_smtp_options *options,
                 struct acsmtp_error *err) ACSMTP_CHECK;

/* Whether host, port and EHLO name of the options can be meant. */
int smtp_check(const struct acsmtp_smtp_options *options, struct acsmtp_error *err) ACSMTP_CHECK;

/* On a connection of TCP's: greeting, STARTTLS or TLS with *ssl (which moves), EHLO; what is
 * offered is not judged. */
int smtp_converse(struct acsmtp_smtp *smtp, const struct acsmtp_smtp_options *options, SSL **ssl,
                  struct acsmtp_error *err) ACSMTP_CHECK;

/* ---- smtp_auth.c ---- */

int smtp_authenticate(struct acsmtp_smtp *smtp, const struct acsmtp_smtp_mechanism *mechanism,
                      struct acsmtp_error *err) ACSMTP_CHECK;

/* ---- smtp_io.c ---- */

/* Begin with a connection of TCP's, which is the session's from here on, in case of failure too. */
int smtp_io_open(struct smtp_io *io, int fd, struct acsmtp_error *err) ACSMTP_CHECK;

/* Everything may be zero but the descriptor, which is -1 then. */
void smtp_io_close(struct smtp_io *io);

/* Add to what will be sent; sends when the buffer is full. */
int smtp_io_write(struct smtp_io *io, const char *bytes, size_t size,
                  struct acsmtp_error *err) ACSMTP_CHECK;

/* The same for a command line, which is traced. It ends in CRLF. */
int smtp_io_command(struct smtp_io *io, const char *line, size_t size,
                    struct acsmtp_error *err) ACSMTP_CHECK;

/* Room at the end of the output for a writer of its own, at least `least` bytes; then commit. */
int smtp_io_room(struct smtp_io *io, size_t least, char **room, size_t *size,
                 struct acsmtp_error *err) ACSMTP_CHECK;
void smtp_io_commit(struct smtp_io *io, size_t size);

int smtp_io_flush(struct smtp_io *io, struct acsmtp_error *err) ACSMTP_CHECK;

/* Send secret bytes past the buffer, behind what is queued. */
int smtp_io_send_secret(struct smtp_io *io, const struct acsmtp_secret *secret,
                        struct acsmtp_error *err) ACSMTP_CHECK;

/* The next reply, after everything queued was sent. `reply->last` is valid until the next call. */
int smtp_io_reply(struct smtp_io *io, struct smtp_reply *reply,
                  struct acsmtp_error *err) ACSMTP_CHECK;

/* Wait for more than what is in io->in; then take some of it out. */
int smtp_io_await(struct smtp_io *io, const struct smtp_limit *limit,
                  struct acsmtp_error *err) ACSMTP_CHECK;
void smtp_io_take(struct smtp_io *io, size_t size);

/* A last word whose answer is read, but does not matter. */
void smtp_io_part(struct smtp_io *io, const char *line, size_t size);

/*
 * A reply that is there without asking or waiting: 1 and `reply`, 0 when nothing is there, -1 when
 * the connection is lost or what is there is no whole reply.
 */
int smtp_io_unasked(struct smtp_io *io, struct smtp_reply *reply);

/* Whether everything up to this value of io->queued was handed to TLS. */
int smtp_io_was_sent(const struct smtp_io *io, uint64_t position);

/* ---- smtp.c ---- */

/* Before each piece of work: whose deadline, cancellation and log count. */
void smtp_begin(struct acsmtp_smtp *smtp, struct acsmtp_context *context);

/* Fail with what the server said: "MAIL: 550 5.7.1 text". */
int smtp_fail_reply(const struct smtp_reply *reply, int status, const char *what,
                    struct acsmtp_error *err);

#endif
