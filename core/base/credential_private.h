/* SPDX-License-Identifier: MIT */
/*
 * What the driver may see of a credential beyond the public getters: the files it depends on.
 */
#ifndef CREDENTIAL_PRIVATE_H
#define CREDENTIAL_PRIVATE_H

#include <acsmtp/credential.h>

/* The index-th file given to acsmtp_credential_depends_on(), NULL beyond the end. */
const char *credential_dependency(const struct acsmtp_credential *credential, size_t index);

/* Make it empty again: whatever it held is wiped. */
void credential_clear(struct acsmtp_credential *credential);

/* Move everything from one into the other, which is cleared first. */
void credential_move(struct acsmtp_credential *to, struct acsmtp_credential *from);

#endif
