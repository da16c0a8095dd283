/* SPDX-License-Identifier: MIT */
/*
 * Whether there is any point in asking a member: its probe, which a chain gives a second, and the
 * absence that an earlier process has found in this boot.
 */
#include "chain_private.h"
#include "verdict.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBE_MS 1000

/* ---- under which key absence is remembered ---- */

static void add_part(char key[DIGEST_HEX], const char *part)
{
    char next[DIGEST_HEX];

    digest_hex(key, part ? part : "", part ? strlen(part) + 1 : 0, next);
    memcpy(key, next, DIGEST_HEX);
}

static int add_input(void *data, const char *variable, const char *file, struct acsmtp_error *err)
{
    (void)err;
    if (variable) {
        add_part(data, variable);
        add_part(data, getenv(variable));
    }
    if (file)
        add_part(data, file);
    return ACSMTP_OK;
}

/* Whatever can make the same plugin ask somebody else: its entry, its environment, the cloud. */
static int verdict_key(const struct member *member, char key[DIGEST_HEX])
{
    const struct entry *entry = &member->entry;
    char *text = acsmtp_json_format(entry->json);

    if (!text)
        return -1;
    digest_hex(NULL, text, strlen(text), key);
    acsmtp_wipe(text, strlen(text));
    free(text);
    add_part(key, entry->name);
    add_part(key, entry->host->cloud ? cloud_digest(entry->host->cloud) : NULL);
    return settings_inputs(entry->settings, add_input, key, NULL) == ACSMTP_OK ? 0 : -1;
}

int member_absence(const struct member *member, char *why, size_t capacity)
{
    char key[DIGEST_HEX];

    return member->entry.plugin->credential->probe && member->entry.host->use_cache &&
           verdict_key(member, key) == 0 && verdict_recall(key, why, capacity);
}

static void remember(const struct member *member, int is_absent, const char *why)
{
    char key[DIGEST_HEX];

    if (!member->entry.host->use_cache || verdict_key(member, key) != 0)
        return;
    if (is_absent)
        verdict_remember(key, why);
    else
        verdict_forget(key);
}

/* ---- the probe ---- */

/*
 * *is_absent: nobody answered within the second, which is not told apart from absence here, or the
 * network does not lead there.
 */
static int probe(struct member *member, struct acsmtp_context *context, int *is_absent,
                 struct acsmtp_error *err)
{
    struct acsmtp_context *brief = acsmtp_context_limit(context, PROBE_MS);
    int status;

    if (!brief)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    acsmtp_context_set_in_chain(brief, 1);
    member_enter(member);
    status = member->entry.plugin->credential->probe(member->instance, brief, err);
    member_leave(member);
    acsmtp_context_free(brief);
    status = entry_result(&member->entry, status, err);
    if (status != ACSMTP_TEMPORARY && status != ACSMTP_UNAVAILABLE)
        return status;
    if (acsmtp_context_check(context, "probe", NULL) != ACSMTP_OK)
        return status;
    *is_absent = strcmp(err->code, "timeout") == 0 || strcmp(err->code, "connect_unreachable") == 0;
    return err->status = ACSMTP_UNAVAILABLE;
}

int member_probe(struct member *member, struct acsmtp_context *context, int anew,
                 struct acsmtp_error *err)
{
    char why[VERDICT_TEXT_MAX];
    int is_absent = 0;
    int status;

    if (!member->entry.plugin->credential->probe || member->probed)
        return ACSMTP_OK;
    if (!anew && member_absence(member, why, sizeof why))
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "%s (found earlier in this boot)", why);
    status = probe(member, context, &is_absent, err);
    member->probed = status == ACSMTP_OK;
    if (status == ACSMTP_OK || is_absent)
        remember(member, is_absent, err->message);
    return status;
}
