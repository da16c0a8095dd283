/* SPDX-License-Identifier: MIT */
/* Which files may become code of this process. */
#include "cunit_main.h"
#include "driver/plugin_file.h"
#include "plugins/fixture.h"
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#define GOOD TEST_PLUGIN_DIR "/credential/tell.so"

/* The path of a copy of a good plugin in the fixture's folder. */
static const char *copied(struct fixture *fixture, mode_t mode, char *path)
{
    fixture_folder(fixture);
    (void)snprintf(path, 512, "%s/sub", fixture->folder);
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
    (void)snprintf(path, 512, "%s/sub/tell.so", fixture->folder);
    fixture_copy(GOOD, path, mode);
    return path;
}

static void refused(const char *path, const char *because)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char *real = plugin_file_resolve(path, &err);

    CU_ASSERT_PTR_NULL(real);
    CU_ASSERT_EQUAL(err.status, ACSMTP_SYSTEM);
    fixture_says(&err, because);
    free(real);
}

static void accepted(const char *path, const char *expected)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char *real = plugin_file_resolve(path, &err);

    if (!real)
        printf("\n  %s\n", err.message);
    CU_ASSERT_PTR_NOT_NULL(real);
    if (real && expected)
        CU_ASSERT_STRING_EQUAL(real, expected);
    free(real);
}

static void a_private_file_below_a_sticky_folder_of_root_is_accepted(void)
{
    struct fixture fixture;
    char path[512];

    accepted(copied(&fixture, 0644, path), path);
    fixture_close(&fixture);
}

static void a_file_that_everybody_may_write_is_refused_with_the_chmod(void)
{
    struct fixture fixture;
    char path[512];
    char help[600];

    (void)copied(&fixture, 0666, path);
    (void)snprintf(help, sizeof help, "(mode 0666): chmod o-w %s", path);
    refused(path, help);
    fixture_close(&fixture);
}

static void a_folder_that_everybody_may_write_is_refused_with_the_chmod(void)
{
    struct fixture fixture;
    char path[512];
    char help[600];

    (void)copied(&fixture, 0644, path);
    CU_ASSERT_EQUAL(chmod(fixture.folder, 0777), 0);
    (void)snprintf(help, sizeof help, "chmod o-w %s", fixture.folder);
    refused(path, help);
    fixture_close(&fixture);
}

static void a_sticky_bit_helps_only_a_folder_of_root(void)
{
    struct fixture fixture;
    char path[512];

    (void)copied(&fixture, 0644, path);
    CU_ASSERT_EQUAL(chmod(fixture.folder, 01777), 0);
    if (geteuid() == 0)
        accepted(path, path);
    else
        refused(path, "chmod o-w");
    fixture_close(&fixture);
}

/* Some group that is not this user's own: nobody's, or the first other one that may be given. */
static int give_to_group(const char *path, const char *name)
{
    struct group *group = getgrnam(name);

    return group && chown(path, (uid_t)-1, group->gr_gid) == 0;
}

static void a_group_of_others_that_may_write_is_refused(void)
{
    struct fixture fixture;
    char path[512];

    (void)copied(&fixture, 0664, path);
    if (give_to_group(path, "daemon") && chmod(path, 0664) == 0)
        refused(path, "chmod g-w");
    else
        printf("(no other group here) ");
    fixture_close(&fixture);
}

static void the_private_group_of_the_user_may_write(void)
{
    struct fixture fixture;
    struct passwd *user = getpwuid(geteuid());
    struct group *group = user ? getgrnam(user->pw_name) : NULL;
    char path[512];

    (void)copied(&fixture, 0664, path);
    if (group && !group->gr_mem[0] && chown(path, (uid_t)-1, group->gr_gid) == 0 &&
        chmod(path, 0664) == 0)
        accepted(path, path);
    else
        printf("(no private group here) ");
    fixture_close(&fixture);
}

/* In a mount namespace, one more line stands in /etc/passwd. */
static void add_user(const struct fixture *fixture, const char *line)
{
    char path[512], byte;
    FILE *from = fopen("/etc/passwd", "re"), *to;

    to = fopen(fixture_path(fixture, "passwd", path), "we");
    while (from && to && fread(&byte, 1, 1, from) == 1)
        (void)fwrite(&byte, 1, 1, to);
    if (!from || !to || fputs(line, to) < 0 || fclose(from) != 0 || fclose(to) != 0 ||
        unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(path, "/etc/passwd", NULL, MS_BIND, NULL) != 0)
        _exit(77);
}

static void a_group_that_is_the_first_of_another_user_is_not_private(void)
{
    struct fixture fixture;
    char path[512];
    int status = -1;
    pid_t child;

    (void)copied(&fixture, 0664, path);
    if (geteuid() == 0 && chown(path, 0, 0) == 0 && chmod(path, 0664) == 0) {
        child = fork();
        if (child == 0) {
            struct acsmtp_error err = ACSMTP_ERROR_INIT;

            add_user(&fixture, "mallory:x:54321:0::/:/bin/false\n");
            _exit(plugin_file_resolve(path, &err) ? 1 : !strstr(err.message, "chmod g-w"));
        }
        CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
        CU_ASSERT(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77));
        printf("(exit %d) ", WEXITSTATUS(status));
    } else {
        printf("(needs root) ");
    }
    fixture_close(&fixture);
}

