/* SPDX-License-Identifier: MIT */
/*
 * Attacks by system calls: on other processes, on the kernel, by way of other programs.
 */
#include "hostile.h"
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
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
    ROW(trace),           ROW(peek),          ROW(network_namespace), ROW(user_namespace),
    ROW(mount_something), ROW(load_bpf),      ROW(execute),           ROW(fork_a_process),
    ROW(keyrings),        ROW(raw_socket),    ROW(serve_others),      ROW(kill_host),
    ROW(kill_keeper),     ROW(leave_a_child), {NULL, NULL},
};
