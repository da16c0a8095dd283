/* SPDX-License-Identifier: MIT */
/* Scope, namespace, then types and names in turn; see arm_path.h. */
#include "arm_path.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define RESOURCES "Microsoft.Resources"

/* Appends "/" and the segment; false when it does not fit. */
static bool append(char *out, size_t size, const char *segment)
{
    size_t length = strlen(out);
    return snprintf(out + length, size - length, "/%s", segment) < (int)(size - length);
}

static bool join(char *const *segments, size_t count, char out[RESOURCE_ID_SIZE])
{
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (!append(out, RESOURCE_ID_SIZE, segments[i])) {
            return false;
        }
    }
    return true;
}

static bool copy(char *out, size_t size, const char *text)
{
    return snprintf(out, size, "%s", text) < (int)size;
}

static bool are_sane(char *const *segments, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (segments[i][0] == '\0' || strchr(segments[i], '/') != NULL) {
            return false;
        }
    }
    return count > 0;
}

static bool read_scope(char *const *segments, size_t count, struct arm_path *path)
{
    if (count >= 2 && strcasecmp(segments[0], "subscriptions") == 0 &&
        !copy(path->subscription, sizeof(path->subscription), segments[1])) {
        return false;
    }
    return count < 4 || strcasecmp(segments[2], "resourceGroups") != 0 ||
           copy(path->group, sizeof(path->group), segments[3]);
}

static size_t find_providers(char *const *segments, size_t count)
{
    for (size_t i = count; i > 0; i--) {
        if (strcasecmp(segments[i - 1], "providers") == 0) {
            return i - 1;
        }
    }
    return count;
}

/* Types and names from segment `first` on; `outside` segments belong to the scope. */
static bool read_type(char *const *segments, size_t count, size_t first, size_t outside,
                      struct arm_path *path)
{
    size_t own = count - first;
    path->collection = own % 2 == 1;
    for (size_t i = first; i < count; i += 2) {
        if (!append(path->type, sizeof(path->type), segments[i])) {
            return false;
        }
    }
    path->nested = own > 2;
    size_t above = path->nested ? count - (path->collection ? 1 : 2) : outside;
    return join(segments, count, path->id) && join(segments, above, path->parent) &&
           (path->collection || copy(path->name, sizeof(path->name), segments[count - 1]));
}

/* /subscriptions/S/providers and what is behind it, but for resources. */
static bool read_provider(char *const *segments, size_t count, size_t at, bool posted,
                          struct arm_path *path)
{
    bool action = count == at + 3;
    if (action && (!posted || !copy(path->action, sizeof(path->action), segments[at + 2]))) {
        return false;
    }
    count -= action;
    path->collection = count == at + 1;
    return copy(path->type, sizeof(path->type), RESOURCES "/subscriptions/providers") &&
           join(segments, count, path->id) && join(segments, at, path->parent) &&
           (path->collection || copy(path->name, sizeof(path->name), segments[count - 1]));
}

static bool is_registration(const char *word)
{
    return strcasecmp(word, "register") == 0 || strcasecmp(word, "unregister") == 0;
}

/* A word behind an item that is posted to; *count then ends before it. */
static bool read_action(char *const *segments, size_t *count, size_t first, bool posted,
                        struct arm_path *path)
{
    size_t own = *count - first;
    if (!posted || own < 3 || own % 2 == 0) {
        return true;
    }
    (*count)--;
    return copy(path->action, sizeof(path->action), segments[*count]);
}

/* Things without a provider: subscriptions and groups are scopes, not parent resources. */
static bool read_plain(char *const *segments, size_t count, bool posted, struct arm_path *path)
{
    bool read = copy(path->type, sizeof(path->type), RESOURCES) &&
                read_action(segments, &count, 0, posted, path) &&
                read_type(segments, count, 0, 0, path);
    path->nested = false;
    snprintf(path->scope, sizeof(path->scope), "%s", path->parent);
    return read;
}

static bool read_resource(char *const *segments, size_t count, size_t at, bool posted,
                          struct arm_path *path)
{
    return copy(path->type, sizeof(path->type), segments[at + 1]) &&
           read_action(segments, &count, at + 2, posted, path) &&
           read_type(segments, count, at + 2, at, path);
}

bool arm_path_parse(char *const *segments, size_t count, bool posted, struct arm_path *path)
{
    *path = (struct arm_path){.collection = false};
    size_t at = find_providers(segments, count);
    if (!are_sane(segments, count) || !read_scope(segments, at, path) ||
        !join(segments, at, path->scope)) {
        return false;
    }
    if (at == count) {
        return read_plain(segments, count, posted, path);
    }
    bool registration = count == at + 3 && posted && is_registration(segments[at + 2]);
    return count <= at + 2 || registration ? read_provider(segments, count, at, posted, path)
                                           : read_resource(segments, count, at, posted, path);
}
