/* SPDX-License-Identifier: MIT */
/* A token for an application that proves itself with a certificate. */
#ifndef ENTRA_CERTIFICATE_H
#define ENTRA_CERTIFICATE_H

#include "entra.h"

#include <stdint.h>

/* All borrowed. */
struct entra_certificate {
    const char *path;                       /* PEM or PKCS#12 */
    const struct acsmtp_secret *passphrase; /* or NULL */
    int algorithm;  /* enum acsmtp_jwt_algorithm; 0: PS256, but RS256 for a federation server */
    uint32_t flags; /* enum acsmtp_jwt_flag */
};

/*
 * Read the file, sign an assertion that is good for ten minutes, and exchange it. CONFIG when the
 * file cannot be used, DENIED when its certificate has expired, else as entra_post().
 */
int entra_post_certificate(struct acsmtp_context *context, const struct entra_request *request,
                           const struct entra_certificate *proof, struct acsmtp_credential *out,
                           struct acsmtp_error *err) ACSMTP_CHECK;

#endif
