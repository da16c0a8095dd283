/* SPDX-License-Identifier: MIT */
/*
 * The private folder. With the right to mount it is a tmpfs in a mount namespace of this process:
 * what the plugin writes there is on no disk, and no other process sees it.
 */
#include "host.h"
#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#define FOLDER_OPTIONS "mode=0700,size=64m,nr_inodes=4096"

static int mount_memory(const char *folder)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0 &&
           mount("acsmtp-plugin", folder, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                 FOLDER_OPTIONS) == 0;
}

/* With a real path, as rules for files have them. */
static int make_folder(struct sandbox *sandbox, const char *parent)
{
    char *real = realpath(parent, NULL);
    int length = snprintf(sandbox->folder, sizeof sandbox->folder, "%s/" FOLDER_NAME "XXXXXX",
                          real ? real : parent);

    free(real);
    return length > 0 && (size_t)length < sizeof sandbox->folder && mkdtemp(sandbox->folder);
}

int folder_make(struct sandbox *sandbox, struct acsmtp_error *err)
{
    const char *parent = getenv("TMPDIR");

    if (!parent || parent[0] != '/')
        parent = "/tmp";
    if (!make_folder(sandbox, parent))
        return acsmtp_fail_errno(err, errno, "cannot make a private folder in %s", parent);
    sandbox->is_memory = mount_memory(sandbox->folder);
    if (setenv("TMPDIR", sandbox->folder, 1) == 0)
        return ACSMTP_OK;
    folder_remove(sandbox);
    return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    /* What cannot be removed must not keep the rest. */
    (void)remove(path);
    return 0;
}

void folder_remove(const struct sandbox *sandbox)
{
    if (sandbox->is_memory)
        (void)umount2(sandbox->folder, MNT_DETACH);
    (void)nftw(sandbox->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
