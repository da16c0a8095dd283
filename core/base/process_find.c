/* SPDX-License-Identifier: MIT */
/*
 * Where a helper program is, and the environment it gets.
 */
#include <acsmtp/process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

extern char **environ;

static int is_program(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0 && S_ISREG(found.st_mode) && access(path, X_OK) == 0;
}

static char *in_folder(const char *folder, size_t size, const char *name)
{
    char *path = NULL;

    if (size == 0 || folder[0] != '/' || asprintf(&path, "%.*s/%s", (int)size, folder, name) < 0)
        return NULL;
    if (is_program(path))
        return path;
    free(path);
    return NULL;
}

static char *search(const char *name)
{
    const char *folder = secure_getenv("PATH");
    char *found = NULL;

    if (!folder)
        folder = DEFAULT_PATH;
    while (!found) {
        size_t size = strcspn(folder, ":");

        found = in_folder(folder, size, name);
        if (!folder[size])
            break;
        folder += size + 1;
    }
    return found;
}

char *acsmtp_process_find(const char *name, struct acsmtp_error *err)
{
    char *found = NULL;

    if (name && name[0] == '/')
        found = is_program(name) ? strdup(name) : NULL;
    else if (name && name[0] && !strchr(name, '/'))
        found = search(name);
    if (!found)
        (void)acsmtp_fail(err, ACSMTP_UNAVAILABLE, "program '%s' is not found", name ? name : "");
    return found;
}

static int is_named(const char *assignment, const char *pattern)
{
    size_t name = strcspn(assignment, "="), size = strlen(pattern);

    if (size > 0 && pattern[size - 1] == '*')
        return name >= size - 1 && strncmp(assignment, pattern, size - 1) == 0;
    return name == size && strncmp(assignment, pattern, size) == 0;
}

static int is_in(const char *assignment, const char *const *patterns)
{
    for (; patterns && *patterns; patterns++)
        if (is_named(assignment, *patterns))
            return 1;
    return 0;
}

static int is_overridden(const char *assignment, const char *const *extra)
{
    size_t name = strcspn(assignment, "=");

    for (; extra && *extra; extra++)
        if (strcspn(*extra, "=") == name && strncmp(*extra, assignment, name) == 0)
            return 1;
    return 0;
}

static int is_wanted(const char *assignment, const char *const *names, const char *const *extra)
{
    static const char *const always[] = {"PATH", "HOME",    "LANG",   "LC_*",  "TZ",
                                         "USER", "LOGNAME", "TMPDIR", "XDG_*", NULL};

    return strchr(assignment, '=') && (is_in(assignment, always) || is_in(assignment, names)) &&
           !is_overridden(assignment, extra);
}

struct block {
    char **list; /* NULL while measuring */
    char *text;
    size_t count, size;
};

static void add(struct block *block, const char *assignment)
{
    size_t size = strlen(assignment) + 1;

    if (block->list) {
        block->list[block->count] = memcpy(block->text + block->size, assignment, size);
        block->list[block->count + 1] = NULL;
    }
    block->count++;
    block->size += size;
}

static void collect(struct block *block, const char *const *names, const char *const *extra)
{
    char *const *variable;

    for (variable = environ; variable && *variable; variable++)
        if (is_wanted(*variable, names, extra))
            add(block, *variable);
    for (; extra && *extra; extra++)
        add(block, *extra);
}

char **acsmtp_process_environment(const char *const *names, const char *const *extra)
{
    struct block measured = {0}, block = {0};
    size_t head;

    collect(&measured, names, extra);
    head = (measured.count + 1) * sizeof *block.list;
    block.list = malloc(head + measured.size);
    if (!block.list)
        return NULL;
    block.list[0] = NULL;
    block.text = (char *)block.list + head;
    collect(&block, names, extra);
    return block.list;
}
