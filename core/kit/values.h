/* SPDX-License-Identifier: MIT */
/*
 * Plausible values for a plugin's options: the user's, else for what is required one that fits the
 * option's type and name.
 */
#ifndef VALUES_H
#define VALUES_H

#include "subject.h"
#include <acsmtp/json.h>

/* What stands for the canary in a value that the user gives. */
#define VALUES_CANARY "@CANARY@"

/* What stands for the number of the instance: those that are there at once have others. */
#define VALUES_INSTANCE "@INSTANCE@"

/*
 * The entry of a config, {"plugin": NAME, ...}, for the instance of that number. NULL and
 * `err` (CONFIG when the user names an option that there is not).
 */
struct acsmtp_json *values_entry(const struct subject *subject, unsigned instance,
                                 struct acsmtp_error *err);

#endif
