/* SPDX-License-Identifier: MIT */
/*
 * diagnose: what Azure has of the login and the sender that a profile sends with, whoever made it.
 * It looks in the whole subscription, since a config that only sends names no resources, and goes
 * on where one question is refused: the identity that may send need not be one that may look.
 */
#ifndef ACS_DIAGNOSE_H
#define ACS_DIAGNOSE_H

#include "client.h"
#include "deployment.h"

#include <acsmtp/diagnose.h>

/* What the parts of a diagnosis share. */
struct diagnose {
    struct client *client;
    struct acsmtp_context *context;
    const char *subscription;
    const struct acsmtp_diagnose_request *request;
    const struct acsmtp_finding_sink *sink;

    /* Found on the way: the service that knows the user name (borrowed from `services`), and the
     * application that the name is bound to; NULL and "" before. */
    struct acsmtp_json *services;
    const struct acsmtp_json *service;
    char application[GUID_MAX];
};

/* As acsmtp_provisioner_ops.diagnose. */
int diagnose_run(const struct acsmtp_settings *settings, const char *subscription,
                 struct acsmtp_context *context, const struct acsmtp_diagnose_request *request,
                 const struct acsmtp_finding_sink *sink, struct acsmtp_error *err) ACSMTP_CHECK;

/* ---- for the parts ---- */

/* All pages of the list below a resource id; the id may come from Azure and is checked. */
int diagnose_list(const struct diagnose *diagnose, const char *id, const char *below,
                  const char *version, struct acsmtp_json **items,
                  struct acsmtp_error *err) ACSMTP_CHECK;
/* *json NULL when it does not exist. */
int diagnose_get(const struct diagnose *diagnose, const char *id, const char *version,
                 struct acsmtp_json **json, struct acsmtp_error *err) ACSMTP_CHECK;

void diagnose_good(const struct diagnose *diagnose, const char *check, const char *subject,
                   const char *format, ...) ACSMTP_PRINTF(4, 5);
/* It could not be looked at. */
void diagnose_unknown(const struct diagnose *diagnose, const char *check, const char *subject,
                      const char *format, ...) ACSMTP_PRINTF(4, 5);
void diagnose_warning(const struct diagnose *diagnose, const char *check, const char *subject,
                      const char *hint, const char *format, ...) ACSMTP_PRINTF(5, 6);
/* What a server will refuse. */
void diagnose_bad(const struct diagnose *diagnose, const char *check, const char *subject,
                  const char *hint, const char *format, ...) ACSMTP_PRINTF(5, 6);

/* "acs-smtp-poc" of a resource, for people. */
const char *diagnose_name(const struct acsmtp_json *resource);

/* The application's role on the service (diagnose_role.c). */
void diagnose_role(const struct diagnose *diagnose);
/* The sender: its domain, the link, verification, the address itself (diagnose_sender.c). */
void diagnose_sender(const struct diagnose *diagnose);

#endif
