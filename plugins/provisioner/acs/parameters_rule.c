/* SPDX-License-Identifier: MIT */
/* The services' rules for names; see parameters_rule.h. Letters are ASCII's, whatever the locale.
 */
#include "parameters_rule.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define ALPHANUMERIC LETTERS DIGITS

static int is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* `minimum` to `maximum` characters, all from `set`. */
static int is_made_of(const char *text, const char *set, size_t minimum, size_t maximum)
{
    size_t size = strlen(text);

    return size >= minimum && size <= maximum && strspn(text, set) == size;
}

static char last_of(const char *text)
{
    size_t size = strlen(text);

    return size > 0 ? text[size - 1] : '\0';
}

static int is_framed_by(const char *text, const char *first, const char *last)
{
    return is_one_of(text[0], first) && is_one_of(last_of(text), last);
}

int rule_guid(const char *text)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    if (strlen(text) != strlen(shape))
        return 0;
    for (size_t i = 0; shape[i]; i++) {
        if (!is_one_of(text[i], shape[i] == 'x' ? DIGITS "abcdefABCDEF" : "-"))
            return 0;
    }
    return 1;
}

int rule_resource_group(const char *text)
{
    return is_made_of(text, ALPHANUMERIC "-_.()", 1, 90) && last_of(text) != '.';
}

int rule_location(const char *text)
{
    return is_made_of(text, ALPHANUMERIC " ", 1, 60) && is_framed_by(text, LETTERS, ALPHANUMERIC);
}

int rule_data_location(const char *text)
{
    return is_made_of(text, ALPHANUMERIC " ", 1, 60) && is_framed_by(text, LETTERS, ALPHANUMERIC);
}

int rule_communication_name(const char *text)
{
    return is_made_of(text, ALPHANUMERIC "-", 1, 63) && is_framed_by(text, LETTERS, ALPHANUMERIC);
}

int rule_email_name(const char *text)
{
    return is_made_of(text, ALPHANUMERIC "-", 1, 63);
}

/* UNVERIFIED: that a name begins with a letter and has no "--" nor a '-' at its end; a name that
 * keeps to this is taken either way. */
int rule_key_vault_name(const char *text)
{
    return is_made_of(text, ALPHANUMERIC "-", 3, 24) && is_framed_by(text, LETTERS, ALPHANUMERIC) &&
           !strstr(text, "--");
}

/* UNVERIFIED, except for the characters. */
int rule_identity_name(const char *text)
{
    return is_made_of(text, ALPHANUMERIC "-_", 3, 128) && is_one_of(text[0], ALPHANUMERIC);
}

int rule_username(const char *text)
{
    return is_made_of(text, ALPHANUMERIC "-", 1, 64) &&
           is_framed_by(text, ALPHANUMERIC, ALPHANUMERIC);
}

/* ---- DNS ---- */

static int is_label(const char *text, size_t size)
{
    return size >= 1 && size <= 63 && strspn(text, ALPHANUMERIC "-") >= size &&
           is_one_of(text[0], ALPHANUMERIC) && is_one_of(text[size - 1], ALPHANUMERIC);
}

int rule_domain(const char *text)
{
    const char *label = text;
    size_t labels = 0;

    if (strlen(text) > 253)
        return 0;
    for (;;) {
        size_t size = strcspn(label, ".");

        if (!is_label(label, size))
            return 0;
        labels++;
        if (label[size] == '\0')
            break;
        label += size + 1;
    }
    /* A last label of digits alone would be read as an address. */
    return labels >= 2 && strspn(label, DIGITS) != strlen(label);
}

static int is_port(const char *text)
{
    return is_made_of(text, DIGITS, 1, 5) && strtol(text, NULL, 10) >= 1 &&
           strtol(text, NULL, 10) <= 65535;
}

static int is_address(int family, const char *text, size_t size)
{
    char address[INET6_ADDRSTRLEN];
    unsigned char bytes[16];

    if (size >= sizeof address)
        return 0;
    memcpy(address, text, size);
    address[size] = '\0';
    return inet_pton(family, address, bytes) == 1;
}

int rule_server(const char *text)
{
    size_t size;

    if (is_address(AF_INET6, text, strlen(text)))
        return 1;
    if (*text == '[') {
        size = strcspn(text, "]");
        return text[size] == ']' && is_address(AF_INET6, text + 1, size - 1) &&
               (text[size + 1] == '\0' || (text[size + 1] == ':' && is_port(text + size + 2)));
    }
    size = strcspn(text, ":");
    return is_address(AF_INET, text, size) && (text[size] == '\0' || is_port(text + size + 1));
}
