/* SPDX-License-Identifier: MIT */
/* Formats that are a line or JSON; see formats.h. */
#include "formats.h"

#include <acsmtp/json.h>
#include <acsmtp/token.h>
#include <handed.h>
#include <string.h>

int exec_set_username(struct exec_reply *reply, const char *username, size_t size,
                      struct acsmtp_error *err)
{
    if (size >= sizeof reply->username)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the user name is longer than %zu bytes",
                           sizeof reply->username - 1);
    memcpy(reply->username, username, size);
    reply->username[size] = '\0';
    return ACSMTP_OK;
}

int exec_read_raw(const struct acsmtp_secret *output, int kind, struct exec_reply *reply,
                  struct acsmtp_error *err)
{
    reply->kind = kind == EXEC_PASSWORD ? EXEC_PASSWORD : EXEC_TOKEN;
    reply->secret = acsmtp_secret_dup(output, err);
    if (!reply->secret)
        return ACSMTP_SYSTEM;
    handed_first_line(reply->secret);
    if (acsmtp_secret_size(reply->secret) == 0)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the first line of its output is empty");
    return ACSMTP_OK;
}

static struct acsmtp_json *exec_parse(const struct acsmtp_secret *output, struct acsmtp_error *err)
{
    struct acsmtp_json *json =
        acsmtp_json_parse(acsmtp_secret_data(output), acsmtp_secret_size(output), err);

    acsmtp_error_prefix(err, "its output");
    return json;
}

static int exec_check_version(const struct acsmtp_json *json, const char *key,
                              struct acsmtp_error *err)
{
    int64_t version = 0;

    if (acsmtp_json_integer(json, key, &version) && version == 1)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "its output does not say \"%s\": 1", key);
}

/* A secret out of a member; the document wipes its own copy when it is freed. */
static int exec_take(const struct acsmtp_json *json, const char *key, int kind,
                     struct exec_reply *reply, struct acsmtp_error *err)
{
    const char *text = acsmtp_json_string(json, key);

    if (!text || !*text)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "its output holds no \"%s\"", key);
    reply->kind = kind;
    reply->secret = acsmtp_secret_new(text, strlen(text), err);
    return reply->secret ? ACSMTP_OK : ACSMTP_SYSTEM;
}

static int exec_take_username(const struct acsmtp_json *json, const char *key,
                              struct exec_reply *reply, struct acsmtp_error *err)
{
    const char *text = acsmtp_json_string(json, key);

    return text ? exec_set_username(reply, text, strlen(text), err) : ACSMTP_OK;
}

/* Seconds or a date; what is there must be readable. */
static int exec_take_expiry(const struct acsmtp_json *json, const char *key,
                            struct exec_reply *reply, struct acsmtp_error *err)
{
    const struct acsmtp_json *value = acsmtp_json_get(json, key);
    const char *text = acsmtp_json_string(json, key);

    if (acsmtp_json_type(value) == ACSMTP_JSON_NULL ||
        acsmtp_json_integer(json, key, &reply->expires_on))
        return ACSMTP_OK;
    if (text && acsmtp_date_parse(text, 0, &reply->expires_on, NULL) == ACSMTP_OK)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "\"%s\" in its output is neither a time nor seconds",
                       key);
}

/* Our own: {"version": 1, "token": ..., "expires_on": ...} or "username" and "password". */
int exec_read_json(const struct acsmtp_secret *output, int kind, struct exec_reply *reply,
                   struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = exec_parse(output, err);
    int status = json ? exec_check_version(json, "version", err) : err->status;

    if (status != ACSMTP_OK)
        return status;
    if (kind == EXEC_ANY)
        kind = acsmtp_json_get(json, "password") && !acsmtp_json_get(json, "token") ? EXEC_PASSWORD
                                                                                    : EXEC_TOKEN;
    status = exec_take(json, kind == EXEC_TOKEN ? "token" : "password", kind, reply, err);
    if (status == ACSMTP_OK && kind == EXEC_PASSWORD)
        status = exec_take_username(json, "username", reply, err);
    if (status == ACSMTP_OK)
        status = exec_take_expiry(json, "expires_on", reply, err);
    return status;
}

/* ExecCredential of client.authentication.k8s.io/v1 and v1beta1; certificates are of no use here.
 */
int exec_read_kubectl(const struct acsmtp_secret *output, int kind, struct exec_reply *reply,
                      struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = exec_parse(output, err);
    const struct acsmtp_json *answer = acsmtp_json_get(json, "status");
    const char *name = acsmtp_json_string(json, "kind");
    const char *version = acsmtp_json_string(json, "apiVersion");
    int status;

    (void)kind;
    if (!json)
        return err->status;
    if (!name || strcmp(name, "ExecCredential") != 0 || !version ||
        (strcmp(version, "client.authentication.k8s.io/v1") != 0 &&
         strcmp(version, "client.authentication.k8s.io/v1beta1") != 0))
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "its output is no ExecCredential of client.authentication.k8s.io/v1");
    status = exec_take(answer, "token", EXEC_TOKEN, reply, err);
    if (status == ACSMTP_OK)
        status = exec_take_expiry(answer, "expirationTimestamp", reply, err);
    return status;
}

/*
 * credential_process of the AWS CLI, version 1. Its pair of key id and secret key is what comes
 * closest to user name and password; a session token is handed on when a token is wanted.
 */
int exec_read_aws(const struct acsmtp_secret *output, int kind, struct exec_reply *reply,
                  struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = exec_parse(output, err);
    int status = json ? exec_check_version(json, "Version", err) : err->status;

    if (status == ACSMTP_OK && kind == EXEC_TOKEN)
        status = exec_take(json, "SessionToken", EXEC_TOKEN, reply, err);
    else if (status == ACSMTP_OK)
        status = exec_take(json, "SecretAccessKey", EXEC_PASSWORD, reply, err);
    if (status == ACSMTP_OK && kind != EXEC_TOKEN)
        status = exec_take_username(json, "AccessKeyId", reply, err);
    if (status == ACSMTP_OK)
        status = exec_take_expiry(json, "Expiration", reply, err);
    return status;
}
