/* SPDX-License-Identifier: MIT */
/*
 * What log.c must know of a context, and what a chain hands to the chains that its members ask.
 */
#ifndef CONTEXT_PRIVATE_H
#define CONTEXT_PRIVATE_H

#include <acsmtp/context.h>

#include <acsmtp/error.h>

struct acsmtp_report;

struct context_log {
    acsmtp_log_sink sink;
    void *data;
    int level;
};

const struct context_log *context_log(const struct acsmtp_context *context);

/*
 * Where a chain that is asked under this context reports, and whose chain it is ("default"). Both
 * borrowed; NULL: nobody reads, and the chain is the profile's own.
 */
struct context_report {
    struct acsmtp_report *report;
    const char *outer;
};
struct context_report context_report(const struct acsmtp_context *context);
/* Returns what was there before. */
struct context_report context_set_report(struct acsmtp_context *context,
                                         struct context_report report);

/* The index-th endpoint, in no order that means anything; 0 beyond the last. Borrowed. */
int context_endpoint_at(const struct acsmtp_context *context, size_t index, const char **name,
                        const char **value);

/* The claims challenge that a transport met, moved to the caller, who frees it; NULL: none. */
char *context_take_claims(struct acsmtp_context *context);

/*
 * A context for a thread beside the work: the endpoints are copied, cancellation and deadline are
 * its own (none), and it does not log, so that a sink need not bear two threads.
 */
int context_branch(const struct acsmtp_context *from, struct acsmtp_context **made,
                   struct acsmtp_error *err);

#endif
