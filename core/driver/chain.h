/* SPDX-License-Identifier: MIT */
/*
 * An ordered list of credential sources that is asked as one.
 */
#ifndef CHAIN_H
#define CHAIN_H

#include "cloud.h"
#include "config.h"
#include "keyrings.h"
#include "registry.h"

struct chain;

/* What chains of one driver share. All borrowed. */
struct chain_host {
    const struct config *config;
    const struct cloud *cloud;
    struct registry *registry;
    struct keyrings *keyrings;
    int use_cache;             /* of tokens */
    const char *cache_keyring; /* the plugin that keeps them; NULL: files */
    int use_store;             /* of what plugins keep */
    const char *store_keyring; /* the plugin that keeps it; NULL: files */
};

/* `entries` is the array in the config and `path` where it stands. Loads no plugin before it is
 * asked. */
int chain_open(const struct chain_host *host, const struct acsmtp_json *entries, const char *path,
               struct chain **chain, struct acsmtp_error *err);
void chain_close(struct chain *chain);

/* Load every member and check its settings, nested chains included. */
int chain_check(struct chain *chain, struct acsmtp_error *err);

/* As acsmtp_driver_chain(); `request` NULL: nobody is asked. */
int chain_explain(struct chain *chain, struct acsmtp_context *context,
                  const struct acsmtp_credential_request *request, acsmtp_chain_visitor visit,
                  void *data, struct acsmtp_error *err);

/* Called for this chain and every nested one with what the names of its cached tokens begin with.
 */
typedef int (*chain_group_visitor)(void *data, const char *group, struct acsmtp_error *err);

/*
 * The user logs out: visit the groups, and let every member remove what it keeps; *removed counts
 * those that did. What fails does not keep the rest; the first failure is returned.
 */
int chain_forget(struct chain *chain, struct acsmtp_context *context, chain_group_visitor visit,
                 void *data, size_t *removed, struct acsmtp_error *err);

/*
 * As acsmtp_driver_credential(); request->scope is set. Remembers in `out` who gave it, for the
 * functions below.
 */
int chain_acquire(struct chain *chain, struct acsmtp_context *context,
                  const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                  struct acsmtp_report *report, struct acsmtp_error *err);

/*
 * The verdict goes to the member that gave the credential (NULL in it: the one given last), and a
 * refusal voids the kept token and the cached one. Nothing happens when the chain has a newer one.
 */
void chain_report(struct chain *chain, struct acsmtp_context *context,
                  const struct acsmtp_verdict *verdict);

/* What the entry of its source says about a second refusal: 1 if the next member may be tried
 * ("on_denied": "next"). */
int chain_next_on_denied(struct chain *chain, const struct acsmtp_credential *credential);

/* Whose it is, NULL when this chain did not give it. */
const char *chain_name_of(struct chain *chain, const struct acsmtp_credential *credential);

/* Go on behind the source of what `out` holds: as chain_acquire() with the members up to it left
 * out. */
int chain_acquire_next(struct chain *chain, struct acsmtp_context *context,
                       const struct acsmtp_credential_request *request,
                       struct acsmtp_credential *out, struct acsmtp_report *report,
                       struct acsmtp_error *err);

#endif
