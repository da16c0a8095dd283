/* SPDX-License-Identifier: MIT */
/* The documents that a provisioner gives back, held to provision.h. */
#ifndef PROVISION_RESULT_H
#define PROVISION_RESULT_H

#include <acsmtp/json.h>

/* `result` is what the operation of that name gave when it returned `status`. */
void provision_result_check(const char *operation, int status, const struct acsmtp_json *result);

/* The id of the first of "changes" that is about something to be done, borrowed; NULL: none is. */
const char *provision_result_difference(const struct acsmtp_json *result);

#endif
