/* SPDX-License-Identifier: MIT */
/*
 * A mail on its way: the envelope (who it is from and to, as the server is told), the message (an
 * RFC 5322 text, read as a stream so that its size does not matter) and the result (what the server
 * said, for each recipient). One mail is handled by one thread at a time.
 */
#ifndef ACSMTP_MESSAGE_H
#define ACSMTP_MESSAGE_H

#include <acsmtp/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Addresses are bare ("user@example.com", no brackets), already checked with
 * acsmtp_address_check(); the sender may be "" (the null reverse-path). All borrowed from whoever
 * built the envelope.
 */
struct acsmtp_envelope {
    uint32_t size; /* sizeof(struct acsmtp_envelope) */
    const char *sender;
    const char *const *recipients;
    size_t recipient_count; /* at least 1 */
    const char *dsn_notify; /* RFC 3461 NOTIFY for every recipient, "NEVER" or
                               "SUCCESS,FAILURE,DELAY"; or NULL */
    const char *dsn_return; /* RFC 3461 RET, "FULL" or "HDRS"; or NULL */
    const char *dsn_id;     /* RFC 3461 ENVID, or NULL */
};

/* ---- message ---- */

struct acsmtp_message;

enum acsmtp_message_flag {
    ACSMTP_MESSAGE_8BIT = 1,        /* bytes above 127 somewhere: BODY=8BITMIME (RFC 6152) */
    ACSMTP_MESSAGE_UTF8_HEADER = 2, /* bytes above 127 in the header: SMTPUTF8 (RFC 6531) */
    ACSMTP_MESSAGE_LONG_LINE = 4    /* a line of more than 998 bytes (RFC 5322 section 2.1.1) */
};

/*
 * A finished message. from_path() opens nothing before it is read; from_fd() reads the descriptor
 * to its end (which stays the caller's) and keeps a large message in an unlinked temporary file, so
 * that it can be sent again after a lost connection; from_memory() copies. All of them read the
 * message once and fail with ACSMTP_REJECTED when it is empty, has no header, or holds a NUL, and
 * with ACSMTP_SYSTEM when it cannot be read.
 */
int acsmtp_message_from_path(const char *path, struct acsmtp_message **message,
                             struct acsmtp_error *err) ACSMTP_CHECK;
int acsmtp_message_from_fd(int fd, struct acsmtp_message **message,
                           struct acsmtp_error *err) ACSMTP_CHECK;
int acsmtp_message_from_memory(const void *bytes, size_t size, struct acsmtp_message **message,
                               struct acsmtp_error *err) ACSMTP_CHECK;
void acsmtp_message_free(struct acsmtp_message *message);

/* Bytes of the message once every line ends in CRLF, without dot-stuffing: what SIZE= counts. */
int64_t acsmtp_message_size(const struct acsmtp_message *message);

/* enum acsmtp_message_flag, or-ed. */
unsigned acsmtp_message_flags(const struct acsmtp_message *message);

/*
 * The unfolded value of the index-th header field of that name (any case), for the caller to
 * free(3); NULL when there is none or memory fails. Fields beyond the first 256 KiB are not seen.
 */
char *acsmtp_message_header_dup(const struct acsmtp_message *message, const char *name,
                                size_t index);

/* From now on reading leaves out every field of that name: what happens to Bcc. One name only. */
void acsmtp_message_omit_header(struct acsmtp_message *message, const char *name);

/*
 * Read from the start: rewind(), then read() until *got is 0. Bytes come as they are in the source;
 * line ends are not touched. close() gives the file descriptor back before the end is reached.
 */
int acsmtp_message_rewind(struct acsmtp_message *message, struct acsmtp_error *err) ACSMTP_CHECK;
int acsmtp_message_read(struct acsmtp_message *message, void *buffer, size_t capacity, size_t *got,
                        struct acsmtp_error *err) ACSMTP_CHECK;
void acsmtp_message_close(struct acsmtp_message *message);

/* ---- result ---- */

struct acsmtp_result;

enum acsmtp_delivery {
    ACSMTP_NOT_TRIED = 0, /* nothing was said about it: may be tried again */
    ACSMTP_ACCEPTED = 1,  /* the server took responsibility */
    ACSMTP_DEFERRED =
        2,              /* refused for now (4xx, or the connection was lost before the final dot) */
    ACSMTP_REFUSED = 3, /* refused for good (5xx) */
    ACSMTP_UNKNOWN =
        4 /* the connection was lost after the final dot: sending again may duplicate */
};

/* One line of a result. Texts are printable and NUL-terminated. */
struct acsmtp_reply {
    uint32_t size;     /* sizeof(struct acsmtp_reply) */
    int32_t delivery;  /* enum acsmtp_delivery */
    int32_t code;      /* SMTP reply code, 0 if there was none */
    char enhanced[16]; /* "5.7.3" (RFC 3463), "" if there was none */
    char text[512];    /* the server's words on one line, without the codes */
};

struct acsmtp_result *acsmtp_result_new(size_t recipients, struct acsmtp_error *err);
void acsmtp_result_free(struct acsmtp_result *result);
void acsmtp_result_clear(struct acsmtp_result *result);

/* Set by transports. An index beyond the recipients is ignored. Texts are redacted. */
void acsmtp_result_set_recipient(struct acsmtp_result *result, size_t index,
                                 const struct acsmtp_reply *reply);
void acsmtp_result_set_message(struct acsmtp_result *result, const struct acsmtp_reply *reply);

/*
 * Borrowed. A recipient that the server accepted shares the fate of the message; so recipient()
 * tells the reply to RCPT when that was a refusal, and the reply to the message otherwise.
 */
const struct acsmtp_reply *acsmtp_result_message(const struct acsmtp_result *result);
const struct acsmtp_reply *acsmtp_result_recipient(const struct acsmtp_result *result,
                                                   size_t index);
size_t acsmtp_result_recipients(const struct acsmtp_result *result);

/*
 * One status for the whole: ACSMTP_OK when every recipient was accepted; else what the caller
 * should do: ACSMTP_TEMPORARY if any is deferred, unknown or not tried, ACSMTP_REJECTED if not.
 * Describes the first failure in `err`, with the number of recipients concerned.
 */
int acsmtp_result_status(const struct acsmtp_result *result, struct acsmtp_error *err);

/* ---- a mail: what a transport gets ---- */

struct acsmtp_mail {
    uint32_t size; /* sizeof(struct acsmtp_mail) */
    const struct acsmtp_envelope *envelope;
    struct acsmtp_message *message;
    struct acsmtp_result *result;
};

/* ---- addresses ---- */

/*
 * ACSMTP_OK when `address` can stand in MAIL FROM or RCPT TO (RFC 5321 section 4.1.2, RFC 6531):
 * one @, local part up to 64 bytes, domain up to 255, no control characters, spaces or brackets
 * outside a quoted local part. ACSMTP_REJECTED with a message that shows the address otherwise.
 */
int acsmtp_address_check(const char *address, struct acsmtp_error *err);

/* Called once for each address, in order; a status other than 0 ends the walk and is returned. */
typedef int (*acsmtp_address_visitor)(void *data, const char *address, struct acsmtp_error *err);

/*
 * The bare addresses of an address list as in To: (RFC 5322 section 3.4): display names, quoted
 * strings, comments, routes and groups are understood; each address is checked.
 */
int acsmtp_address_list(const char *list, acsmtp_address_visitor visit, void *data,
                        struct acsmtp_error *err) ACSMTP_CHECK;

#ifdef __cplusplus
}
#endif

#endif
