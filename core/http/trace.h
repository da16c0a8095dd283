/* SPDX-License-Identifier: MIT */
/* Trace lines of what libcurl sends and receives, without credentials. */
#ifndef HTTP_TRACE_H
#define HTTP_TRACE_H

#include "transfer.h"

/* Does nothing unless the context wants trace lines. */
void http_trace_setup(struct http_transfer *transfer);

/* Whether the value of this HTTP header field may be shown: `size` bytes of name. */
int http_trace_shows(const char *name, size_t size);

#endif
