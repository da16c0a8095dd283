/* SPDX-License-Identifier: MIT */
/*
 * Checks of the endpoints' values. They end up in URLs and in the SMTP session, so nothing passes
 * that could mean something else there.
 */
#include "cloud_private.h"
#include "config_private.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define VALUE_MAX 1023

static int only(const char *text, size_t size, const char *allowed)
{
    size_t i;

    for (i = 0; i < size; i++)
        if (!text[i] || !strchr(allowed, text[i]))
            return 0;
    return size > 0;
}

#define DIGITS "0123456789"
#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "-."

static int is_port(const char *text)
{
    size_t size = strlen(text);
    unsigned long port = strtoul(text, NULL, 10);

    return size <= 5 && only(text, size, DIGITS) && port >= 1 && port <= 65535;
}

/* Of "host", "host:port", "[address]", "[address]:port": how long the host is, 0 when it is none.
 */
static size_t host_size(const char *text)
{
    size_t size = strcspn(text, ":");

    if (text[0] == '[') {
        size = strcspn(text, "]");
        if (!text[size] || !only(text + 1, size - 1, DIGITS "abcdefABCDEF:."))
            return 0;
        size++;
    } else if (!only(text, size, NAME_LETTERS) || text[0] == '.' || text[0] == '-') {
        return 0;
    }
    if (text[size] && (text[size] != ':' || !is_port(text + size + 1)))
        return 0;
    return size;
}

/* This machine itself, or the link it stands on: where http may be spoken. */
static int is_near(const char *host, size_t size)
{
    static const char local[] = "localhost";
    size_t length = sizeof local - 1;

    if (size >= length && strncasecmp(host + size - length, local, length) == 0 &&
        (size == length || host[size - length - 1] == '.'))
        return 1;
    if (host[0] == '[')
        return strncmp(host, "[::1]", size) == 0 || strncasecmp(host, "[fe80:", 6) == 0 ||
               strncasecmp(host, "[fd00:ec2::254]", size) == 0;
    return only(host, size, DIGITS ".") &&
           (strncmp(host, "127.", 4) == 0 || strncmp(host, "169.254.", 8) == 0);
}

static int is_url(const char *text)
{
    int tls = strncmp(text, "https://", 8) == 0;
    const char *host = text + (tls ? 8 : 7);
    char authority[VALUE_MAX + 1];
    size_t size;

    if ((!tls && strncmp(text, "http://", 7) != 0) || strpbrk(text, "?#@\\ \""))
        return 0;
    (void)snprintf(authority, sizeof authority, "%.*s", (int)strcspn(host, "/"), host);
    size = host_size(authority);
    return size > 0 && (tls || is_near(authority, size));
}

int cloud_has_form(enum cloud_form form, const char *text)
{
    size_t size = strlen(text);

    if (size == 0 || size > VALUE_MAX || !config_text_clean(text))
        return 0;
    switch (form) {
    case FORM_URL:
        return is_url(text);
    case FORM_HOST:
        return host_size(text) > 0;
    case FORM_PORT:
        return is_port(text);
    case FORM_TENANT:
        return only(text, size, NAME_LETTERS);
    case FORM_SCOPE:
        return strpbrk(text, " \"\\") == NULL;
    case FORM_PATH:
        break;
    }
    return 1;
}

const char *cloud_form_text(enum cloud_form form)
{
    static const char *const texts[] = {
        [FORM_URL] = "a URL: https, or http to this machine or a link-local address",
        [FORM_HOST] = "a host name or address",
        [FORM_PORT] = "a port, 1 to 65535",
        [FORM_SCOPE] = "one scope",
        [FORM_TENANT] = "a tenant's id or domain",
        [FORM_PATH] = "a path",
    };

    return texts[form];
}
