/* SPDX-License-Identifier: MIT */
/*
 * Domain names in the text form of the DNS, without a final dot unless it says so. Pure.
 */
#ifndef ACS_NAMES_H
#define ACS_NAMES_H

#include "records.h"

/*
 * Labels of 1 to 63 letters, digits and hyphens, no hyphen at either end, '_' anywhere (RFC 8552);
 * 253 characters in all. What is not ASCII must be written as xn-- (RFC 5890).
 */
int name_is_valid(const char *name);

/* Letter case does not count; the name itself is within, too. */
int name_is_same(const char *name, const char *other);
int name_is_within(const char *name, const char *domain);

/*
 * Write the absolute form of `name`: relative names, those that end neither in a dot nor in
 * `domain`, are taken below `domain`; "@" is the domain itself. 0 when it is no valid name or one
 * outside the domain.
 */
int name_absolute(const char *name, const char *domain, char absolute[RECORD_NAME_MAX]);

#endif
