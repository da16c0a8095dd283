/* SPDX-License-Identifier: MIT */
/* Loopback sockets. */
#ifndef EMULATOR_NET_H
#define EMULATOR_NET_H

#include <stdint.h>

/* A TCP socket bound to 127.0.0.1, not listening. *port 0 lets the kernel choose and is set; a
 * port that this process already holds through this function can be bound again. -1 on failure. */
int net_bind_loopback(uint16_t *port);
#endif
