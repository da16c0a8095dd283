/* SPDX-License-Identifier: MIT */
/* The variables that libcurl reads for SMTP, so that HTTP and SMTP take the same way out. */
#include "smtp_proxy.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PORT_DEFAULT 1080
#define BLANKS ", \t"

/* ---- the proxy ---- */

static const struct {
    const char *scheme;
    int kind;
} schemes[] = {
    {"http", SMTP_PROXY_HTTP},
    {"socks5h", SMTP_PROXY_SOCKS5},
    {"socks5", SMTP_PROXY_SOCKS5},
};

static int fail_syntax(const char *what, struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "the proxy of the environment (all_proxy) is unusable: %s; "
                       "write http://HOST:PORT or socks5h://HOST:PORT",
                       what);
}

static int parse_scheme(const char **text, struct smtp_proxy *proxy, struct acsmtp_error *err)
{
    const char *end = strstr(*text, "://");

    proxy->kind = SMTP_PROXY_HTTP;
    if (!end)
        return ACSMTP_OK;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t size = strlen(schemes[i].scheme);

        if ((size_t)(end - *text) == size && strncasecmp(*text, schemes[i].scheme, size) == 0) {
            proxy->kind = schemes[i].kind;
            *text = end + 3;
            return ACSMTP_OK;
        }
    }
    return fail_syntax("only http, socks5h and socks5 proxies are known", err);
}

static int value_of_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A percent-encoded part of the URL as a secret. Control characters would end a header field. */
static int decode(const char *text, size_t size, struct acsmtp_secret **secret,
                  struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *made = acsmtp_secret_new("", 0, err);
    int status = made ? ACSMTP_OK : ACSMTP_SYSTEM;

    for (size_t i = 0; status == ACSMTP_OK && i < size; i++) {
        int high = text[i] == '%' && i + 2 < size ? value_of_hex(text[i + 1]) : -1;
        int low = high >= 0 ? value_of_hex(text[i + 2]) : -1;
        char c = text[i];

        if (low >= 0) {
            c = (char)(high * 16 + low);
            i += 2;
        }
        if ((unsigned char)c < 0x20 || c == 0x7f)
            return fail_syntax("its user or password holds a control character", err);
        status = acsmtp_secret_append(made, &c, 1, err);
    }
    if (status == ACSMTP_OK)
        *secret = ACSMTP_STEAL(struct acsmtp_secret, made);
    return status;
}

static int parse_login(const char **text, struct smtp_proxy *proxy, struct acsmtp_error *err)
{
    size_t size = strcspn(*text, "/");
    const char *end = memrchr(*text, '@', size);
    const char *colon;
    int status;

    if (!end)
        return ACSMTP_OK;
    size = (size_t)(end - *text);
    colon = memchr(*text, ':', size);
    status = decode(*text, colon ? (size_t)(colon - *text) : size, &proxy->user, err);
    if (status == ACSMTP_OK)
        status = decode(colon ? colon + 1 : end, colon ? (size_t)(end - colon) - 1 : 0,
                        &proxy->password, err);
    *text = end + 1;
    return status;
}

static int is_host_character(char c)
{
    return c && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:", c);
}

/* The host, with or without brackets, and what stands behind it. */
static int parse_host(const char **text, struct smtp_proxy *proxy, struct acsmtp_error *err)
{
    int has_brackets = **text == '[';
    const char *host = *text + has_brackets;
    size_t size = strcspn(host, has_brackets ? "]" : ":/");

    if (size == 0 || size >= sizeof proxy->host || (has_brackets && host[size] != ']'))
        return fail_syntax("it has no host", err);
    for (size_t i = 0; i < size; i++)
        if (!is_host_character(host[i]))
            return fail_syntax("its host is not a host name", err);
    memcpy(proxy->host, host, size);
    proxy->host[size] = '\0';
    *text = host + size + has_brackets;
    return ACSMTP_OK;
}

