/* SPDX-License-Identifier: MIT */
/*
 * Inside a chain: its members (chain_member.c), one walk over them (chain_walk.c), the tokens it
 * keeps (chain_token.c), when to do which (chain_acquire.c), and what servers said about the result
 * (chain_verdict.c).
 */
#ifndef CHAIN_PRIVATE_H
#define CHAIN_PRIVATE_H

#include "cache_private.h"
#include "chain.h"
#include "entry.h"
#include <pthread.h>

#define CHAIN_DEPTH_MAX 8
#define CHAIN_MEMBERS_MAX 64
#define CHAIN_NOBODY SIZE_MAX

/* ---- members ---- */

/* What an entry says about its failures (chain_policy.c). */
struct policy {
    int next_on_denied, next_on_temporary;
};

/* The keys, described as a plugin describes its options; NULL beyond the last. */
const struct acsmtp_option *policy_option(size_t index);

/* CONFIG when a key is there and says something else than it may. Loads nothing. */
int policy_read(const struct entry *entry, struct policy *policy, struct acsmtp_error *err);

/*
 * "timeout" (-1: none) and "retries" (0: none) of a loaded entry: the host's keys, unless the
 * plugin has an option of that name.
 */
int policy_limits(const struct entry *entry, int64_t *timeout_ms, int64_t *retries,
                  struct acsmtp_error *err);

struct member {
    struct entry entry;
    struct policy policy;
    pthread_mutex_t lock; /* guards what follows, and calls as the plugin's promise wants */
    void *instance;
    int opened;
    int probed;
};

int member_init(struct member *member, const struct chain_host *host,
                const struct acsmtp_json *json, const char *path, int depth,
                struct acsmtp_error *err);
void member_release(struct member *member);

/* Open, probe, ask. `alone`: nobody else in the chain could be asked instead. */
int member_acquire(struct member *member, struct acsmtp_context *context, int alone,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err);
/* Make the instance, once. */
int member_open(struct member *member, struct acsmtp_error *err);
/* Around each call into the plugin, as its promise about threads wants it. */
void member_enter(struct member *member);
void member_leave(struct member *member);

/*
 * Whether there is any point in asking (chain_probe.c). Absence that was found earlier in this boot
 * stands for a probe, unless it is to be done `anew`.
 */
int member_probe(struct member *member, struct acsmtp_context *context, int anew,
                 struct acsmtp_error *err);
/* 1 and the words when such absence is remembered. Needs a loaded entry; asks nobody. */
int member_absence(const struct member *member, char *why, size_t capacity);

void member_report(struct member *member, struct acsmtp_context *context,
                   const struct acsmtp_verdict *verdict);

/* Open it and let it remove what it keeps; UNAVAILABLE when there is nothing. */
int member_forget(struct member *member, struct acsmtp_context *context, struct acsmtp_error *err);

/* What the member's settings and nested chains depend on. Needs a loaded entry. */
int member_inputs(const struct member *member, struct cache_inputs *inputs,
                  struct acsmtp_error *err);

/* ---- tokens that are kept ---- */

/* Seconds that a token is handed out for at least, if anything better can be had. */
#define TOKEN_SHORT_SECONDS 300
/* After a refresh in vain the old token does for so long. */
#define TOKEN_RETRY_SECONDS 30

enum token_grade {
    TOKEN_NONE,  /* none, or expired */
    TOKEN_BRIEF, /* valid, but not for long enough */
    TOKEN_AGING, /* good enough, and it is time for a new one */
    TOKEN_GOOD
};

/* One kind of request's token. Guarded by the chain's lock; `slot` by the chain's flight. */
struct token {
    char key[DIGEST_HEX];
    struct token *next;
    unsigned pins;
    uint64_t generation; /* counts changes of the credential */
    struct acsmtp_credential *credential;
    size_t winner;
    int from_member; /* a member of this process gave it, not the cache */
    struct cache_inputs inputs;
    int64_t retry_at; /* monotonic second before which no refresh is tried ahead of time */
    struct acsmtp_secret *refused; /* what a server did not take */
    int slot_opened;
    struct cache_slot *slot; /* NULL when there is no cache */
};

enum token_grade token_grade(const struct token *token, int64_t min_validity);
/* Copy the kept credential into `out`. */
int token_copy(const struct acsmtp_credential *from, struct acsmtp_credential *out,
               struct acsmtp_error *err);
int token_same(const struct acsmtp_secret *left, const struct acsmtp_secret *right);
/* Take credential and inputs over; both arguments are empty afterwards. */
void token_keep(struct token *token, struct acsmtp_credential *credential, size_t winner,
                int from_member, struct cache_inputs *inputs);
