/* SPDX-License-Identifier: MIT */
/* The stand-in for a provider, see provider.h. */
#include "provider.h"
#include "canary.h"
#include "driver/cloud.h"
#include "driver/config_private.h"
#include "http/url.h"
#include <acsmtp/json.h>
#include <acsmtp/secret.h>
#include <stdlib.h>
#include <string.h>

static struct acsmtp_json *description;
static struct cloud *cloud;

/* ---- the description ---- */

static int check_members(const char *path, struct acsmtp_error *err)
{
    static const char *const known[] = {"cloud", "tokens", "secrets", NULL};
    const char *key;

    for (size_t i = 0; (key = acsmtp_json_key(description, i)); i++) {
        size_t j = 0;

        while (known[j] && strcmp(known[j], key) != 0)
            j++;
        if (!known[j])
            return acsmtp_fail(err, ACSMTP_CONFIG,
                               "%s: unknown key '%.64s'; there are cloud, tokens and secrets", path,
                               key);
    }
    return ACSMTP_OK;
}

static int check_tokens(const char *path, struct acsmtp_error *err)
{
    const struct acsmtp_json *tokens = acsmtp_json_get(description, "tokens");
    const char *scope, *token;

    if (tokens && acsmtp_json_type(tokens) != ACSMTP_JSON_OBJECT)
        return acsmtp_fail(err, ACSMTP_CONFIG, "%s: 'tokens' is not an object", path);
    for (size_t i = 0; (scope = acsmtp_json_key(tokens, i)); i++) {
        token = acsmtp_json_string(tokens, scope);
        if (!token)
            return acsmtp_fail(err, ACSMTP_CONFIG, "%s: the token for '%.100s' is no text", path,
                               scope);
        canary_learn(token, strlen(token), CANARY_CHAIN);
    }
    return ACSMTP_OK;
}

static int check_secrets(const char *path, struct acsmtp_error *err)
{
    const struct acsmtp_json *names = acsmtp_json_get(description, "secrets");

    if (names && acsmtp_json_type(names) != ACSMTP_JSON_ARRAY)
        return acsmtp_fail(err, ACSMTP_CONFIG, "%s: 'secrets' is not a list", path);
    for (size_t i = 0; i < acsmtp_json_length(names); i++)
        if (!acsmtp_json_text(acsmtp_json_item(names, i)))
            return acsmtp_fail(err, ACSMTP_CONFIG, "%s: 'secrets' are names of members", path);
    return ACSMTP_OK;
}

static int parse(const char *path, struct acsmtp_error *err)
{
    struct config_file file;
    int status = config_file_read(path, 0, &file, err);

    if (status != ACSMTP_OK)
        return status;
    description = config_file_parse(&file, err);
    config_file_release(&file);
    return description ? ACSMTP_OK : err->status;
}

int provider_use(const char *path, struct acsmtp_error *err)
{
    int status = parse(path, err);

    if (status == ACSMTP_OK)
        status = check_members(path, err);
    if (status == ACSMTP_OK)
        status = check_tokens(path, err);
    if (status == ACSMTP_OK)
        status = check_secrets(path, err);
    if (status == ACSMTP_OK && acsmtp_json_get(description, "cloud"))
        status = cloud_open(acsmtp_json_get(description, "cloud"), &cloud, err);
    if (status != ACSMTP_OK)
        provider_forget();
    return status;
}

void provider_forget(void)
{
    acsmtp_json_free(description);
    cloud_free(cloud);
    description = NULL;
    cloud = NULL;
}

int provider_is_there(void)
{
    return description != NULL;
}

int provider_apply(struct acsmtp_context *context)
{
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;

    return cloud && cloud_apply(cloud, context, &unwanted) == ACSMTP_OK;
}

int provider_has_tokens(void)
{
    return acsmtp_json_get(description, "tokens") != NULL;
}

const char *provider_token(const char *scope)
{
    return acsmtp_json_string(acsmtp_json_get(description, "tokens"), scope);
}

/* ---- requests and replies ---- */

int provider_takes(const char *url)
{
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    struct http_url parts;

    return description && http_url_check(url, &parts, &unwanted) == ACSMTP_OK &&
           (parts.place == NET_LOOPBACK || parts.place == NET_LOCALHOST);
}

static int is_secret(const char *name)
{
    static const char *const known[] = {"secretText", "client_secret", "password", "access_token",
                                        "refresh_token"};
    const struct acsmtp_json *told = acsmtp_json_get(description, "secrets");

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(name, known[i]) == 0)
            return 1;
    for (size_t i = 0; i < acsmtp_json_length(told); i++)
        if (strcmp(name, acsmtp_json_text(acsmtp_json_item(told, i))) == 0)
            return 1;
    return 0;
}

/* Wherever they stand; the parser sees to it that this ends. */
static void learn_from(const struct acsmtp_json *json)
{
    const char *name;

    for (size_t i = 0; (name = acsmtp_json_key(json, i)); i++) {
        const char *text = acsmtp_json_string(json, name);

        if (text && is_secret(name))
            canary_learn(text, strlen(text), CANARY_REPLY);
        learn_from(acsmtp_json_get(json, name));
    }
    for (size_t i = 0; i < acsmtp_json_length(json); i++)
        learn_from(acsmtp_json_item(json, i));
}

void provider_learn(const struct acsmtp_http_response *response)
{
    const struct acsmtp_secret *body = acsmtp_http_body(response);
    ACSMTP_AUTO_JSON struct acsmtp_json *json =
        body ? acsmtp_json_parse(acsmtp_secret_data(body), acsmtp_secret_size(body), NULL) : NULL;

    learn_from(json);
}
