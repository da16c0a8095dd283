/* SPDX-License-Identifier: MIT */
/* Domain names; see names.h. */
#include "names.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LABEL_MAX 63

static const char label_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789-_";

int name_is_valid(const char *name)
{
    if (strlen(name) >= RECORD_NAME_MAX)
        return 0;
    for (;;) {
        size_t size = strspn(name, label_characters);

        if (size == 0 || size > LABEL_MAX || name[0] == '-' || name[size - 1] == '-')
            return 0;
        if (name[size] != '.')
            return name[size] == '\0';
        name += size + 1;
    }
}

int name_is_same(const char *name, const char *other)
{
    return strcasecmp(name, other) == 0;
}

int name_is_within(const char *name, const char *domain)
{
    size_t size = strlen(name), below = strlen(domain);

    if (size <= below)
        return name_is_same(name, domain);
    return name[size - below - 1] == '.' && name_is_same(name + size - below, domain);
}

int name_absolute(const char *name, const char *domain, char absolute[RECORD_NAME_MAX])
{
    size_t size = strlen(name);
    int length;

    if (strcmp(name, "@") == 0)
        length = snprintf(absolute, RECORD_NAME_MAX, "%s", domain);
    else if (size > 0 && name[size - 1] == '.')
        length = snprintf(absolute, RECORD_NAME_MAX, "%.*s", (int)(size - 1), name);
    else if (name_is_within(name, domain))
        length = snprintf(absolute, RECORD_NAME_MAX, "%s", name);
    else
        length = snprintf(absolute, RECORD_NAME_MAX, "%s.%s", name, domain);
    return length > 0 && length < RECORD_NAME_MAX && name_is_valid(absolute) &&
           name_is_within(absolute, domain);
}
