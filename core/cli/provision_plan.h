/* SPDX-License-Identifier: MIT */
/* What would be done, in the way of a diff. */
#ifndef PROVISION_PLAN_H
#define PROVISION_PLAN_H

#include <acsmtp/json.h>

/* How many of the plan's changes are none: "create", "update", "delete". 0: all is as it should be.
 */
size_t provision_plan_changes(const struct acsmtp_json *plan);

/* Whether the result of an operation is a plan. */
int provision_plan_is(const struct acsmtp_json *result);

/* On standard output; with `all` also what stays as it is. */
void provision_plan_print(const struct acsmtp_json *plan, int all);

#endif
