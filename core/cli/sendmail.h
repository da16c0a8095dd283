/* SPDX-License-Identifier: MIT */
/*
 * The program as other programs know a mailer: `sendmail`. There is no queue here: what cannot be
 * delivered now is the caller's to keep (EX_TEMPFAIL), who may be an MTA with a queue (-G).
 */
#ifndef SENDMAIL_H
#define SENDMAIL_H

#include "program.h"

/* What one run is for. */
enum sendmail_mode {
    SENDMAIL_DELIVER = 0, /* -bm: the message on standard input */
    SENDMAIL_LIST,        /* -bp, mailq: the queue that there is not */
    SENDMAIL_ALIASES,     /* -bi, newaliases: the alias database that there is not */
    SENDMAIL_RUN          /* -q: run the queue */
};

struct sendmail_options {
    int mode;            /* enum sendmail_mode */
    int read_recipients; /* -t */
    int ignore_dots;     /* -i */
    int relay; /* -G: called by an MTA, which keeps what failed and completes what it sends */
    const char *sender;    /* -f, or NULL */
    const char *full_name; /* -F, or NULL; without control characters */
    char notify[24];       /* -N: RFC 3461 NOTIFY, or "" */
    const char *ret;       /* -R: "FULL", "HDRS" or NULL */
    const char *envid;     /* -V, or NULL */
};

/*
 * Read the flags. Returns the index of the first recipient; or -1, with *code set, when there is
 * nothing more to do: help was printed, or a flag was wrong (which has been said).
 */
int sendmail_options_parse(struct program *program, struct sendmail_options *options, int argc,
                           char **argv, int *code);

#endif
