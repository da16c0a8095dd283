/* SPDX-License-Identifier: MIT */
/*
 * acsmtp_process_run(): feeds a child, drains it and ends it. Only the end of its own life, of its
 * time or of its output ends the wait, never a grandchild that keeps a pipe open.
 */
#include "process_private.h"
#include "secret_private.h"
#include "utf8.h"
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 4096
#define TICK_MS 50       /* how often to look for the end where there is no pidfd */
#define LINGER_MS 100    /* for output that is still in the pipes when the child has ended */
#define PIPE_SIZE 65536  /* what a pipe of Linux holds */
#define TERMINATE_MS 500 /* from SIGTERM to SIGKILL */

struct run {
    struct child child;
    struct acsmtp_context *context; /* limited to the process's timeout */
    const struct acsmtp_process *process;
    struct acsmtp_process_result *result;
    size_t fed;          /* bytes of the input that were written */
    size_t errors_size;  /* bytes in result->errors */
    int errors_cut;      /* older bytes were dropped */
    int ended;           /* the child itself has ended */
    int64_t linger_till; /* monotonic milliseconds */
};

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * Write without dying of SIGPIPE: a library must not change the process's disposition, and a pipe
 * has no MSG_NOSIGNAL. A signal that this write raised is taken back.
 */
static ssize_t quiet_write(int fd, const void *bytes, size_t size)
{
    static const struct timespec at_once = {0, 0};
    sigset_t pipe_signal, pending, before;
    ssize_t written;
    int saved;

    (void)sigemptyset(&pipe_signal);
    (void)sigaddset(&pipe_signal, SIGPIPE);
    (void)sigpending(&pending);
    (void)pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    written = write(fd, bytes, size);
    saved = errno;
    if (written < 0 && saved == EPIPE && !sigismember(&pending, SIGPIPE))
        (void)sigtimedwait(&pipe_signal, NULL, &at_once);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = saved;
    return written;
}

static void feed(struct run *run)
{
    const struct acsmtp_secret *input = run->process->input;
    size_t left = acsmtp_secret_size(input) - run->fed;
    ssize_t written = 0;

    if (left > 0)
        written = quiet_write(run->child.input, acsmtp_secret_data(input) + run->fed, left);
    if (written < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    run->fed += written > 0 ? (size_t)written : 0;
    /* A child that does not read its input to the end may still do its work. */
    if (written < 0 || run->fed == acsmtp_secret_size(input))
        process_close(&run->child.input);
}

static int drain_output(struct run *run, struct acsmtp_error *err)
{
    struct acsmtp_secret *output = run->result->output;
    char *room = secret_reserve(output, CHUNK, err);
    ssize_t got;

    if (!room)
        return ACSMTP_SYSTEM;
    got = read(run->child.output, room, CHUNK);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return ACSMTP_OK;
    if (got <= 0) {
        process_close(&run->child.output);
        return ACSMTP_OK;
    }
    secret_commit(output, (size_t)got);
    if (acsmtp_secret_size(output) > ACSMTP_PROCESS_OUTPUT_MAX)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "%s: wrote more than %u bytes",
                           run->process->argv[0], ACSMTP_PROCESS_OUTPUT_MAX);
    return ACSMTP_OK;
}

/* Keeps the end of what comes. */
static void drain_errors(struct run *run)
{
    size_t capacity = sizeof run->result->errors - 1, drop;
    char *kept = run->result->errors, chunk[1024];
    ssize_t got = read(run->child.errors, chunk, sizeof chunk);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        process_close(&run->child.errors);
        return;
    }
    if (run->errors_size + (size_t)got > capacity) {
        drop = run->errors_size + (size_t)got - capacity;
        memmove(kept, kept + drop, run->errors_size - drop);
        run->errors_size -= drop;
        run->errors_cut = 1;
    }
    memcpy(kept + run->errors_size, chunk, (size_t)got);
    run->errors_size += (size_t)got;
    acsmtp_wipe(chunk, sizeof chunk);
}

/* Printable, redacted, lines kept. */
static void finish_errors(struct run *run)
{
    char *text = run->result->errors, *start = text;
    size_t size = run->errors_size;

    text[size] = '\0';
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\0')
            text[i] = ' ';
    /* The first word may be the end of a secret, which nobody would recognize. */
    if (run->errors_cut) {
        start += strcspn(start, " \n");
        memmove(text, start, size - (size_t)(start - text) + 1);
    }
    acsmtp_redact(text, sizeof run->result->errors);
    utf8_make_printable(text, '\n');
}

/* The child stays a zombie: as long as it is one, nobody else gets its group's number. */
static int has_ended(const struct child *child)
{
    siginfo_t info = {0};

    if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        return errno != EINTR;
    return info.si_pid == child->pid;
}

static int poll_timeout(const struct run *run)
{
    int64_t wait = acsmtp_context_remaining(run->context);

    if (run->ended)
        wait = run->linger_till - now_ms();
    if (!run->ended && run->child.exit_fd < 0 && wait > TICK_MS)
        wait = TICK_MS;
    if (wait < 0)
        return 0;
    return wait < 3600000 ? (int)wait : 3600000;
}

