/* SPDX-License-Identifier: MIT */
/* What a failed `az account get-access-token` means, read from its exit status and complaints. */
#ifndef AZCLI_FAILURE_H
#define AZCLI_FAILURE_H

#include <acsmtp/error.h>
#include <acsmtp/process.h>

/* Describe the failure in `err`; the status is never ACSMTP_OK. */
int azcli_explain(const struct acsmtp_process_result *result, struct acsmtp_error *err);

#endif
