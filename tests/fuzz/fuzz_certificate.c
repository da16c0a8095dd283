/* SPDX-License-Identifier: MIT */
/* Certificate files, PEM and PKCS#12, with and without a passphrase; what can be read must sign. */
#include <acsmtp/certificate.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct acsmtp_secret *file, const struct acsmtp_secret *passphrase)
{
    struct acsmtp_certificate *certificate = acsmtp_certificate_parse(file, passphrase, NULL);
    struct acsmtp_secret *jwt;

    if (!certificate)
        return;
    (void)acsmtp_certificate_not_after(certificate);
    jwt = acsmtp_jwt_sign(certificate, ACSMTP_JWT_RS256, ACSMTP_JWT_CHAIN, "{}", NULL);
    acsmtp_secret_free(jwt);
    acsmtp_certificate_free(certificate);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct acsmtp_secret *file = acsmtp_secret_new(data, size, NULL);
    struct acsmtp_secret *passphrase = acsmtp_secret_new("x", 1, NULL);

    check(file, NULL);
    check(file, passphrase);
    acsmtp_secret_free(file);
    acsmtp_secret_free(passphrase);
    return 0;
}