static int step(struct run *run, struct acsmtp_error *err)
{
    enum { CANCEL, EXIT, INPUT, OUTPUT, ERRORS, COUNT };
    struct pollfd fds[COUNT] = {
        [CANCEL] = {run->ended ? -1 : acsmtp_context_cancel_fd(run->context), POLLIN, 0},
        [EXIT] = {run->ended ? -1 : run->child.exit_fd, POLLIN, 0},
        [INPUT] = {run->child.input, POLLOUT, 0},
        [OUTPUT] = {run->child.output, POLLIN, 0},
        [ERRORS] = {run->child.errors, POLLIN, 0},
    };
    int status = ACSMTP_OK;

    if (poll(fds, COUNT, poll_timeout(run)) < 0 && errno != EINTR)
        return acsmtp_fail_errno(err, errno, "cannot wait for %s", run->process->argv[0]);
    if (fds[INPUT].revents)
        feed(run);
    if (fds[OUTPUT].revents)
        status = drain_output(run, err);
    if (fds[ERRORS].revents)
        drain_errors(run);
    if (!run->ended && has_ended(&run->child)) {
        run->ended = 1;
        run->linger_till = now_ms() + LINGER_MS;
    }
    return status;
}

static int is_over(const struct run *run)
{
    if (!run->ended)
        return 0;
    return (run->child.output < 0 && run->child.errors < 0) || now_ms() >= run->linger_till;
}

/* Why the wait ends early, in words that name the program. */
static int check(const struct run *run, struct acsmtp_error *err)
{
    const char *name = run->process->argv[0];

    if (run->ended)
        return ACSMTP_OK;
    if (acsmtp_context_cancelled(run->context))
        return acsmtp_fail(err, ACSMTP_CANCELLED, "%s: cancelled", name);
    if (acsmtp_context_remaining(run->context) > 0)
        return ACSMTP_OK;
    if (run->process->timeout_ms >= 0)
        return acsmtp_fail(err, ACSMTP_TEMPORARY, "%s: did not end within %" PRId64 " ms", name,
                           run->process->timeout_ms);
    return acsmtp_fail(err, ACSMTP_TEMPORARY, "%s: did not end before the time was up", name);
}

static void wait_for_end(const struct child *child, int64_t milliseconds)
{
    int64_t till = now_ms() + milliseconds;

    while (!has_ended(child) && now_ms() < till) {
        struct pollfd end = {.fd = child->exit_fd, .events = POLLIN};

        (void)poll(&end, 1, child->exit_fd >= 0 ? (int)milliseconds : 10);
    }
}

static void kill_group(const struct child *child)
{
    (void)kill(-child->pid, SIGTERM);
    wait_for_end(child, TERMINATE_MS);
    (void)kill(-child->pid, SIGKILL);
}

static int reap(const struct run *run, struct acsmtp_error *err)
{
    pid_t got;
    int how;

    do
        got = waitpid(run->child.pid, &how, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return acsmtp_fail_errno(err, errno, "the exit status of %s is lost",
                                 run->process->argv[0]);
    run->result->exit_status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
    return ACSMTP_OK;
}

/* On a busy machine the time to linger may be over before what the child wrote was read. */
static int drain_rest(struct run *run, struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    for (int i = 0; i <= PIPE_SIZE / CHUNK && status == ACSMTP_OK; i++) {
        if (run->child.output >= 0)
            status = drain_output(run, err);
        if (run->child.errors >= 0)
            drain_errors(run);
    }
    return status;
}

static int live(struct run *run, struct acsmtp_error *err)
{
    int status = ACSMTP_OK, reaped;

    while (status == ACSMTP_OK && !is_over(run)) {
        status = step(run, err);
        if (status == ACSMTP_OK)
            status = check(run, err);
    }
    if (status == ACSMTP_OK)
        status = drain_rest(run, err);
    if (status != ACSMTP_OK)
        kill_group(&run->child);
    reaped = reap(run, status == ACSMTP_OK ? err : NULL);
    process_close(&run->child.input);
    process_close(&run->child.output);
    process_close(&run->child.errors);
    process_close(&run->child.exit_fd);
    finish_errors(run);
    return status != ACSMTP_OK ? status : reaped;
}

static int prepare(const struct acsmtp_process *process, struct acsmtp_process_result *result,
                   struct acsmtp_error *err)
{
    if (process->size < offsetof(struct acsmtp_process, timeout_ms) + sizeof process->timeout_ms ||
        result->size < offsetof(struct acsmtp_process_result, errors) + sizeof result->errors)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "a process structure does not tell its size");
    result->exit_status = 0;
    result->errors[0] = '\0';
    result->output = NULL;
    if (!process->argv || !process->argv[0] || process->argv[0][0] != '/')
        return acsmtp_fail(err, ACSMTP_CONFIG, "program '%s' is not an absolute path",
                           process->argv && process->argv[0] ? process->argv[0] : "");
    result->output = acsmtp_secret_new(NULL, 0, err);
    return result->output ? ACSMTP_OK : ACSMTP_SYSTEM;
}

int acsmtp_process_run(struct acsmtp_context *context, const struct acsmtp_process *process,
                       struct acsmtp_process_result *result, struct acsmtp_error *err)
{
    struct run run = {.process = process, .result = result};
    int status = prepare(process, result, err);

    if (status == ACSMTP_OK)
        status = acsmtp_context_check(context, process->argv[0], err);
    if (status == ACSMTP_OK) {
        run.context = acsmtp_context_limit(context, process->timeout_ms);
        if (!run.context)
            status = acsmtp_fail_errno(err, ENOMEM, "cannot start %s", process->argv[0]);
    }
    if (status == ACSMTP_OK)
        status = process_spawn(process, &run.child, err);
    if (status == ACSMTP_OK)
        status = live(&run, err);
    acsmtp_context_free(run.context);
    return status;
}

void acsmtp_process_result_release(struct acsmtp_process_result *result)
{
    if (!result)
        return;
    acsmtp_secret_free(result->output);
    result->output = NULL;
    acsmtp_wipe(result->errors, sizeof result->errors);
}
