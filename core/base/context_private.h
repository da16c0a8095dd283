/* SPDX-License-Identifier: MIT */
/*
 * What log.c must know of a context.
 */
#ifndef CONTEXT_PRIVATE_H
#define CONTEXT_PRIVATE_H

#include <acsmtp/context.h>

struct context_log {
    acsmtp_log_sink sink;
    void *data;
    int level;
};

const struct context_log *context_log(const struct acsmtp_context *context);

#endif
