/* SPDX-License-Identifier: MIT */
/*
 * Owner and mode of a plugin's file and of every folder above it, and the shape of the file: a
 * truncated object would end the process with SIGBUS inside dlopen() instead of with a message.
 */
#include "plugin_file.h"
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <link.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define HEADERS_MAX 128
#define ACL_MAX 4096 /* bytes: 511 entries, more than ext4, XFS and Btrfs keep */

/* ---- who may write ---- */

static int user_name(uid_t user, char *name, size_t capacity)
{
    struct passwd entry;
    struct passwd *found = NULL;
    char buffer[4096];
    size_t length;

    if (getpwuid_r(user, &entry, buffer, sizeof buffer, &found) != 0 || !found)
        return 0;
    length = strlen(entry.pw_name);
    if (length >= capacity)
        return 0;
    memcpy(name, entry.pw_name, length + 1);
    return 1;
}

/*
 * Whether the group is also another user's first one, of which its list of members tells nothing
 * (`useradd -g www-data`). Only the system's own users are looked through: a directory of users
 * does not list them, or takes long.
 */
static int is_first_group_of_others(gid_t group, uid_t user)
{
    FILE *users = fopen("/etc/passwd", "re");
    struct passwd entry;
    struct passwd *next = NULL;
    char buffer[4096];
    int found = 0;

    while (users && !found && fgetpwent_r(users, &entry, buffer, sizeof buffer, &next) == 0)
        found = next->pw_gid == group && next->pw_uid != user;
    if (users)
        (void)fclose(users);
    return found;
}

/* A group of the user's own name without further members, as most systems make for each user. */
static int group_is_private(gid_t group, uid_t user)
{
    struct group entry;
    struct group *found = NULL;
    char buffer[4096];
    char name[256];

    if (!user_name(user, name, sizeof name))
        return 0;
    if (getgrgid_r(group, &entry, buffer, sizeof buffer, &found) != 0 || !found)
        return 0;
    return strcmp(entry.gr_name, name) == 0 && !entry.gr_mem[0] &&
           !is_first_group_of_others(group, user);
}

/*
 * With an access control list the group's bits are its mask, what named users and groups may have
 * at most (acl(5)): the file's group says nothing about them.
 */
static int others_by_acl(const char *path)
{
    union {
        struct posix_acl_xattr_header header;
        char bytes[ACL_MAX];
    } list;
    ssize_t size = lgetxattr(path, "system.posix_acl_access", &list, sizeof list);
    struct posix_acl_xattr_entry entry;
    size_t at = sizeof list.header;

    if (size < 0)
        return errno == ERANGE;
    for (; at + sizeof entry <= (size_t)size; at += sizeof entry) {
        memcpy(&entry, list.bytes + at, sizeof entry);
        if ((le16toh(entry.e_tag) & (ACL_USER | ACL_GROUP)) && (le16toh(entry.e_perm) & ACL_WRITE))
            return 1;
    }
    return 0;
}

static int check_writers(const char *path, const struct stat *info, struct acsmtp_error *err)
{
    unsigned mode = info->st_mode & 07777U;

    if (info->st_uid != 0 && info->st_uid != geteuid())
        return acsmtp_fail(err, ACSMTP_SYSTEM,
                           "%s belongs to user %lu, neither to root nor to you: chown root %s",
                           path, (unsigned long)info->st_uid, path);
    if (S_ISDIR(info->st_mode) && info->st_uid == 0 && (mode & S_ISVTX))
        return ACSMTP_OK;
    if (mode & S_IWOTH)
        return acsmtp_fail(err, ACSMTP_SYSTEM,
                           "%s can be changed by everybody (mode %04o): chmod o-w %s", path, mode,
                           path);
    if ((mode & S_IWGRP) && !group_is_private(info->st_gid, info->st_uid) &&
        !group_is_private(info->st_gid, geteuid()))
        return acsmtp_fail(err, ACSMTP_SYSTEM,
                           "%s can be changed by group %lu (mode %04o): chmod g-w %s", path,
                           (unsigned long)info->st_gid, mode, path);
    if ((mode & S_IWGRP) && others_by_acl(path))
        return acsmtp_fail(err, ACSMTP_SYSTEM,
                           "%s can be changed by others, its access control list says (mode "
                           "%04o): setfacl -b %s",
                           path, mode, path);
    return ACSMTP_OK;
}

