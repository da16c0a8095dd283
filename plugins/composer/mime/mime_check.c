/* SPDX-License-Identifier: MIT */
/*
 * What comes from outside is checked here before GMime sees it: a line break in a field would begin
 * another field.
 */
#include "mime.h"
#include <string.h>

int mime_check_text(const char *text, const char *what, struct acsmtp_error *err)
{
    if (!text || g_utf8_validate(text, -1, NULL))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_REJECTED, "%s is not UTF-8", what);
}

int mime_check_line(const char *text, const char *what, struct acsmtp_error *err)
{
    for (const unsigned char *c = (const unsigned char *)text; c && *c; c++) {
        if (*c == '\r' || *c == '\n')
            return acsmtp_fail(err, ACSMTP_REJECTED, "%s holds a line break", what);
        if ((*c < 0x20 && *c != '\t') || *c == 0x7f)
            return acsmtp_fail(err, ACSMTP_REJECTED, "%s holds the control character 0x%02x", what,
                               *c);
    }
    return mime_check_text(text, what, err);
}

int mime_is_token(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 0x7f ||
            strchr("()<>@,;:\\\"/[]?=", text[i]))
            return 0;
    return size > 0;
}

int mime_is_id(const char *text)
{
    size_t size = strlen(text);

    if (!size || size > 250 || text[0] == '.' || text[size - 1] == '.')
        return 0;
    for (size_t i = 0; i < size; i++)
        if (!g_ascii_isalnum(text[i]) && !strchr("!#$%&'*+-/=?^_`{|}~.@", text[i]))
            return 0;
    return 1;
}
