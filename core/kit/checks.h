/* SPDX-License-Identifier: MIT */
/* The checks of the battery: one table, in the order in which they are run and told. */
#ifndef CHECKS_H
#define CHECKS_H

#include "subject.h"
#include <stddef.h>

struct check {
    const char *name;    /* "deadline.zero": --only takes it */
    const char *summary; /* what is looked at, for people */
    void (*run)(struct subject *subject);
};

/* The index-th check, NULL beyond the last. */
const struct check *check_at(size_t index);

/* check_descriptor.c */
void check_entry(struct subject *subject);
void check_exports(struct subject *subject);
void check_linking(struct subject *subject);
void check_abi(struct subject *subject);
void check_texts(struct subject *subject);
void check_operations(struct subject *subject);
void check_threads_value(struct subject *subject);

/* check_options.c */
void check_option_rows(struct subject *subject);
void check_option_defaults(struct subject *subject);
void check_option_limits(struct subject *subject);

/* check_life.c */
void check_life(struct subject *subject);
void check_orders(struct subject *subject);
void check_release(struct subject *subject);
void check_globals(struct subject *subject);
void check_instances(struct subject *subject);

/* check_time.c */
void check_deadline_zero(struct subject *subject);
void check_deadline_slow(struct subject *subject);
void check_cancelled_before(struct subject *subject);
void check_cancelled_anywhere(struct subject *subject);

/* check_memory.c */
void check_allocations(struct subject *subject);

/* check_replies.c */
void check_malformed(struct subject *subject);
void check_refused(struct subject *subject);
void check_temporary(struct subject *subject);
void check_lost(struct subject *subject);

/* check_threads.c */
void check_threads(struct subject *subject);

/* check_secrets.c */
void check_secrets(struct subject *subject);

#endif