/* `path` is real and absolute; it is cut shorter folder by folder, up to the root. */
static int check_folders(char *path, struct acsmtp_error *err)
{
    struct stat info;
    char *slash;
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK && (slash = strrchr(path, '/'))) {
        const char *folder = slash == path ? "/" : path;

        *slash = '\0';
        if (lstat(folder, &info) != 0)
            return acsmtp_fail_errno(err, errno, "cannot look at folder %s", folder);
        status = check_writers(folder, &info, err);
    }
    return status;
}

/* ---- a whole ELF object ---- */

static int beyond(uint64_t offset, uint64_t count, uint64_t each, uint64_t size)
{
    return offset > size || count * each > size - offset;
}

static int check_segments(int fd, const char *path, const ElfW(Ehdr) * head, uint64_t size,
                          struct acsmtp_error *err)
{
    ElfW(Phdr) segments[HEADERS_MAX];
    ssize_t bytes = (ssize_t)(head->e_phnum * sizeof segments[0]);
    unsigned i;

    if (pread(fd, segments, (size_t)bytes, (off_t)head->e_phoff) != bytes)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "%s cannot be read", path);
    for (i = 0; i < head->e_phnum; i++)
        if (beyond(segments[i].p_offset, segments[i].p_filesz, 1, size))
            return acsmtp_fail(err, ACSMTP_SYSTEM, "%s is truncated: install it again", path);
    return ACSMTP_OK;
}

static int check_object(int fd, const char *path, uint64_t size, struct acsmtp_error *err)
{
    ElfW(Ehdr) head;

    if (pread(fd, &head, sizeof head, 0) != (ssize_t)sizeof head ||
        memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "%s is not a shared object (%llu bytes)", path,
                           (unsigned long long)size);
    if (head.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32))
        return acsmtp_fail(err, ACSMTP_SYSTEM, "%s was built for another kind of machine", path);
    if (head.e_phentsize != sizeof(ElfW(Phdr)) || head.e_phnum == 0 || head.e_phnum > HEADERS_MAX)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "%s is damaged: install it again", path);
    if (beyond(head.e_phoff, head.e_phnum, head.e_phentsize, size) ||
        beyond(head.e_shoff, head.e_shnum, head.e_shentsize, size))
        return acsmtp_fail(err, ACSMTP_SYSTEM, "%s is truncated: install it again", path);
    return check_segments(fd, path, &head, size, err);
}

static int check_file(const char *path, struct acsmtp_error *err)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    int status;

    if (fd < 0)
        return acsmtp_fail_errno(err, errno, "cannot read %s", path);
    if (fstat(fd, &info) != 0)
        status = acsmtp_fail_errno(err, errno, "cannot look at %s", path);
    else if (!S_ISREG(info.st_mode))
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "%s is not a file", path);
    else
        status = check_writers(path, &info, err);
    if (status == ACSMTP_OK)
        status = check_object(fd, path, (uint64_t)info.st_size, err);
    (void)close(fd);
    return status;
}

char *plugin_file_resolve(const char *path, struct acsmtp_error *err)
{
    char *real = realpath(path, NULL);
    char *folders;
    int status;

    if (!real) {
        (void)acsmtp_fail_errno(err, errno, "cannot find %s", path);
        return NULL;
    }
    folders = strdup(real);
    if (!folders)
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    else
        status = check_folders(folders, err);
    if (status == ACSMTP_OK)
        status = check_file(real, err);
    free(folders);
    if (status == ACSMTP_OK)
        return real;
    free(real);
    return NULL;
}
