/* SPDX-License-Identifier: MIT */
/*
 * Starting and ending the process. It ends by itself once the control socket is closed; a host that
 * dies closes it, too.
 */
#include "isolate_child.h"
#include "base/process_private.h"
#include "base/utf8.h"
#include "protocol.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define END_MS 5000 /* for it to stop its plugin and clean up */
#define TICK_MS 20  /* where there is no pidfd */
#define FIRST_FD 10 /* of the child's ends, above all that they become in it */

/* ---- start ---- */

/* [0] is the host's end, [1] the child's. */
struct ends {
    int channel[2], control[2], errors[2];
    int input; /* the child's standard input; -1: /dev/null */
};

static int move_up(int fd)
{
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);

    (void)close(fd);
    return moved;
}

/*
 * A terminal is opened for reading anew: as it stands it can be written to as well, and what is
 * written to it is obeyed.
 */
static int open_input(void)
{
    static const char this_one[] = "/proc/self/fd/0";
    int input = isatty(STDIN_FILENO) ? open(this_one, O_RDONLY | O_NOCTTY | O_CLOEXEC)
                                     : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, FIRST_FD);

    return input >= 0 ? move_up(input) : -1;
}

static int make_ends(struct ends *ends)
{
    static const int stream = SOCK_STREAM | SOCK_CLOEXEC;

    if (socketpair(AF_UNIX, stream, 0, ends->channel) != 0 ||
        socketpair(AF_UNIX, stream, 0, ends->control) != 0 ||
        pipe2(ends->errors, O_CLOEXEC | O_NONBLOCK) != 0)
        return -1;
    ends->channel[1] = move_up(ends->channel[1]);
    ends->control[1] = move_up(ends->control[1]);
    ends->errors[1] = move_up(ends->errors[1]);
    if (ends->channel[1] < 0 || ends->control[1] < 0 || ends->errors[1] < 0)
        return -1;
    return fcntl(ends->channel[0], F_SETFL, O_NONBLOCK);
}

static void close_ends(struct ends *ends)
{
    int i;

    for (i = 0; i < 2; i++) {
        process_close(&ends->channel[i]);
        process_close(&ends->control[i]);
        process_close(&ends->errors[i]);
    }
    process_close(&ends->input);
}

static int add_files(posix_spawn_file_actions_t *actions, const void *data)
{
    const struct ends *ends = data;
    int error = ends->input < 0
                    ? posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0)
                    : posix_spawn_file_actions_adddup2(actions, ends->input, 0);

    if (!error)
        error = posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, ends->errors[1], 2);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, ends->channel[1], ISOLATE_CHANNEL_FD);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, ends->control[1], ISOLATE_CONTROL_FD);
    if (!error)
        error = posix_spawn_file_actions_addclosefrom_np(actions, ISOLATE_CONTROL_FD + 1);
    if (!error)
        error = posix_spawn_file_actions_addchdir_np(actions, "/");
    return error;
}

static void child_free(struct isolate_child *child)
{
    if (!child)
        return;
    acsmtp_secret_free(child->out);
    acsmtp_secret_free(child->in);
    acsmtp_secret_free(child->given);
    free(child);
}

static struct isolate_child *child_new(void)
{
    struct isolate_child *child = calloc(1, sizeof *child);

    if (!child)
        return NULL;
    child->out = acsmtp_secret_new(NULL, 0, NULL);
    child->in = acsmtp_secret_new(NULL, 0, NULL);
    child->given = acsmtp_secret_new(NULL, 0, NULL);
    if (child->out && child->in && child->given)
        return child;
    child_free(child);
    return NULL;
}

static void adopt(struct isolate_child *child, pid_t pid, struct ends *ends)
{
    child->pid = pid;
    child->exit_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    child->channel = ends->channel[0];
    child->control = ends->control[0];
    child->errors = ends->errors[0];
    ends->channel[0] = ends->control[0] = ends->errors[0] = -1;
}

