/* SPDX-License-Identifier: MIT */
/*
 * struct acsmtp_credential: what a source returns, with the files it came from.
 */
#include "credential_private.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_MAX (64U * 1024U)

struct dependency {
    struct dependency *next;
    char path[];
};

struct acsmtp_credential {
    int kind;
    struct acsmtp_secret *secret;
    char *username;
    int64_t expires_on, refresh_on;
    struct dependency *files; /* in the order they were added */
    struct credential_origin origin;
};

struct acsmtp_credential *acsmtp_credential_new(struct acsmtp_error *err)
{
    struct acsmtp_credential *credential = calloc(1, sizeof *credential);

    if (credential)
        credential->kind = ACSMTP_CREDENTIAL_NONE;
    else
        (void)acsmtp_fail_errno(err, ENOMEM, "cannot keep a credential");
    return credential;
}

void credential_clear(struct acsmtp_credential *credential)
{
    acsmtp_secret_free(credential->secret);
    free(credential->username);
    while (credential->files) {
        struct dependency *file = credential->files;

        credential->files = file->next;
        free(file);
    }
    *credential = (struct acsmtp_credential){.kind = ACSMTP_CREDENTIAL_NONE};
}

void acsmtp_credential_free(struct acsmtp_credential *credential)
{
    if (!credential)
        return;
    credential_clear(credential);
    free(credential);
}

void credential_move(struct acsmtp_credential *to, struct acsmtp_credential *from)
{
    if (to == from)
        return;
    credential_clear(to);
    *to = *from;
    *from = (struct acsmtp_credential){.kind = ACSMTP_CREDENTIAL_NONE};
}

static void set(struct acsmtp_credential *credential, int kind, struct acsmtp_secret *secret,
                char *username)
{
    acsmtp_secret_free(credential->secret);
    free(credential->username);
    credential->kind = kind;
    credential->secret = secret;
    credential->username = username;
    credential->expires_on = credential->refresh_on = 0;
}

static int token_check(const struct acsmtp_secret *token, struct acsmtp_error *err)
{
    const char *bytes = acsmtp_secret_data(token);
    size_t size = acsmtp_secret_size(token), at;

    if (size == 0)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the token is empty");
    if (size > TOKEN_MAX)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the token is longer than %u bytes", TOKEN_MAX);
    for (at = 0; at < size; at++)
        if (bytes[at] <= 0x20 || bytes[at] >= 0x7f)
            return acsmtp_fail(err, ACSMTP_PROTOCOL,
                               "the token holds something else than visible ASCII characters");
    return ACSMTP_OK;
}

int acsmtp_credential_set_token(struct acsmtp_credential *credential, struct acsmtp_secret *token,
                                int64_t expires_on, int64_t refresh_on, struct acsmtp_error *err)
{
    int status = token_check(token, err);

    if (status != ACSMTP_OK) {
        acsmtp_secret_free(token);
        return status;
    }
    set(credential, ACSMTP_CREDENTIAL_TOKEN, token, NULL);
    credential->expires_on = expires_on;
    credential->refresh_on = refresh_on;
    return ACSMTP_OK;
}

static int has_line_end(const char *bytes, size_t size)
{
    return memchr(bytes, '\r', size) || memchr(bytes, '\n', size) || memchr(bytes, '\0', size);
}

static int password_check(const char *username, const struct acsmtp_secret *password,
                          struct acsmtp_error *err)
{
    size_t size = acsmtp_secret_size(password);

    if (username && has_line_end(username, strlen(username)))
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the user name holds a line end");
    if (size == 0)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the password is empty");
    if (has_line_end(acsmtp_secret_data(password), size))
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the password holds a line end or a NUL");
    return ACSMTP_OK;
}

int acsmtp_credential_set_password(struct acsmtp_credential *credential, const char *username,
                                   struct acsmtp_secret *password, struct acsmtp_error *err)
{
    int status = password_check(username, password, err);
    char *copy = NULL;

    if (status == ACSMTP_OK && username) {
        copy = strdup(username);
        if (!copy)
            status = acsmtp_fail_errno(err, ENOMEM, "cannot keep a credential");
    }
    if (status != ACSMTP_OK) {
        acsmtp_secret_free(password);
        return status;
    }
    set(credential, ACSMTP_CREDENTIAL_PASSWORD, password, copy);
    return ACSMTP_OK;
}

int acsmtp_credential_depends_on(struct acsmtp_credential *credential, const char *path,
                                 struct acsmtp_error *err)
{
    struct dependency **end = &credential->files, *file;
    size_t size;

    if (!path || path[0] != '/')
        return acsmtp_fail(err, ACSMTP_SYSTEM, "'%s' is not an absolute path", path ? path : "");
    size = strlen(path) + 1;
    file = malloc(sizeof *file + size);
    if (!file)
        return acsmtp_fail_errno(err, ENOMEM, "cannot keep a credential");
    memcpy(file->path, path, size);
    file->next = NULL;
    while (*end)
        end = &(*end)->next;
    *end = file;
    return ACSMTP_OK;
}

const char *credential_dependency(const struct acsmtp_credential *credential, size_t index)
{
    const struct dependency *file = credential ? credential->files : NULL;

    while (file && index-- > 0)
        file = file->next;
    return file ? file->path : NULL;
}

struct credential_origin credential_origin(const struct acsmtp_credential *credential)
{
    return credential ? credential->origin : (struct credential_origin){0};
}

void credential_set_origin(struct acsmtp_credential *credential, struct credential_origin origin)
{
    credential->origin = origin;
}

int acsmtp_credential_kind(const struct acsmtp_credential *credential)
{
    return credential ? credential->kind : ACSMTP_CREDENTIAL_NONE;
}

const struct acsmtp_secret *acsmtp_credential_secret(const struct acsmtp_credential *credential)
{
    return credential ? credential->secret : NULL;
}

const char *acsmtp_credential_username(const struct acsmtp_credential *credential)
{
    return credential ? credential->username : NULL;
}

int64_t acsmtp_credential_expires_on(const struct acsmtp_credential *credential)
{
    return credential ? credential->expires_on : 0;
}

int64_t acsmtp_credential_refresh_on(const struct acsmtp_credential *credential)
{
    return credential ? credential->refresh_on : 0;
}
