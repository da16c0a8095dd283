/* SPDX-License-Identifier: MIT */
/*
 * The dialogue of RFC 8628: a code is shown, a person enters it in a browser on any machine, and
 * Entra is asked every few seconds whether that has happened.
 */
#ifndef DEVICE_CODE_DIALOGUE_H
#define DEVICE_CODE_DIALOGUE_H

#include "exchange.h"

/*
 * Fills `out` and *refresh_token as exchange_redeem(). DENIED when the person declines or Entra
 * refuses; TEMPORARY when the code expires or the deadline passes before anybody signed in.
 */
int dialogue_run(struct exchange *exchange, struct acsmtp_credential *out,
                 struct acsmtp_secret **refresh_token, struct acsmtp_error *err);

/* What the answer to the first request says. */
struct dialogue_code {
    struct acsmtp_secret *device_code; /* owned */
    char user_code[64];
    char uri[256];
    int64_t expires_in, interval; /* seconds */
};

/* PROTOCOL when it is not such an answer, or one that cannot be shown to a person safely. */
int dialogue_parse(const struct acsmtp_secret *reply, struct dialogue_code *code,
                   struct acsmtp_error *err);

#endif
