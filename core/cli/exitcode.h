/* SPDX-License-Identifier: MIT */
/* From a status of the library to an exit code of sysexits(3), which mail programs act on. */
#ifndef EXITCODE_H
#define EXITCODE_H

#include <acsmtp/error.h>

/* Codes that the program puts into an error of its own making, to be told apart by exit code. */
#define EXITCODE_NO_INPUT "NoInput"           /* a file to read is not there: EX_NOINPUT */
#define EXITCODE_CANNOT_CREATE "CannotCreate" /* a file to write: EX_CANTCREAT */
#define EXITCODE_NO_USER "NoUser"             /* a local name that is nobody's: EX_NOUSER */

int exitcode_of(int status);
int exitcode_of_error(const struct acsmtp_error *err);

#endif
