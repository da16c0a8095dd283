/* SPDX-License-Identifier: MIT */
/*
 * How a chain writes the report that its caller reads.
 */
#ifndef REPORT_PRIVATE_H
#define REPORT_PRIVATE_H

#include <acsmtp/driver.h>

/*
 * Add what one member said. Texts are copied; `hint` is static. A report never makes work fail:
 * NULL is allowed, and when memory fails the attempt is left out.
 */
void report_add(struct acsmtp_report *report, const char *plugin, int status, const char *message,
                const char *hint, int64_t elapsed_ms);

/* Copied; the last one stands. */
void report_set_transport(struct acsmtp_report *report, const char *plugin);

#endif
