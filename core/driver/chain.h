/* SPDX-License-Identifier: MIT */
/*
 * An ordered list of credential sources that is asked as one.
 */
#ifndef CHAIN_H
#define CHAIN_H

#include "cloud.h"
#include "config.h"
#include "registry.h"

struct chain;

/* What chains of one driver share. All borrowed. */
struct chain_host {
    const struct config *config;
    const struct cloud *cloud;
    struct registry *registry;
    int use_cache;
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

/* As acsmtp_driver_credential(); request->scope is set. */
int chain_acquire(struct chain *chain, struct acsmtp_context *context,
                  const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                  struct acsmtp_report *report, struct acsmtp_error *err);

/* The verdict goes to the member that won last; a refusal also forgets the cached token. */
void chain_report(struct chain *chain, struct acsmtp_context *context,
                  const struct acsmtp_verdict *verdict);

/* What the winner's entry says about a second refusal: 1 if the next member may be tried
 * ("on_denied": "next"). */
int chain_next_on_denied(const struct chain *chain);

/* Whose credential was handed out last, NULL before that. */
const char *chain_last_name(struct chain *chain);

/* Go on behind the last winner: as chain_acquire() with the members up to it left out. */
int chain_acquire_next(struct chain *chain, struct acsmtp_context *context,
                       const struct acsmtp_credential_request *request,
                       struct acsmtp_credential *out, struct acsmtp_report *report,
                       struct acsmtp_error *err);

#endif
