/* SPDX-License-Identifier: MIT */
/* What became of letters: lines for people, an array for programs, one status for the exit code. */
#ifndef DELIVERY_REPORT_H
#define DELIVERY_REPORT_H

#include "letter.h"
#include <acsmtp/json.h>

/*
 * On standard output a line for each letter, and one for each recipient that fared otherwise; on
 * standard error what went wrong. `titled`: name each letter.
 */
void delivery_print(const struct letter *letter, int titled);

/* Only the failure on standard error. */
void delivery_talk(const struct letter *letter, int titled);

/* Who it is from and to, as the server was told, on standard error. */
void delivery_talk_envelope(const struct letter *letter, int dry_run);

/* {"file", "from", "recipients": [...], "result": {...}}; of a dry run its text as well. */
struct acsmtp_json *delivery_json(const struct letter *letter, int dry_run,
                                  struct acsmtp_error *err);

/* The status that matters more to whoever calls: something left to do before something refused. */
int delivery_worse(int a, int b);

#endif
