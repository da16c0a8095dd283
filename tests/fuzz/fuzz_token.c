/* SPDX-License-Identifier: MIT */
/*
 * Token replies: a filled credential has a token and a time, and a failed one has neither.
 */
#include <acsmtp/token.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct acsmtp_token_format nested = {.size = sizeof nested,
                                                  .flags = ACSMTP_TOKEN_LOCAL_TIME,
                                                  .token = "status.token",
                                                  .expires_on = "status.expiresOn"};

static void try(const struct acsmtp_secret *reply, const struct acsmtp_token_format *format)
{
    struct acsmtp_credential *out = acsmtp_credential_new(NULL);
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int status = acsmtp_token_parse(reply, format, 1700000000, out, &err);

    if ((status == ACSMTP_OK) != (acsmtp_credential_kind(out) == ACSMTP_CREDENTIAL_TOKEN))
        abort();
    if (status != err.status || (status != ACSMTP_OK && status != ACSMTP_PROTOCOL))
        abort();
    acsmtp_credential_free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct acsmtp_secret *reply = acsmtp_secret_new(data, size, NULL);

    if (!reply)
        return 0;
    try(reply, NULL);
    try(reply, &nested);
    acsmtp_secret_free(reply);
    return 0;
}
