/* SPDX-License-Identifier: MIT */
/* The process itself: no core files, sane descriptors, and an orderly end on SIGINT and SIGTERM. */
#ifndef PROCESS_H
#define PROCESS_H

#include <acsmtp/context.h>

/* Once, first thing in main(). */
void process_harden(void);

/* SIGINT and SIGTERM cancel this context; a second one ends the process. */
void process_catch_signals(struct acsmtp_context *context);
void process_release_signals(void);

/*
 * If a signal was caught, die by it, so that whoever waits for this process knows; else return.
 */
void process_end_by_signal(void);

/*
 * The end, when everything that was opened is closed and written: the destructors of thirty
 * libraries would do nothing but take time.
 */
_Noreturn void process_exit(int code);

#endif
