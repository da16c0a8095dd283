/* SPDX-License-Identifier: MIT */
/*
 * The challenge of a vault that was asked without a token (WWW-Authenticate, RFC 9110 section
 * 11.6.1): whose token it wants. The text comes from the network and is believed only after
 * azure_challenge_verify().
 */
#ifndef AZURE_CHALLENGE_H
#define AZURE_CHALLENGE_H

#include <acsmtp/error.h>
#include <acsmtp/http.h>

struct azure_challenge {
    char tenant[128];  /* of the vault */
    char scope[320];   /* what a token must be for: "https://.../.default" */
    char claims[4096]; /* JSON that the next token must satisfy (CAE), "" if none */
};

/*
 * Read one header field's value. PROTOCOL when it is no Bearer challenge with an https
 * `authorization` and a `resource` or `scope`, or when a part is too long or has odd characters.
 */
int azure_challenge_parse(struct azure_challenge *challenge, const char *header,
                          struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * The host of the scope must be a parent domain of the host that was asked (HOST[:PORT]), else a
 * stranger's server could ask for a token that other services accept. PROTOCOL.
 */
int azure_challenge_verify(const struct azure_challenge *challenge, const char *host,
                           struct acsmtp_error *err) ACSMTP_CHECK;

/* The Bearer challenge among those of a 401 of `host`, verified. PROTOCOL when there is none. */
int azure_challenge_read(const struct acsmtp_http_response *response, const char *host,
                         struct azure_challenge *challenge, struct acsmtp_error *err) ACSMTP_CHECK;

#endif
