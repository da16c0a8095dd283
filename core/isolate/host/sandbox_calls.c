/* SPDX-License-Identifier: MIT */
/*
 * System calls: what is not in these tables fails as if the kernel did not know it (ENOSYS), which
 * the C library has a way around where it needs one. What only an attack calls ends the process.
 */
#include "host.h"
#include "isolate/protocol.h"
#include "sandbox_filter.h"
#include <errno.h>
#include <string.h>

/* Names, for not every machine has every call; ended by NULL. */

/* Nothing that changes a file past Landlock, which lets modes and times be changed by anybody. */
static const char *const files[] = {
    "access",    "chdir",     "close",      "close_range", "copy_file_range", "creat",
    "dup",       "dup2",      "dup3",       "faccessat",   "faccessat2",      "fadvise64",
    "fallocate", "fchdir",    "fdatasync",  "fgetxattr",   "flock",           "fstat",
    "fstatfs",   "fsync",     "ftruncate",  "getcwd",      "getdents",        "getdents64",
    "getxattr",  "lgetxattr", "link",       "linkat",      "lseek",           "lstat",
    "mkdir",     "mkdirat",   "newfstatat", "pread64",     "preadv",          "preadv2",
    "pwrite64",  "pwritev",   "pwritev2",   "read",        "readlink",        "readlinkat",
    "readv",     "rename",    "renameat",   "renameat2",   "rmdir",           "sendfile",
    "splice",    "stat",      "statfs",     "statx",       "symlink",         "symlinkat",
    "umask",     "unlink",    "unlinkat",   "write",       "writev",          NULL};

static const char *const memory[] = {
    "brk",  "madvise",  "membarrier", "memfd_create", "mincore", "mlock",      "mlock2", "mlockall",
    "mmap", "mprotect", "mremap",     "msync",        "munlock", "munlockall", "munmap", NULL};

static const char *const self[] = {"arch_prctl",
                                   "capget",
                                   "exit",
                                   "exit_group",
                                   "futex",
                                   "futex_waitv",
                                   "get_mempolicy",
                                   "get_robust_list",
                                   "getcpu",
                                   "getegid",
                                   "geteuid",
                                   "getgid",
                                   "getgroups",
                                   "getpgid",
                                   "getpgrp",
                                   "getpid",
                                   "getppid",
                                   "getpriority",
                                   "getrandom",
                                   "getresgid",
                                   "getresuid",
                                   "getrlimit",
                                   "getrusage",
                                   "getsid",
                                   "gettid",
                                   "getuid",
                                   "restart_syscall",
                                   "rseq",
                                   "rt_sigaction",
                                   "rt_sigpending",
                                   "rt_sigprocmask",
                                   "rt_sigreturn",
                                   "rt_sigsuspend",
                                   "rt_sigtimedwait",
                                   "sched_get_priority_max",
                                   "sched_get_priority_min",
                                   "sched_getaffinity",
                                   "sched_getparam",
                                   "sched_getscheduler",
                                   "sched_yield",
                                   "set_robust_list",
                                   "set_tid_address",
                                   "sigaltstack",
                                   "sysinfo",
                                   "times",
                                   "uname",
                                   NULL};

static const char *const waiting[] = {"alarm",
                                      "clock_getres",
                                      "clock_gettime",
                                      "clock_nanosleep",
                                      "epoll_create",
                                      "epoll_create1",
                                      "epoll_ctl",
                                      "epoll_pwait",
                                      "epoll_pwait2",
                                      "epoll_wait",
                                      "eventfd",
                                      "eventfd2",
                                      "getitimer",
                                      "gettimeofday",
                                      "inotify_add_watch",
                                      "inotify_init",
                                      "inotify_init1",
                                      "inotify_rm_watch",
                                      "nanosleep",
                                      "pause",
                                      "pipe",
                                      "pipe2",
                                      "poll",
                                      "ppoll",
                                      "pselect6",
                                      "select",
                                      "setitimer",
                                      "signalfd",
                                      "signalfd4",
                                      "time",
                                      "timer_create",
                                      "timer_delete",
                                      "timer_gettime",
                                      "timer_settime",
                                      "timerfd_create",
                                      "timerfd_gettime",
                                      "timerfd_settime",
                                      NULL};

/* No listen() nor accept(): a plugin calls out, and is not called. */
static const char *const network[] = {
    "bind",    "connect",  "getpeername", "getsockname", "getsockopt", "recvfrom", "recvmmsg",
    "recvmsg", "sendmmsg", "sendmsg",     "sendto",      "setsockopt", "shutdown", NULL};

