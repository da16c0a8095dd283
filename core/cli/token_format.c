/* SPDX-License-Identifier: MIT */
#include "token_format.h"
#include "output.h"
#include <acsmtp/json.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

/* ---- parts ---- */

static int put(const char *text)
{
    return output_bytes(text, strlen(text)) == 0 ? EX_OK : EX_IOERR;
}

static int put_token(const struct token_answer *answer)
{
    const struct acsmtp_secret *token = acsmtp_credential_secret(answer->credential);

    return output_bytes(acsmtp_secret_data(token), acsmtp_secret_size(token)) == 0 ? EX_OK
                                                                                   : EX_IOERR;
}

/* RFC 3339, "" when the token does not tell when it ends. */
static void format_expiry(const struct token_answer *answer, char text[40])
{
    time_t when = (time_t)acsmtp_credential_expires_on(answer->credential);
    struct tm parts;

    text[0] = '\0';
    if (when > 0 && gmtime_r(&when, &parts))
        (void)strftime(text, 40, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static int set_token(struct acsmtp_json *document, const char *key,
                     const struct token_answer *answer, struct acsmtp_error *err)
{
    return output_set_text(document, key,
                           acsmtp_secret_data(acsmtp_credential_secret(answer->credential)), err);
}

static int set_expiry(struct acsmtp_json *document, const char *key,
                      const struct token_answer *answer, struct acsmtp_error *err)
{
    char text[40];

    format_expiry(answer, text);
    return text[0] ? output_set_text(document, key, text, err) : ACSMTP_OK;
}

/* Print the document, unless making it failed. */
static int finish(const struct acsmtp_json *document, int status, const struct acsmtp_error *err)
{
    if (document && status == ACSMTP_OK)
        return output_json(document);
    talk_error(err);
    return EX_OSERR;
}

/* ---- formats ---- */

static int write_raw(const struct token_answer *answer)
{
    int code = put_token(answer);

    return code == EX_OK ? put("\n") : code;
}

static int write_json(const struct token_answer *answer)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *document = output_document(&err);
    int64_t expires_on = acsmtp_credential_expires_on(answer->credential);
    char text[40];
    int status = document ? set_token(document, "token", answer, &err) : ACSMTP_SYSTEM;

    format_expiry(answer, text);
    if (status == ACSMTP_OK)
        status = acsmtp_json_set(document, "expires_on", acsmtp_json_new_integer(expires_on, &err),
                                 &err);
    if (status == ACSMTP_OK)
        status = output_set_text(document, "expires_at", text, &err);
    if (status == ACSMTP_OK)
        status = output_set_text(document, "source", answer->source, &err);
    return finish(document, status, &err);
}

/*
 * git-credential(1). The token stands as password, which is what services that take tokens over
 * HTTP basic authentication or XOAUTH2 want; git caches nothing beyond its expiry.
 */
static int write_git(const struct token_answer *answer)
{
    int64_t expires_on = acsmtp_credential_expires_on(answer->credential);
    char head[600], tail[64] = "\n";
    int code;

    (void)snprintf(head, sizeof head,
                   "username=%.500s\npassword=", answer->username ? answer->username : "acsmtp");
    if (expires_on > 0)
        (void)snprintf(tail, sizeof tail, "\npassword_expiry_utc=%lld\n", (long long)expires_on);
    code = put(head);
    if (code == EX_OK)
        code = put_token(answer);
    return code == EX_OK ? put(tail) : code;
}

/* The AWS CLI's credential_process. There is no pair of keys: the token is the session's. */
static int write_aws(const struct token_answer *answer)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *document = acsmtp_json_new_object(&err);
    int status = document
                     ? acsmtp_json_set(document, "Version", acsmtp_json_new_integer(1, &err), &err)
                     : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = output_set_text(document, "AccessKeyId",
                                 answer->username ? answer->username : "acsmtp", &err);
    if (status == ACSMTP_OK)
        status = set_token(document, "SecretAccessKey", answer, &err);
    if (status == ACSMTP_OK)
        status = set_token(document, "SessionToken", answer, &err);
    if (status == ACSMTP_OK)
        status = set_expiry(document, "Expiration", answer, &err);
    return finish(document, status, &err);
}

/* ExecCredential of client.authentication.k8s.io/v1, as kubectl reads it. */
static int write_k8s(const struct token_answer *answer)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *document = acsmtp_json_new_object(&err);
    ACSMTP_AUTO_JSON struct acsmtp_json *inner = acsmtp_json_new_object(&err);
    int status = document && inner ? set_token(inner, "token", answer, &err) : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = set_expiry(inner, "expirationTimestamp", answer, &err);
    if (status == ACSMTP_OK)
        status = output_set_text(document, "apiVersion", "client.authentication.k8s.io/v1", &err);
    if (status == ACSMTP_OK)
        status = output_set_text(document, "kind", "ExecCredential", &err);
    if (status == ACSMTP_OK)
        status = acsmtp_json_set(document, "status", ACSMTP_STEAL(struct acsmtp_json, inner), &err);
    return finish(document, status, &err);
}

/* The protocol of docker-credential-helpers; "<token>" is its name for a user who shows a token. */
static int write_docker(const struct token_answer *answer)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *document = acsmtp_json_new_object(&err);
    int status =
        document ? output_set_text(document, "ServerURL", answer->server, &err) : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = output_set_text(document, "Username", "<token>", &err);
    if (status == ACSMTP_OK)
        status = set_token(document, "Secret", answer, &err);
    return finish(document, status, &err);
}

/* Within single quotes a shell leaves everything alone but a single quote. */
static int put_quoted(const char *text)
{
    int code = put("'");

    while (code == EX_OK && *text) {
        size_t plain = strcspn(text, "'");

        if (output_bytes(text, plain) != 0)
            return EX_IOERR;
        text += plain;
        if (*text) {
            code = put("'\\''");
            text++;
        }
    }
    return code == EX_OK ? put("'\n") : code;
}

static int write_env(const struct token_answer *answer)
{
    char text[256];
    int code;

    (void)snprintf(text, sizeof text, "export %.200s=", answer->variable);
    code = put(text);
    if (code == EX_OK)
        code = put_quoted(acsmtp_secret_data(acsmtp_credential_secret(answer->credential)));
    (void)snprintf(text, sizeof text, "export %.200s_EXPIRES_ON=%lld\n", answer->variable,
                   (long long)acsmtp_credential_expires_on(answer->credential));
    return code == EX_OK ? put(text) : code;
}

const struct token_format *token_format_find(const char *name)
{
    static const struct token_format formats[] = {
        {"raw", write_raw, 0}, {"json", write_json, 0}, {"git", write_git, 1},
        {"aws", write_aws, 0}, {"k8s", write_k8s, 0},   {"docker", write_docker, 1},
        {"env", write_env, 0},
    };

    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

int token_variable_valid(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    size_t length = strlen(name);

    return length > 0 && length <= 200 && strspn(name, letters) == length &&
           (*name < '0' || *name > '9');
}
