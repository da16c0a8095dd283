/* SPDX-License-Identifier: MIT */
/*
 * One request to Entra for a person who signs in: forms of a public client, which proves nothing,
 * and what the answers bring or refuse.
 */
#ifndef DEVICE_CODE_EXCHANGE_H
#define DEVICE_CODE_EXCHANGE_H

#include <acsmtp/http.h>
#include <acsmtp/secret.h>
#include <entra.h>

/* All of it is borrowed for one acquire(). */
struct exchange {
    struct acsmtp_context *context;
    struct entra_request entra;
    char claims[1024]; /* what a policy of the tenant challenged this request to, or "" */
};

/* What came back instead of a token. */
struct exchange_refusal {
    char kind[64]; /* OAuth's "error", "" when it was no refusal of Entra's */
    char code[64]; /* AADSTS... */
};

/*
 * A form with the client's id and, with `scope`, what is asked for: the request's scope and a
 * refresh token. The caller frees it. CONFIG when scope, tenant or client id cannot be right.
 */
int exchange_form(const struct exchange *exchange, int scope, struct acsmtp_secret **form,
                  struct acsmtp_error *err);
int exchange_add(struct acsmtp_secret *form, const char *name, const char *value,
                 struct acsmtp_error *err);

/* The address whose last word is "token" or "devicecode". */
int exchange_url(const struct exchange *exchange, const char *word, char url[ENTRA_ENDPOINT_MAX],
                 struct acsmtp_error *err);

/*
 * Redeem a grant: fills `out`, and *refresh_token when there is a new one (the caller's to free).
 * A failure has `refusal` filled in; a claims challenge in it is kept for the next request.
 */
int exchange_redeem(struct exchange *exchange, const struct acsmtp_secret *form,
                    struct acsmtp_credential *out, struct acsmtp_secret **refresh_token,
                    struct exchange_refusal *refusal, struct acsmtp_error *err);

#endif
