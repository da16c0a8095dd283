/* SPDX-License-Identifier: MIT */
/*
 * A chain from its config to its end. How it answers a request is in chain_acquire.c, what it is
 * told about its answers in chain_verdict.c.
 */
#include "chain_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- open and close ---- */

static int fail_at(const struct chain *chain, struct acsmtp_error *err, const char *text)
{
    char where[512];

    config_where(chain->host->config, chain->path, where, sizeof where);
    return acsmtp_fail(err, ACSMTP_CONFIG, "%s: %s", where, text);
}

static int digest_entries(struct chain *chain, const struct acsmtp_json *entries,
                          struct acsmtp_error *err)
{
    char *text = acsmtp_json_format(entries);

    if (!text)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    digest_hex(NULL, text, strlen(text), chain->digest);
    /* Entries can hold literal secrets. */
    acsmtp_wipe(text, strlen(text));
    free(text);
    return ACSMTP_OK;
}

static int add_members(struct chain *chain, const struct acsmtp_json *entries,
                       struct acsmtp_error *err)
{
    size_t count = acsmtp_json_length(entries);
    int status = ACSMTP_OK;
    char path[512];

    chain->members = calloc(count, sizeof *chain->members);
    if (!chain->members)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    while (status == ACSMTP_OK && chain->count < count) {
        (void)snprintf(path, sizeof path, "%s.%zu", chain->path, chain->count);
        status = member_init(&chain->members[chain->count], chain->host,
                             acsmtp_json_item(entries, chain->count), path, chain->depth, err);
        if (status == ACSMTP_OK)
            chain->count++;
    }
    return status;
}

static int fill(struct chain *chain, const struct acsmtp_json *entries, struct acsmtp_error *err)
{
    int status;

    if (acsmtp_json_type(entries) != ACSMTP_JSON_ARRAY)
        return fail_at(chain, err, "a chain of credentials is an array of plugins");
    if (acsmtp_json_length(entries) == 0)
        return fail_at(chain, err, "the chain of credentials is empty");
    if (acsmtp_json_length(entries) > CHAIN_MEMBERS_MAX)
        return fail_at(chain, err, "the chain of credentials has more than 64 members");
    if (chain->depth > CHAIN_DEPTH_MAX)
        return fail_at(chain, err, "chains of credentials are nested more than 8 deep");
    status = digest_entries(chain, entries, err);
    return status == ACSMTP_OK ? add_members(chain, entries, err) : status;
}

/* A condition that waits by the clock that nobody sets. */
static int make_locks(struct chain *chain)
{
    pthread_condattr_t kind;
    int problem = pthread_mutex_init(&chain->lock, NULL);

    if (problem == 0)
        problem = pthread_condattr_init(&kind);
    if (problem == 0)
        problem = pthread_condattr_setclock(&kind, CLOCK_MONOTONIC);
    if (problem == 0)
        problem = pthread_cond_init(&chain->landed, &kind);
    return problem;
}

int chain_open_nested(const struct chain_host *host, const struct acsmtp_json *entries,
                      const char *path, int depth, struct chain **chain, struct acsmtp_error *err)
{
    struct chain *made = calloc(1, sizeof *made);
    int status;

    if (!made || !(made->path = strdup(path)) || make_locks(made) != 0) {
        if (made)
            free(made->path);
        free(made);
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    made->host = host;
    made->depth = depth;
    made->winner = CHAIN_NOBODY;
    made->last_winner = CHAIN_NOBODY;
    status = fill(made, entries, err);
    if (status == ACSMTP_OK)
        *chain = made;
    else
        chain_close(made);
    return status;
}

int chain_open(const struct chain_host *host, const struct acsmtp_json *entries, const char *path,
               struct chain **chain, struct acsmtp_error *err)
{
    return chain_open_nested(host, entries, path, 0, chain, err);
}

void chain_close(struct chain *chain)
{
    struct token *token;

    if (!chain)
        return;
    while (chain->count > 0)
        member_release(&chain->members[--chain->count]);
    free(chain->members);
    while ((token = chain->tokens)) {
        chain->tokens = token->next;
        token_free(token);
    }
    (void)pthread_cond_destroy(&chain->landed);
    (void)pthread_mutex_destroy(&chain->lock);
    free(chain->path);
    free(chain);
}

static int member_check(struct member *member, struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    int64_t timeout_ms, retries;
    int status = entry_check(&member->entry, &problem);

    if (entry_is_absent(&member->entry, &problem))
        return ACSMTP_OK;
    if (status == ACSMTP_OK)
        return policy_limits(&member->entry, &timeout_ms, &retries, err);
    walk_copy_error(err, &problem);
    return status;
}

int chain_check(struct chain *chain, struct acsmtp_error *err)
{
    int status = ACSMTP_OK;
    size_t i;

    for (i = 0; i < chain->count && status == ACSMTP_OK; i++)
        status = member_check(&chain->members[i], err);
    return status;
}

/* ---- what nested tokens depend on ---- */

static int copy_inputs(const struct cache_inputs *from, struct cache_inputs *to,
                       struct acsmtp_error *err)
{
    int status = ACSMTP_OK;
    size_t i;

    for (i = 0; i < from->count && status == ACSMTP_OK; i++)
        status = cache_inputs_add(to, from->items[i].variable, from->items[i].file, err);
    return status;
}

int chain_inputs(struct chain *chain, struct cache_inputs *inputs, struct acsmtp_error *err)
{
    struct token *token;
    int status = ACSMTP_OK;

    (void)pthread_mutex_lock(&chain->lock);
    for (token = chain->tokens; token && status == ACSMTP_OK; token = token->next)
        status = copy_inputs(&token->inputs, inputs, err);
    (void)pthread_mutex_unlock(&chain->lock);
    return status;
}

/* ---- the cache ---- */

/* Digested once more: what the entries digest to, which may hold a literal secret, is on no disk.
 */
void chain_group(const struct chain *chain, char group[CHAIN_GROUP_MAX])
{
    char digest[DIGEST_HEX];

    digest_hex("group", chain->digest, sizeof chain->digest, digest);
    (void)snprintf(group, CHAIN_GROUP_MAX, "%.*s", CHAIN_GROUP_MAX - 1, digest);
}

int chain_open_slot(const struct chain *chain, const char *key, struct cache_slot **slot,
                    struct acsmtp_error *err)
{
    char group[CHAIN_GROUP_MAX];
    struct slot_place place = {.folder = SLOT_TOKENS, .group = group};
    const char *plugin = chain->host->cache_keyring;
    int status = ACSMTP_OK;

    chain_group(chain, group);
    if (plugin)
        status = keyrings_get(chain->host->keyrings, plugin, &place.keyring, err);
    return status == ACSMTP_OK ? cache_open(&place, key, slot, err) : status;
}
