/* SPDX-License-Identifier: MIT */
/*
 * The inner half of "isolation": "process": what acsmtp-plugin-host, the program that such a plugin
 * runs in, calls once it has locked itself in. The host's half is inside the driver. Both must come
 * from one build; nobody else needs this header.
 */
#ifndef ACSMTP_ISOLATE_H
#define ACSMTP_ISOLATE_H

#include <acsmtp/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Loads the plugin that the host names over the stream socket `fd` and does what it is told, until
 * the host closes its end; then OK. PROTOCOL when the host is no host. Single-threaded when it is
 * called; the process ends soon after it returns. Since ABI 1.1.
 */
int acsmtp_isolate_serve(int fd, struct acsmtp_error *err);

/* Ask the call that is under way to end, as acsmtp_context_cancel(). Async-signal-safe. */
void acsmtp_isolate_cancel(void);

/* Instead of serve(): tell the host why this process cannot run a plugin, as the failure it gets.
 */
void acsmtp_isolate_refuse(int fd, const struct acsmtp_error *problem);

#ifdef __cplusplus
}
#endif

#endif
