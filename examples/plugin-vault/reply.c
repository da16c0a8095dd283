/* SPDX-License-Identifier: MIT */
/*
 * See reply.h. Shapes: https://developer.hashicorp.com/vault/api-docs (error response, status
 * codes), .../secret/kv/kv-v1 and kv-v2 (read), .../auth/approle and jwt (login).
 */
#include "reply.h"

#include <acsmtp/token.h>
#include <stdio.h>
#include <string.h>

static struct acsmtp_json *parse(const struct acsmtp_secret *body, struct acsmtp_error *err)
{
    return acsmtp_json_parse(acsmtp_secret_data(body), acsmtp_secret_size(body), err);
}

/* ---- client tokens ---- */

int vault_reply_auth(const struct acsmtp_secret *body, struct vault_auth *auth,
                     struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *document = parse(body, err);
    const struct acsmtp_json *found = acsmtp_json_get(document, "auth");
    const char *token = acsmtp_json_string(found, "client_token");
    struct vault_auth read = {.renewable = acsmtp_json_true(found, "renewable")};

    if (!document) /* the first failure stands: it may have been memory */
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "Vault's answer is not JSON");
    if (!token || !*token || !acsmtp_json_integer(found, "lease_duration", &read.life) ||
        read.life < 0)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "Vault's answer to the login holds no token");
    read.token = acsmtp_secret_new(token, strlen(token), err);
    if (!read.token)
        return ACSMTP_SYSTEM;
    *auth = read;
    return ACSMTP_OK;
}

/* ---- secrets ---- */

static void earlier(int64_t *expires_on, int64_t when)
{
    if (*expires_on == 0 || when < *expires_on)
        *expires_on = when;
}

/* lease_duration is what the writer said as "ttl", or the default of the mount: no lease is held.
 */
static void read_lease(const struct acsmtp_json *document, int64_t now, int64_t *expires_on)
{
    int64_t life = 0;

    if (acsmtp_json_integer(document, "lease_duration", &life) && life > 0 && life < INT32_MAX)
        earlier(expires_on, now + life);
}

/* delete_version_after: the version is gone from then on. "" is never. */
static int read_deletion(const struct acsmtp_json *data, int64_t *expires_on,
                         struct acsmtp_error *err)
{
    const char *text = acsmtp_json_string(acsmtp_json_get(data, "metadata"), "deletion_time");
    int64_t when = 0;
    int status;

    if (!text || !*text)
        return ACSMTP_OK;
    status = acsmtp_date_parse(text, 0, &when, err);
    if (status == ACSMTP_OK)
        earlier(expires_on, when);
    return status;
}

int vault_reply_secret(const struct acsmtp_secret *body, int kv_version, int64_t now,
                       struct vault_secret *secret, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *document = parse(body, err);
    const struct acsmtp_json *data = acsmtp_json_get(document, "data");
    struct vault_secret read = {.data = data};
    int status = ACSMTP_OK;

    if (!document)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "Vault's answer is not JSON");
    read_lease(document, now, &read.expires_on);
    if (kv_version == 2) {
        read.data = acsmtp_json_get(data, "data");
        status = read_deletion(data, &read.expires_on, err);
    }
    if (status != ACSMTP_OK)
        return status;
    if (acsmtp_json_type(read.data) != ACSMTP_JSON_OBJECT)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "Vault's answer holds no secret");
    read.document = ACSMTP_STEAL(struct acsmtp_json, document);
    *secret = read;
    return ACSMTP_OK;
}

static int no_field(const struct acsmtp_json *data, const char *name, struct acsmtp_error *err)
{
    const char *key;
    char names[256];
    size_t size = 0;

    names[0] = '\0';
    for (size_t i = 0; (key = acsmtp_json_key(data, i)) && size < sizeof names; i++)
        size += (size_t)snprintf(names + size, sizeof names - size, "%s%s", i ? ", " : "", key);
    return acsmtp_fail(err, ACSMTP_CONFIG, "the secret has no text in the field '%s'; it has: %s",
                       name, names);
}

int vault_reply_field(const struct vault_secret *secret, const char *name,
                      struct acsmtp_secret **value, struct acsmtp_error *err)
{
    const char *text = acsmtp_json_string(secret->data, name);

    if (!text || !*text)
        return no_field(secret->data, name, err);
    if (strpbrk(text, "\r\n"))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the field '%s' holds a line break: store it again without one", name);
    *value = acsmtp_secret_new(text, strlen(text), err);
    return *value ? ACSMTP_OK : ACSMTP_SYSTEM;
}

/* ---- refusals ---- */

/* {"errors": ["..."]}; a read that finds nothing may say "warnings" in their place. */
static const char *first_of(const struct acsmtp_json *document, const char *list)
{
    const char *text = acsmtp_json_text(acsmtp_json_item(acsmtp_json_get(document, list), 0));

    return text ? text : "";
}

static int classify(int number, int is_login)
{
    if (number == 408 || number == 412 || number == 429 || number >= 500)
        return ACSMTP_TEMPORARY;
    if (number == 400 && is_login) /* "invalid role or secret ID", "error validating token: ..." */
        return ACSMTP_DENIED;
    if (number == 401 || number == 403)
        return ACSMTP_DENIED;
    return number >= 400 ? ACSMTP_CONFIG : ACSMTP_PROTOCOL;
}

/* A deleted or destroyed version answers 404 with its metadata. */
static const char *why_not_found(const struct acsmtp_json *document)
{
    const struct acsmtp_json *metadata =
        acsmtp_json_get(acsmtp_json_get(document, "data"), "metadata");
    const char *deleted = acsmtp_json_string(metadata, "deletion_time");

    if (acsmtp_json_true(metadata, "destroyed"))
        return "this version was destroyed; store the secret again, or name another version";
    if (deleted && *deleted)
        return "this version was deleted; 'vault kv undelete' brings it back";
    if (strstr(first_of(document, "warnings"), "versioned K/V"))
        return "the engine there is of version 2; set kv_version to 2";
    return "there is no such secret or version (or the engine there is of the other kv_version)";
}

static const char *why(int number, const struct acsmtp_json *document, const char *path)
{
    if (number >= 300 && number <= 399)
        return "the node passes on to another one; give the address of the active node or of the "
               "load balancer";
    if (number == 404)
        return path ? why_not_found(document) : "there is no such way to log in; see auth_mount";
    if (number == 403)
        return path ? "the token is not valid (any more), or its policies do not let it read this"
                    : "the login is refused";
    if (number == 503)
        return "Vault is sealed or being maintained";
    return path ? "it cannot be read" : "the login is refused";
}

int vault_reply_refuse(int http_status, const struct acsmtp_secret *body, const char *path,
                       struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *document = parse(body, NULL);
    const char *said = first_of(document, "errors");
    int status;

    status = acsmtp_fail(err, classify(http_status, !path), "%s%s%s: HTTP %d%s%s", path ? path : "",
                         path ? ": " : "", why(http_status, document, path), http_status,
                         *said ? ": " : "", said);
    acsmtp_error_server(err, http_status, NULL, said);
    return status;
}
