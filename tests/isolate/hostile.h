/* SPDX-License-Identifier: MIT */
/*
 * What the attacks of the plugin "hostile" have in common. Each is found by its name, which the
 * plugin's option tells.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <acsmtp/plugin.h>
#include <errno.h>
#include <sys/types.h>

/* `run` gives 0 when it did what it tried, else errno. */
struct attack {
    const char *name;
    int (*run)(const struct acsmtp_settings *settings, struct acsmtp_context *context);
};

/* Ended by a row without a name. */
extern const struct attack protocol_attacks[]; /* how its process ends, and what it sends */
extern const struct attack call_attacks[];     /* system calls that reach out of the process */
extern const struct attack file_attacks[];     /* what it reads and writes */

#define ATTACK(name)                                                                               \
    static int name(const struct acsmtp_settings *settings, struct acsmtp_context *context)
#define UNUSED ((void)settings, (void)context)
#define ROW(name)                                                                                  \
    {                                                                                              \
#name, name                                                                                \
    }

static inline int result_of(long result)
{
    return result < 0 ? errno : 0;
}

/* The host is the parent of the one that looks after this process. */
pid_t find_host(void);

#endif
