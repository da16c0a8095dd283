/* SPDX-License-Identifier: MIT */
/*
 * What the driver may see of a credential beyond the public getters: the files it depends on, and
 * who gave it out.
 */
#ifndef CREDENTIAL_PRIVATE_H
#define CREDENTIAL_PRIVATE_H

#include <acsmtp/credential.h>
#include <stddef.h>

/* The index-th file given to acsmtp_credential_depends_on(), NULL beyond the end. */
const char *credential_dependency(const struct acsmtp_credential *credential, size_t index);

/* Make it empty again: whatever it held is wiped. */
void credential_clear(struct acsmtp_credential *credential);

/*
 * Which chain gave a credential out, and on whose word: so that a verdict that comes late is not
 * taken for one on a newer credential. All zero while nobody did.
 */
struct credential_origin {
    const void *chain;
    size_t winner;
    int from_member; /* a member of this process gave it, not the cache */
    char key[65];    /* of the request that it answers, a digest in hex */
};
struct credential_origin credential_origin(const struct acsmtp_credential *credential);
void credential_set_origin(struct acsmtp_credential *credential, struct credential_origin origin);

/* Move everything from one into the other, which is cleared first. */
void credential_move(struct acsmtp_credential *to, struct acsmtp_credential *from);

#endif
