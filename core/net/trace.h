/* SPDX-License-Identifier: MIT */
/* Trace lines of what libcurl sends and receives, without credentials. */
#ifndef NET_TRACE_H
#define NET_TRACE_H

#include "transfer.h"

/* Does nothing unless the context wants trace lines. */
void net_trace_setup(struct net_transfer *transfer);

/* Whether the value of this HTTP header field may be shown: `size` bytes of name. */
int net_trace_shows(const char *name, size_t size);

#endif
