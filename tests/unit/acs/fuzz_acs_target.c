/* SPDX-License-Identifier: MIT */
/*
 * Addresses that replies name: next pages, monitors, vaults. Whatever passes leads to the service
 * that was asked, and goes out byte for byte.
 */
#include "client_private.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ARM "https://management.localhost:8443"
#define DOMAIN "vault.localhost:8443"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct acsmtp_context *context;

static void must(int holds)
{
    if (!holds)
        abort();
}

static void open_once(void)
{
    if (context)
        return;
    must(acsmtp_context_new(&context, NULL) == ACSMTP_OK);
    must(acsmtp_context_set_endpoint(context, "resource_manager", ARM, NULL) == ACSMTP_OK);
    must(acsmtp_context_set_endpoint(context, "key_vault_domain", DOMAIN, NULL) == ACSMTP_OK);
}

static void check_url(const char *url, const char *origin)
{
    size_t size = strlen(origin);

    must(strncasecmp(url, origin, size) == 0);
    must(url[size] == '/' || url[size] == '?' || url[size] == '\0');
    must(strlen(url) <= CLIENT_URL_MAX);
    for (; *url; url++)
        must(*url > 0x20 && *url < 0x7f && *url != '#');
}

static void check_target(const char *text)
{
    const struct client_request request = {.service = CLIENT_ARM, .method = "GET", .target = text};
    char host[CLIENT_HOST_MAX], what[CLIENT_WHAT_MAX];
    char *url = NULL;

    client_what(&request, what);
    must(strlen(what) < sizeof what);
    if (client_url(context, &request, &url, host, NULL) == ACSMTP_OK) {
        check_url(url, ARM);
        must(strcmp(url + (*text == '/' ? strlen(ARM) : 0), text) == 0);
    }
    free(url);
}

static void check_vault(const char *text)
{
    const struct client_request request = {
        .service = CLIENT_VAULT, .method = "GET", .host = text, .target = "/secrets/x"};
    char host[CLIENT_HOST_MAX];
    char *url = NULL;

    if (client_url(context, &request, &url, host, NULL) == ACSMTP_OK) {
        size_t label = strcspn(host, ".");

        must(label > 0 && strcasecmp(host + label + 1, DOMAIN) == 0);
        must(strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
             label);
        must(strncmp(url, "https://", 8) == 0 && strncmp(url + 8, host, strlen(host)) == 0);
        must(strcmp(url + 8 + strlen(host), "/secrets/x") == 0);
    }
    free(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Of its exact size, so that a sanitizer sees every byte that is read too far. */
    char *text = malloc(size + 1);

    must(text != NULL);
    open_once();
    memcpy(text, data, size);
    text[size] = '\0';
    check_target(text);
    check_vault(text);
    free(text);
    return 0;
}
