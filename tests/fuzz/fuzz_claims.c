/* SPDX-License-Identifier: MIT */
/*
 * JWTs: the input is a token, or header and claims (with a line end between them) that a token is
 * made of, so that the fuzzer gets behind base64url.
 */
#include <acsmtp/json.h>
#include <acsmtp/token.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct acsmtp_secret *token)
{
    struct acsmtp_claims *claims = acsmtp_claims_parse(token, NULL);
    struct acsmtp_json *json;
    int64_t value;

    if (!claims)
        return;
    (void)acsmtp_claims_string(claims, "aud");
    (void)acsmtp_claims_integer(claims, "exp", &value);
    json = acsmtp_json_parse(acsmtp_claims_json(claims), strlen(acsmtp_claims_json(claims)), NULL);
    if (!acsmtp_json_string(acsmtp_json_get(json, "header"), "alg"))
        abort();
    acsmtp_json_free(json);
    acsmtp_claims_free(claims);
}

static void add(struct acsmtp_secret *token, const uint8_t *bytes, size_t size)
{
    size_t at = acsmtp_secret_size(token);
    char *text;

    (void)!acsmtp_secret_append_base64(token, bytes, size, NULL);
    text = (char *)acsmtp_secret_data(token);
    for (; text[at] && text[at] != '='; at++) {
        if (text[at] == '+')
            text[at] = '-';
        if (text[at] == '/')
            text[at] = '_';
    }
    acsmtp_secret_truncate(token, at);
    (void)!acsmtp_secret_append(token, ".", 1, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct acsmtp_secret *token = acsmtp_secret_new(data, size, NULL);
    const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;

    check(token);
    if (line) {
        acsmtp_secret_truncate(token, 0);
        add(token, data, (size_t)(line - data));
        add(token, line + 1, size - (size_t)(line - data) - 1);
        check(token);
    }
    acsmtp_secret_free(token);
    return 0;
}