static int start(const char *program, char *const *arguments, char *const *environment,
                 int has_input, struct isolate_child *child, struct acsmtp_error *err)
{
    struct ends ends = {{-1, -1}, {-1, -1}, {-1, -1}, has_input ? open_input() : -1};
    const struct launch launch = {
        .program = program,
        .arguments = arguments,
        .environment = environment,
        .leads = POSIX_SPAWN_SETSID,
        .add_files = add_files,
        .data = &ends,
    };
    pid_t pid = -1;
    int error = make_ends(&ends) == 0 ? 0 : errno;

    if (!error)
        error = process_launch(&launch, &pid);
    if (!error)
        adopt(child, pid, &ends);
    close_ends(&ends);
    return error ? acsmtp_fail_errno(err, error, "cannot start %s", program) : ACSMTP_OK;
}

int isolate_child_start(char *const *arguments, char *const *environment, int has_input,
                        struct isolate_child **child, struct acsmtp_error *err)
{
    char *program = isolate_locate(err);
    struct isolate_child *made;
    int status;

    if (!program)
        return ACSMTP_CONFIG;
    made = child_new();
    if (made)
        status = start(program, arguments, environment, has_input, made, err);
    else
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    free(program);
    if (status == ACSMTP_OK) {
        *child = made;
        return ACSMTP_OK;
    }
    child_free(made);
    return status;
}

/* ---- life ---- */

int isolate_child_alive(const struct isolate_child *child)
{
    struct pollfd channel = {.fd = child->channel};

    return poll(&channel, 1, 0) == 0;
}

void isolate_child_cancel(struct isolate_child *child)
{
    static const char cancel = ISOLATE_CANCEL;

    child->spent = 1;
    /* One that is gone needs no cancelling. */
    if (send(child->control, &cancel, 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        return;
}

/* ---- end ---- */

static int has_ended(const struct isolate_child *child)
{
    siginfo_t info = {0};

    if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        return errno != EINTR;
    return info.si_pid == child->pid;
}

static void wait_for_end(const struct isolate_child *child)
{
    int left = END_MS;

    while (left > 0 && !has_ended(child)) {
        struct pollfd end = {.fd = child->exit_fd, .events = POLLIN};
        int wait = child->exit_fd >= 0 ? left : TICK_MS;

        (void)poll(&end, 1, wait);
        left -= wait;
    }
}

/* The last line of what it wrote, as far as the pipe has it. */
static void last_words(const struct isolate_child *child, char *line, size_t capacity)
{
    char text[4096];
    ssize_t got = read(child->errors, text, sizeof text - 1);
    char *start;

    line[0] = '\0';
    if (got <= 0)
        return;
    while (got > 0 && (text[got - 1] == '\n' || text[got - 1] == '\0'))
        got--;
    text[got] = '\0';
    start = strrchr(text, '\n');
    (void)snprintf(line, capacity, "%.*s", (int)capacity - 1, start ? start + 1 : text);
    acsmtp_redact(line, capacity);
    utf8_make_printable(line, '\0');
}

static void describe(const struct isolate_child *child, int result, char *how, size_t capacity,
                     int *sandboxed)
{
    int status = WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
    char words[256];

    last_words(child, words, sizeof words);
    *sandboxed = status == 128 + SIGSYS;
    if (status > 128)
        (void)snprintf(how, capacity, "signal %d (%s)%s%s", status - 128, strsignal(status - 128),
                       words[0] ? ": " : "", words);
    else
        (void)snprintf(how, capacity, "exit status %d%s%s", status, words[0] ? ": " : "", words);
}

void isolate_child_stop(struct isolate_child *child, char *how, size_t capacity, int *sandboxed)
{
    int result = 0, unwanted;
    char buffer[512];
    pid_t got;

    if (!child)
        return;
    process_close(&child->channel);
    process_close(&child->control);
    wait_for_end(child);
    if (!has_ended(child))
        (void)kill(-child->pid, SIGKILL);
    do
        got = waitpid(child->pid, &result, 0);
    while (got < 0 && errno == EINTR);
    describe(child, result, how ? how : buffer, how ? capacity : sizeof buffer,
             sandboxed ? sandboxed : &unwanted);
    process_close(&child->errors);
    process_close(&child->exit_fd);
    child_free(child);
}
