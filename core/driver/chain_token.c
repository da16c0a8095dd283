/* SPDX-License-Identifier: MIT */
/*
 * Tokens that a chain keeps in memory: how good they are, and for which request they stand.
 */
#include "base/credential_private.h"
#include "chain_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TOKENS_MAX 16
#define LONG_LIFE INT64_C(7200)

int64_t monotonic_seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec;
}

enum token_grade token_grade(const struct token *token, int64_t min_validity)
{
    int64_t now = (int64_t)time(NULL);
    int64_t left;

    if (acsmtp_credential_kind(token->credential) != ACSMTP_CREDENTIAL_TOKEN)
        return TOKEN_NONE;
    left = acsmtp_credential_expires_on(token->credential) - now;
    if (left <= 0 || !cache_inputs_fresh(&token->inputs))
        return TOKEN_NONE;
    if (left < TOKEN_SHORT_SECONDS || left < min_validity)
        return TOKEN_BRIEF;
    return now >= acsmtp_credential_refresh_on(token->credential) ? TOKEN_AGING : TOKEN_GOOD;
}

int token_same(const struct acsmtp_secret *left, const struct acsmtp_secret *right)
{
    return left && right && acsmtp_secret_size(left) == acsmtp_secret_size(right) &&
           memcmp(acsmtp_secret_data(left), acsmtp_secret_data(right), acsmtp_secret_size(left)) ==
               0;
}

int token_copy(const struct acsmtp_credential *from, struct acsmtp_credential *out,
               struct acsmtp_error *err)
{
    struct acsmtp_secret *copy = acsmtp_secret_dup(acsmtp_credential_secret(from), err);

    if (!copy)
        return ACSMTP_SYSTEM;
    return acsmtp_credential_set_token(out, copy, acsmtp_credential_expires_on(from),
                                       acsmtp_credential_refresh_on(from), err);
}

void token_keep(struct token *token, struct acsmtp_credential *credential, size_t winner,
                int from_member, struct cache_inputs *inputs)
{
    credential_move(token->credential, credential);
    cache_inputs_move(&token->inputs, inputs);
    token->winner = winner;
    token->from_member = from_member;
    token->generation++;
}

/* How long before the last five minutes: there is time to renew it while it is still good. */
static int64_t head_start(int64_t life)
{
    int64_t spare = life > TOKEN_SHORT_SECONDS ? (life - TOKEN_SHORT_SECONDS) / 2 : 0;

    return spare < TOKEN_SHORT_SECONDS ? spare : TOKEN_SHORT_SECONDS;
}

/* A source that does not say when: half of a long life, else ten minutes before the end. */
int token_plan_refresh(struct acsmtp_credential *credential, struct acsmtp_error *err)
{
    int64_t now = (int64_t)time(NULL);
    int64_t expires_on = acsmtp_credential_expires_on(credential);
    int64_t refresh_on = acsmtp_credential_refresh_on(credential);
    struct acsmtp_secret *copy;

    if (refresh_on > 0 && refresh_on <= expires_on)
        return ACSMTP_OK;
    refresh_on = expires_on - now > LONG_LIFE
                     ? now + (expires_on - now) / 2
                     : expires_on - TOKEN_SHORT_SECONDS - head_start(expires_on - now);
    if (refresh_on < 1)
        refresh_on = 1;
    copy = acsmtp_secret_dup(acsmtp_credential_secret(credential), err);
    if (!copy)
        return ACSMTP_SYSTEM;
    return acsmtp_credential_set_token(credential, copy, expires_on, refresh_on, err);
}

/* ---- keys ---- */

static void add_part(char text[DIGEST_HEX], const char *part)
{
    char next[DIGEST_HEX];

    /* The digest so far is the salt of the next one: parts cannot run into each other. */
    digest_hex(text, part ? part : "", part ? strlen(part) + 1 : 0, next);
    memcpy(text, next, DIGEST_HEX);
}

void token_key(const struct chain *chain, const struct acsmtp_credential_request *request,
               size_t from, char key[DIGEST_HEX])
{
    char number[64];

    memcpy(key, chain->digest, DIGEST_HEX);
    (void)snprintf(number, sizeof number, "%lu %zu", (unsigned long)geteuid(), from);
    add_part(key, number);
    add_part(key, request->scope);
    add_part(key, request->tenant);
    add_part(key, request->claims);
    add_part(key, chain->host->cloud ? cloud_digest(chain->host->cloud) : NULL);
}

/* ---- the list ---- */

void token_free(struct token *token)
{
    acsmtp_credential_free(token->credential);
    acsmtp_secret_free(token->refused);
    cache_inputs_release(&token->inputs);
    cache_close(token->slot);
    free(token);
}

/* Drop the oldest one that nobody holds when there are too many: scopes can be anything. */
static void make_room(struct chain *chain)
{
    struct token **link = &chain->tokens;
    struct token **oldest = NULL;
    size_t count = 0;

    for (; *link; link = &(*link)->next) {
        count++;
        if ((*link)->pins == 0)
            oldest = link;
    }
    if (count >= TOKENS_MAX && oldest) {
        struct token *token = *oldest;

        *oldest = token->next;
        token_free(token);
    }
}

static struct token *make_token(struct chain *chain, const char *key, struct acsmtp_error *err)
{
    struct token *token;

    make_room(chain);
    token = calloc(1, sizeof *token);
    if (!token) {
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        return NULL;
    }
    token->credential = acsmtp_credential_new(err);
    if (!token->credential) {
        free(token);
        return NULL;
    }
    (void)snprintf(token->key, sizeof token->key, "%s", key);
    token->next = chain->tokens;
    chain->tokens = token;
    return token;
}

struct token *token_pin(struct chain *chain, const char *key, struct acsmtp_error *err)
{
    struct token *token;

    (void)pthread_mutex_lock(&chain->lock);
    for (token = chain->tokens; token && strcmp(token->key, key) != 0;)
        token = token->next;
    if (!token)
        token = make_token(chain, key, err);
    if (token)
        token->pins++;
    (void)pthread_mutex_unlock(&chain->lock);
    return token;
}

void token_unpin(struct chain *chain, struct token *token)
{
    (void)pthread_mutex_lock(&chain->lock);
    token->pins--;
    (void)pthread_mutex_unlock(&chain->lock);
}
