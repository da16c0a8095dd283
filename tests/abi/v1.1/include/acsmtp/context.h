/* SPDX-License-Identifier: MIT */
/*
 * The context of one piece of work: when it must be finished, whether it was cancelled, where its
 * log lines go, and where the cloud's services are. Every operation of a plugin gets one and hands
 * it to the services it calls (HTTP, SMTP, processes), which honour it.
 *
 * A context is created by the driver (or by a program that embeds acsmtp). A plugin only borrows it
 * for the duration of the call. acsmtp_context_cancel() may be called from any thread and from a
 * signal handler; everything else only by the thread that does the work. Several threads may share
 * one piece of work when each has a context of its own, made by acsmtp_context_limit() of one that
 * nobody changes meanwhile.
 */
#ifndef ACSMTP_CONTEXT_H
#define ACSMTP_CONTEXT_H

#include <acsmtp/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct acsmtp_context;

enum acsmtp_log_level {
    ACSMTP_LOG_ERROR = 0,
    ACSMTP_LOG_WARNING = 1,
    ACSMTP_LOG_INFO = 2,  /* -v: what was decided and why */
    ACSMTP_LOG_DEBUG = 3, /* -vv: how it was done */
    ACSMTP_LOG_TRACE = 4  /* --trace: the HTTP and SMTP dialogue, without credentials */
};

/*
 * Receives one finished, redacted line without a line end. `level` is enum acsmtp_log_level. Called
 * by whichever thread logs, so by several at once where several work.
 */
typedef void (*acsmtp_log_sink)(void *data, int level, const char *line);

/* A context without deadline, log or endpoints, for the caller to free. */
int acsmtp_context_new(struct acsmtp_context **context, struct acsmtp_error *err) ACSMTP_CHECK;
void acsmtp_context_free(struct acsmtp_context *context);

/*
 * A context for a part of the work: same log, endpoints and cancellation as `parent`, which must
 * outlive it, and the earlier of the parent's deadline and `timeout_ms` from now (below 0: the
 * parent's alone). NULL when memory fails.
 */
struct acsmtp_context *acsmtp_context_limit(struct acsmtp_context *parent, int64_t timeout_ms);

/* Deadline `timeout_ms` milliseconds from now; below 0: none. */
void acsmtp_context_set_timeout(struct acsmtp_context *context, int64_t timeout_ms);

/* Milliseconds left, never negative; INT64_MAX without a deadline. */
int64_t acsmtp_context_remaining(const struct acsmtp_context *context);

/* ACSMTP_CANCELLED, ACSMTP_TEMPORARY (the deadline has passed) or ACSMTP_OK. `what` is named in the
 * message. */
int acsmtp_context_check(const struct acsmtp_context *context, const char *what,
                         struct acsmtp_error *err);

/* Ask the work to end. Async-signal-safe. Cannot be undone. */
void acsmtp_context_cancel(struct acsmtp_context *context);
int acsmtp_context_cancelled(const struct acsmtp_context *context);

/* A descriptor that becomes readable when the context is cancelled, for poll(2); -1 if there is
 * none. */
int acsmtp_context_cancel_fd(const struct acsmtp_context *context);

/* Sleep, but not beyond the deadline nor after a cancellation. Status as acsmtp_context_check(). */
int acsmtp_context_sleep(const struct acsmtp_context *context, int64_t milliseconds,
                         struct acsmtp_error *err);

/*
 * Whether this call stands inside a chain that has other members to try: a source whose absence can
 * only be found out by waiting (IMDS) then waits briefly.
 */
int acsmtp_context_in_chain(const struct acsmtp_context *context);
void acsmtp_context_set_in_chain(struct acsmtp_context *context, int in_chain);

/*
 * Where a service of the cloud is. Names are the keys of a cloud description: "authority_host",
 * "resource_manager", "graph", "key_vault_domain", "imds", "email_domain", "smtp_host",
 * "smtp_port", "ca_file", "tenant_id", "scope" (of ACS SMTP). NULL when the cloud does not tell.
 * Borrowed.
 */
const char *acsmtp_context_endpoint(const struct acsmtp_context *context, const char *name);
int acsmtp_context_set_endpoint(struct acsmtp_context *context, const char *name, const char *value,
                                struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * How far the clocks of servers are ahead of this one, in seconds, by the last Date header that
 * came in under this context or one limited from it; 0 and *known 0 (which may be NULL) before
 * that. The HTTP service notes it. Since ABI 1.1.
 */
int64_t acsmtp_context_clock_skew(const struct acsmtp_context *context, int *known);
void acsmtp_context_note_clock_skew(struct acsmtp_context *context, int64_t seconds);

/*
 * A transport tells which claims the server asked for before it refused the token (a claims
 * challenge: a JSON object, or base64 of it): the driver passes them on with its next request. What
 * is no challenge, or longer than 4 KiB, is no claim; NULL: none. Copied, the last one counts.
 */
void acsmtp_context_set_claims(struct acsmtp_context *context, const char *claims);

/* Lines above `level` are dropped before they are formatted. */
void acsmtp_context_set_log(struct acsmtp_context *context, acsmtp_log_sink sink, void *data,
                            int level);
int acsmtp_context_logs(const struct acsmtp_context *context, int level);

/* One line, redacted, control characters shown as \xNN, cut at 4 KiB. */
void acsmtp_log(const struct acsmtp_context *context, int level, const char *format, ...)
    ACSMTP_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif

#endif