static int parse_port(const char *text, struct smtp_proxy *proxy, struct acsmtp_error *err)
{
    size_t digits = *text == ':' ? strspn(text + 1, "0123456789") : 0;
    const char *end = text + (*text == ':') + digits;

    proxy->port = digits > 0 && digits < 6 ? (int)strtol(text + 1, NULL, 10) : PORT_DEFAULT;
    if (digits > 5 || proxy->port < 1 || proxy->port > 65535)
        return fail_syntax("its port is not within 1 to 65535", err);
    if (end[strspn(end, "/")] != '\0')
        return fail_syntax("something stands behind host and port", err);
    return ACSMTP_OK;
}

int smtp_proxy_parse(const char *text, struct smtp_proxy *proxy, struct acsmtp_error *err)
{
    int status = parse_scheme(&text, proxy, err);

    if (status == ACSMTP_OK)
        status = parse_login(&text, proxy, err);
    if (status == ACSMTP_OK)
        status = parse_host(&text, proxy, err);
    return status == ACSMTP_OK ? parse_port(text, proxy, err) : status;
}

/* ---- the exceptions ---- */

static int is_same_network(const unsigned char *a, const unsigned char *b, size_t bits)
{
    size_t bytes = bits / 8;

    if (memcmp(a, b, bytes) != 0)
        return 0;
    return bits % 8 == 0 || (a[bytes] ^ b[bytes]) >> (8 - bits % 8) == 0;
}

/* An address, or a network with the number of its fixed bits. */
static int holds_address(const char *entry, const char *host)
{
    unsigned char wanted[sizeof(struct in6_addr)], there[sizeof(struct in6_addr)];
    char network[INET6_ADDRSTRLEN];
    size_t size = strcspn(entry, "/");
    int family = strchr(host, ':') ? AF_INET6 : AF_INET;
    unsigned long most = family == AF_INET6 ? 128 : 32;
    unsigned long bits = entry[size] ? strtoul(entry + size + 1, NULL, 10) : most;

    if (size >= sizeof network)
        return 0;
    memcpy(network, entry, size);
    network[size] = '\0';
    return inet_pton(family, host, wanted) == 1 && inet_pton(family, network, there) == 1 &&
           bits <= most && is_same_network(wanted, there, bits);
}

/* "example.com" and ".example.com" both hold for it and for all names under it. */
static int holds_name(const char *entry, const char *host)
{
    size_t entry_size, host_size = strlen(host);

    while (*entry == '.')
        entry++;
    entry_size = strlen(entry);
    if (entry_size == 0 || entry_size > host_size ||
        strcasecmp(host + host_size - entry_size, entry) != 0)
        return 0;
    return entry_size == host_size || host[host_size - entry_size - 1] == '.';
}

int smtp_proxy_is_bypassed(const char *list, const char *host)
{
    char entry[NET_HOST_MAX + 1];

    for (list += strspn(list, BLANKS); *list; list += strspn(list, BLANKS)) {
        size_t size = strcspn(list, BLANKS);

        if (size < sizeof entry) {
            memcpy(entry, list, size);
            entry[size] = '\0';
            if (strcmp(entry, "*") == 0 || holds_name(entry, host) || holds_address(entry, host))
                return 1;
        }
        list += size;
    }
    return 0;
}

/* ---- the environment ---- */

static const char *variable(const char *small, const char *capital)
{
    const char *value = secure_getenv(small);

    if (!value)
        value = secure_getenv(capital);
    return value;
}

int smtp_proxy_find(const char *host, int is_implicit, struct smtp_proxy *proxy,
                    struct acsmtp_error *err)
{
    const char *text =
        is_implicit ? variable("smtps_proxy", "SMTPS_PROXY") : variable("smtp_proxy", "SMTP_PROXY");
    const char *exceptions = variable("no_proxy", "NO_PROXY");

    if (net_place(host) != NET_REMOTE)
        return ACSMTP_OK;
    if (!text)
        text = variable("all_proxy", "ALL_PROXY");
    if (!text || !*text || (exceptions && smtp_proxy_is_bypassed(exceptions, host)))
        return ACSMTP_OK;
    return smtp_proxy_parse(text, proxy, err);
}

void smtp_proxy_release(struct smtp_proxy *proxy)
{
    acsmtp_secret_free(proxy->user);
    acsmtp_secret_free(proxy->password);
    proxy->user = proxy->password = NULL;
}
