/* SPDX-License-Identifier: MIT */
/*
 * Between the files that make the filter of system calls; they alone use libseccomp.
 */
#ifndef SANDBOX_FILTER_H
#define SANDBOX_FILTER_H

#include <seccomp.h>

/* Add what is allowed with some arguments; `allow` is enum isolate_allow, or-ed. 0 or -errno. */
int filter_arguments(scmp_filter_ctx filter, unsigned allow);

#endif
