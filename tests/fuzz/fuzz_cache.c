/* SPDX-License-Identifier: MIT */
/* Entries of the token cache: files that anything may have written. */
#include "driver/cache_private.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was understood is written again and read again: both must agree. */
static void round_trip(const struct acsmtp_credential *credential, const char *winner,
                       const struct cache_inputs *inputs)
{
    struct acsmtp_secret *text = cache_entry_format(credential, winner, inputs, NULL);
    struct acsmtp_credential *again = acsmtp_credential_new(NULL);
    struct cache_inputs found = {0};
    char name[CACHE_WINNER_MAX];
    int status;

    if (!text || !again)
        abort();
    status = cache_entry_parse(acsmtp_secret_data(text), acsmtp_secret_size(text), again, name,
                               sizeof name, &found, NULL);
    if (status != ACSMTP_OK || found.count != inputs->count || strcmp(name, winner) != 0 ||
        acsmtp_credential_expires_on(again) != acsmtp_credential_expires_on(credential) ||
        strcmp(acsmtp_secret_data(acsmtp_credential_secret(again)),
               acsmtp_secret_data(acsmtp_credential_secret(credential))) != 0)
        abort();
    (void)cache_inputs_fresh(&found);
    cache_inputs_release(&found);
    acsmtp_credential_free(again);
    acsmtp_secret_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct acsmtp_credential *credential = acsmtp_credential_new(NULL);
    struct cache_inputs inputs = {0};
    char winner[CACHE_WINNER_MAX];

    if (!credential)
        return 0;
    if (cache_entry_parse((const char *)data, size, credential, winner, sizeof winner, &inputs,
                          NULL) == ACSMTP_OK)
        round_trip(credential, winner, &inputs);
    cache_inputs_release(&inputs);
    acsmtp_credential_free(credential);
    return 0;
}