/* Fill in refresh_on where the source left it to us. */
int token_plan_refresh(struct acsmtp_credential *credential, struct acsmtp_error *err);
/* The digest that stands for the request. `from` is the first member that takes part. */
void token_key(const struct chain *chain, const struct acsmtp_credential_request *request,
               size_t from, char key[DIGEST_HEX]);
int64_t monotonic_seconds(void);

/* Find or make the token of that key and hold on to it; the chain's lock is taken inside. */
struct token *token_pin(struct chain *chain, const char *key, struct acsmtp_error *err);
void token_unpin(struct chain *chain, struct token *token);
void token_free(struct token *token);

/* ---- the chain ---- */

struct chain {
    const struct chain_host *host;
    char *path;
    int depth;
    char digest[DIGEST_HEX]; /* of its entries */
    struct member *members;
    size_t count;

    pthread_mutex_t lock;
    pthread_cond_t landed;
    int flying; /* one thread asks sources or the disk; the others wait or use what there is */
    struct token *tokens;
    size_t winner;      /* of the last walk that succeeded, CHAIN_NOBODY before */
    size_t last_winner; /* whose credential was handed out last, also from the cache */
    int last_from_member;
    char last_key[DIGEST_HEX];
};

int chain_open_nested(const struct chain_host *host, const struct acsmtp_json *entries,
                      const char *path, int depth, struct chain **chain, struct acsmtp_error *err);

/* What the names of the chain's cached tokens begin with. */
#define CHAIN_GROUP_MAX 17
void chain_group(const struct chain *chain, char group[CHAIN_GROUP_MAX]);

/* The place of a token in the cache that the config chooses. */
int chain_open_slot(const struct chain *chain, const char *key, struct cache_slot **slot,
                    struct acsmtp_error *err);

/* What the tokens that are kept now depend on. */
int chain_inputs(struct chain *chain, struct cache_inputs *inputs, struct acsmtp_error *err);

/* The member that gave the credential, CHAIN_NOBODY when this chain did not. */
size_t chain_winner_of(struct chain *chain, const struct acsmtp_credential *credential);

/* ---- one walk ---- */

struct walk {
    struct chain *chain;
    struct acsmtp_context *context;
    const struct acsmtp_credential_request *request;
    struct acsmtp_report *report; /* NULL: the reasons go to the log */
    size_t from;
    size_t winner;
    int inputs_known; /* 0: something could not be noted, so nothing is kept */
    struct cache_inputs inputs;
};

/* Ask the members, the last winner first, then in order. */
int chain_walk(struct walk *walk, struct acsmtp_credential *out, struct acsmtp_error *err);

/* Note in report or log what one member said. */
void walk_note(struct walk *walk, const char *member, int status, const char *message,
               const char *hint, int64_t elapsed_ms);
/* Everything that `from` tells, as the first failure of `err`. */
void walk_copy_error(struct acsmtp_error *err, const struct acsmtp_error *from);

/* ---- one request ---- */

struct ask {
    struct walk walk;
    struct chain *chain;
    struct token *token;
    const struct acsmtp_credential_request *request;
    struct acsmtp_credential *out;
    int refresh;                 /* what is kept was refused, or is not wanted */
    int voided;                  /* a verdict came between deciding and handing out */
    uint64_t generation;         /* of the token when the wait began */
    struct acsmtp_secret *shown; /* what the caller had refused, NULL if it does not say */
    struct acsmtp_secret *old;   /* the token that is not good enough, NULL if there is none */
};

/* 1 and *status when memory has an answer that needs no refresh now. */
int keep_answer(struct ask *ask, int *status, struct acsmtp_error *err);
int keep_hand_out(struct ask *ask, const char *how, struct acsmtp_error *err);
/* Note in chain and ask->out whose credential this is; the caller holds the chain's lock. */
void keep_note_given(struct ask *ask, size_t winner, int from_member);
enum token_grade keep_grade(const struct ask *ask);
/* Whether somebody brought a usable token since keep_answer(). */
int keep_changed(const struct ask *ask);
/* Whether the usable token that is kept now is another than ask->old. */
int keep_replaced(const struct ask *ask);
/* Set ask->old to what was refused, else to what is kept; 1 when it was refused. */
int keep_remember_old(struct ask *ask);
void keep_open_slot(struct ask *ask);
/* Take over what another process wrote, when it is better than what memory has. */
void keep_look_at_disk(struct ask *ask);
/* Keep ask->out, which the walk's winner gave, in memory and on disk. */
int keep_new(struct ask *ask, struct acsmtp_error *err);
void keep_nothing(struct ask *ask);
/* Let the token that is kept do for a while. */
void keep_not_again_soon(struct ask *ask);

#endif
