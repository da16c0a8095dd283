/* SPDX-License-Identifier: MIT */
/*
 * Lines of foreign logs: whatever they hold, an explanation is whole, and a code that is suggested
 * is one that is known.
 */
#include <acsmtp/driver.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct acsmtp_explanation found = {.size = sizeof found}, again = {.size = sizeof again};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char *text = malloc(size + 1);
    const char *nearest;

    must(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (acsmtp_explain(text, &found)) {
        must(found.name && found.cause && found.evidence && found.command);
        must(acsmtp_explain(found.name, &again) && again.name == found.name);
    }
    nearest = acsmtp_explain_nearest(text);
    if (nearest)
        must(acsmtp_explain(nearest, &again));
    /* The same words in an error never lead beyond the table. */
    (void)acsmtp_fail(&err, ACSMTP_DENIED, "%s", text);
    (void)acsmtp_hint(&err);
    free(text);
    return 0;
}
