/* SPDX-License-Identifier: MIT */
/* Deciding about client secrets; see secret_state.h. */
#include "secret_state.h"

#include "arm.h"
#include "guid.h"
#include "rfc3339.h"

#include <stdio.h>

/* The one that the vault's is the text of, NULL for none. */
static const struct acsmtp_json *find_held(const struct acsmtp_json *credentials,
                                           const char *application_id,
                                           const struct vault_secret *vault)
{
    size_t i;

    if (!vault->is_there || !arm_same(vault->application_id, application_id))
        return NULL;
    for (i = 0; i < acsmtp_json_length(credentials); i++) {
        const struct acsmtp_json *item = acsmtp_json_item(credentials, i);

        if (arm_same(acsmtp_json_string(item, "keyId"), vault->key_id))
            return item;
    }
    return NULL;
}

/* One that was replaced stays for the grace, while there is one that took its place. */
static int is_in_grace(const struct vault_secret *vault, const char *key_id, int is_held,
                       int64_t now)
{
    return is_held && arm_same(key_id, vault->previous_key_id) && now < vault->previous_until;
}

static void collect_stale(const struct acsmtp_json *credentials, const struct acsmtp_json *held,
                          const struct vault_secret *vault, int64_t now, struct secret_state *state)
{
    size_t i;

    for (i = 0; i < acsmtp_json_length(credentials); i++) {
        const struct acsmtp_json *item = acsmtp_json_item(credentials, i);
        const char *key_id = acsmtp_json_string(item, "keyId");

        if (item == held || !guid_is(key_id) ||
            !arm_same(acsmtp_json_string(item, "displayName"), SECRET_DISPLAY_NAME))
            continue;
        if (is_in_grace(vault, key_id, held != NULL, now))
            state->grace_end = vault->previous_until;
        else if (state->stale_count < SECRET_STALE_MAX)
            (void)snprintf(state->stale[state->stale_count++], GUID_MAX, "%s", key_id);
    }
}

void secret_state_read(const struct acsmtp_json *credentials, const char *application_id,
                       const struct vault_secret *vault, int64_t now, int64_t renew_before_ms,
                       struct secret_state *state)
{
    const struct acsmtp_json *held = find_held(credentials, application_id, vault);

    *state = (struct secret_state){.need = SECRET_MISSING};
    if (held) {
        state->end = rfc3339_read(acsmtp_json_string(held, "endDateTime"));
        state->need = state->end - now > renew_before_ms / 1000 ? SECRET_VALID : SECRET_ENDS_SOON;
    }
    collect_stale(credentials, held, vault, now, state);
}
