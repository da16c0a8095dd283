/* SPDX-License-Identifier: MIT */
/* The PowerShell script that asks Az.Accounts for a token, as pwsh takes it on its command line. */
#ifndef AZURE_POWERSHELL_SCRIPT_H
#define AZURE_POWERSHELL_SCRIPT_H

#include <acsmtp/error.h>
#include <acsmtp/secret.h>

/* Printed on standard error when the module is missing. */
#define SCRIPT_NO_MODULE "acsmtp: Az.Accounts is not installed"

/*
 * The script in UTF-16LE and base64, for -EncodedCommand; the caller frees it. `resource` and
 * `tenant` (may be NULL) were checked: they hold nothing that could end a PowerShell string.
 */
struct acsmtp_secret *script_encode(const char *resource, const char *tenant,
                                    struct acsmtp_error *err);

#endif
