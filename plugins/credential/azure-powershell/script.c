/* SPDX-License-Identifier: MIT */
/*
 * Get-AzAccessToken gave plain text up to Az.Accounts 4, wants AsSecureString from 2.17, and gives
 * a SecureString by itself from 5.0 on. Whatever comes is made plain text here and printed as JSON.
 */
#include "script.h"

#include <stdio.h>
#include <string.h>

#define SCRIPT_MAX 4096U

static const char script[] =
    "$ErrorActionPreference = 'Stop'\n"
    "$ProgressPreference = 'SilentlyContinue'\n"
    "$WarningPreference = 'SilentlyContinue'\n"
    "$m = Import-Module Az.Accounts -MinimumVersion 2.2.0 -PassThru -ErrorAction SilentlyContinue\n"
    "if (-not $m) { [Console]::Error.WriteLine('" SCRIPT_NO_MODULE "'); exit 3 }\n"
    "$p = @{ ResourceUrl = '%s' }\n"
    "%s%s%s"
    "if ($m.Version -ge [version]'2.17.0' -and $m.Version -lt [version]'5.0.0') {"
    " $p.AsSecureString = $true }\n"
    "$t = Get-AzAccessToken @p\n"
    "$v = $t.Token\n"
    "if ($v -is [System.Security.SecureString]) {\n"
    "  $b = [System.Runtime.InteropServices.Marshal]::SecureStringToBSTR($v)\n"
    "  try { $v = [System.Runtime.InteropServices.Marshal]::PtrToStringBSTR($b) }\n"
    "  finally { [System.Runtime.InteropServices.Marshal]::ZeroFreeBSTR($b) }\n"
    "}\n"
    "@{ token = $v; expires_on = $t.ExpiresOn.ToUnixTimeSeconds() } | ConvertTo-Json -Compress\n";

struct acsmtp_secret *script_encode(const char *resource, const char *tenant,
                                    struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *encoded = acsmtp_secret_new("", 0, err);
    char text[SCRIPT_MAX];
    char wide[2 * SCRIPT_MAX];
    int length = snprintf(text, sizeof text, script, resource, tenant ? "$p.TenantId = '" : "",
                          tenant ? tenant : "", tenant ? "'\n" : "");

    if (length < 0 || (size_t)length >= sizeof text) {
        (void)acsmtp_fail(err, ACSMTP_CONFIG, "scope and tenant are too long");
        return NULL;
    }
    for (int i = 0; i < length; i++) { /* ASCII */
        wide[2 * i] = text[i];
        wide[2 * i + 1] = '\0';
    }
    if (!encoded ||
        acsmtp_secret_append_base64(encoded, wide, 2 * (size_t)length, err) != ACSMTP_OK)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_secret, encoded);
}
