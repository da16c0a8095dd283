/* SPDX-License-Identifier: MIT */
/*
 * The structures of the public headers as payloads. What is read was written by somebody who is not
 * trusted: every reader goes through the setter or the check that a plugin of the own process would
 * meet. Texts of what was read are borrowed from the payload unless a line says otherwise.
 */
#ifndef ISOLATE_WIRE_VALUE_H
#define ISOLATE_WIRE_VALUE_H

#include "wire.h"
#include <acsmtp/context.h>
#include <acsmtp/credential.h>
#include <acsmtp/diagnose.h>
#include <acsmtp/error.h>
#include <acsmtp/message.h>

/* PROTOCOL, "WHO sent a WHAT that cannot be read", unless everything was read. */
int wire_check(const struct wire_reader *reader, const char *what, struct acsmtp_error *err);

/* How something ended: a status and, if it is not OK, everything that the error tells. */
void wire_put_outcome(struct wire_writer *writer, int status, const struct acsmtp_error *problem);
/* Its status, with `err` as acsmtp_fail() leaves it. An outcome that cannot be read is PROTOCOL. */
int wire_get_outcome(struct wire_reader *reader, struct acsmtp_error *err);

/* What a context tells a plugin: time left, whether in a chain, which log lines, the endpoints. */
void wire_put_scope(struct wire_writer *writer, const struct acsmtp_context *context);
/* Laid over `root`; *limited becomes a context for the call, for the caller to free. */
int wire_get_scope(struct wire_reader *reader, struct acsmtp_context *root, acsmtp_log_sink sink,
                   void *data, struct acsmtp_context **limited, struct acsmtp_error *err);

void wire_put_request(struct wire_writer *writer, const struct acsmtp_credential_request *request);
void wire_get_request(struct wire_reader *reader, struct acsmtp_credential_request *request);

/* NULL and an empty one are the same. */
void wire_put_credential(struct wire_writer *writer, const struct acsmtp_credential *credential);
/* Into an empty one. PROTOCOL as the setters of credential.h. */
int wire_get_credential(struct wire_reader *reader, struct acsmtp_credential *out,
                        struct acsmtp_error *err);

void wire_put_verdict(struct wire_writer *writer, const struct acsmtp_verdict *verdict);
/* `credential`, an empty one, becomes the verdict's. */
int wire_get_verdict(struct wire_reader *reader, struct acsmtp_credential *credential,
                     struct acsmtp_verdict *verdict, struct acsmtp_error *err);

void wire_put_reply(struct wire_writer *writer, const struct acsmtp_reply *reply);
void wire_get_reply(struct wire_reader *reader, struct acsmtp_reply *reply);

void wire_put_finding(struct wire_writer *writer, const struct acsmtp_finding *finding);
/* `problem`, a fresh one, becomes the finding's if it has one. */
void wire_get_finding(struct wire_reader *reader, struct acsmtp_error *problem,
                      struct acsmtp_finding *finding);

void wire_put_envelope(struct wire_writer *writer, const struct acsmtp_envelope *envelope);
/* Without the recipients, which are counted only. */
void wire_get_envelope(struct wire_reader *reader, struct acsmtp_envelope *envelope);

#endif
