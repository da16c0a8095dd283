/* SPDX-License-Identifier: MIT */
/* Client certificates for mutual TLS: what can be read is whole, and TLS takes it or says no. */
#include "http/tls_client.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static void show(const struct tls_client *client)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    must(client->leaf && client->key && client->chain);
    if (ctx && tls_client_apply(client, ctx))
        must(SSL_CTX_check_private_key(ctx) == 1);
    SSL_CTX_free(ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_secret *pem = acsmtp_secret_new(data, size, NULL);
    struct tls_client client = {NULL, NULL, NULL};
    int status = tls_client_parse(pem, &client, &err);

    must(status == err.status && (status == ACSMTP_OK || err.message[0]));
    if (status == ACSMTP_OK)
        show(&client);
    tls_client_release(&client);
    acsmtp_secret_free(pem);
    return 0;
}
