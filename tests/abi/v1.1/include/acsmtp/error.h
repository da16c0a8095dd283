/* SPDX-License-Identifier: MIT */
/*
 * Errors. A function that can fail returns a status (0 is success) and describes the first failure
 * in a struct acsmtp_error that the caller owns, usually on its stack. Nothing is allocated,
 * nothing needs freeing, there is no "last error" of a thread or a process.
 *
 *	struct acsmtp_error err = ACSMTP_ERROR_INIT;
 *
 *	if (acsmtp_context_new(&context, &err) != ACSMTP_OK)
 *		fprintf(stderr, "%s\n", err.message);
 *
 * The first failure wins: acsmtp_fail() on an error that is already set changes nothing and returns
 * the status that stands. Outer layers add only who they are, with acsmtp_error_prefix(), so that a
 * message reads from the outside in: "credential imds: GET http://...: 400: Identity not found".
 *
 * Messages never hold a secret: every text that enters an error passes acsmtp_redact().
 * All functions here may be called from any thread on errors of its own.
 */
#ifndef ACSMTP_ERROR_H
#define ACSMTP_ERROR_H

#include <stdarg.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ACSMTP_PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))
#define ACSMTP_CHECK __attribute__((warn_unused_result))
#else
#define ACSMTP_PRINTF(text, first)
#define ACSMTP_CHECK
#endif

/*
 * Each class changes what the caller does next; there is no other use for it.
 * The values are part of the ABI and never change their meaning.
 */
enum acsmtp_status {
    ACSMTP_OK = 0,
    ACSMTP_UNAVAILABLE = 1, /* does not apply on this machine: a chain tries the next member */
    ACSMTP_DENIED = 2,      /* an identity was presented and refused: a chain stops */
    ACSMTP_CONFIG = 3,      /* a setting is missing or wrong: the user must change it */
    ACSMTP_TEMPORARY = 4,   /* may work later: retry, not before retry_after */
    ACSMTP_REJECTED = 5,    /* this message or recipient is refused for good */
    ACSMTP_PROTOCOL = 6,    /* the other side said something that cannot be understood or trusted */
    ACSMTP_CANCELLED = 7,   /* the context was cancelled */
    ACSMTP_SYSTEM = 8       /* memory, files, the operating system or a plugin itself failed */
};

/*
 * `size` is what the writer of the structure was compiled with; new fields come only at the end.
 * All texts are NUL-terminated, printable and on one line.
 */
struct acsmtp_error {
    uint32_t size;
    int32_t status;         /* enum acsmtp_status */
    int32_t server_code;    /* HTTP status or SMTP reply code that was received, 0 if none */
    int32_t retry_after;    /* seconds the other side asked to wait, -1 if it did not */
    char code[64];          /* stable machine-readable code, "" if none: AADSTS7000215, 5.7.3,
                               ForbiddenByRbac */
    char server_text[1024]; /* the other side's own words, "" if none */
    char message[1024];     /* what was attempted, on what, what came back, what to do */
};

#define ACSMTP_ERROR_INIT                                                                          \
    {                                                                                              \
        .size = sizeof(struct acsmtp_error), .retry_after = -1                                     \
    }

/*
 * Set status and message and return the status, so that a failure is one expression:
 *	return acsmtp_fail(err, ACSMTP_CONFIG, "option 'host' is empty");
 * `status` must not be ACSMTP_OK. If `err` is NULL only the status is returned. If `err` holds a
 * failure already, that one stays and its status is returned. Control characters become spaces.
 */
int acsmtp_fail(struct acsmtp_error *err, int status, const char *format, ...) ACSMTP_PRINTF(3, 4);
int acsmtp_vfail(struct acsmtp_error *err, int status, const char *format, va_list args)
    ACSMTP_PRINTF(3, 0);

/* acsmtp_fail() with ": " and strerror(errnum) at the end; status ACSMTP_SYSTEM. */
int acsmtp_fail_errno(struct acsmtp_error *err, int errnum, const char *format, ...)
    ACSMTP_PRINTF(3, 4);

/*
 * What the other side said: its number (HTTP status or SMTP reply), its own code and its words;
 * code and text may be NULL. Redacted, put on one line and cut to the fields' sizes. Call it before
 * or after acsmtp_fail(); the first call that brings something wins.
 */
void acsmtp_error_server(struct acsmtp_error *err, int server_code, const char *code,
                         const char *text);

/* Put "prefix: " before the message. Does nothing when no failure is set. */
void acsmtp_error_prefix(struct acsmtp_error *err, const char *format, ...) ACSMTP_PRINTF(2, 3);

/* Make the error fresh again: no failure set. */
void acsmtp_error_clear(struct acsmtp_error *err);

/* "unavailable", "denied", ...; "unknown" for any other number. Static text. */
const char *acsmtp_status_name(int status);

#ifdef __cplusplus
}
#endif

#endif
