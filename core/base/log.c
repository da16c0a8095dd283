/* SPDX-License-Identifier: MIT */
/*
 * Log lines: formatted only when somebody listens, redacted, and made safe for a terminal.
 */
#include "context_private.h"
#include "utf8.h"
#include <acsmtp/secret.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_SIZE 4096

int acsmtp_context_logs(const struct acsmtp_context *context, int level)
{
    return context && context_log(context)->sink && level <= context_log(context)->level;
}

/* Copies with control characters and broken UTF-8 escaped; what does not fit is left out. */
static void escape(const char *text, char *line, size_t capacity)
{
    size_t left = strlen(text), used = 0, size, width;

    for (; left > 0; text += size, left -= size, used += width) {
        int plain = utf8_size(text, left) > 0 && !utf8_is_control(text, left);

        size = plain ? utf8_size(text, left) : 1;
        width = plain ? size : 4;
        if (used + width >= capacity)
            break;
        if (plain)
            memcpy(line + used, text, size);
        else
            (void)snprintf(line + used, capacity - used, "\\x%02x", (unsigned char)*text);
    }
    line[used] = '\0';
}

void acsmtp_log(const struct acsmtp_context *context, int level, const char *format, ...)
{
    char text[LINE_MAX_SIZE], line[LINE_MAX_SIZE];
    va_list args;

    if (!acsmtp_context_logs(context, level))
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    acsmtp_redact(text, sizeof text);
    escape(text, line, sizeof line);
    acsmtp_wipe(text, sizeof text);
    context_log(context)->sink(context_log(context)->data, level, line);
}
