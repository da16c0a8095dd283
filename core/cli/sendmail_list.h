/* SPDX-License-Identifier: MIT */
/*
 * Address lists as mail programs write them (RFC 5322 section 3.4, and names without a domain),
 * with every address exchanged where it stands: display names, comments, groups and folds stay.
 */
#ifndef SENDMAIL_LIST_H
#define SENDMAIL_LIST_H

#include <acsmtp/error.h>

/*
 * What shall stand in the place of an address ("root", "ann@example.org", never empty): for
 * free(3), or NULL to leave it. A status other than ACSMTP_OK ends the walk and is returned.
 */
typedef int (*sendmail_rewriter)(void *data, const char *address, char **replacement,
                                 struct acsmtp_error *err);

/*
 * The list with its addresses exchanged, for free(3). What cannot be understood is left as it is:
 * acsmtp_address_list() refuses it with its reasons. An address that obsolete syntax has spread
 * over blanks or comments ("a . b @ c") is left as well.
 */
int sendmail_list_rewrite(const char *list, sendmail_rewriter rewrite, void *data, char **rewritten,
                          struct acsmtp_error *err) ACSMTP_CHECK;

/* Whether there is an @ outside of a quoted string. */
int sendmail_has_domain(const char *address);

#endif