/* What a program that is started may need beyond all this. */
static const char *const programs[] = {"accept",
                                       "accept4",
                                       "chmod",
                                       "chown",
                                       "execve",
                                       "execveat",
                                       "fchmod",
                                       "fchmodat",
                                       "fchmodat2",
                                       "fchown",
                                       "fchownat",
                                       "fcntl",
                                       "flistxattr",
                                       "fork",
                                       "fsetxattr",
                                       "getpgid",
                                       "ioprio_get",
                                       "ioprio_set",
                                       "kill",
                                       "lchown",
                                       "listen",
                                       "listxattr",
                                       "llistxattr",
                                       "lsetxattr",
                                       "mbind",
                                       "mknod",
                                       "mknodat",
                                       "personality",
                                       "pidfd_open",
                                       "pidfd_send_signal",
                                       "sched_getattr",
                                       "sched_setaffinity",
                                       "sched_setattr",
                                       "sched_setparam",
                                       "sched_setscheduler",
                                       "semctl",
                                       "semget",
                                       "semop",
                                       "set_mempolicy",
                                       "setfsgid",
                                       "setfsuid",
                                       "setgid",
                                       "setgroups",
                                       "setpgid",
                                       "setpriority",
                                       "setregid",
                                       "setresgid",
                                       "setresuid",
                                       "setreuid",
                                       "setrlimit",
                                       "setsid",
                                       "setuid",
                                       "setxattr",
                                       "shmat",
                                       "shmctl",
                                       "shmdt",
                                       "shmget",
                                       "tee",
                                       "tgkill",
                                       "tkill",
                                       "truncate",
                                       "utimensat",
                                       "vfork",
                                       "wait4",
                                       "waitid",
                                       NULL};

static const char *const keyring[] = {"add_key", "keyctl", "request_key", NULL};

/* Refused in words: a plugin that only tried goes on, and can say why it does not work. */
static const char *const refused[] = {
    "accept",      "accept4",   "add_key", "chmod",    "execve",    "execveat", "fchmod",
    "fchmodat",    "fchmodat2", "fork",    "keyctl",   "listen",    "mknod",    "mknodat",
    "request_key", "setgid",    "setuid",  "truncate", "utimensat", "vfork",    NULL};

/* No plugin, and no program that one starts, has an honest use for these. */
static const char *const attacks[] = {"acct",
                                      "bpf",
                                      "chroot",
                                      "clock_adjtime",
                                      "clock_settime",
                                      "delete_module",
                                      "finit_module",
                                      "fsconfig",
                                      "fsmount",
                                      "fsopen",
                                      "fspick",
                                      "init_module",
                                      "ioperm",
                                      "iopl",
                                      "kcmp",
                                      "kexec_load",
                                      "kexec_file_load",
                                      "lookup_dcookie",
                                      "mount",
                                      "mount_setattr",
                                      "move_mount",
                                      "nfsservctl",
                                      "open_by_handle_at",
                                      "open_tree",
                                      "perf_event_open",
                                      "pidfd_getfd",
                                      "pivot_root",
                                      "process_madvise",
                                      "process_vm_readv",
                                      "process_vm_writev",
                                      "ptrace",
                                      "quotactl",
                                      "reboot",
                                      "setdomainname",
                                      "sethostname",
                                      "setns",
                                      "settimeofday",
                                      "swapoff",
                                      "swapon",
                                      "syslog",
                                      "umount2",
                                      "unshare",
                                      "userfaultfd",
                                      "vhangup",
                                      NULL};

static int add_all(scmp_filter_ctx filter, uint32_t action, const char *const *names)
{
    int problem = 0;

    for (; *names && problem == 0; names++) {
        int number = seccomp_syscall_resolve_name(*names);

        if (number >= 0)
            problem = seccomp_rule_add(filter, action, number, 0);
    }
    return problem;
}

/* What is refused unless an allowance has it: libseccomp takes one action for a call. */
static int add_refused(scmp_filter_ctx filter, unsigned allow)
{
    int problem = 0;
    size_t i, j;

    for (i = 0; refused[i] && problem == 0; i++) {
        int number = seccomp_syscall_resolve_name(refused[i]), is_allowed = 0;

        for (j = 0; (allow & ALLOW_EXEC) && programs[j]; j++)
            is_allowed |= strcmp(programs[j], refused[i]) == 0;
        for (j = 0; (allow & ALLOW_KEYRING) && keyring[j]; j++)
            is_allowed |= strcmp(keyring[j], refused[i]) == 0;
        if (number >= 0 && !is_allowed)
            problem = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0);
    }
    return problem;
}

static int fill(scmp_filter_ctx filter, unsigned allow)
{
    static const char *const *const always[] = {files, memory, self, waiting, network};
    int problem = 0;
    size_t i;

    for (i = 0; i < sizeof always / sizeof always[0] && problem == 0; i++)
        problem = add_all(filter, SCMP_ACT_ALLOW, always[i]);
    if (problem == 0)
        problem = filter_arguments(filter, allow);
    if (problem == 0 && (allow & ALLOW_EXEC))
        problem = add_all(filter, SCMP_ACT_ALLOW, programs);
    if (problem == 0 && (allow & ALLOW_KEYRING))
        problem = add_all(filter, SCMP_ACT_ALLOW, keyring);
    if (problem == 0)
        problem = add_refused(filter, allow);
    return problem == 0 ? add_all(filter, SCMP_ACT_KILL_PROCESS, attacks) : problem;
}

int sandbox_calls(unsigned allow, struct acsmtp_error *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    int problem;

    if (!filter)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "cannot make a filter for system calls (seccomp)");
    /* Many rules are faster in a tree; without one they still hold. */
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    problem = fill(filter, allow);
    if (problem == 0)
        problem = seccomp_load(filter);
    seccomp_release(filter);
    if (problem == 0)
        return ACSMTP_OK;
    return acsmtp_fail_errno(err, -problem,
                             "this kernel takes no filter for system calls (seccomp), so that it "
                             "cannot isolate a plugin; it is not run");
}
