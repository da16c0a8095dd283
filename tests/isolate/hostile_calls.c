/* SPDX-License-Identifier: MIT */
/*
 * Attacks by system calls: on other processes, on the kernel, by way of other programs.
 */
#include "hostile.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

pid_t find_host(void)
{
    char path[64], line[256];
    long host = 0;
    FILE *status;

    (void)snprintf(path, sizeof path, "/proc/%ld/status", (long)getppid());
    status = fopen(path, "re");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "PPid:", 5) == 0)
            host = strtol(line + 5, NULL, 10);
    if (status)
        (void)fclose(status);
    return (pid_t)host;
}

ATTACK(trace)
{
    UNUSED;
    return result_of(ptrace(PTRACE_ATTACH, find_host(), NULL, NULL));
}

ATTACK(peek)
{
    char mine[16];
    struct iovec here = {mine, sizeof mine}, there = {(void *)settings, sizeof mine};

    (void)context;
    return result_of(process_vm_readv(find_host(), &here, 1, &there, 1, 0));
}

ATTACK(network_namespace)
{
    UNUSED;
    return result_of(unshare(CLONE_NEWNET));
}

ATTACK(user_namespace)
{
    UNUSED;
    return result_of(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL));
}

ATTACK(mount_something)
{
    UNUSED;
    return result_of(mount("none", "/mnt", "tmpfs", 0, NULL));
}

ATTACK(load_bpf)
{
    UNUSED;
    return result_of(syscall(SYS_bpf, 0, NULL, 0));
}

ATTACK(execute)
{
    char *const arguments[] = {(char *)"/bin/true", NULL};

    UNUSED;
    return result_of(execv(arguments[0], arguments));
}

ATTACK(fork_a_process)
{
    pid_t child = fork();

    UNUSED;
    if (child == 0)
        _exit(0);
    return result_of(child);
}

ATTACK(keyrings)
{
    UNUSED;
    return result_of(syscall(SYS_keyctl, 0, -4, 1));
}

ATTACK(raw_socket)
{
    UNUSED;
    return result_of(socket(AF_PACKET, SOCK_RAW, 0));
}

ATTACK(serve_others)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    UNUSED;
    if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) < 0)
        return 0;
    return result_of(listen(fd, 1));
}

ATTACK(kill_host)
{
    UNUSED;
    return result_of(kill(find_host(), SIGKILL));
}

ATTACK(kill_keeper)
{
    UNUSED;
    return result_of(kill(getppid(), SIGSTOP));
}

/* ---- other programs of the user's ---- */

static int connect_to(int fd, const char *path, int is_abstract)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);

    if (fd < 0)
        return errno;
    memcpy(address.sun_path + is_abstract, path,
           length < sizeof address.sun_path ? length : sizeof address.sun_path - 1);
    length += offsetof(struct sockaddr_un, sun_path) + (size_t)is_abstract;
    return result_of(connect(fd, (struct sockaddr *)&address, (socklen_t)length));
}

/* D-Bus, the agents of ssh and gpg, the display: who may talk to them has what they have. */
ATTACK(local_socket)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int problem = connect_to(fd, acsmtp_settings_string(settings, "path"), 0);

    (void)context;
    return problem;
}

ATTACK(abstract_socket)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int problem = connect_to(fd, acsmtp_settings_string(settings, "path"), 1);

    (void)context;
    return problem;
}

/* One of a pair has no name, and can be sent anywhere all the same. */
ATTACK(socket_of_a_pair)
{
    int pair[2];

    (void)context;
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) != 0)
        return errno;
    return connect_to(pair[0], acsmtp_settings_string(settings, "path"), 0);
}

/* The kernel sends the signal for whoever owns a descriptor. */
ATTACK(signal_by_descriptor)
{
    int pair[2];

    UNUSED;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return errno;
    if (fcntl(pair[0], F_SETOWN, (int)find_host()) != 0 || fcntl(pair[0], F_SETSIG, SIGKILL) != 0 ||
        fcntl(pair[0], F_SETFL, O_ASYNC | O_NONBLOCK) != 0)
        return errno;
    return write(pair[1], "x", 1) == 1 ? 0 : errno;
}

/* Who opens a file that has a lease waits for its holder. */
ATTACK(hold_a_file)
{
    int fd = open(acsmtp_settings_string(settings, "path"), O_RDONLY | O_CLOEXEC);

    (void)context;
    return fd < 0 ? errno : result_of(fcntl(fd, F_SETLEASE, F_RDLCK));
}

/* Whoever outlives the one that looks after it is looked after by nobody. */
ATTACK(outlive)
{
    UNUSED;
    return result_of(prctl(PR_SET_PDEATHSIG, 0));
}

/* ---- ways around the list ---- */

ATTACK(ring)
{
    UNUSED;
    return result_of(syscall(SYS_io_uring_setup, 1, NULL));
}

ATTACK(fault_handler)
{
    UNUSED;
    return result_of(syscall(SYS_userfaultfd, 0));
}

ATTACK(foreign_descriptor)
{
    UNUSED;
    return result_of(syscall(SYS_pidfd_getfd, 0, 0, 0));
}

ATTACK(shared_memory)
{
    UNUSED;
    return result_of(syscall(SYS_shmget, 0x61637374, 4096, 0600));
}

ATTACK(message_queue)
{
    UNUSED;
    return result_of(syscall(SYS_mq_open, "acsmtp", O_RDWR | O_CREAT, 0600, NULL));
}

/* ---- terminals ---- */

ATTACK(type_into_terminal)
{
    UNUSED;
    return result_of(ioctl(STDIN_FILENO, TIOCSTI, "x"));
}

/* With other bits set that the kernel does not look at. */
ATTACK(type_into_terminal_in_disguise)
{
    UNUSED;
    return result_of(syscall(SYS_ioctl, STDIN_FILENO, TIOCSTI | 1UL << 32, "x"));
}

/* ---- children ---- */

/* Allowed with "exec", and gone with the plugin all the same. */
ATTACK(leave_a_child)
{
    char mark[64];
    pid_t child;
    int i;

    (void)context;
    (void)snprintf(mark, sizeof mark, "hostile-%ld", (long)getpid());
    for (i = 0; i < 3; i++) {
        child = fork();
        if (child != 0)
            continue;
        (void)setsid();
        if (fork() == 0)
            (void)execl("/bin/sleep", acsmtp_settings_string(settings, "mark"), "1000", NULL);
        _exit(0);
    }
    return 0;
}

const struct attack call_attacks[] = {
    ROW(trace),
    ROW(peek),
    ROW(network_namespace),
    ROW(user_namespace),
    ROW(mount_something),
    ROW(load_bpf),
    ROW(execute),
    ROW(fork_a_process),
    ROW(keyrings),
    ROW(raw_socket),
    ROW(serve_others),
    ROW(kill_host),
    ROW(kill_keeper),
    ROW(local_socket),
    ROW(abstract_socket),
    ROW(socket_of_a_pair),
    ROW(signal_by_descriptor),
    ROW(hold_a_file),
    ROW(outlive),
    ROW(ring),
    ROW(fault_handler),
    ROW(foreign_descriptor),
    ROW(shared_memory),
    ROW(message_queue),
    ROW(type_into_terminal),
    ROW(type_into_terminal_in_disguise),
    ROW(leave_a_child),
    {NULL, NULL},
};
