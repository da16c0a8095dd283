/* SPDX-License-Identifier: MIT */
/* Names of vaults and secrets, https://learn.microsoft.com/azure/key-vault/general/about-keys-
 * secrets-certificates; see identifier.h. */
#include "identifier.h"

#include <azure.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define KEYVAULT_SCHEME "https://"
#define KEYVAULT_SECRETS "/secrets/"
#define KEYVAULT_DEFAULT_PORT ":443"

/* Copy `size` bytes; 0 when they do not fit or there are none. */
static int keyvault_copy(char *out, size_t capacity, const char *text, size_t size)
{
    if (size == 0 || size >= capacity)
        return 0;
    memcpy(out, text, size);
    out[size] = '\0';
    return 1;
}

/* 3 to 24 letters, digits and hyphens, no two hyphens together. */
static int keyvault_is_vault_name(const char *name)
{
    size_t size = strlen(name);

    return size >= 3 && size <= 24 && azure_is_word(name, "-") && !strstr(name, "--");
}

static int keyvault_check_secret(const char *name, struct acsmtp_error *err)
{
    if (azure_is_word(name + strspn(name, "-"), "-"))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "'%s' is not the name of a secret: letters, digits and '-', no '_' and no "
                       "'.'",
                       name);
}

static int keyvault_check_version(const char *version, struct acsmtp_error *err)
{
    if (strlen(version) == 32 && azure_is_word(version, ""))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG, "'%s' is not a version of a secret: 32 hex digits",
                       version);
}

/* HOST[:PORT] by its characters; the default port is left out. */
static int keyvault_read_host(struct keyvault_identifier *identifier, const char *text, size_t size,
                              struct acsmtp_error *err)
{
    size_t port = strlen(KEYVAULT_DEFAULT_PORT);

    if (size > port && memcmp(text + size - port, KEYVAULT_DEFAULT_PORT, port) == 0)
        size -= port;
    if (keyvault_copy(identifier->vault, sizeof identifier->vault, text, size) &&
        azure_is_word(identifier->vault, ".-:") && strchr(identifier->vault, '.'))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG, "'%.*s' is not the host of a vault",
                       size > 200 ? 200 : (int)size, text);
}

/* NAME[/VERSION] behind /secrets/, `size` bytes. */
static int keyvault_read_path(struct keyvault_identifier *identifier, const char *path, size_t size,
                              struct acsmtp_error *err)
{
    const char *slash = memchr(path, '/', size);
    size_t name = slash ? (size_t)(slash - path) : size;
    int status;

    if (!keyvault_copy(identifier->secret, sizeof identifier->secret, path, name))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the name of the secret is empty or longer than 127 characters");
    status = keyvault_check_secret(identifier->secret, err);
    if (status != ACSMTP_OK || !slash)
        return status;
    if (!keyvault_copy(identifier->version, sizeof identifier->version, slash + 1, size - name - 1))
        return acsmtp_fail(err, ACSMTP_CONFIG, "the version of the secret is not 32 hex digits");
    return keyvault_check_version(identifier->version, err);
}

int keyvault_identifier_read_url(struct keyvault_identifier *identifier, const char *url,
                                 struct acsmtp_error *err)
{
    const size_t scheme = strlen(KEYVAULT_SCHEME);
    const size_t secrets = strlen(KEYVAULT_SECRETS);
    size_t size = strlen(url);
    size_t host;
    int status;

    *identifier = (struct keyvault_identifier){.vault = ""};
    if (strncasecmp(url, KEYVAULT_SCHEME, scheme) != 0)
        return acsmtp_fail(err, ACSMTP_CONFIG, "'%s' does not begin with https://", url);
    host = strcspn(url + scheme, "/");
    if (strncasecmp(url + scheme + host, KEYVAULT_SECRETS, secrets) != 0)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "'%s' is not the identifier of a secret (https://VAULT/secrets/NAME)",
                           url);
    if (url[size - 1] == '?')
        size--;
    if (url[size - 1] == '/')
        size--;
    status = keyvault_read_host(identifier, url + scheme, host, err);
    if (status != ACSMTP_OK)
        return status;
    url += scheme + host + secrets;
    if (size < scheme + host + secrets)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the identifier names no secret");
    return keyvault_read_path(identifier, url, size - scheme - host - secrets, err);
}

static int keyvault_read_vault(struct keyvault_identifier *identifier, const char *vault,
                               struct acsmtp_error *err)
{
    const size_t scheme = strlen(KEYVAULT_SCHEME);
    size_t size;

    if (strncasecmp(vault, KEYVAULT_SCHEME, scheme) == 0)
        vault += scheme;
    size = strlen(vault);
    if (size > 0 && vault[size - 1] == '/')
        size--;
    if (memchr(vault, '.', size))
        return keyvault_read_host(identifier, vault, size, err);
    if (keyvault_copy(identifier->vault, sizeof identifier->vault, vault, size) &&
        keyvault_is_vault_name(identifier->vault))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "'%s' is not the name of a vault: 3 to 24 letters, digits and single "
                       "hyphens",
                       vault);
}

int keyvault_identifier_read(struct keyvault_identifier *identifier, const char *vault,
                             const char *secret, const char *version, struct acsmtp_error *err)
{
    int status;

    *identifier = (struct keyvault_identifier){.vault = ""};
    status = keyvault_read_vault(identifier, vault, err);
    if (status == ACSMTP_OK && strchr(secret, '/'))
        status = keyvault_check_secret(secret, err);
    if (status == ACSMTP_OK)
        status = keyvault_read_path(identifier, secret, strlen(secret), err);
    if (status == ACSMTP_OK && version)
        status = keyvault_check_version(version, err);
    if (status == ACSMTP_OK && version)
        (void)keyvault_copy(identifier->version, sizeof identifier->version, version,
                            strlen(version));
    return status;
}

int keyvault_identifier_host(const struct keyvault_identifier *identifier, const char *domain,
                             char *host, size_t capacity, struct acsmtp_error *err)
{
    const char *dot = strchr(identifier->vault, '.');
    char name[32];

    if (!dot) {
        if (snprintf(host, capacity, "%s.%s", identifier->vault, domain) >= (int)capacity)
            return acsmtp_fail(err, ACSMTP_CONFIG, "key_vault_domain '%s' is too long", domain);
        return ACSMTP_OK;
    }
    if (strcasecmp(dot + 1, domain) != 0 ||
        !keyvault_copy(name, sizeof name, identifier->vault, (size_t)(dot - identifier->vault)) ||
        !keyvault_is_vault_name(name))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "'%s' is not a vault of this cloud (NAME.%s): it is sent no token",
                           identifier->vault, domain);
    (void)snprintf(host, capacity, "%s", identifier->vault);
    return ACSMTP_OK;
}
