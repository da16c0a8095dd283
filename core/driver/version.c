/* SPDX-License-Identifier: MIT */
/* The version of the library, as the build was told. */
#include <acsmtp-defaults.h>
#include <acsmtp/driver.h>

const char *acsmtp_version(void)
{
    return ACSMTP_VERSION_TEXT;
}
