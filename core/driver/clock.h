/* SPDX-License-Identifier: MIT */
/*
 * A clock that is wrong makes good tokens and assertions bad, and nobody says that it was the
 * clock. Servers tell theirs with every HTTP reply (the Date header), which acsmtp compares.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <stddef.h>

/* Seconds up to which clocks count as equal: Date has whole seconds, and replies travel. */
#define CLOCK_TOLERANCE 30

/* "this machine's clock is 600 s behind", "" when it is right or not known. */
void clock_text(const struct acsmtp_context *context, char *text, size_t capacity);

/* Put that behind the message of a failure which a wrong clock can cause. */
void clock_tell(const struct acsmtp_context *context, struct acsmtp_error *err);

#endif
