/* SPDX-License-Identifier: MIT */
/*
 * acsmtp_address_check(): what may stand between the brackets of MAIL FROM and RCPT TO (RFC 5321
 * section 4.1.2, with UTF-8 as RFC 6531 allows it).
 */
#include "utf8.h"
#include <acsmtp/message.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LOCAL_MAX 64
#define DOMAIN_MAX 255
#define LABEL_MAX 63
#define SHOWN_MAX 256

/* For people: what is not visible is escaped, what is long is cut. */
static void show(const char *address, char shown[SHOWN_MAX])
{
    size_t used = 0;

    for (const unsigned char *c = (const unsigned char *)address; *c; c++) {
        if (used + 8 > SHOWN_MAX) {
            memcpy(shown + used, "...", 3);
            used += 3;
            break;
        }
        if (*c > 0x20 && *c < 0x7f && *c != '\\')
            shown[used++] = (char)*c;
        else if (*c == ' ')
            shown[used++] = ' ';
        else
            used += (size_t)snprintf(shown + used, SHOWN_MAX - used, "\\x%02x", *c);
    }
    shown[used] = '\0';
}

static int refuse(const char *address, const char *why, struct acsmtp_error *err)
{
    char shown[SHOWN_MAX];

    show(address, shown);
    return acsmtp_fail(err, ACSMTP_REJECTED, "address '%s': %s", shown, why);
}

/* Bytes of a character beyond ASCII; 0 when it has no place in an address. */
static size_t beyond_ascii(const char *at)
{
    size_t left = strnlen(at, 4);

    return utf8_is_control(at, left) ? 0 : utf8_size(at, left);
}

static size_t atext(const char *at)
{
    unsigned char c = (unsigned char)*at;

    if (c >= 0x80)
        return beyond_ascii(at);
    return isalnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c)) ? 1 : 0;
}

/* Dot-string: where it ends, or NULL. */
static const char *dot_string(const char *at)
{
    size_t step = atext(at);

    while (step > 0) {
        at += step;
        step = atext(at);
        if (step == 0 && *at == '.') {
            at++;
            step = atext(at);
            if (step == 0)
                return NULL;
        }
    }
    return at;
}

/* Quoted-string: where it ends, or NULL. */
static const char *quoted_string(const char *at)
{
    for (at++; *at != '"';) {
        size_t step = 1;

        if (*at == '\\')
            at++;
        if ((unsigned char)*at >= 0x80)
            step = beyond_ascii(at);
        if ((unsigned char)*at < 0x20 || *at == 0x7f || step == 0)
            return NULL;
        at += step;
    }
    return at + 1;
}

static size_t letter_or_digit(const char *at)
{
    if ((unsigned char)*at >= 0x80)
        return beyond_ascii(at);
    return isalnum((unsigned char)*at) ? 1 : 0;
}

/* One label: letters, digits, and hyphens inside. Where it ends, or NULL. */
static const char *label(const char *at)
{
    const char *from = at;
    size_t step = letter_or_digit(at);

    if (step == 0)
        return NULL;
    while (step > 0) {
        at += step;
        step = letter_or_digit(at);
        if (step == 0 && *at == '-')
            step = 1;
    }
    return at[-1] == '-' || at - from > LABEL_MAX ? NULL : at;
}

static int is_name(const char *domain)
{
    const char *at = label(domain);

    while (at && *at == '.')
        at = label(at + 1);
    return at && *at == '\0';
}

/* [192.0.2.1], [IPv6:2001:db8::1] */
static int is_literal(const char *domain)
{
    size_t size = strlen(domain);

    return size > 2 && domain[0] == '[' && domain[size - 1] == ']' &&
           strspn(domain + 1,
                  "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:.-") == size - 2;
}

int acsmtp_address_check(const char *address, struct acsmtp_error *err)
{
    const char *at;

    if (!address || !*address)
        return acsmtp_fail(err, ACSMTP_REJECTED, "an address is empty");
    at = *address == '"' ? quoted_string(address) : dot_string(address);
    if (!at || at == address || *at != '@')
        return refuse(address, "not of the form user@domain", err);
    if (at - address > LOCAL_MAX)
        return refuse(address, "more than 64 bytes before the @", err);
    if (strlen(at + 1) > DOMAIN_MAX)
        return refuse(address, "more than 255 bytes behind the @", err);
    if (!is_name(at + 1) && !is_literal(at + 1))
        return refuse(address, "not a domain behind the @", err);
    return ACSMTP_OK;
}
