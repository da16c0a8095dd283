/* SPDX-License-Identifier: MIT */
/* Fuzzes what Resource Manager reads of a URL: paths, "$filter", "$skiptoken". Beside memory errors
 * it looks for a path whose parts contradict each other and for a token with two spellings. */
#include "arm_filter.h"
#include "arm_path.h"
#include "arm_token.h"
#include "form.h"
#include "resources.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SEGMENTS = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const struct arm_path *path)
{
    char parent[RESOURCE_ID_SIZE];
    if (strncmp(path->id, path->parent, strlen(path->parent)) != 0 ||
        path->collection == (path->name[0] != '\0')) {
        abort();
    }
    if (path->collection || strcasestr(path->id, "/providers/") == NULL ||
        strncmp(path->type, "Microsoft.Resources/", strlen("Microsoft.Resources/")) == 0) {
        return;
    }
    resources_parent(path->id, parent);
    if (strcmp(parent, path->parent) != 0 || !resources_is_type(path->id, path->type) ||
        strcmp(resources_name(path->id), path->name) != 0) {
        abort();
    }
}

static void fuzz_path(char *text, bool posted)
{
    char *segments[SEGMENTS];
    size_t count = 0;
    struct arm_path path;
    char *at = text;
    for (char *part = strsep(&at, "/"); part != NULL && count < SEGMENTS; part = strsep(&at, "/")) {
        segments[count++] = part;
    }
    if (arm_path_parse(segments, count, posted, &path)) {
        check_path(&path);
    }
}

static void fuzz_filter(const char *text)
{
    static const char *const names[] = {"principalId", "atScope", NULL};
    struct arm_filter filter;
    if (arm_filter_parse(text, &filter)) {
        (void)arm_filter_only(&filter, names);
        for (size_t i = 0; i < filter.count; i++) {
            if (arm_filter_value(&filter, filter.conditions[i].name) == NULL) {
                abort();
            }
        }
    }
}

static void fuzz_token(const char *text)
{
    size_t offset = 0;
    struct text again;
    text_init(&again, 256);
    if (arm_token_read(text, &offset)) {
        arm_token_write(&again, offset);
        if (strcmp(text_string(&again), text) != 0) {
            abort();
        }
    }
    text_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);
    if (copy == NULL) {
        return 0;
    }
    memcpy(copy, data, size);
    copy[size] = '\0';
    fuzz_filter(copy);
    fuzz_token(copy);
    fuzz_path(copy, size % 2 == 1);
    free(copy);
    return 0;
}
