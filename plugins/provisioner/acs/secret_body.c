/* SPDX-License-Identifier: MIT */
/* {"value": "...", ...} put together in a secret's memory; see secret_body.h. */
#include "secret_body.h"

#include "arm.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A JSON string (RFC 8259 section 7). Azure makes secrets of printable characters; quotes and
 * backslashes are among them. */
static int append_text(struct acsmtp_secret *body, const struct acsmtp_secret *value,
                       struct acsmtp_error *err)
{
    const char *at = acsmtp_secret_data(value);
    const char *end = at + acsmtp_secret_size(value);
    int status = acsmtp_secret_append(body, "\"", 1, err);

    for (; status == ACSMTP_OK && at < end; at++) {
        unsigned char c = (unsigned char)*at;
        char escaped[8];
        int size = 1;

        escaped[0] = *at;
        if (c == '"' || c == '\\')
            size = snprintf(escaped, sizeof escaped, "\\%c", c);
        else if (c < 0x20)
            size = snprintf(escaped, sizeof escaped, "\\u%04x", c);
        status = acsmtp_secret_append(body, escaped, (size_t)size, err);
        acsmtp_wipe(escaped, sizeof escaped);
    }
    return status == ACSMTP_OK ? acsmtp_secret_append(body, "\"", 1, err) : status;
}

static struct acsmtp_json *make_tags(const char *marker, const struct vault_secret *secret,
                                     struct acsmtp_error *err)
{
    const char *previous = secret->previous_key_id[0] ? secret->previous_key_id : NULL;
    char until[24];

    (void)snprintf(until, sizeof until, "%" PRId64, secret->previous_until);
    return ARM_TEXTS(err, {ARM_TAG, marker}, {"keyId", secret->key_id},
                     {"applicationId", secret->application_id}, {"previousKeyId", previous},
                     {"previousUntil", previous ? until : NULL});
}

static int append_rest(struct acsmtp_secret *body, const char *marker,
                       const struct vault_secret *secret, int64_t expires, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *tags = make_tags(marker, secret, err);
    char *text = tags ? acsmtp_json_format(tags) : NULL;
    char attributes[128];
    int status;

    if (!text)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    (void)snprintf(
        attributes, sizeof attributes,
        ",\"contentType\":\"text/plain\",\"attributes\":{\"enabled\":true,\"exp\":%" PRId64
        "},\"tags\":",
        expires);
    status = acsmtp_secret_append(body, attributes, strlen(attributes), err);
    if (status == ACSMTP_OK)
        status = acsmtp_secret_append(body, text, strlen(text), err);
    if (status == ACSMTP_OK)
        status = acsmtp_secret_append(body, "}", 1, err);
    free(text);
    return status;
}

struct acsmtp_secret *secret_body_new(const char *marker, const struct vault_secret *secret,
                                      const struct acsmtp_secret *value, int64_t expires,
                                      struct acsmtp_error *err)
{
    static const char start[] = "{\"value\":";
    struct acsmtp_secret *body = acsmtp_secret_new(start, sizeof start - 1, err);
    int status = body ? append_text(body, value, err) : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = append_rest(body, marker, secret, expires, err);
    if (status != ACSMTP_OK) {
        acsmtp_secret_free(body);
        body = NULL;
    }
    return body;
}
