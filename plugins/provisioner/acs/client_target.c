/* SPDX-License-Identifier: MIT */
/*
 * Where a request goes. A token leads to everything its owner may do, so it goes to the service's
 * own origin (RFC 6454) and nowhere else, whatever a reply says.
 */
#include "client_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HTTPS "https://"
#define LABEL "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

/* ---- names for messages ---- */

/* Behind "/subscriptions/ID/", when there is something. */
static const char *within_subscription(const char *path)
{
    static const char subscriptions[] = "/subscriptions/";
    const char *id = path + strlen(subscriptions);

    if (strncasecmp(path, subscriptions, strlen(subscriptions)) != 0)
        return path;
    return id[strcspn(id, "/?")] == '/' ? id + strcspn(id, "/") + 1 : path;
}

/* What a path is about stands behind its last provider, or in its subscription. */
static const char *subject(const char *target)
{
    static const char providers[] = "/providers/";
    const char *end = target + strcspn(target, "?");
    const char *path = target;
    const char *last = NULL;
    const char *found;

    if (*target != '/' && strstr(target, "://")) {
        path = strstr(target, "://") + 3;
        path += strcspn(path, "/?");
    }
    for (found = strstr(path, providers); found && found < end; found = strstr(last, providers))
        last = found + strlen(providers);
    return last ? last : within_subscription(path);
}

void client_what(const struct client_request *request, char what[CLIENT_WHAT_MAX])
{
    const char *path = subject(request->target);

    if (request->what)
        (void)snprintf(what, CLIENT_WHAT_MAX, "%s", request->what);
    else
        (void)snprintf(what, CLIENT_WHAT_MAX, "%s %.*s", request->method,
                       (int)(strcspn(path, "?") < 200 ? strcspn(path, "?") : 200), path);
}

/* ---- origins ---- */

/* The end of "https://HOST[:PORT]"; plain http is for loopback, which the HTTP client sees to. */
static size_t origin_size(const char *url)
{
    const char *authority = strstr(url, "://");

    return authority ? (size_t)(authority - url) + 3 + strcspn(authority + 3, "/?#") : 0;
}

/* The same without https's own port: key vaults write it out in their links. */
static size_t significant_size(const char *url)
{
    size_t size = origin_size(url);

    if (size > 4 && strncasecmp(url, HTTPS, strlen(HTTPS)) == 0 &&
        strncmp(url + size - 4, ":443", 4) == 0)
        return size - 4;
    return size;
}

static int is_same_origin(const char *url, const char *base)
{
    size_t size = significant_size(url);

    return size > 0 && size == significant_size(base) && strncasecmp(url, base, size) == 0;
}

static int is_url_text(const char *text)
{
    while (*text > 0x20 && *text < 0x7f && *text != '#')
        text++;
    return *text == '\0';
}

static int join(const char *base, const char *target, char **url, struct acsmtp_error *err)
{
    int is_whole = *target != '/';

    if (!is_url_text(target) || strlen(base) + strlen(target) > CLIENT_URL_MAX)
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "an address is longer than %u bytes or no address: '%.100s'",
                           CLIENT_URL_MAX, target);
    if (is_whole && !is_same_origin(target, base))
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "'%.*s' is sent no token: the answer of '%.*s' must lead back to it",
                           (int)(origin_size(target) ? origin_size(target) : 100), target,
                           (int)origin_size(base), base);
    if (asprintf(url, "%s%s", is_whole ? "" : base, target) < 0) {
        *url = NULL;
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    return ACSMTP_OK;
}

/* ---- vaults ---- */

/* HOST[:PORT] of a vault is one label under the domain of the cloud's vaults. */
static int vault_host(const char *base, const char *domain, char host[CLIENT_HOST_MAX],
                      struct acsmtp_error *err)
{
    size_t size = significant_size(base);
    size_t label;

    if (strncasecmp(base, HTTPS, strlen(HTTPS)) == 0 && size - strlen(HTTPS) < CLIENT_HOST_MAX) {
        (void)snprintf(host, CLIENT_HOST_MAX, "%.*s", (int)(size - strlen(HTTPS)),
                       base + strlen(HTTPS));
        label = strspn(host, LABEL);
        if (label > 0 && host[label] == '.' && strcasecmp(host + label + 1, domain) == 0)
            return ACSMTP_OK;
    }
    host[0] = '\0';
    return acsmtp_fail(err, ACSMTP_PROTOCOL,
                       "'%.100s' is sent no token: vaults of this cloud live under %s", base,
                       domain);
}

/* ---- all ---- */

static int endpoint(const struct acsmtp_context *context, const char *name, const char **value,
                    struct acsmtp_error *err)
{
    *value = acsmtp_context_endpoint(context, name);
    if (*value)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG, "the cloud does not say where that is (%s)", name);
}

int client_url(const struct acsmtp_context *context, const struct client_request *request,
               char **url, char host[CLIENT_HOST_MAX], struct acsmtp_error *err)
{
    static const char *const names[] = {[CLIENT_ARM] = "resource_manager",
                                        [CLIENT_GRAPH] = "graph",
                                        [CLIENT_VAULT] = "key_vault_domain"};
    const char *base;
    char vault[CLIENT_HOST_MAX + sizeof HTTPS];
    int status = endpoint(context, names[request->service], &base, err);

    host[0] = '\0';
    if (status == ACSMTP_OK && request->service == CLIENT_VAULT) {
        status = vault_host(request->host ? request->host : "", base, host, err);
        (void)snprintf(vault, sizeof vault, HTTPS "%s", host);
        base = vault;
    }
    if (status == ACSMTP_OK)
        status = join(base, request->target, url, err);
    return status;
}
