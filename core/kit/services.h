/* SPDX-License-Identifier: MIT */
/*
 * The host's services as a plugin under check meets them: the real ones, which are counted, can be
 * cancelled or run out of memory at any call, and reach the scripted side instead of the world.
 */
#ifndef SERVICES_H
#define SERVICES_H

#include "image.h"

/* Those that wait or reach out: HTTP, programs, sleep, chains, stores. */
extern const struct image_hook service_hooks[];
extern const size_t service_hook_count;

/* The network past the host: it is counted, and ends at this machine. The second table is for the
 * libraries that the plugin brings. */
extern const struct image_hook network_hooks[], library_hooks[];
extern const size_t network_hook_count, library_hook_count;

/* Those that give memory of the host's: secrets, JSON, credentials. */
extern const struct image_hook object_hooks[];
extern const size_t object_hook_count;

/* SMTP sessions: the session library is the host's, and is played. */
extern const struct image_hook smtp_hooks[];
extern const size_t smtp_hook_count;

#define SERVICE_HOOK(name, function)                                                               \
    {                                                                                              \
        name, (void (*)(void))(function)                                                           \
    }

#endif
