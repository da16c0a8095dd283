/* SPDX-License-Identifier: MIT */
/* Reading what a server asks for; see claims_challenge.h. */
#include "claims_challenge.h"
#include <acsmtp/json.h>
#include <stdlib.h>
#include <string.h>

/* Six bits of a digit of either alphabet (RFC 4648), -1 for any other character. */
static int digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    if (c == '-')
        return 62;
    if (c == '_')
        return 63;
    return at ? (int)(at - digits) : -1;
}

/* How long the result is, 0 when `text` is not base64 to its end. Padding may be absent. */
static size_t decode(const char *text, char *out)
{
    unsigned bits = 0;
    int count = 0;
    size_t size = 0;

    for (; digit(*text) >= 0; text++) {
        bits = (bits << 6 | (unsigned)digit(*text)) & 0xffffU;
        count += 6;
        if (count < 8)
            continue;
        count -= 8;
        out[size++] = (char)(unsigned char)((bits >> count) & 0xffU);
    }
    return text[strspn(text, "=")] == '\0' ? size : 0;
}

char *claims_challenge_read(const char *text)
{
    size_t size = text ? strlen(text) : 0;
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    char decoded[CLAIMS_CHALLENGE_MAX];

    if (size == 0 || size > CLAIMS_CHALLENGE_MAX)
        return NULL;
    if (text[0] != '{') {
        size = decode(text, decoded);
        text = decoded;
    }
    json = acsmtp_json_parse(text, size, NULL);
    return acsmtp_json_type(json) == ACSMTP_JSON_OBJECT ? acsmtp_json_format(json) : NULL;
}
