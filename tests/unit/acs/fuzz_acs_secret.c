/* SPDX-License-Identifier: MIT */
/*
 * An application's passwordCredentials as JSON, and the same bytes as a time and as a secret's
 * text. Whatever Graph says: only credentials of ours are to be removed, never the one that the
 * vault holds; a time that is read is written back as it was; the body of Set Secret is JSON whose
 * value is the text.
 */
#include "guid.h"
#include "rfc3339.h"
#include "secret_body.h"
#include "secret_state.h"

#include <acsmtp/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define APPLICATION "aaaaaaaa-0000-4000-8000-000000000001"
#define HELD "11111111-0000-4000-8000-000000000001"
#define PREVIOUS "22222222-0000-4000-8000-000000000002"
#define NOW INT64_C(1800000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct vault_secret vault = {
    .is_there = 1,
    .is_marked = 1,
    .key_id = HELD,
    .application_id = APPLICATION,
    .previous_key_id = PREVIOUS,
    .previous_until = NOW + 1,
};

static void must(int holds)
{
    if (!holds)
        abort();
}

/* Whether a credential of ours, by its name, has this key. */
static int is_ours(const struct acsmtp_json *credentials, const char *key_id)
{
    for (size_t i = 0; i < acsmtp_json_length(credentials); i++) {
        const struct acsmtp_json *item = acsmtp_json_item(credentials, i);
        const char *key = acsmtp_json_string(item, "keyId");
        const char *name = acsmtp_json_string(item, "displayName");

        if (key && strcasecmp(key, key_id) == 0 && name &&
            strcasecmp(name, SECRET_DISPLAY_NAME) == 0)
            return 1;
    }
    return 0;
}

static void check_state(const uint8_t *data, size_t size)
{
    struct acsmtp_json *json = acsmtp_json_parse((const char *)data, size, NULL);
    struct secret_state state;

    if (!json)
        return;
    secret_state_read(json, APPLICATION, &vault, NOW, 3600000, &state);
    must(state.stale_count <= SECRET_STALE_MAX);
    must(state.need == SECRET_MISSING || acsmtp_json_length(json) > 0);
    for (size_t i = 0; i < state.stale_count; i++) {
        must(guid_is(state.stale[i]));
        must(is_ours(json, state.stale[i]));
        must(state.need == SECRET_MISSING || strcasecmp(state.stale[i], PREVIOUS) != 0);
    }
    acsmtp_json_free(json);
}

static void check_time(const char *text)
{
    int64_t seconds = rfc3339_read(text);
    char again[RFC3339_MAX];

    if (seconds == 0)
        return;
    rfc3339_write(seconds, again);
    must(rfc3339_read(again) == seconds);
}

static void check_body(const uint8_t *data, size_t size)
{
    struct acsmtp_secret *value = acsmtp_secret_new(data, size, NULL);
    struct acsmtp_secret *body = value ? secret_body_new("m", &vault, value, NOW, NULL) : NULL;
    struct acsmtp_json *json;
    const char *text;

    must(body != NULL);
    json = acsmtp_json_parse(acsmtp_secret_data(body), acsmtp_secret_size(body), NULL);
    text = acsmtp_json_string(json, "value");
    /* Bytes that are no UTF-8 make no JSON, and NUL makes no text. */
    if (text)
        must(strlen(text) == size && memcmp(text, data, size) == 0);
    acsmtp_json_free(json);
    acsmtp_secret_free(body);
    acsmtp_secret_free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);

    must(text != NULL);
    check_state(data, size);
    check_time(text);
    check_body(data, size);
    free(text);
    return 0;
}
