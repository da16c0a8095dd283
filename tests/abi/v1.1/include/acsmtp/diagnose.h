/* SPDX-License-Identifier: MIT */
/*
 * Diagnosis: looking at every part of the way that a mail takes, without sending one. A plugin that
 * reaches out offers the operation "diagnose"; it tells its findings one by one and goes on where a
 * delivery would stop.
 */
#ifndef ACSMTP_DIAGNOSE_H
#define ACSMTP_DIAGNOSE_H

#include <acsmtp/error.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum acsmtp_grade {
    ACSMTP_GRADE_GOOD = 0,
    ACSMTP_GRADE_UNKNOWN = 1, /* could not be looked at, or does not apply: `detail` says why */
    ACSMTP_GRADE_WARNING = 2, /* works now, but perhaps not for long or not for everything */
    ACSMTP_GRADE_BAD = 3
};

/* What was found at one place. Texts are borrowed for the call, on one line, without secrets. */
struct acsmtp_finding {
    uint32_t size;       /* sizeof(struct acsmtp_finding) */
    int32_t grade;       /* enum acsmtp_grade */
    const char *check;   /* stable: "dns", "tcp", "tls", "ehlo", "login", "role", ... */
    const char *subject; /* what was looked at: "smtp.example.com:587"; NULL: nothing */
    const char *detail;  /* what was found */
    const char *hint;    /* what to do; NULL: what is known of the error */
    const struct acsmtp_error *error; /* the failure behind it, which tells its class; or NULL */
    int64_t elapsed_ms;               /* below 0: not measured */
};

/* Receives findings in the order in which they are made, in the caller's thread. */
struct acsmtp_finding_sink {
    uint32_t size; /* sizeof(struct acsmtp_finding_sink) */
    void *data;
    void (*tell)(void *data, const struct acsmtp_finding *finding);
};

/*
 * Tell one finding; its detail is made from the format, redacted and put on one line like an
 * error's message. acsmtp_tell_error() takes the detail from the failure, and grades it as bad.
 */
void acsmtp_tell(const struct acsmtp_finding_sink *sink, const struct acsmtp_finding *finding,
                 const char *format, ...) ACSMTP_PRINTF(3, 4);
void acsmtp_tell_error(const struct acsmtp_finding_sink *sink, const char *check,
                       const char *subject, const struct acsmtp_error *error);

/* What a provider of mail is asked about. Borrowed for the call; NULL when not known. */
struct acsmtp_diagnose_request {
    uint32_t size;         /* sizeof(struct acsmtp_diagnose_request) */
    const char *sender;    /* the address that mail is sent from */
    const char *username;  /* of the login at the server */
    const char *client_id; /* the application that the token is of */
    const char *object_id; /* the principal that the token is of */
};

#ifdef __cplusplus
}
#endif

#endif
