/* SPDX-License-Identifier: MIT */
/*
 * Inside a delivery: choosing a transport (delivery.c), getting in (delivery_login.c), what a token
 * tells beforehand (delivery_token.c), and what its end means for the mails (delivery_expiry.c).
 */
#ifndef DELIVERY_PRIVATE_H
#define DELIVERY_PRIVATE_H

#include "delivery.h"
#include "entry.h"
#include "keeper.h"

struct delivery {
    const struct chain_host *host;
    struct chain *chain;
    struct entry *transports;
    size_t count;
    struct acsmtp_json *dry_run_json;
    struct entry *dry_run; /* NULL: as configured */
};

/* One call of delivery_run(): sessions one after the other, all over one transport at a time. */
struct session {
    struct delivery *delivery;
    struct acsmtp_context *context;
    struct acsmtp_credential_request request;
    char *claims; /* what the server asked for, and request.claims; NULL: nothing */
    struct acsmtp_report *report;
    struct acsmtp_credential *credential; /* empty when the transport wants none */
    struct keeper *keeper;                /* of long work, once there is a token; else NULL */
    int is_long;                          /* more than one mail: connections may follow */
    struct entry *transport;              /* NULL until chosen */
    void *instance;
    int opened;
    int connected; /* disconnect() is due */
};

/* The transport that needs no credential, if it is one's turn; *transport is NULL otherwise. */
int delivery_without_credential(struct delivery *delivery, struct entry **transport,
                                struct acsmtp_error *err);
/* The first transport that takes what the session has. */
int delivery_choose(struct session *session, struct acsmtp_error *err);

/* Be connected: obtain a credential if one is needed, choose, connect, and try again with a fresh
 * one. */
int session_login(struct session *session, struct acsmtp_error *err);
void session_disconnect(struct session *session);
/* Disconnect and close the transport's instance. */
void session_end(struct session *session);

/*
 * The server stopped taking the session for authenticated because its token has ended: such
 * refusals are no decision about a mail. Clears their results, so that a session with a fresh token
 * tries those mails again; how many they were.
 */
size_t delivery_forgive(const struct session *session, const struct acsmtp_mail *mails,
                        size_t count);

/*
 * Look into a token before it is shown to a server. DENIED when it has expired (*hopeless is 0: a
 * fresh one may do) or is for another service (*hopeless is 1); what is only suspicious is logged.
 */
int delivery_inspect(const struct acsmtp_credential *credential, struct acsmtp_context *context,
                     const struct acsmtp_credential_request *request, int *hopeless,
                     struct acsmtp_error *err);

/* Whether a token of that audience is what the scope asks for. */
int delivery_fits_audience(const char *audience, const char *scope);

#endif
