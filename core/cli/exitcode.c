/* SPDX-License-Identifier: MIT */
#include "exitcode.h"
#include <string.h>
#include <sysexits.h>

int exitcode_of(int status)
{
    switch (status) {
    case ACSMTP_OK:
        return EX_OK;
    case ACSMTP_UNAVAILABLE:
        return EX_UNAVAILABLE;
    case ACSMTP_DENIED:
        return EX_NOPERM;
    case ACSMTP_CONFIG:
        return EX_CONFIG;
    case ACSMTP_TEMPORARY:
    case ACSMTP_CANCELLED:
        return EX_TEMPFAIL;
    case ACSMTP_REJECTED:
        return EX_DATAERR;
    case ACSMTP_PROTOCOL:
        return EX_PROTOCOL;
    default:
        return EX_OSERR;
    }
}

int exitcode_of_error(const struct acsmtp_error *err)
{
    if (strcmp(err->code, EXITCODE_NO_INPUT) == 0)
        return EX_NOINPUT;
    if (strcmp(err->code, EXITCODE_CANNOT_CREATE) == 0)
        return EX_CANTCREAT;
    if (strcmp(err->code, EXITCODE_NO_USER) == 0)
        return EX_NOUSER;
    return exitcode_of(err->status);
}
