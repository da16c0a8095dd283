/* SPDX-License-Identifier: MIT */
/*
 * Token replies: the token and its expiry, wherever a service puts them and however it spells them.
 * Some send numbers as strings, one sends local time, one sends no expiry at all.
 */
#include <acsmtp/json.h>
#include <acsmtp/token.h>
#include <string.h>

#define NAME_MAX_SIZE 64
#define EXPIRY_MAX 253402300799LL         /* the end of the year 9999 */
#define LIFE_MAX (10LL * 365 * 24 * 3600) /* of a token; a larger number is a mistake */

const struct acsmtp_token_format acsmtp_token_format_oauth2 = {
    .size = sizeof acsmtp_token_format_oauth2,
    .token = "access_token",
    .expires_on = "expires_on",
    .expires_in = "expires_in",
    .refresh_in = "refresh_in",
};

/* Walks "status.token" down to the object that holds the last name. */
static const struct acsmtp_json *holder_of(const struct acsmtp_json *reply, const char *path,
                                           const char **last)
{
    const char *dot;

    *last = path;
    while ((dot = strchr(path, '.'))) {
        char name[NAME_MAX_SIZE];
        size_t size = (size_t)(dot - path);

        if (size >= sizeof name)
            return NULL;
        memcpy(name, path, size);
        name[size] = '\0';
        reply = acsmtp_json_get(reply, name);
        path = dot + 1;
    }
    *last = path;
    return reply;
}

static int seconds_from(const struct acsmtp_json *reply, const char *path, int64_t start,
                        int64_t *seconds)
{
    const struct acsmtp_json *holder;
    const char *name;
    int64_t life;

    if (!path)
        return 0;
    holder = holder_of(reply, path, &name);
    if (!acsmtp_json_integer(holder, name, &life) || life < 0 || life > LIFE_MAX)
        return 0;
    *seconds = start + life;
    return 1;
}

/* What lies outside is no answer: a missing one, or milliseconds. */
static int is_plausible(int64_t seconds)
{
    return seconds > 0 && seconds <= EXPIRY_MAX;
}

static int point_in_time(const struct acsmtp_json *reply, const char *path, uint32_t flags,
                         int64_t *seconds)
{
    const struct acsmtp_json *holder;
    const char *name, *text;

    if (!path)
        return 0;
    holder = holder_of(reply, path, &name);
    text = acsmtp_json_string(holder, name);
    if (text)
        return acsmtp_date_parse(text, flags, seconds, NULL) == ACSMTP_OK && *seconds > 0;
    return acsmtp_json_integer(holder, name, seconds) && is_plausible(*seconds);
}

static int inner_expiry(const struct acsmtp_secret *token, int64_t *seconds)
{
    ACSMTP_AUTO_CLAIMS struct acsmtp_claims *claims = acsmtp_claims_parse(token, NULL);

    return claims && acsmtp_claims_integer(claims, "exp", seconds) && is_plausible(*seconds);
}

static struct acsmtp_secret *take_token(struct acsmtp_json *reply, const char *path,
                                        struct acsmtp_error *err)
{
    const struct acsmtp_json *holder = NULL;
    struct acsmtp_secret *token = NULL;
    const char *name = NULL;

    if (path)
        holder = holder_of(reply, path, &name);
    if (holder)
        /* The reply is ours to change, and so is every part of it. */
        token = acsmtp_json_take_secret((struct acsmtp_json *)holder, name, err);
    if (!token)
        (void)acsmtp_fail(err, ACSMTP_PROTOCOL, "the reply has no '%s'", path ? path : "token");
    return token;
}

int acsmtp_token_parse(const struct acsmtp_secret *reply, const struct acsmtp_token_format *format,
                       int64_t requested_at, struct acsmtp_credential *out,
                       struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json =
        acsmtp_json_parse(acsmtp_secret_data(reply), acsmtp_secret_size(reply), err);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *token = NULL;
    int64_t expires_on = 0, refresh_on = 0;

    if (!format)
        format = &acsmtp_token_format_oauth2;
    if (json)
        token = take_token(json, format->token, err);
    else
        acsmtp_error_prefix(err, "the reply");
    if (!token)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the reply has no token");
    if (!point_in_time(json, format->expires_on, format->flags, &expires_on) &&
        !seconds_from(json, format->expires_in, requested_at, &expires_on) &&
        !inner_expiry(token, &expires_on))
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the reply does not tell when the token expires");
    if (!seconds_from(json, format->refresh_in, requested_at, &refresh_on))
        refresh_on = 0;
    return acsmtp_credential_set_token(out, ACSMTP_STEAL(struct acsmtp_secret, token), expires_on,
                                       refresh_on, err);
}
