/* SPDX-License-Identifier: MIT */
/* Skip tokens: the offset behind a mark, in the URL alphabet of base64. */
#include "arm_token.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_MAXIMUM = 64, DIGITS_MAXIMUM = 9 };

#define MARK "skip:"

void arm_token_write(struct text *out, size_t offset)
{
    struct text plain;
    text_init(&plain, TOKEN_MAXIMUM);
    text_printf(&plain, MARK "%zu", offset);
    text_add_base64url(out, text_string(&plain), plain.length);
    text_release(&plain);
}

static bool read_plain(const char *plain, size_t *offset)
{
    if (!text_has_prefix(plain, MARK)) {
        return false;
    }
    const char *digits = plain + strlen(MARK);
    size_t length = strlen(digits);
    if (length == 0 || length > DIGITS_MAXIMUM || strspn(digits, "0123456789") != length ||
        (digits[0] == '0' && length > 1)) {
        return false;
    }
    *offset = (size_t)strtoul(digits, NULL, 10);
    return true;
}

bool arm_token_read(const char *token, size_t *offset)
{
    struct text plain;
    text_init(&plain, TOKEN_MAXIMUM);
    bool good = text_add_unbase64url(&plain, token, strlen(token)) == 0 &&
                strlen(text_string(&plain)) == plain.length &&
                read_plain(text_string(&plain), offset);
    text_release(&plain);
    return good;
}