/* Its mask shows as the group's bits, and the group is private. */
static void an_access_control_list_is_looked_into(void)
{
    /* acl(5): the version, then tag, permissions and id of each entry, little endian. */
    unsigned char list[] = {2,    0, 0, 0,                          /* version */
                            0x01, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,  /* user::rw- */
                            0x02, 0, 4, 0, 0xfe, 0xff, 0,    0,     /* user:65534:r-- */
                            0x04, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,  /* group::rw- */
                            0x10, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,  /* mask::rw- */
                            0x20, 0, 4, 0, 0xff, 0xff, 0xff, 0xff}; /* other::r-- */
    static const char name[] = "system.posix_acl_access";
    struct passwd *user = getpwuid(geteuid());
    struct group *group = user ? getgrnam(user->pw_name) : NULL;
    struct fixture fixture;
    char path[512];

    (void)copied(&fixture, 0664, path);
    if (group && !group->gr_mem[0] && chown(path, (uid_t)-1, group->gr_gid) == 0 &&
        setxattr(path, name, list, sizeof list, 0) == 0) {
        accepted(path, path);
        list[14] = 6; /* user:65534:rw- */
        CU_ASSERT_EQUAL(setxattr(path, name, list, sizeof list, 0), 0);
        refused(path, "setfacl -b");
    } else {
        printf("(no private group or no access control lists here) ");
    }
    fixture_close(&fixture);
}

static void a_file_of_another_user_is_refused(void)
{
    struct fixture fixture;
    char path[512];

    (void)copied(&fixture, 0644, path);
    if (geteuid() == 0 && chown(path, 12345, (gid_t)-1) == 0)
        refused(path, "belongs to user 12345");
    else
        printf("(needs root) ");
    fixture_close(&fixture);
}

static void a_link_is_judged_by_what_it_points_at(void)
{
    struct fixture fixture;
    char path[512];
    char link[512];

    (void)copied(&fixture, 0644, path);
    CU_ASSERT_EQUAL(symlink(path, fixture_path(&fixture, "link.so", link)), 0);
    accepted(link, path);
    CU_ASSERT_EQUAL(chmod(path, 0646), 0);
    refused(link, "/sub/tell.so");
    fixture_close(&fixture);
}

static void a_missing_file_is_named(void)
{
    refused("/nonexistent/acsmtp/x.so", "/nonexistent/acsmtp/x.so");
}

static void a_folder_is_no_plugin(void)
{
    refused("/etc", "is not a file");
}

static void a_text_is_no_plugin(void)
{
    struct fixture fixture;
    char path[512];

    fixture_folder(&fixture);
    fixture_write(&fixture, "text.so",
                  "#!/bin/sh\necho this is not an object, however long it is\n");
    refused(fixture_path(&fixture, "text.so", path), "is not a shared object");
    fixture_write(&fixture, "text.so", "");
    refused(path, "is not a shared object");
    fixture_close(&fixture);
}

/* Cut anywhere, dlopen() might end the process with SIGBUS: no length may be let through. */
static void a_truncated_object_is_refused_at_every_length(void)
{
    struct fixture fixture;
    struct stat info;
    char path[512];
    off_t size;

    (void)copied(&fixture, 0644, path);
    CU_ASSERT_EQUAL_FATAL(stat(path, &info), 0);
    for (size = info.st_size - 1; size >= 0; size -= 1 + info.st_size / 64) {
        struct acsmtp_error err = ACSMTP_ERROR_INIT;
        char *real;

        CU_ASSERT_EQUAL(truncate(path, size), 0);
        real = plugin_file_resolve(path, &err);
        CU_ASSERT_PTR_NULL(real);
        free(real);
    }
    fixture_close(&fixture);
}

CUNIT_MAIN("plugin_file", T(a_private_file_below_a_sticky_folder_of_root_is_accepted),
           T(a_file_that_everybody_may_write_is_refused_with_the_chmod),
           T(a_folder_that_everybody_may_write_is_refused_with_the_chmod),
           T(a_sticky_bit_helps_only_a_folder_of_root),
           T(a_group_of_others_that_may_write_is_refused),
           T(the_private_group_of_the_user_may_write), T(an_access_control_list_is_looked_into),
           T(a_group_that_is_the_first_of_another_user_is_not_private),
           T(a_file_of_another_user_is_refused), T(a_link_is_judged_by_what_it_points_at),
           T(a_missing_file_is_named), T(a_folder_is_no_plugin), T(a_text_is_no_plugin),
           T(a_truncated_object_is_refused_at_every_length))
