/* SPDX-License-Identifier: MIT */
/*
 * /proc/self/mountinfo: "ID PARENT MAJOR:MINOR ROOT POINT ...", where ROOT is the part of the file
 * system that is seen at POINT. Of mounts at one place the last one is seen.
 */
#include "isolate_mounts.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mount {
    unsigned major, minor;
    char *root, *point; /* "" for "/" */
};

struct isolate_mounts {
    struct mount *list;
    size_t count;
};

/* Blanks and the like are written as \ooo. */
static void unescape(char *text)
{
    char *to = text;

    for (; *text; to++) {
        unsigned code;

        if (text[0] == '\\' && sscanf(text + 1, "%3o", &code) == 1) {
            *to = (char)code;
            text += 4;
        } else {
            *to = *text++;
        }
    }
    *to = '\0';
}

static char *path_of(char *text)
{
    unescape(text);
    return strdup(strcmp(text, "/") == 0 ? "" : text);
}

static int add(struct isolate_mounts *mounts, const char *line)
{
    char root[PATH_MAX], point[PATH_MAX];
    struct mount mount, *list;

    _Static_assert(PATH_MAX == 4096, "as the format says");
    if (sscanf(line, "%*u %*u %u:%u %4095s %4095s", &mount.major, &mount.minor, root, point) != 4)
        return 1;
    list = realloc(mounts->list, (mounts->count + 1) * sizeof *list);
    if (!list)
        return 0;
    mounts->list = list;
    mount.root = path_of(root);
    mount.point = path_of(point);
    list[mounts->count++] = mount;
    return mount.root && mount.point;
}

struct isolate_mounts *isolate_mounts_read(void)
{
    struct isolate_mounts *mounts = calloc(1, sizeof *mounts);
    FILE *file = mounts ? fopen("/proc/self/mountinfo", "re") : NULL;
    char *line = NULL;
    size_t capacity = 0;
    int is_good = file != NULL;

    while (is_good && getline(&line, &capacity, file) >= 0)
        is_good = add(mounts, line);
    free(line);
    if (file)
        (void)fclose(file);
    if (is_good)
        return mounts;
    isolate_mounts_free(mounts);
    return NULL;
}

void isolate_mounts_free(struct isolate_mounts *mounts)
{
    size_t i;

    for (i = 0; mounts && i < mounts->count; i++) {
        free(mounts->list[i].root);
        free(mounts->list[i].point);
    }
    if (mounts)
        free(mounts->list);
    free(mounts);
}

/* What is behind `folder` in the path, which is in it or it; else NULL. */
static const char *behind(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0')
               ? path + length
               : NULL;
}

const struct mount *isolate_mounts_find(const struct isolate_mounts *mounts, const char *path)
{
    const struct mount *found = NULL;
    size_t i;

    for (i = 0; mounts && i < mounts->count; i++)
        if (behind(path, mounts->list[i].point) &&
            (!found || strlen(mounts->list[i].point) >= strlen(found->point)))
            found = &mounts->list[i];
    return found;
}

int isolate_mounts_alias(const struct isolate_mounts *mounts, size_t index, const struct mount *own,
                         const char *path, char *alias, size_t capacity)
{
    const struct mount *other;
    char inside[PATH_MAX]; /* the path in its file system */
    const char *rest;
    int length;

    if (!mounts || index >= mounts->count)
        return -1;
    other = &mounts->list[index];
    if (!own || own == other || own->major != other->major || own->minor != other->minor)
        return 0;
    length = snprintf(inside, sizeof inside, "%s%s", own->root, path + strlen(own->point));
    rest = length > 0 && (size_t)length < sizeof inside ? behind(inside, other->root) : NULL;
    length = rest ? snprintf(alias, capacity, "%s%s", other->point, rest) : -1;
    return length > 0 && (size_t)length < capacity && strcmp(alias, path) != 0;
}
