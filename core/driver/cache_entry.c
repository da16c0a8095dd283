/* SPDX-License-Identifier: MIT */
/*
 * The text of a cache entry. Whoever could write to the folder wrote it: everything that is read
 * is checked like something from the network.
 */
#include "cache_private.h"
#include <stdlib.h>
#include <string.h>

#define SCHEMA_VERSION 1

/* ---- writing ---- */

static int set_integer(struct acsmtp_json *object, const char *key, int64_t value,
                       struct acsmtp_error *err)
{
    return acsmtp_json_set(object, key, acsmtp_json_new_integer(value, err), err);
}

/* All of the entry but the token. */
static char *format_open_part(const struct acsmtp_credential *credential, const char *winner,
                              const struct cache_inputs *inputs, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);
    int64_t refresh_on = acsmtp_credential_refresh_on(credential);
    char *text = NULL;

    if (object && set_integer(object, "schema_version", SCHEMA_VERSION, err) == ACSMTP_OK &&
        set_integer(object, "expires_on", acsmtp_credential_expires_on(credential), err) ==
            ACSMTP_OK &&
        set_integer(object, "refresh_on", refresh_on, err) == ACSMTP_OK &&
        acsmtp_json_set(object, "winner", acsmtp_json_new_string(winner, err), err) == ACSMTP_OK &&
        cache_inputs_format(inputs, object, err) == ACSMTP_OK) {
        text = acsmtp_json_format(object);
        if (!text)
            (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    return text;
}

/* A token is visible ASCII: only these two characters mean something inside a JSON string. */
static int append_token(struct acsmtp_secret *text, const struct acsmtp_secret *token,
                        struct acsmtp_error *err)
{
    const char *next = acsmtp_secret_data(token);
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK && *next) {
        size_t plain = strcspn(next, "\"\\");

        status = acsmtp_secret_append(text, next, plain, err);
        next += plain;
        if (status == ACSMTP_OK && *next) {
            status = acsmtp_secret_append(text, "\\", 1, err);
            if (status == ACSMTP_OK)
                status = acsmtp_secret_append(text, next++, 1, err);
        }
    }
    return status;
}

/*
 * The token is put in by hand, into a secret: a JSON library would leave copies of it in memory
 * that it frees without wiping.
 */
struct acsmtp_secret *cache_entry_format(const struct acsmtp_credential *credential,
                                         const char *winner, const struct cache_inputs *inputs,
                                         struct acsmtp_error *err)
{
    static const char key[] = ",\"token\":\"";
    struct acsmtp_secret *text = NULL;
    char *rest = format_open_part(credential, winner, inputs, err);
    char *brace = rest ? strrchr(rest, '}') : NULL;

    if (brace)
        text = acsmtp_secret_new(rest, (size_t)(brace - rest), err);
    free(rest);
    if (text && acsmtp_secret_append(text, key, sizeof key - 1, err) == ACSMTP_OK &&
        append_token(text, acsmtp_credential_secret(credential), err) == ACSMTP_OK &&
        acsmtp_secret_append(text, "\"}\n", 3, err) == ACSMTP_OK)
        return text;
    acsmtp_secret_free(text);
    return NULL;
}

/* ---- reading ---- */

static int malformed(struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "the cache entry is malformed");
}

static int parse_winner(const struct acsmtp_json *entry, char *winner, size_t capacity,
                        struct acsmtp_error *err)
{
    const char *text = acsmtp_json_string(entry, "winner");
    size_t length = text ? strlen(text) : 0;

    if (length == 0 || length >= capacity || length >= CACHE_WINNER_MAX ||
        strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-/") != length)
        return malformed(err);
    memcpy(winner, text, length + 1);
    return ACSMTP_OK;
}

static int parse_times(const struct acsmtp_json *entry, int64_t *expires_on, int64_t *refresh_on,
                       struct acsmtp_error *err)
{
    int64_t version = 0;

    if (!acsmtp_json_integer(entry, "schema_version", &version) || version != SCHEMA_VERSION)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the cache entry is of another version");
    if (!acsmtp_json_integer(entry, "expires_on", expires_on) ||
        !acsmtp_json_integer(entry, "refresh_on", refresh_on))
        return malformed(err);
    if (*expires_on <= 0 || *refresh_on < 0 || *refresh_on > *expires_on)
        return malformed(err);
    return ACSMTP_OK;
}

static int parse_fields(struct acsmtp_json *entry, struct acsmtp_credential *out, char *winner,
                        size_t capacity, struct cache_inputs *inputs, struct acsmtp_error *err)
{
    struct acsmtp_secret *token;
    int64_t expires_on = 0;
    int64_t refresh_on = 0;
    int status = parse_times(entry, &expires_on, &refresh_on, err);

    if (status == ACSMTP_OK)
        status = parse_winner(entry, winner, capacity, err);
    if (status == ACSMTP_OK)
        status = cache_inputs_parse(entry, inputs, err);
    if (status != ACSMTP_OK)
        return status;
    token = acsmtp_json_take_secret(entry, "token", err);
    if (!token)
        return malformed(err);
    return acsmtp_credential_set_token(out, token, expires_on, refresh_on, err);
}

int cache_entry_parse(const char *text, size_t size, struct acsmtp_credential *out, char *winner,
                      size_t capacity, struct cache_inputs *inputs, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *entry = acsmtp_json_parse(text, size, err);
    int status = ACSMTP_PROTOCOL;

    if (entry)
        status = parse_fields(entry, out, winner, capacity, inputs, err);
    if (status != ACSMTP_OK)
        cache_inputs_release(inputs);
    return status;
}
