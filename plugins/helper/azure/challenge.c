/* SPDX-License-Identifier: MIT */
/* The parser of Key Vault's challenge; see challenge.h. */
#include "challenge.h"

#include "azure.h"

#include <acsmtp/text.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define VALUE_MAX 6144 /* claims are the longest: 4 KiB as base64 */
#define PARAMETER_NAME_MAX 32
#define SCHEME "https://"
#define CHALLENGES_MAX 8

struct parameter {
    char name[PARAMETER_NAME_MAX];
    char value[VALUE_MAX];
};

/* The end of a quoted value, with the value unescaped; NULL when it does not end or fit. */
static const char *read_quoted(const char *at, char *value)
{
    size_t size = 0;

    for (; *at && *at != '"'; at++) {
        if (*at == '\\' && at[1])
            at++;
        if (size + 1 >= VALUE_MAX)
            return NULL;
        value[size++] = *at;
    }
    value[size] = '\0';
    return *at == '"' ? at + 1 : NULL;
}

static const char *read_plain(const char *at, char *value)
{
    size_t size = strcspn(at, ", \t");

    if (size >= VALUE_MAX)
        return NULL;
    memcpy(value, at, size);
    value[size] = '\0';
    return at + size;
}

/*
 * The next name=value; parameters stand apart by commas, blanks or both. NULL at the end, at
 * something malformed, and where another scheme's challenge begins.
 */
static const char *next(const char *at, struct parameter *parameter)
{
    size_t size;

    at += strspn(at, ", \t");
    size = strcspn(at, "=, \t\"");
    if (size == 0 || size >= PARAMETER_NAME_MAX || at[size] != '=')
        return NULL;
    memcpy(parameter->name, at, size);
    parameter->name[size] = '\0';
    at += size + 1;
    return *at == '"' ? read_quoted(at + 1, parameter->value) : read_plain(at, parameter->value);
}

/* 1 when all of `text` was base64 of text without control characters that fits. */
static int base64_decode(const char *text, char *out, size_t capacity)
{
    ptrdiff_t size = acsmtp_base64_decode(text, strlen(text), out, capacity - 1);

    for (ptrdiff_t i = 0; i < size; i++)
        if ((unsigned char)out[i] < 0x20)
            return 0;
    if (size >= 0)
        out[size] = '\0';
    return size >= 0;
}

/* First path segment of https://HOST/TENANT[/...]. */
static int read_tenant(const char *authorization, char *tenant, size_t capacity)
{
    const size_t scheme = strlen(SCHEME);
    const char *at;
    size_t size;

    if (strncasecmp(authorization, SCHEME, scheme) != 0)
        return 0;
    at = strchr(authorization + scheme, '/');
    size = at ? strcspn(at + 1, "/?#") : 0;
    if (!at || size >= capacity)
        return 0;
    memcpy(tenant, at + 1, size);
    tenant[size] = '\0';
    return azure_is_word(tenant, ".-");
}

/* What the parameters say, before it is made sense of. */
struct words {
    char authorization[512], resource[256], scope[320], claims[VALUE_MAX];
};

static int keep(char *out, size_t capacity, const char *value)
{
    return snprintf(out, capacity, "%s", value) < (int)capacity;
}

static int assign(struct words *words, const struct parameter *parameter)
{
    const char *name = parameter->name;

    if (strcasecmp(name, "authorization") == 0 || strcasecmp(name, "authorization_uri") == 0)
        return keep(words->authorization, sizeof words->authorization, parameter->value);
    if (strcasecmp(name, "resource") == 0)
        return keep(words->resource, sizeof words->resource, parameter->value);
    if (strcasecmp(name, "scope") == 0)
        return keep(words->scope, sizeof words->scope, parameter->value);
    if (strcasecmp(name, "claims") == 0)
        return keep(words->claims, sizeof words->claims, parameter->value);
    return 1;
}

static int read_words(const char *header, struct words *words)
{
    struct parameter parameter;
    const char *at = header + strspn(header, " \t");

    if (strncasecmp(at, "Bearer", 6) != 0 || (at[6] != ' ' && at[6] != '\t'))
        return 0;
    for (at = next(at + 6, &parameter); at; at = next(at, &parameter)) {
        if (!assign(words, &parameter))
            return 0;
    }
    return 1;
}

int azure_challenge_parse(struct azure_challenge *challenge, const char *header,
                          struct acsmtp_error *err)
{
    struct words words = {.claims = ""};
    int good = read_words(header, &words);

    *challenge = (struct azure_challenge){.tenant = ""};
    if (good && words.scope[0])
        good = keep(challenge->scope, sizeof challenge->scope, words.scope);
    else if (good)
        good = words.resource[0] &&
               snprintf(challenge->scope, sizeof challenge->scope, "%s/.default", words.resource) <
                   (int)sizeof challenge->scope;
    if (good)
        good = azure_is_word(challenge->scope, "._:/-") &&
               strncasecmp(challenge->scope, SCHEME, strlen(SCHEME)) == 0 &&
               read_tenant(words.authorization, challenge->tenant, sizeof challenge->tenant) &&
               base64_decode(words.claims, challenge->claims, sizeof challenge->claims);
    if (good)
        return ACSMTP_OK;
    *challenge = (struct azure_challenge){.tenant = ""};
    return acsmtp_fail(err, ACSMTP_PROTOCOL,
                       "the vault's challenge (WWW-Authenticate) is not understood");
}

int azure_challenge_verify(const struct azure_challenge *challenge, const char *host,
                           struct acsmtp_error *err)
{
    const char *parent = challenge->scope + strlen(SCHEME);
    size_t parent_size = strcspn(parent, "/:");
    size_t host_size = strcspn(host, ":");

    if (parent_size > 0 && host_size > parent_size + 1 &&
        host[host_size - parent_size - 1] == '.' &&
        strncasecmp(host + host_size - parent_size, parent, parent_size) == 0)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_PROTOCOL,
                       "challenge resource '%s' does not match the requested domain '%s': it is "
                       "sent no token",
                       challenge->scope, host);
}

int azure_challenge_read(const struct acsmtp_http_response *response, const char *host,
                         struct azure_challenge *challenge, struct acsmtp_error *err)
{
    for (size_t i = 0; i < CHALLENGES_MAX; i++) {
        const char *header = acsmtp_http_header(response, "WWW-Authenticate", i);

        if (!header)
            break;
        if (azure_challenge_parse(challenge, header, NULL) == ACSMTP_OK)
            return azure_challenge_verify(challenge, host, err);
    }
    return acsmtp_fail(err, ACSMTP_PROTOCOL,
                       "'%s' does not say which token it wants (no challenge of Key Vault's)",
                       host);
}
