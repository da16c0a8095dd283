/* SPDX-License-Identifier: MIT */
/*
 * The parsers of keyvault-basic that read text from outside: the challenge of a vault (network) and
 * the identifiers of secrets (config). A libFuzzer target; with FUZZ_MAIN also a program of its own
 * that mutates its arguments a fixed number of times, the same way in every run.
 */
#include "challenge.h"
#include "identifier.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FUZZ_HOST "kv-acs.vault.localhost:8443"
#define FUZZ_DOMAIN "vault.localhost:8443"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static int is_printable(const char *text)
{
    while (*text > 0x20 && *text < 0x7f)
        text++;
    return *text == '\0';
}

/* Whatever passes may be put into a URL and handed to another plugin. */
static void check_challenge(const char *text)
{
    static struct azure_challenge challenge;

    if (azure_challenge_parse(&challenge, text, NULL) != ACSMTP_OK) {
        must(!challenge.tenant[0] && !challenge.scope[0] && !challenge.claims[0]);
        return;
    }
    must(challenge.tenant[0] && is_printable(challenge.tenant));
    must(strspn(challenge.tenant, "0123456789.-abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(challenge.tenant));
    must(is_printable(challenge.scope) && strlen(challenge.scope) > strlen("https://"));
    must(strpbrk(challenge.claims, "\r\n\t") == NULL);
    if (azure_challenge_verify(&challenge, FUZZ_HOST, NULL) == ACSMTP_OK)
        must(strncasecmp(challenge.scope + 8, "vault.localhost", 15) == 0 ||
             strncasecmp(challenge.scope + 8, "localhost", 9) == 0);
}

static void check_names(const struct keyvault_identifier *identifier)
{
    char host[600];

    must(is_printable(identifier->vault) && identifier->vault[0]);
    must(is_printable(identifier->secret) && identifier->secret[0]);
    must(!identifier->version[0] || strlen(identifier->version) == 32);
    must(!strpbrk(identifier->secret, "/?#%&@:"));
    if (keyvault_identifier_host(identifier, FUZZ_DOMAIN, host, sizeof host, NULL) == ACSMTP_OK) {
        size_t size = strlen(host), domain = strlen("." FUZZ_DOMAIN);

        must(size > domain && strcasecmp(host + size - domain, "." FUZZ_DOMAIN) == 0);
        must(strcspn(host, "./?#@:") == size - domain);
    }
}

static void check_identifier(const char *text)
{
    static struct keyvault_identifier identifier;

    if (keyvault_identifier_read_url(&identifier, text, NULL) == ACSMTP_OK)
        check_names(&identifier);
    if (keyvault_identifier_read(&identifier, text, "name", NULL, NULL) == ACSMTP_OK)
        check_names(&identifier);
    if (keyvault_identifier_read(&identifier, "vault", text, NULL, NULL) == ACSMTP_OK)
        check_names(&identifier);
    if (keyvault_identifier_read(&identifier, "vault", "name", text, NULL) == ACSMTP_OK)
        check_names(&identifier);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Of its exact size, so that a sanitizer sees every byte that is read too far. */
    char *text = malloc(size + 1);

    must(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    check_challenge(text);
    check_identifier(text);
    free(text);
    return 0;
}

#ifdef FUZZ_MAIN
#define FUZZ_SIZE_MAX 16384

static uint64_t state = 88172645463325252ULL;

/* Xorshift (Marsaglia, 2003): the same numbers in every run. */
static size_t below(size_t limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state % limit);
}

static size_t mutate(char *text, size_t size)
{
    static const char odd[] = "\"\\=,/?:.-@#% \t\x01\x80\xff"
                              "Bearer";
    size_t at = below(size + 1), count = 1 + below(8);

    switch (below(4)) {
    case 0: /* replace */
        if (at < size)
            text[at] = odd[below(sizeof odd - 1)];
        return size;
    case 1: /* cut out */
        if (at + count > size)
            return size;
        memmove(text + at, text + at + count, size - at - count);
        return size - count;
    case 2: /* repeat a piece, now and then a huge one */
        count = below(16) ? count : 2000;
        if (size + count > FUZZ_SIZE_MAX)
            return size;
        memmove(text + at + count, text + at, size - at);
        memset(text + at, at < size ? text[at + count] : 'x', count);
        return size + count;
    default: /* end early */
        return below(8) ? size : at;
    }
}

int main(int argc, char **argv)
{
    static char text[FUZZ_SIZE_MAX];
    long rounds = argc > 2 ? strtol(argv[1], NULL, 10) : 0;

    for (int i = 2; i < argc; i++) {
        for (long round = 0; round < rounds; round++) {
            size_t size = strlen(argv[i]);

            memcpy(text, argv[i], size);
            for (size_t step = below(6); step > 0; step--)
                size = mutate(text, size);
            (void)LLVMFuzzerTestOneInput((const uint8_t *)text, size);
        }
    }
    printf("%ld rounds of %d inputs\n", rounds, argc - 2);
    return rounds > 0 && argc > 2 ? 0 : 2;
}
#endif
