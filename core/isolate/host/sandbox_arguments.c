/* SPDX-License-Identifier: MIT */
/*
 * System calls that are allowed with some arguments only. Numbers, flags and commands can be looked
 * at; what a pointer leads to (a path, an address) cannot.
 */
#include "isolate/protocol.h"
#include "sandbox_filter.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_KIND 0xf /* of the second argument of socketpair(), beside its flags */
#define NAMESPACES                                                                                 \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET)

/* One rule for each value that the argument may have. */
static int add_values(scmp_filter_ctx filter, const char *name, unsigned argument,
                      const unsigned long *values, size_t count)
{
    int number = seccomp_syscall_resolve_name(name), problem = 0;
    size_t i;

    for (i = 0; number >= 0 && i < count && problem == 0; i++)
        problem = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1,
                                   SCMP_CMP(argument, SCMP_CMP_EQ, values[i], 0));
    return problem;
}

#define ADD_VALUES(filter, name, argument, values)                                                 \
    add_values(filter, name, argument, values, sizeof(values) / sizeof((values)[0]))

/*
 * Linux empties a file that is opened with O_TRUNC, for reading alone too, and before 6.2 Landlock
 * does not see that.
 */
static int add_open(scmp_filter_ctx filter, const char *name, unsigned argument)
{
    static const struct {
        uint32_t action;
        uint64_t mask, value;
    } ways[] = {
        {SCMP_ACT_ALLOW, O_TRUNC, 0},
        {SCMP_ACT_ALLOW, O_ACCMODE, O_WRONLY},
        {SCMP_ACT_ALLOW, O_ACCMODE, O_RDWR},
        {SCMP_ACT_ERRNO(EPERM), O_ACCMODE | O_TRUNC, O_RDONLY | O_TRUNC},
    };
    int number = seccomp_syscall_resolve_name(name), problem = 0;
    size_t i;

    for (i = 0; number >= 0 && i < sizeof ways / sizeof ways[0] && problem == 0; i++)
        problem =
            seccomp_rule_add(filter, ways[i].action, number, 1,
                             SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, ways[i].mask, ways[i].value));
    return problem;
}

/* Also none of a pair that could be sent elsewhere (SOCK_DGRAM). */
static int add_sockets(scmp_filter_ctx filter, unsigned allow)
{
    static const unsigned long families[] = {AF_INET, AF_INET6};
    static const unsigned long kinds[] = {SOCK_STREAM, SOCK_SEQPACKET};
    int is_allowed = (allow & (ALLOW_EXEC | ALLOW_SOCKETS)) != 0;
    int problem = ADD_VALUES(filter, "socket", 0, families);
    size_t i;

    if (problem == 0)
        problem =
            seccomp_rule_add(filter, is_allowed ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EAFNOSUPPORT),
                             SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
    /* The C library asks for the machine's addresses when it resolves a name. */
    if (problem == 0)
        problem = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
                                   SCMP_A0(SCMP_CMP_EQ, AF_NETLINK, 0),
                                   SCMP_A2(SCMP_CMP_EQ, NETLINK_ROUTE, 0));
    if (is_allowed)
        return problem == 0 ? seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 0)
                            : problem;
    for (i = 0; i < sizeof kinds / sizeof kinds[0] && problem == 0; i++)
        problem = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 1,
                                   SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_KIND, kinds[i]));
    return problem;
}

static int add_limited(scmp_filter_ctx filter)
{
    /* Never TIOCSTI, which types into somebody's terminal. */
    static const unsigned long controls[] = {FIONREAD, FIONBIO, FIOCLEX,
                                             FIONCLEX, TCGETS,  TIOCGWINSZ};
    static const unsigned long options[] = {
        PR_SET_NAME,    PR_GET_NAME,         PR_GET_DUMPABLE,
        PR_GET_SECCOMP, PR_GET_NO_NEW_PRIVS, 0x53564d41UL /* PR_SET_VMA, Linux 5.17 */};
    static const unsigned long myself[] = {0};
    int problem = ADD_VALUES(filter, "ioctl", 1, controls);

    if (problem == 0)
        problem = ADD_VALUES(filter, "prctl", 0, options);
    if (problem == 0)
        problem = add_open(filter, "open", 1);
    if (problem == 0)
        problem = add_open(filter, "openat", 2);
    return problem == 0 ? ADD_VALUES(filter, "prlimit64", 0, myself) : problem;
}

/* Threads, but no processes: so the plugin is one process, and gone when that is. */
static int add_threads_only(scmp_filter_ctx filter)
{
    /* Not F_SETOWN and the like, by which the kernel sends signals, nor leases on others' files. */
    static const unsigned long commands[] = {
        F_DUPFD,      F_DUPFD_CLOEXEC, F_GETFD,     F_SETFD,     F_GETFL,     F_SETFL,
        F_GETLK,      F_SETLK,         F_SETLKW,    F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW,
        F_GETPIPE_SZ, F_SETPIPE_SZ,    F_ADD_SEALS, F_GET_SEALS};
    const unsigned long myself[] = {(unsigned long)getpid()};
    int problem =
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                         SCMP_A0(SCMP_CMP_MASKED_EQ, NAMESPACES | CLONE_THREAD, CLONE_THREAD));

    if (problem == 0)
        problem = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                   SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    if (problem == 0)
        problem = ADD_VALUES(filter, "fcntl", 1, commands);
    if (problem == 0)
        problem = ADD_VALUES(filter, "tgkill", 0, myself);
    return problem == 0 ? ADD_VALUES(filter, "kill", 0, myself) : problem;
}

/* Processes, but in no namespaces of their own. */
static int add_processes(scmp_filter_ctx filter)
{
    static const unsigned long options[] = {PR_SET_PDEATHSIG};
    int problem = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                   SCMP_A0(SCMP_CMP_MASKED_EQ, NAMESPACES, 0));

    return problem == 0 ? ADD_VALUES(filter, "prctl", 0, options) : problem;
}

int filter_arguments(scmp_filter_ctx filter, unsigned allow)
{
    int problem = add_limited(filter);

    if (problem == 0)
        problem = add_sockets(filter, allow);
    if (problem != 0)
        return problem;
    return allow & ALLOW_EXEC ? add_processes(filter) : add_threads_only(filter);
}
