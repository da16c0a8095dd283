/* SPDX-License-Identifier: MIT */
/* Reading what a server asks for; see claims_challenge.h. */
#include "claims_challenge.h"
#include <acsmtp/json.h>
#include <acsmtp/text.h>
#include <stdlib.h>
#include <string.h>

char *claims_challenge_read(const char *text)
{
    size_t size = text ? strlen(text) : 0;
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    char decoded[CLAIMS_CHALLENGE_MAX];

    if (size == 0 || size > CLAIMS_CHALLENGE_MAX)
        return NULL;
    if (text[0] != '{') {
        ptrdiff_t length = acsmtp_base64_decode(text, size, decoded, sizeof decoded);

        size = length > 0 ? (size_t)length : 0;
        text = decoded;
    }
    json = acsmtp_json_parse(text, size, NULL);
    return acsmtp_json_type(json) == ACSMTP_JSON_OBJECT ? acsmtp_json_format(json) : NULL;
}
