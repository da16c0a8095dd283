/* SPDX-License-Identifier: MIT */
/*
 * What the example plugin-vault reads: Vault's answers (from the network) and paths (from a
 * config). The first byte chooses which, the rest is the text.
 */
#include <reply.h>
#include <request.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static void read_auth(const struct acsmtp_secret *body)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct vault_auth auth;

    if (vault_reply_auth(body, &auth, &err) != ACSMTP_OK) {
        must(err.status == ACSMTP_PROTOCOL);
        return;
    }
    must(acsmtp_secret_size(auth.token) > 0 && auth.life >= 0);
    acsmtp_secret_free(auth.token);
}

static void read_secret(const struct acsmtp_secret *body, int version)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_secret *value = NULL;
    struct vault_secret secret;

    if (vault_reply_secret(body, version, 1700000000, &secret, &err) != ACSMTP_OK) {
        must(err.status == ACSMTP_PROTOCOL);
        return;
    }
    if (vault_reply_field(&secret, "password", &value, &err) == ACSMTP_OK)
        must(!strpbrk(acsmtp_secret_data(value), "\r\n") && acsmtp_secret_size(value) > 0);
    else
        must(err.status == ACSMTP_CONFIG);
    acsmtp_secret_free(value);
    acsmtp_json_free(secret.document);
}

static void refuse(const struct acsmtp_secret *body, int status)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    must(vault_reply_refuse(status, body, status % 2 ? "mail/acs" : NULL, &err) != ACSMTP_OK);
    must(err.message[0] && !strpbrk(err.message, "\r\n\t\x1b"));
}

/* Whatever passes can neither leave the path nor the line. */
static void locate(const char *path)
{
    const char *const parts[] = {"secret/data", path, NULL};
    char url[300];

    if (vault_url("https://vault.example:8200", parts, url, sizeof url, NULL) != ACSMTP_OK)
        return;
    must(strlen(url) < sizeof url && !strstr(url, "./") && !strstr(url + 8, "//"));
    must(url[strlen(url) - 1] != '.' && url[strlen(url) - 1] != '/');
    must(
        url[strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/:%")] ==
        '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct acsmtp_secret *body = size ? acsmtp_secret_new(data + 1, size - 1, NULL) : NULL;

    if (!body)
        return 0;
    switch (data[0] % 5) {
    case 0:
        read_auth(body);
        break;
    case 1:
    case 2:
        read_secret(body, data[0] % 5);
        break;
    case 3:
        refuse(body, 300 + data[0]);
        break;
    default:
        locate(acsmtp_secret_data(body));
    }
    acsmtp_secret_free(body);
    return 0;
}
