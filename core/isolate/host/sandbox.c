/* SPDX-License-Identifier: MIT */
/*
 * The order matters: each step needs something that a later one takes away.
 */
#include "host.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILES_MAX 256 /* open at once: connections, a few files, libraries being loaded */

/* No core of a process that has held secrets, whatever the system does with cores. */
static int limit(struct acsmtp_error *err)
{
    const struct rlimit no_core = {0, 0}, files = {FILES_MAX, FILES_MAX};

    if (setrlimit(RLIMIT_CORE, &no_core) != 0 || setrlimit(RLIMIT_NOFILE, &files) != 0 ||
        prctl(PR_SET_DUMPABLE, 0) != 0)
        return acsmtp_fail_errno(err, errno, "cannot limit the plugin's process");
    return ACSMTP_OK;
}

/* Root without its capabilities is a user who owns root's files, and no more. */
static int drop_capabilities(struct acsmtp_error *err)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    int capability = 0;

    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    /* Fails at once for those who have none to drop, and at the first number beyond the last. */
    while (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0)
        capability++;
    if (syscall(SYS_capset, &head, none) != 0)
        return acsmtp_fail_errno(err, errno, "cannot drop capabilities");
    return ACSMTP_OK;
}

/* Whatever this kernel is: a process that can read its host's memory is not isolated from it. */
static int check_host(pid_t host, struct acsmtp_error *err)
{
    char path[64];
    int fd;

    (void)snprintf(path, sizeof path, "/proc/%ld/environ", (long)host);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ACSMTP_OK;
    (void)close(fd);
    return acsmtp_fail(err, ACSMTP_SYSTEM,
                       "this kernel does not keep a plugin's process from "
                       "reading its host's memory; it is not run");
}

int sandbox_enter(const struct sandbox *sandbox, struct acsmtp_error *err)
{
    int status = limit(err);

    if (status == ACSMTP_OK && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        status = acsmtp_fail_errno(err, errno, "this kernel does not know no_new_privs");
    if (status == ACSMTP_OK)
        status = sandbox_files(sandbox, err);
    if (status == ACSMTP_OK)
        status = drop_capabilities(err);
    if (status == ACSMTP_OK)
        status = check_host(sandbox->host, err);
    return status == ACSMTP_OK ? sandbox_calls(sandbox->allow, err) : status;
}
