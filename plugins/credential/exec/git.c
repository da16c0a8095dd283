/* SPDX-License-Identifier: MIT */
/* git's credential helper protocol (git-credential(1)): lines of key=value; see formats.h. */
#include "formats.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One line of the output, borrowed from it. */
struct exec_line {
    const char *key, *value;
    size_t key_size, value_size;
};

static int exec_key_is(const struct exec_line *line, const char *key)
{
    return line->key_size == strlen(key) && memcmp(line->key, key, line->key_size) == 0;
}

/* quit=1 or quit=true. */
static int exec_is_true(const struct exec_line *line)
{
    return (line->value_size == 1 && line->value[0] == '1') ||
           (line->value_size == 4 && memcmp(line->value, "true", 4) == 0);
}

static int exec_read_expiry(const struct exec_line *line, int64_t *seconds)
{
    *seconds = 0;
    for (size_t i = 0; i < line->value_size; i++) {
        char c = line->value[i];

        if (c < '0' || c > '9' || *seconds > INT64_MAX / 100)
            return 0;
        *seconds = *seconds * 10 + (c - '0');
    }
    return line->value_size > 0;
}

static int exec_take_line(const struct exec_line *line, struct exec_reply *reply,
                          struct acsmtp_error *err)
{
    if (exec_key_is(line, "username"))
        return exec_set_username(reply, line->value, line->value_size, err);
    if (exec_key_is(line, "quit") && exec_is_true(line))
        return acsmtp_fail(err, ACSMTP_DENIED, "it says that nobody else shall be asked (quit)");
    if (exec_key_is(line, "password_expiry_utc") && !exec_read_expiry(line, &reply->expires_on))
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "password_expiry_utc in its output is no number");
    if (!exec_key_is(line, "password"))
        return ACSMTP_OK;
    acsmtp_secret_free(reply->secret);
    reply->secret = acsmtp_secret_new(line->value, line->value_size, err);
    return reply->secret ? ACSMTP_OK : ACSMTP_SYSTEM;
}

/* The next line; NULL at the blank line that ends a message, and at the end of the output. */
static const char *exec_next_line(const char *at, const char *end, struct exec_line *line)
{
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    const char *equals;

    if (!stop)
        stop = end;
    if (stop == at || (stop - at == 1 && *at == '\r'))
        return NULL;
    equals = memchr(at, '=', (size_t)(stop - at));
    *line = (struct exec_line){.key = at, .value = equals ? equals + 1 : NULL};
    if (equals) {
        line->key_size = (size_t)(equals - at);
        line->value_size = (size_t)(stop - equals - 1);
    }
    return stop < end ? stop + 1 : end;
}

int exec_read_git(const struct acsmtp_secret *output, int kind, struct exec_reply *reply,
                  struct acsmtp_error *err)
{
    const char *at = acsmtp_secret_data(output);
    const char *end = at + acsmtp_secret_size(output);
    struct exec_line line;
    int status = ACSMTP_OK;

    reply->kind = kind == EXEC_TOKEN ? EXEC_TOKEN : EXEC_PASSWORD;
    while (status == ACSMTP_OK && at < end && (at = exec_next_line(at, end, &line)) != NULL)
        status = line.value
                     ? exec_take_line(&line, reply, err)
                     : acsmtp_fail(err, ACSMTP_PROTOCOL, "a line of its output is not key=value");
    if (status != ACSMTP_OK)
        return status;
    if (!reply->secret || acsmtp_secret_size(reply->secret) == 0)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "it knows no password for this server");
    if (reply->expires_on > 0 && reply->expires_on <= (int64_t)time(NULL))
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "the password it knows has expired");
    return ACSMTP_OK;
}

static int exec_add(struct acsmtp_secret *message, const char *key, const char *value, size_t size,
                    struct acsmtp_error *err)
{
    int status = acsmtp_secret_append(message, key, strlen(key), err);

    if (status == ACSMTP_OK)
        status = acsmtp_secret_append(message, value, size, err);
    if (status == ACSMTP_OK)
        status = acsmtp_secret_append(message, "\n", 1, err);
    return status;
}

struct acsmtp_secret *exec_git_message(const char *host, const char *username,
                                       const struct acsmtp_secret *password,
                                       struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *message = acsmtp_secret_new("", 0, err);
    int status = message ? exec_add(message, "protocol=", "smtp", 4, err) : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK && host)
        status = exec_add(message, "host=", host, strlen(host), err);
    if (status == ACSMTP_OK && username)
        status = exec_add(message, "username=", username, strlen(username), err);
    if (status == ACSMTP_OK && password)
        status = exec_add(message, "password=", acsmtp_secret_data(password),
                          acsmtp_secret_size(password), err);
    if (status == ACSMTP_OK)
        status = acsmtp_secret_append(message, "\n", 1, err);
    return status == ACSMTP_OK ? ACSMTP_STEAL(struct acsmtp_secret, message) : NULL;
}
