/* SPDX-License-Identifier: MIT */
/* GUIDs out of names; see guid.h. The one file that includes libuuid. */
#include "guid.h"

#include <ctype.h>
#include <string.h>
#include <uuid/uuid.h>

#define GUID_TEXT_MAX 2048

/* Made once, at random. Another one would make all role assignments anew. */
static const uuid_t guid_space = {0x5b, 0x1d, 0x3a, 0x0e, 0x8c, 0x47, 0x4e, 0x21,
                                  0x9f, 0x63, 0x2a, 0xd4, 0x70, 0xb6, 0xc9, 0x15};

void guid_of(const char *text, char guid[37])
{
    char lower[GUID_TEXT_MAX];
    size_t size = 0;
    uuid_t made;

    for (; size < sizeof lower && text[size]; size++)
        lower[size] = (char)tolower((unsigned char)text[size]);
    uuid_generate_sha1(made, guid_space, lower, size);
    uuid_unparse_lower(made, guid);
}

int guid_is(const char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t i;

    if (!text || strlen(text) != sizeof form - 1)
        return 0;
    for (i = 0; i < sizeof form - 1; i++)
        if (form[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return 0;
    return 1;
}
