/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 by OpenSSL's oldest interface. The newer ones (EVP, and SHA256() on top of it) load the
 * configuration and the providers first, which costs 1.4 ms: more than all the rest of a cache hit.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "digest.h"
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

void digest_hex(const char *salt, const void *bytes, size_t size, char hex[DIGEST_HEX])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[SHA256_DIGEST_LENGTH];
    SHA256_CTX state;
    size_t i;

    (void)SHA256_Init(&state);
    if (salt)
        (void)SHA256_Update(&state, salt, strlen(salt) + 1);
    (void)SHA256_Update(&state, bytes, size);
    (void)SHA256_Final(sum, &state);
    OPENSSL_cleanse(&state, sizeof state);
    for (i = 0; i < sizeof sum; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    hex[DIGEST_HEX - 1] = '\0';
}
