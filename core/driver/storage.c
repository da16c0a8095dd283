/* SPDX-License-Identifier: MIT */
/* Where things are kept; see storage.h. */
#include "storage.h"
#include <string.h>

static const char *cache_word(const struct config *config)
{
    const char *word = acsmtp_json_string(config_profile(config), "cache");

    if (!word)
        word = acsmtp_json_string(config_root(config), "cache");
    return word ? word : "files";
}

/*
 * A refresh token is worth more than the tokens it brings: it goes into the keyring as soon as one
 * is chosen, also when tokens stay in files or nowhere.
 */
void storage_choose(struct chain_host *host, uint32_t flags)
{
    const char *word = cache_word(host->config);
    int in_files = strcmp(word, "files") == 0;
    int nowhere = strcmp(word, "none") == 0;
    int allowed = !(flags & ACSMTP_DRIVER_NO_CACHE);
    const char *chosen = keyrings_chosen(host->config);

    host->cache_keyring = in_files || nowhere ? NULL : word;
    host->store_keyring = chosen ? chosen : host->cache_keyring;
    host->use_cache = allowed && !nowhere;
    host->use_store = allowed && (!nowhere || chosen);
}

int storage_check(const struct chain_host *host, struct acsmtp_error *err)
{
    struct keyring *keyring = NULL;
    int status = ACSMTP_OK;

    if (host->cache_keyring)
        status = keyrings_get(host->keyrings, host->cache_keyring, &keyring, err);
    if (status == ACSMTP_OK && host->store_keyring)
        status = keyrings_get(host->keyrings, host->store_keyring, &keyring, err);
    return status;
}

int storage_place(const struct chain_host *host, struct slot_place *place, struct acsmtp_error *err)
{
    *place = (struct slot_place){.folder = SLOT_STORE};
    if (!host || !host->use_store)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "nothing is kept between processes here");
    if (!host->store_keyring)
        return ACSMTP_OK;
    return keyrings_get(host->keyrings, host->store_keyring, &place->keyring, err);
}
