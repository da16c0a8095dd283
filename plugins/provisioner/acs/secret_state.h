/* SPDX-License-Identifier: MIT */
/*
 * What is to be done about a client secret: a pure function of the application's credentials, of
 * what the vault holds, and of the time. The vault is the only place that has a secret's text, so a
 * credential of ours that it does not name can never be used again: it is what a killed apply
 * leaves behind, and it is removed.
 */
#ifndef ACS_SECRET_STATE_H
#define ACS_SECRET_STATE_H

#include "vault.h"

#define SECRET_DISPLAY_NAME "acsmtp" /* of our credentials; others are left alone */
#define SECRET_STALE_MAX 16

enum secret_need {
    SECRET_VALID,
    SECRET_MISSING,   /* none, or the vault holds another one's */
    SECRET_ENDS_SOON, /* within renew_before */
};

struct secret_state {
    enum secret_need need;
    int64_t end;                            /* of the credential in use, Unix seconds; 0 for none */
    char stale[SECRET_STALE_MAX][GUID_MAX]; /* keyIds to remove */
    size_t stale_count;
    int64_t grace_end; /* when the one that was replaced goes; 0: there is none that waits */
};

/* `credentials` is passwordCredentials of the application, `now` in Unix seconds. */
void secret_state_read(const struct acsmtp_json *credentials, const char *application_id,
                       const struct vault_secret *vault, int64_t now, int64_t renew_before_ms,
                       struct secret_state *state);

#endif
