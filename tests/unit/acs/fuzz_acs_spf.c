/* SPDX-License-Identifier: MIT */
/*
 * SPF: an existing record and one to add, on two lines. What is merged reads again, keeps every
 * mechanism and covers what was added; merging once more changes nothing.
 */
#include "spf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static void check_merged(const char *existing, const char *added, const char *merged)
{
    struct spf before, after;
    char again[512];

    must(strlen(merged) < sizeof again);
    must(spf_read(&before, existing, NULL) == ACSMTP_OK);
    must(spf_read(&after, merged, NULL) == ACSMTP_OK);
    must(spf_lookups(&after) <= SPF_LOOKUPS_MAX);
    must(spf_covers(merged, added));
    must(spf_covers(merged, existing));
    must(!spf_policy(existing) || spf_policy(merged) == spf_policy(existing));
    must(spf_merge(merged, added, again, sizeof again, NULL) == ACSMTP_OK);
    must(strcmp(again, merged) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *existing = malloc(size + 1), *added;
    char merged[512];

    must(existing != NULL);
    memcpy(existing, data, size);
    existing[size] = '\0';
    added = strchr(existing, '\n');
    if (added) {
        /* Of its exact size, so that a sanitizer sees every byte that is read too far. */
        char *line = strdup(added + 1);

        must(line != NULL);
        *added = '\0';
        if (spf_merge(existing, line, merged, sizeof merged, NULL) == ACSMTP_OK)
            check_merged(existing, line, merged);
        free(line);
    }
    free(existing);
    return 0;
}
