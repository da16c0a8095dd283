/* SPDX-License-Identifier: MIT */
/*
 * The URL policy: https everywhere, plain http only to this machine and to the link-local addresses
 * of metadata services, which are also never reached through a proxy: libcurl would hand a request
 * for 169.254.169.254 to $http_proxy.
 */
#include "url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One part of the URL into `out`; 0 when it is absent or too long. */
static int get_part(CURLU *handle, CURLUPart part, unsigned flags, char *out, size_t capacity)
{
    char *text = NULL;
    int fits;

    if (curl_url_get(handle, part, &text, flags) != CURLUE_OK)
        return 0;
    fits = snprintf(out, capacity, "%s", text) < (int)capacity;
    curl_free(text);
    return fits;
}

static int has_part(CURLU *handle, CURLUPart part)
{
    char *text = NULL;
    int there = curl_url_get(handle, part, &text, 0) == CURLUE_OK;

    curl_free(text);
    return there;
}

/* "[::1]" as libcurl gives it becomes "::1". */
static void strip_brackets(char *host)
{
    size_t size = strlen(host);

    if (size > 2 && host[0] == '[' && host[size - 1] == ']') {
        memmove(host, host + 1, size - 2);
        host[size - 2] = '\0';
    }
}

/* The port only where it is not the usual one. */
static void show(struct http_url *parts, const char *scheme, const char *path)
{
    int is_ipv6 = strchr(parts->host, ':') != NULL;
    char port[16] = "";

    if (parts->port != (strcmp(scheme, "https") == 0 ? 443 : 80))
        (void)snprintf(port, sizeof port, ":%ld", parts->port);
    (void)snprintf(parts->shown, sizeof parts->shown, "%s://%s%.80s%s%s%s", scheme,
                   is_ipv6 ? "[" : "", parts->host, is_ipv6 ? "]" : "", port, path);
}

static int check_parts(CURLU *handle, struct http_url *parts, struct acsmtp_error *err)
{
    char scheme[16];
    char port[16];
    char path[160];

    if (!get_part(handle, CURLUPART_SCHEME, 0, scheme, sizeof scheme) ||
        !get_part(handle, CURLUPART_HOST, 0, parts->host, sizeof parts->host) ||
        !get_part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port))
        return acsmtp_fail(err, ACSMTP_CONFIG, "the URL has no usable scheme and host");
    if (has_part(handle, CURLUPART_USER) || has_part(handle, CURLUPART_PASSWORD) ||
        has_part(handle, CURLUPART_FRAGMENT))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the URL of %s must not hold user information or a fragment",
                           parts->host);
    strip_brackets(parts->host);
    parts->port = strtol(port, NULL, 10);
    parts->place = net_place(parts->host);
    if (!get_part(handle, CURLUPART_PATH, 0, path, sizeof path))
        path[0] = '\0';
    show(parts, scheme, path);
    if (strcmp(scheme, "https") == 0)
        return ACSMTP_OK;
    if (strcmp(scheme, "http") == 0 && parts->place != NET_REMOTE)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "%s is not allowed: use https (plain http only reaches loopback and "
                       "link-local addresses)",
                       parts->shown);
}

int http_url_check(const char *url, struct http_url *parts, struct acsmtp_error *err)
{
    CURLU *handle;
    CURLUcode code;
    int status;

    if (!url || strlen(url) > HTTP_URL_MAX)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the URL is missing or longer than %u bytes",
                           HTTP_URL_MAX);
    handle = curl_url();
    if (!handle)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    /* Refuses control characters and spaces, and turns 127.1 and the like into full addresses. */
    code = curl_url_set(handle, CURLUPART_URL, url, 0);
    status = code == CURLUE_OK
                 ? check_parts(handle, parts, err)
                 : acsmtp_fail(err, ACSMTP_CONFIG, "not a URL: %s", curl_url_strerror(code));
    curl_url_cleanup(handle);
    return status;
}

int http_route(CURL *easy, const char *host, long port, struct curl_slist **pins,
               struct acsmtp_error *err)
{
    char pin[NET_HOST_MAX + 64];
    int place = net_place(host);

    *pins = NULL;
    if (place == NET_REMOTE)
        return ACSMTP_OK;
    if (curl_easy_setopt(easy, CURLOPT_NOPROXY, "*") != CURLE_OK)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    if (place != NET_LOCALHOST)
        return ACSMTP_OK;
    (void)snprintf(pin, sizeof pin, "%s:%ld:127.0.0.1,[::1]", host, port);
    *pins = curl_slist_append(NULL, pin);
    if (!*pins || curl_easy_setopt(easy, CURLOPT_RESOLVE, *pins) != CURLE_OK)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    return ACSMTP_OK;
}
