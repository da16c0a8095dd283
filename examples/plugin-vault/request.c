/* SPDX-License-Identifier: MIT */
/* See request.h. */
#include "request.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* ---- addresses ---- */

struct writer {
    char *text;
    size_t size, capacity;
};

static void put(struct writer *out, const char *text, size_t size)
{
    if (out->size + size < out->capacity)
        memcpy(out->text + out->size, text, size);
    out->size += size; /* beyond the capacity: it was too long */
}

/* RFC 3986 section 2.3; slashes stay, they are Vault's too. */
static void put_encoded(struct writer *out, const char *text)
{
    char encoded[4];

    for (; *text; text++) {
        if (isalnum((unsigned char)*text) || strchr("-._~/", *text)) {
            put(out, text, 1);
            continue;
        }
        (void)snprintf(encoded, sizeof encoded, "%%%02X", (unsigned)(unsigned char)*text);
        put(out, encoded, 3);
    }
}

/* Of a path: no empty segment, and none that ends in a dot ("." and ".." among them). */
static int is_path(const char *path)
{
    for (;;) {
        size_t size = strcspn(path, "/");

        if (size == 0 || path[size - 1] == '.')
            return 0;
        if (!path[size])
            return 1;
        path += size + 1;
    }
}

int vault_url(const char *address, const char *const *parts, char *url, size_t capacity,
              struct acsmtp_error *err)
{
    struct writer out = {.text = url, .capacity = capacity};
    size_t size = strlen(address);

    if (strpbrk(address, "?#"))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the address of Vault is https://HOST[:PORT], not '%s'", address);
    if (size && address[size - 1] == '/')
        size--;
    put(&out, address, size);
    put(&out, "/v1", 3);
    for (; *parts; parts++) {
        if (!is_path(*parts))
            return acsmtp_fail(
                err, ACSMTP_CONFIG,
                "'%s' is no path in Vault: no slash at its ends nor two together, no "
                "segment that ends in a dot",
                *parts);
        put(&out, "/", 1);
        put_encoded(&out, *parts);
    }
    if (out.size >= capacity)
        return acsmtp_fail(err, ACSMTP_CONFIG, "address and path of the secret are too long");
    url[out.size] = '\0';
    return ACSMTP_OK;
}

/* ---- bodies ---- */

static int append(struct acsmtp_secret *body, const char *text, struct acsmtp_error *err)
{
    return acsmtp_secret_append(body, text, strlen(text), err);
}

/* A JSON string (RFC 8259 section 7). */
static int append_string(struct acsmtp_secret *body, const char *text, struct acsmtp_error *err)
{
    char escaped[7];
    int status = append(body, "\"", err);

    for (; status == ACSMTP_OK && *text; text++) {
        if (*text == '"' || *text == '\\' || (unsigned char)*text < 0x20)
            (void)snprintf(escaped, sizeof escaped, "\\u%04X", (unsigned)(unsigned char)*text);
        else
            (void)snprintf(escaped, sizeof escaped, "%c", *text);
        status = append(body, escaped, err);
    }
    acsmtp_wipe(escaped, sizeof escaped);
    return status == ACSMTP_OK ? append(body, "\"", err) : status;
}

int vault_body_add(struct acsmtp_secret *body, const char *name, const char *text,
                   struct acsmtp_error *err)
{
    int status = append(body, acsmtp_secret_size(body) ? "," : "{", err);

    if (status == ACSMTP_OK)
        status = append_string(body, name, err);
    if (status == ACSMTP_OK)
        status = append(body, ":", err);
    return status == ACSMTP_OK ? append_string(body, text, err) : status;
}

int vault_body_end(struct acsmtp_secret *body, struct acsmtp_error *err)
{
    return append(body, acsmtp_secret_size(body) ? "}" : "{}", err);
}

/* ---- the exchange ---- */

/* 412: a node that has not yet heard of what another one was told (Vault Enterprise). */
static const int16_t vault_again[] = {408, 412, 429, 500, 502, 503, 504, 0};
static const int32_t vault_delays[] = {250, 1000, 2000};

int vault_send(const struct acsmtp_settings *settings, struct acsmtp_context *context,
               const char *url, const struct acsmtp_secret *token, const struct acsmtp_secret *body,
               struct acsmtp_http_response **response, struct acsmtp_error *err)
{
    const struct acsmtp_http_retry reading = {
        .size = sizeof reading,
        .attempts = 1 + sizeof vault_delays / sizeof vault_delays[0],
        .delays_ms = vault_delays,
        .delay_count = sizeof vault_delays / sizeof vault_delays[0],
        .statuses = vault_again,
        .connection_errors = 1,
    };
    const char *space = acsmtp_settings_string(settings, "namespace");
    char namespace_field[512];
    /* X-Vault-Request is what agents and proxies demand of a client, against forged requests. */
    const char *headers[] = {"Accept: application/json", "X-Vault-Request: true",
                             space ? namespace_field : NULL, NULL};
    struct acsmtp_http_request request = {
        .size = sizeof request,
        .method = body ? "POST" : "GET",
        .url = url,
        .headers = headers,
        .bearer = token,
        .content_type = body ? "application/json" : NULL,
        .body = body,
        .timeout_ms = acsmtp_settings_duration(settings, "timeout"),
        .connect_timeout_ms = -1,
        /* A login is sent once: a secret id may be good for one use only. */
        .retry = body ? &acsmtp_http_retry_none : &reading,
    };

    if (space && snprintf(namespace_field, sizeof namespace_field, "X-Vault-Namespace: %s",
                          space) >= (int)sizeof namespace_field)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the namespace is too long");
    return acsmtp_http_send(context, &request, response, err);
}
