/* SPDX-License-Identifier: MIT */
/*
 * Access tokens: reading the many replies they come in, and looking inside without trusting them.
 */
#ifndef ACSMTP_TOKEN_H
#define ACSMTP_TOKEN_H

#include <acsmtp/credential.h>
#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where the fields of a token reply stand. NULL names are not looked for. Expiry is taken from the
 * first of `expires_on`, `expires_in`, the JWT's own "exp" that is there and can be read.
 */
struct acsmtp_token_format {
    uint32_t size;          /* sizeof(struct acsmtp_token_format) */
    uint32_t flags;         /* enum acsmtp_token_flag */
    const char *token;      /* "access_token"; may be "status.token" for a member of a member */
    const char *expires_on; /* Unix seconds (number or string) or a date in any known spelling */
    const char *expires_in; /* seconds from `requested_at`, number or string */
    const char *refresh_in; /* the same, for the refresh */
};

enum acsmtp_token_flag {
    ACSMTP_TOKEN_LOCAL_TIME = 1 /* dates without a zone are local time (Azure CLI), not UTC */
};

/* access_token, expires_on, expires_in, refresh_in: RFC 6749, Entra, IMDS. */
extern const struct acsmtp_token_format acsmtp_token_format_oauth2;

/*
 * Read a JSON token reply into `out`. `requested_at` is the Unix time just before the request was
 * sent. The reply is not changed. ACSMTP_PROTOCOL when it is not JSON, has no token, or tells no
 * expiry; the text of the reply is never part of the message.
 */
int acsmtp_token_parse(const struct acsmtp_secret *reply, const struct acsmtp_token_format *format,
                       int64_t requested_at, struct acsmtp_credential *out,
                       struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Unix seconds of a date: decimal seconds, RFC 3339 / ISO 8601 (zone or Z, fraction allowed),
 * "yyyy-MM-dd HH:mm:ss[.ffffff]", "MM/dd/yyyy HH:mm:ss [AM|PM] [+00:00]", RFC 9110 HTTP-date. Dates
 * without a zone are UTC, or local time with ACSMTP_TOKEN_LOCAL_TIME in `flags`. ACSMTP_PROTOCOL
 * else.
 */
int acsmtp_date_parse(const char *text, uint32_t flags, int64_t *seconds, struct acsmtp_error *err);

/* ---- inside a JWT (RFC 7519) ---- */

struct acsmtp_claims;

/*
 * Read header and claims of a token whose algorithm and type may be anything (RS256, PS256,
 * at+jwt, ...). Nothing is verified: good for explanations, never for decisions about trust.
 * NULL and ACSMTP_PROTOCOL when it is not a JWT (many access tokens are opaque).
 */
struct acsmtp_claims *acsmtp_claims_parse(const struct acsmtp_secret *token,
                                          struct acsmtp_error *err);
void acsmtp_claims_free(struct acsmtp_claims *claims);

/* Borrowed; NULL when absent. An array of strings (aud) gives its first element. */
const char *acsmtp_claims_string(const struct acsmtp_claims *claims, const char *name);

/* 1 and *value when the claim is there. */
int acsmtp_claims_integer(const struct acsmtp_claims *claims, const char *name, int64_t *value);

/* {"header": {...}, "claims": {...}} as JSON text without the signature; borrowed. */
const char *acsmtp_claims_json(const struct acsmtp_claims *claims);

#define ACSMTP_AUTO_CLAIMS __attribute__((cleanup(acsmtp_claims_cleanup)))
static inline void acsmtp_claims_cleanup(struct acsmtp_claims **claims)
{
    acsmtp_claims_free(*claims);
}

#ifdef __cplusplus
}
#endif

#endif
