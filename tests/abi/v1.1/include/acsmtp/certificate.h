/* SPDX-License-Identifier: MIT */
/*
 * A certificate with its private key, and JSON Web Tokens that it signs (RFC 7515; libacsmtp-jwt):
 * how an application proves its identity to Microsoft Entra without a secret that travels. Nothing
 * here ever asks a person for a passphrase.
 */
#ifndef ACSMTP_CERTIFICATE_H
#define ACSMTP_CERTIFICATE_H

#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct acsmtp_certificate;

/*
 * Read a PEM file (certificates, the leaf first, and a private key, in any order) or a PKCS#12
 * file. `passphrase` opens an encrypted key; NULL: there is none. For the caller to free. NULL and
 * ACSMTP_CONFIG, with what to do, when it is neither, when the passphrase is missing or wrong, when
 * the key is not the certificate's, or when it is no RSA key of at least 2048 bits.
 */
struct acsmtp_certificate *acsmtp_certificate_parse(const struct acsmtp_secret *file,
                                                    const struct acsmtp_secret *passphrase,
                                                    struct acsmtp_error *err);
void acsmtp_certificate_free(struct acsmtp_certificate *certificate);

/* Unix seconds. */
int64_t acsmtp_certificate_not_before(const struct acsmtp_certificate *certificate);
int64_t acsmtp_certificate_not_after(const struct acsmtp_certificate *certificate);

enum acsmtp_jwt_algorithm {
    ACSMTP_JWT_PS256 = 1, /* RSASSA-PSS with SHA-256; the header names the leaf by "x5t#S256" */
    ACSMTP_JWT_RS256 = 2  /* RSASSA-PKCS1-v1_5 with SHA-256; "x5t" (SHA-1), for older authorities */
};

enum acsmtp_jwt_flag {
    ACSMTP_JWT_CHAIN = 1 /* put the certificates into the header ("x5c") */
};

/*
 * The JWT of `claims` (a JSON object as text), for the caller to free. NULL and `err`: PROTOCOL
 * when `claims` is no JSON object, SYSTEM when signing fails.
 */
struct acsmtp_secret *acsmtp_jwt_sign(const struct acsmtp_certificate *certificate, int algorithm,
                                      uint32_t flags, const char *claims, struct acsmtp_error *err);

#define ACSMTP_AUTO_CERTIFICATE __attribute__((cleanup(acsmtp_certificate_cleanup)))
static inline void acsmtp_certificate_cleanup(struct acsmtp_certificate **certificate)
{
    acsmtp_certificate_free(*certificate);
}

#ifdef __cplusplus
}
#endif

#endif
