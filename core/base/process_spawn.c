/* SPDX-License-Identifier: MIT */
/*
 * Starting a child that inherits nothing but what it is given: three descriptors, an environment, a
 * process group of its own, no blocked and no ignored signal.
 */
#include "process_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Three pipes: [0] is the child's end, [1] is ours. */
struct pipes {
    int input[2], output[2], errors[2];
};

void process_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* Above the standard descriptors, so that dup2() onto one of those never hits another pipe. */
static int move_up(int fd)
{
    int moved = fd > 2 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 3);

    if (moved != fd)
        (void)close(fd);
    return moved;
}

static int make_pipe(int ends[2], int child_writes)
{
    int both[2];

    if (pipe2(both, O_CLOEXEC) != 0)
        return -1;
    both[0] = move_up(both[0]);
    both[1] = move_up(both[1]);
    ends[0] = both[child_writes];
    ends[1] = both[!child_writes];
    return both[0] < 0 || both[1] < 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0 ? -1 : 0;
}

static int make_pipes(struct pipes *pipes, int with_input)
{
    if (with_input && make_pipe(pipes->input, 0) != 0)
        return -1;
    return make_pipe(pipes->output, 1) != 0 || make_pipe(pipes->errors, 1) != 0 ? -1 : 0;
}

struct files {
    const struct pipes *pipes;
    const char *directory;
};

static int add_files(posix_spawn_file_actions_t *actions, const void *data)
{
    const struct files *files = data;
    const struct pipes *pipes = files->pipes;
    int error;

    if (pipes->input[0] >= 0)
        error = posix_spawn_file_actions_adddup2(actions, pipes->input[0], 0);
    else
        error = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, pipes->output[0], 1);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, pipes->errors[0], 2);
    if (!error)
        error = posix_spawn_file_actions_addclosefrom_np(actions, 3);
    if (!error)
        error = posix_spawn_file_actions_addchdir_np(actions, files->directory);
    return error;
}

static int spawn(const struct acsmtp_process *process, const struct pipes *pipes,
                 char *const *environment, pid_t *pid)
{
    const struct files files = {pipes, process->directory ? process->directory : "/"};
    const struct launch launch = {
        .program = process->argv[0],
        .arguments = (char *const *)process->argv,
        .environment = environment,
        .leads = POSIX_SPAWN_SETPGROUP,
        .add_files = add_files,
        .data = &files,
    };

    return process_launch(&launch, pid);
}

static int describe(const struct acsmtp_process *process, int error, struct acsmtp_error *err)
{
    const char *directory = process->directory ? process->directory : "/";
    char reason[128];
    struct stat found;

    if (stat(directory, &found) != 0 || !S_ISDIR(found.st_mode))
        return acsmtp_fail(err, ACSMTP_CONFIG, "%s: working directory '%s' cannot be used",
                           process->argv[0], directory);
    if (error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE ||
        error == EINVAL || error == E2BIG)
        return acsmtp_fail_errno(err, error, "cannot start %s", process->argv[0]);
    /* A missing permission would be EACCES. */
    if (error == EPERM)
        return acsmtp_fail(
            err, ACSMTP_CONFIG,
            "cannot run %s: this process may run no programs; an isolated plugin may "
            "with \"isolation\": {\"mode\": \"process\", \"allow\": [\"exec\"]}",
            process->argv[0]);
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "cannot run %s: %s", process->argv[0],
                       strerror_r(error, reason, sizeof reason));
}

static int start(const struct acsmtp_process *process, struct pipes *pipes, struct child *child,
                 struct acsmtp_error *err)
{
    char *const *environment = (char *const *)process->environment;
    char **own = NULL;
    int error;

    if (!environment) {
        own = acsmtp_process_environment(NULL, NULL);
        environment = own;
    }
    if (!environment)
        return acsmtp_fail_errno(err, ENOMEM, "cannot start %s", process->argv[0]);
    error = spawn(process, pipes, environment, &child->pid);
    free(own);
    if (error)
        return describe(process, error, err);
    child->input = pipes->input[1];
    child->output = pipes->output[1];
    child->errors = pipes->errors[1];
    pipes->input[1] = pipes->output[1] = pipes->errors[1] = -1;
    child->exit_fd = (int)syscall(SYS_pidfd_open, child->pid, 0);
    return ACSMTP_OK;
}

int process_spawn(const struct acsmtp_process *process, struct child *child,
                  struct acsmtp_error *err)
{
    struct pipes pipes = {{-1, -1}, {-1, -1}, {-1, -1}};
    int status;

    *child = (struct child){.input = -1, .output = -1, .errors = -1, .exit_fd = -1};
    if (make_pipes(&pipes, process->input != NULL) != 0)
        status = acsmtp_fail_errno(err, errno, "cannot start %s", process->argv[0]);
    else
        status = start(process, &pipes, child, err);
    for (int i = 0; i < 2; i++) {
        process_close(&pipes.input[i]);
        process_close(&pipes.output[i]);
        process_close(&pipes.errors[i]);
    }
    return status;
}
