/* SPDX-License-Identifier: MIT */
/* Between the parts of a diagnosis: each looks at one stretch of the way and tells what it finds.
 */
#ifndef DIAGNOSE_PRIVATE_H
#define DIAGNOSE_PRIVATE_H

#include "diagnose.h"
#include <acsmtp/credential.h>

/* Who the token says that it is of; "" where it does not tell. */
struct diagnose_identity {
    char client_id[64];
    char object_id[64];
};

/* ---- diagnose_chain.c ---- */

/* Ask every member; then the chain as a delivery would, into `credential`. 1 when there is one. */
int diagnose_chain(const struct diagnosis *diagnosis, struct acsmtp_credential *credential);

/* ---- diagnose_token.c ---- */

/* Audience, expiry and identity, as the token itself tells them. */
void diagnose_token(const struct diagnosis *diagnosis, const struct acsmtp_credential *credential,
                    struct diagnose_identity *identity);

/* ---- diagnose_provider.c ---- */

/* What the provider has of login and sender, as far as it can be asked. */
void diagnose_provider(const struct diagnosis *diagnosis, const char *username,
                       const struct diagnose_identity *identity);

#endif
