/* SPDX-License-Identifier: MIT */
/*
 * Which secret of which vault: from the many ways in which people write that down to one checked
 * set of names. Identifiers are case-insensitive.
 */
#ifndef KEYVAULT_IDENTIFIER_H
#define KEYVAULT_IDENTIFIER_H

#include <acsmtp/error.h>
#include <stddef.h>

struct keyvault_identifier {
    char vault[256];  /* a vault's name, or HOST[:PORT] as an address told it */
    char secret[128]; /* 1 to 127 characters of [0-9A-Za-z-] */
    char version[33]; /* 32 characters, or "": the current version */
};

/*
 * https://HOST/secrets/NAME, with /VERSION behind it or not, with "/" or "/?" at the end or not.
 * CONFIG for anything else.
 */
int keyvault_identifier_read_url(struct keyvault_identifier *identifier, const char *url,
                                 struct acsmtp_error *err) ACSMTP_CHECK;

/* Vault: name, host name or https address of the vault. Secret: name. Version: may be NULL. */
int keyvault_identifier_read(struct keyvault_identifier *identifier, const char *vault,
                             const char *secret, const char *version,
                             struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * HOST[:PORT] of the vault in a cloud whose vaults live under `domain`. CONFIG when the identifier
 * names a host elsewhere: a token for vaults must not go there.
 */
int keyvault_identifier_host(const struct keyvault_identifier *identifier, const char *domain,
                             char *host, size_t capacity, struct acsmtp_error *err) ACSMTP_CHECK;

#endif
