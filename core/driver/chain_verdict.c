/* SPDX-License-Identifier: MIT */
/*
 * What a chain is told about the credentials it gave. Threads and processes share them, so a
 * verdict is about the credential that it names: when the chain has a newer one by now, an old
 * refusal says nothing about that.
 */
#include "base/credential_private.h"
#include "chain_private.h"
#include <string.h>

/* Whom a verdict concerns. */
struct subject {
    size_t winner;
    int from_member;
    int is_stale; /* the chain keeps another credential for this request by now */
    struct token *token;
};

/* Callers may have been built before the field was there. */
static const struct acsmtp_credential *verdict_credential(const struct acsmtp_verdict *verdict)
{
    size_t needed = offsetof(struct acsmtp_verdict, credential) + sizeof(void *);

    return verdict->size >= needed ? verdict->credential : NULL;
}

/* ---- finding it, under the lock ---- */

static struct token *token_by_key(const struct chain *chain, const char *key)
{
    struct token *token;

    for (token = chain->tokens; token && strcmp(token->key, key) != 0;)
        token = token->next;
    return token;
}

static struct token *token_by_secret(const struct chain *chain, const struct acsmtp_secret *secret)
{
    struct token *token;

    for (token = chain->tokens;
         token && !token_same(acsmtp_credential_secret(token->credential), secret);)
        token = token->next;
    return token;
}

/*
 * A chain inside a chain knows the credential by its content alone: the outer one gave it out
 * under its own name. What neither tells is taken for the answer that was given last.
 */
static struct subject find_subject(const struct chain *chain,
                                   const struct acsmtp_credential *credential)
{
    const struct acsmtp_secret *shown = acsmtp_credential_secret(credential);
    struct credential_origin origin = credential_origin(credential);
    struct subject found = {.winner = chain->last_winner, .from_member = chain->last_from_member};

    found.token = token_by_secret(chain, shown);
    if (origin.chain == chain) {
        found.winner = origin.winner;
        found.from_member = origin.from_member;
    } else if (found.token) {
        found.winner = found.token->winner;
        found.from_member = found.token->from_member;
    }
    if (!found.token)
        found.token = token_by_key(chain, origin.chain == chain ? origin.key : chain->last_key);
    found.is_stale = shown && found.token &&
                     acsmtp_credential_kind(found.token->credential) != ACSMTP_CREDENTIAL_NONE &&
                     !token_same(acsmtp_credential_secret(found.token->credential), shown);
    return found;
}

/* ---- forgetting ---- */

/*
 * Another process may have put a newer token there already: only the refused one is removed, and
 * nothing while somebody is at work on it.
 */
static void forget_on_disk(struct chain *chain, struct acsmtp_context *context, const char *key,
                           const struct acsmtp_secret *refused)
{
    struct cache_slot *slot = NULL;
    struct cache_inputs inputs = {0};
    struct acsmtp_credential *found;
    char winner[CACHE_WINNER_MAX];

    if (!chain->host->use_cache || chain_open_slot(chain, key, &slot, NULL) != ACSMTP_OK)
        return;
    found = acsmtp_credential_new(NULL);
    if (found && cache_lock(slot, context, 0, NULL) == ACSMTP_OK &&
        cache_read_inputs(slot, context, found, winner, sizeof winner, &inputs, NULL) ==
            ACSMTP_OK &&
        token_same(acsmtp_credential_secret(found), refused))
        (void)cache_forget(slot, context, NULL);
    cache_inputs_release(&inputs);
    acsmtp_credential_free(found);
    cache_close(slot);
}

/* A copy of what the server did not take, NULL when it was not a token that is kept. */
static struct acsmtp_secret *forget_in_memory(struct token *token)
{
    if (acsmtp_credential_kind(token->credential) != ACSMTP_CREDENTIAL_TOKEN)
        return NULL;
    acsmtp_secret_free(token->refused);
    token->refused = acsmtp_secret_dup(acsmtp_credential_secret(token->credential), NULL);
    if (!token->refused)
        return NULL;
    credential_clear(token->credential);
    token->generation++;
    return acsmtp_secret_dup(token->refused, NULL);
}

/* ---- verdicts ---- */

void chain_report(struct chain *chain, struct acsmtp_context *context,
                  const struct acsmtp_verdict *verdict)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *refused = NULL;
    char key[DIGEST_HEX] = "";
    struct subject subject;

    (void)pthread_mutex_lock(&chain->lock);
    subject = find_subject(chain, verdict_credential(verdict));
    if (verdict->status == ACSMTP_DENIED && !subject.is_stale) {
        /* Whose credential it was is asked first for another, also when it came from the cache. */
        chain->winner = subject.winner;
        if (subject.token) {
            memcpy(key, subject.token->key, sizeof key);
            refused = forget_in_memory(subject.token);
        }
    }
    (void)pthread_mutex_unlock(&chain->lock);
    if (refused)
        forget_on_disk(chain, context, key, refused);
    /* A credential from the cache is nothing that this instance of the plugin gave. */
    if (!subject.is_stale && subject.from_member && subject.winner != CHAIN_NOBODY)
        member_report(&chain->members[subject.winner], context, verdict);
}

/* ---- whose it was ---- */

size_t chain_winner_of(struct chain *chain, const struct acsmtp_credential *credential)
{
    struct credential_origin origin = credential_origin(credential);

    return origin.chain == chain ? origin.winner : CHAIN_NOBODY;
}

int chain_next_on_denied(struct chain *chain, const struct acsmtp_credential *credential)
{
    size_t winner = chain_winner_of(chain, credential);

    return winner != CHAIN_NOBODY && winner + 1 < chain->count &&
           chain->members[winner].policy.next_on_denied;
}

const char *chain_name_of(struct chain *chain, const struct acsmtp_credential *credential)
{
    size_t winner = chain_winner_of(chain, credential);

    return winner == CHAIN_NOBODY ? NULL : chain->members[winner].entry.name;
}
