/* SPDX-License-Identifier: MIT */
/* This machine's clock beside that of the servers; see clock.h. */
#include "clock.h"
#include "hint_table.h"
#include <stdio.h>
#include <string.h>

void clock_text(const struct acsmtp_context *context, char *text, size_t capacity)
{
    int known = 0;
    int64_t ahead = acsmtp_context_clock_skew(context, &known);
    int64_t seconds = ahead < 0 ? -ahead : ahead;

    text[0] = '\0';
    if (known && seconds > CLOCK_TOLERANCE)
        (void)snprintf(text, capacity, "this machine's clock is %lld s %s", (long long)seconds,
                       ahead > 0 ? "behind" : "ahead");
}

void clock_tell(const struct acsmtp_context *context, struct acsmtp_error *err)
{
    const struct hint *row = err->status == ACSMTP_OK ? NULL : hint_find(err);
    size_t used = strlen(err->message);
    char text[80];

    if (!row || !row->is_clock || strstr(err->message, "this machine's clock is"))
        return;
    clock_text(context, text, sizeof text);
    if (text[0])
        (void)snprintf(err->message + used, sizeof err->message - used, " (%s)", text);
}
