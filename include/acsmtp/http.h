/* SPDX-License-Identifier: MIT */
/*
 * One bounded HTTP exchange (libacsmtp-http). https only, except plain http to loopback and
 * link-local addresses, where metadata services live; redirects are never followed; the peer is
 * always verified, against the system's trust store, the cloud's "ca_file" or the request's.
 * Proxies of the environment are used, but never for loopback and link-local addresses. What is
 * sent and received is traced without credentials.
 */
#ifndef ACSMTP_HTTP_H
#define ACSMTP_HTTP_H

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ACSMTP_HTTP_BODY_MAX (1024U * 1024U)

/*
 * When to ask again. The n-th wait (from 0) is delays_ms[n], the last one repeated, with jitter of
 * 20 % either way, or the server's Retry-After if that is longer; the deadline always wins, and a
 * Retry-After beyond it or beyond a minute ends the attempts at once.
 */
struct acsmtp_http_retry {
    uint32_t size;     /* sizeof(struct acsmtp_http_retry) */
    uint32_t attempts; /* in all; 1: no retry */
    const int32_t *delays_ms;
    uint32_t delay_count;
    const int16_t *statuses; /* HTTP statuses that are worth a retry, ended by 0; NULL: 408 429 500
                                502 503 504 */
    uint32_t connection_errors; /* 1: also when no reply came */
};

/* 3 retries after 0.8, 1.6 and 3.2 s on 408, 429, 500, 502, 503, 504 and lost connections. */
extern const struct acsmtp_http_retry acsmtp_http_retry_default;
/* One attempt. */
extern const struct acsmtp_http_retry acsmtp_http_retry_none;

struct acsmtp_http_request {
    uint32_t size;                         /* sizeof(struct acsmtp_http_request) */
    const char *method;                    /* "GET", "POST", ... */
    const char *url;                       /* without user info or fragment */
    const char *const *headers;            /* "Name: value", ended by NULL; or NULL */
    const struct acsmtp_secret *bearer;    /* sent as Authorization: Bearer; or NULL */
    const char *content_type;              /* of the body; NULL without a body */
    const struct acsmtp_secret *body;      /* or NULL */
    int64_t timeout_ms;                    /* for each attempt, at most; below 0: 30 s */
    int64_t connect_timeout_ms;            /* below 0: as timeout_ms */
    const struct acsmtp_http_retry *retry; /* NULL: acsmtp_http_retry_default */
    uint32_t attempts_made;                /* out: how often it was tried */
    /* Since ABI 1.1: */
    const char *peer_sha1; /* SHA-1 of the one certificate that is trusted, 40 hex digits, in the
                              place of authorities and host names (Service Fabric); or NULL */
    /*
     * Shown to a server that asks for one (mutual TLS): the certificate, those that lead from it to
     * its authority, and its private key, not encrypted, all in PEM; or NULL.
     */
    const struct acsmtp_secret *client_certificate;
    const char *ca_file; /* PEM of the authorities that are trusted for this request, in the place
                            of the cloud's "ca_file" and the system's; or NULL */
};

struct acsmtp_http_response;

/*
 * OK when a complete reply came, whatever its status. TEMPORARY when none came (unreachable, timed
 * out, connection lost: the message says which), PROTOCOL when it is malformed, too large, or
 * not from the right host (TLS), CONFIG when the URL is not allowed or the client certificate
 * cannot be used, DENIED when the server refuses that in the handshake, CANCELLED, SYSTEM.
 * "unreachable" is told apart by err->code: "connect_refused", "connect_unreachable", "timeout",
 * "dns", "tls", "lost".
 */
int acsmtp_http_send(struct acsmtp_context *context, struct acsmtp_http_request *request,
                     struct acsmtp_http_response **response, struct acsmtp_error *err) ACSMTP_CHECK;
void acsmtp_http_response_free(struct acsmtp_http_response *response);

int acsmtp_http_status(const struct acsmtp_http_response *response);
const struct acsmtp_secret *acsmtp_http_body(const struct acsmtp_http_response *response);

/* The index-th header field of that name (any case), borrowed; NULL if there is none. */
const char *acsmtp_http_header(const struct acsmtp_http_response *response, const char *name,
                               size_t index);

/* Seconds of Retry-After (seconds or HTTP-date, RFC 9110 section 10.2.3), -1 if there is none. */
int32_t acsmtp_http_retry_after(const struct acsmtp_http_response *response);

/* Seconds that the server's Date is ahead of this clock; 0 when it says none. */
int64_t acsmtp_http_clock_skew(const struct acsmtp_http_response *response);

/*
 * Append name=value to a form body or a query, percent-encoded (application/x-www-form-urlencoded),
 * with '&' between pairs. `size` bytes of value.
 */
int acsmtp_http_form_add(struct acsmtp_secret *form, const char *name, const char *value,
                         size_t size, struct acsmtp_error *err) ACSMTP_CHECK;

/* ACSMTP_AUTO_HTTP struct acsmtp_http_response *r = NULL; is freed at the end of its scope. */
#define ACSMTP_AUTO_HTTP __attribute__((cleanup(acsmtp_http_cleanup)))
static inline void acsmtp_http_cleanup(struct acsmtp_http_response **response)
{
    acsmtp_http_response_free(*response);
}

#ifdef __cplusplus
}
#endif

#endif
