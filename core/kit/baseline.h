/* SPDX-License-Identifier: MIT */
/*
 * What a life comes to when nothing is wrong: with it every life that is disturbed is compared.
 */
#ifndef BASELINE_H
#define BASELINE_H

#include "session.h"

struct baseline {
    int status;
    unsigned services, allocations;
    unsigned requests, programs, sessions; /* of HTTP, of helpers, of SMTP */
    unsigned bodies;                       /* of HTTP replies, that were looked at */
    size_t live;                           /* blocks of memory that stay behind */
};

/*
 * Live, where there is no provider twice, so that what a plugin does once only is done. -1 with the
 * verdict, which is a skip when there is no life at all: open() fails.
 */
int baseline_take(const struct subject *subject, struct baseline *baseline);

/* How often others were asked, and what is to be said when never. */
unsigned baseline_asks(const struct baseline *baseline);
#define BASELINE_ASKS_NOBODY                                                                       \
    "it asks nobody through acsmtp_http_send() or acsmtp_process_run(); what goes past them is "   \
    "not seen"

/*
 * Whether a life that was not meant to fail may end so: as the undisturbed one. A life that fails
 * undisturbed may fail in another way the next time (work that is done in parallel).
 */
int baseline_allows(const struct baseline *baseline, int status);

/* How a life is disturbed. */
struct plan {
    struct probe probe;
    int64_t timeout_ms; /* of each context; 0 is none left, below 0: as usual */
    int without_probe;  /* a chain may ask without it, too */
};

#define PLAN_INIT                                                                                  \
    {                                                                                              \
        .probe = {.script_from = 1}, .timeout_ms = -1                                              \
    }

/*
 * One more life as planned. `session` keeps what was last; it is released. The last status, or
 * below 0 with the verdict.
 */
int baseline_live(const struct subject *subject, const struct plan *plan, struct session *session);

#endif
