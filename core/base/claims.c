/* SPDX-License-Identifier: MIT */
/*
 * Looking into a JWT (RFC 7519): its header and its claims as JSON. Nothing is verified: this is
 * for explanations only. Without libjwt, which refuses an "alg" that it does not know (PS256) and a
 * "typ" that is not "JWT" (at+jwt), both usual from Entra, and takes members that come twice.
 */
#include "secret_private.h"
#include <acsmtp/json.h>
#include <acsmtp/text.h>
#include <acsmtp/token.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define JWT_MAX (64U * 1024U)

struct acsmtp_claims {
    struct acsmtp_json *document; /* {"header": ..., "claims": ...} */
    char *text;                   /* the same */
};

/* One of the three parts; `text` is not NUL-terminated. */
struct part {
    const char *text;
    size_t size;
};

static int not_a_jwt(struct acsmtp_error *err, const char *why)
{
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "the token is not a JWT: %s", why);
}

/* The digits of RFC 4648 section 5; padding has no place in a JWT (RFC 7515 section 2). */
static int is_base64url(const struct part *part)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    for (size_t i = 0; i < part->size; i++)
        if (!memchr(digits, part->text[i], sizeof digits - 1))
            return 0;
    return 1;
}

static int split(const struct acsmtp_secret *token, struct part parts[3], struct acsmtp_error *err)
{
    const char *at = acsmtp_secret_data(token), *end = at + acsmtp_secret_size(token);

    if (acsmtp_secret_size(token) > JWT_MAX)
        return not_a_jwt(err, "too long");
    for (int i = 0; i < 3; i++) {
        const char *dot = i < 2 ? memchr(at, '.', (size_t)(end - at)) : end;

        if (!dot)
            return not_a_jwt(err, "it has no three parts");
        parts[i] = (struct part){at, (size_t)(dot - at)};
        at = dot + 1;
        if (!is_base64url(&parts[i]))
            return not_a_jwt(err, "a part is not base64url");
    }
    return ACSMTP_OK;
}

static struct acsmtp_secret *decode(const struct part *part, struct acsmtp_error *err)
{
    struct acsmtp_secret *out = acsmtp_secret_new(NULL, 0, err);
    char *room = out ? secret_reserve(out, part->size, err) : NULL;
    ptrdiff_t size = room ? acsmtp_base64_decode(part->text, part->size, room, part->size) : -1;

    if (size > 0) {
        secret_commit(out, (size_t)size);
        return out;
    }
    if (room)
        (void)not_a_jwt(err, "a part is not base64url");
    acsmtp_secret_free(out);
    return NULL;
}

/* Strict JSON, as a whole. */
static struct acsmtp_json *parse_part(const struct part *part, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *text = decode(part, err);
    struct acsmtp_json *object;

    if (!text)
        return NULL;
    object = acsmtp_json_parse(acsmtp_secret_data(text), acsmtp_secret_size(text), NULL);
    if (object && acsmtp_json_type(object) == ACSMTP_JSON_OBJECT)
        return object;
    acsmtp_json_free(object);
    (void)not_a_jwt(err, "a part is not a JSON object");
    return NULL;
}

static struct acsmtp_json *read_header(const struct part *part, struct acsmtp_error *err)
{
    struct acsmtp_json *header = parse_part(part, err);

    if (!header || acsmtp_json_string(header, "alg"))
        return header;
    acsmtp_json_free(header);
    (void)not_a_jwt(err, "its header names no algorithm");
    return NULL;
}

static int fill(struct acsmtp_claims *claims, const struct acsmtp_secret *token,
                struct acsmtp_error *err)
{
    struct acsmtp_json *header, *body;
    struct part parts[3] = {{0}};
    int status = split(token, parts, err);

    if (status != ACSMTP_OK)
        return status;
    claims->document = acsmtp_json_new_object(err);
    header = claims->document ? read_header(&parts[0], err) : NULL;
    if (!header || acsmtp_json_set(claims->document, "header", header, err) != ACSMTP_OK)
        return ACSMTP_PROTOCOL;
    body = parse_part(&parts[1], err);
    if (!body || acsmtp_json_set(claims->document, "claims", body, err) != ACSMTP_OK)
        return ACSMTP_PROTOCOL;
    claims->text = acsmtp_json_format(claims->document);
    return claims->text ? ACSMTP_OK : acsmtp_fail_errno(err, ENOMEM, "cannot read a token");
}

struct acsmtp_claims *acsmtp_claims_parse(const struct acsmtp_secret *token,
                                          struct acsmtp_error *err)
{
    struct acsmtp_claims *claims = calloc(1, sizeof *claims);

    if (!claims) {
        (void)acsmtp_fail_errno(err, ENOMEM, "cannot read a token");
        return NULL;
    }
    if (fill(claims, token, err) == ACSMTP_OK)
        return claims;
    acsmtp_claims_free(claims);
    return NULL;
}

void acsmtp_claims_free(struct acsmtp_claims *claims)
{
    if (!claims)
        return;
    acsmtp_json_free(claims->document);
    free(claims->text);
    free(claims);
}

static const struct acsmtp_json *body_of(const struct acsmtp_claims *claims)
{
    return claims ? acsmtp_json_get(claims->document, "claims") : NULL;
}

const char *acsmtp_claims_string(const struct acsmtp_claims *claims, const char *name)
{
    const struct acsmtp_json *claim = acsmtp_json_get(body_of(claims), name);

    if (acsmtp_json_type(claim) == ACSMTP_JSON_ARRAY)
        claim = acsmtp_json_item(claim, 0);
    return acsmtp_json_text(claim);
}

int acsmtp_claims_integer(const struct acsmtp_claims *claims, const char *name, int64_t *value)
{
    return acsmtp_json_integer(body_of(claims), name, value);
}

const char *acsmtp_claims_json(const struct acsmtp_claims *claims)
{
    return claims ? claims->text : NULL;
}
