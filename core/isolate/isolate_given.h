/* SPDX-License-Identifier: MIT */
/*
 * Credentials that nested chains gave to an isolated plugin. Over there they lose the note of which
 * member gave them, which a verdict and a refresh need; so they are remembered here.
 */
#ifndef ISOLATE_GIVEN_H
#define ISOLATE_GIVEN_H

#include <acsmtp/credential.h>

struct isolate_given;

/* The one of that option, if it has the same secret as `shown`; else NULL: the one given last. */
const struct acsmtp_credential *given_same(const struct isolate_given *given, const char *option,
                                           const struct acsmtp_credential *shown);
/* Make `shown` what it was when it was given, if it was. */
int given_restore(const struct isolate_given *given, const char *option,
                  struct acsmtp_credential *shown, struct acsmtp_error *err);
/* Remember it in the place of the option's last one; `credential` is moved. */
int given_keep(struct isolate_given **given, const char *option,
               struct acsmtp_credential *credential, struct acsmtp_error *err);
void given_free(struct isolate_given *given);

#endif
