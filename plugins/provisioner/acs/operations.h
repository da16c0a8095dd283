/* SPDX-License-Identifier: MIT */
/* The operations of the plugin, one file each; see provision.h for what they mean. */
#ifndef ACS_OPERATIONS_H
#define ACS_OPERATIONS_H

#include "deployment.h"

/* What an operation works with, and where its document goes. */
struct operation {
    struct deployment *deployment;
    struct acsmtp_context *context;
    const struct acsmtp_provision_request *request;
    const struct acsmtp_provision_observer *observer; /* may be NULL */
    struct acsmtp_json *result; /* the document, which the operation adds to */
};

int operation_plan(struct operation *operation, struct acsmtp_error *err) ACSMTP_CHECK;
int operation_apply(struct operation *operation, struct acsmtp_error *err) ACSMTP_CHECK;
int operation_show(struct operation *operation, struct acsmtp_error *err) ACSMTP_CHECK;
int operation_verify(struct operation *operation, struct acsmtp_error *err) ACSMTP_CHECK;
int operation_rotate(struct operation *operation, struct acsmtp_error *err) ACSMTP_CHECK;
int operation_destroy(struct operation *operation, struct acsmtp_error *err) ACSMTP_CHECK;

#endif
