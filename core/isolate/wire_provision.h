/* SPDX-License-Identifier: MIT */
/*
 * What a provisioner is asked, the steps it tells of, and the document it gives.
 */
#ifndef ISOLATE_WIRE_PROVISION_H
#define ISOLATE_WIRE_PROVISION_H

#include "protocol.h"
#include "wire.h"
#include <acsmtp/diagnose.h>
#include <acsmtp/provision.h>

/* `request` at full size. */
void wire_put_provision_request(struct wire_writer *writer,
                                const struct acsmtp_provision_request *request);
/* Texts are borrowed from the payload. */
void wire_get_provision_request(struct wire_reader *reader,
                                struct acsmtp_provision_request *request);

void wire_put_diagnose_request(struct wire_writer *writer,
                               const struct acsmtp_diagnose_request *request);
/* Texts are borrowed from the payload. */
void wire_get_diagnose_request(struct wire_reader *reader, struct acsmtp_diagnose_request *request);

/* A step whose texts are copies. To be released. */
struct wire_step {
    struct acsmtp_step step;
    const char *needs[ISOLATE_ITEMS_MAX + 1];
    char *texts;
};

/* A step of a plugin that was built for another version has another size. */
void wire_put_step(struct wire_writer *writer, const struct acsmtp_step *step);
/* Texts become printable and one line each; times become such that can be reckoned with. PROTOCOL
 * when it cannot be read. */
int wire_get_step(struct wire_reader *reader, struct wire_step *step, struct acsmtp_error *err);
void wire_step_release(struct wire_step *step);

/* NULL is no bytes at all. SYSTEM, with nothing written, when it is longer than ISOLATE_RESULT_MAX.
 */
int wire_put_result(struct wire_writer *writer, const struct acsmtp_json *result,
                    struct acsmtp_error *err);
/* The rest of the payload; for acsmtp_json_free(). PROTOCOL when it is no JSON object. */
int wire_get_result(struct wire_reader *reader, struct acsmtp_json **result,
                    struct acsmtp_error *err);

#endif
