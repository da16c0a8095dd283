/* SPDX-License-Identifier: MIT */
/*
 * What the calls of a plugin meet while one of its operations runs. A thread has one probe at a
 * time; hooks count in it, and cancel, fail or stop where it says.
 */
#ifndef PROBE_H
#define PROBE_H

#include "contract.h"
#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <stdatomic.h>

/* How the other side behaves: the server of HTTP requests, the helper program, the SMTP server. */
enum script {
    SCRIPT_GOOD,
    SCRIPT_EMPTY,
    SCRIPT_NOT_JSON,
    SCRIPT_CUT_JSON,
    SCRIPT_WRONG_TYPES,
    SCRIPT_DEEP,
    SCRIPT_HUGE,
    SCRIPT_SHORT_BODY,
    SCRIPT_BAD_CHUNK,
    SCRIPT_BAD_STATUS,
    SCRIPT_SLOW,
    SCRIPT_RESET,
    SCRIPT_REDIRECT,
    SCRIPT_401,
    SCRIPT_403,
    SCRIPT_404,
    SCRIPT_429,
    SCRIPT_429_RETRY,
    SCRIPT_500,
    SCRIPT_503_RETRY,
    SCRIPT_COUNT
};

enum { PROBE_RETRY_AFTER = 17 }; /* seconds, in the scripts that tell any */

struct probe {
    struct acsmtp_context *context; /* of the operation; NULL in open() and close() */
    unsigned instance;              /* whose canaries are given out */
    int may_wait;                   /* network, programs and sleep are allowed here */
    const char *_Atomic waited;     /* a service that was used where it was not allowed */

    /* Threads of the plugin's own share the probe of the operation that made them. */
    atomic_uint services; /* how often the plugin asked the host, and for what */
    atomic_uint requests, programs, sessions;
    atomic_uint bodies; /* bodies of replies that it looked at */
    atomic_uint writes; /* requests that were no reads */
    unsigned cancel_at; /* cancel at this service, from 1; 0: never */

    atomic_uint allocations; /* made by the plugin, or for it by the host */
    unsigned fail_at;        /* this one fails, from 1; 0: none */

    enum script script;
    unsigned script_from; /* the first request (from 1) that the script is for; before: good */
};

/* The probe of this thread, else of the operation that was begun last; NULL outside of all. */
struct probe *probe_current(void);
void probe_enter(struct probe *probe);
void probe_leave(void);

/* A thread that the plugin has made works for the operation that made it. */
void probe_inherit(struct probe *probe);

/*
 * A service of the host is called by its name. `context` is what the plugin handed over; `waits`
 * tells that the service may wait or reach out. Notes what breaks the contract, cancels when it is
 * time, and lets threads meet.
 */
void probe_service(const char *name, const struct acsmtp_context *context, int waits);

/* Whether this allocation is the one that fails. */
int probe_fails(void);

/* Which script the next request or program is to follow. */
enum script probe_next_script(atomic_uint *count);

/* From now on threads wait for each other at services, so that they are inside together. */
void probe_meet(unsigned threads);

#endif
