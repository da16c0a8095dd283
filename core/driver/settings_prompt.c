/* SPDX-License-Identifier: MIT */
/*
 * A question at the terminal, answered without echo. A library installs no signal handlers, so an
 * interrupt must not kill the program while the echo is off: for the time of the question Ctrl-C is
 * an ordinary character that ends the line, and then means that the work is cancelled.
 */
#include "settings_private.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define INTERRUPT 3     /* Ctrl-C */
#define ANSWER_MAX 4096 /* a line of the terminal is no longer */

static int wait_for_key(int tty, struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct pollfd watched[2] = {{.fd = tty, .events = POLLIN},
                                {.fd = acsmtp_context_cancel_fd(context), .events = POLLIN}};
    int status;

    while ((status = acsmtp_context_check(context, "waiting for an answer", err)) == ACSMTP_OK) {
        int64_t left = acsmtp_context_remaining(context);
        int ready = poll(watched, 2, left > 60000 ? 60000 : (int)left + 1);

        if (ready < 0 && errno != EINTR)
            return acsmtp_fail_errno(err, errno, "poll");
        if (ready > 0 && watched[0].revents)
            return ACSMTP_OK;
    }
    return status;
}

/* Make a secret of the line that the terminal gave. */
static int take_answer(const char *line, size_t size, struct acsmtp_secret **answer,
                       struct acsmtp_error *err)
{
    while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r'))
        size--;
    if (size == 0)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the answer is empty");
    if (line[size - 1] == INTERRUPT)
        return acsmtp_fail(err, ACSMTP_CANCELLED, "the question was not answered");
    *answer = acsmtp_secret_new(line, size, err);
    return *answer ? ACSMTP_OK : ACSMTP_SYSTEM;
}

static int read_answer(int tty, struct acsmtp_context *context, struct acsmtp_secret **answer,
                       struct acsmtp_error *err)
{
    char line[ANSWER_MAX];
    int status = wait_for_key(tty, context, err);
    ssize_t got;

    if (status != ACSMTP_OK)
        return status;
    got = read(tty, line, sizeof line);
    if (got < 0)
        return acsmtp_fail_errno(err, errno, "/dev/tty");
    status = take_answer(line, (size_t)got, answer, err);
    acsmtp_wipe(line, sizeof line);
    return status;
}

static int ask(int tty, struct acsmtp_context *context, const char *question,
               struct acsmtp_secret **answer, struct acsmtp_error *err)
{
    struct termios before, quiet;
    int status;

    if (tcgetattr(tty, &before) != 0)
        return acsmtp_fail_errno(err, errno, "/dev/tty");
    quiet = before;
    quiet.c_lflag &= (tcflag_t) ~(ECHO | ECHOE | ECHOK | ECHONL | ISIG);
    quiet.c_lflag |= ICANON;
    quiet.c_cc[VEOL] = INTERRUPT;
    if (tcsetattr(tty, TCSAFLUSH, &quiet) != 0)
        return acsmtp_fail_errno(err, errno, "/dev/tty");
    if (write(tty, question, strlen(question)) < 0)
        status = acsmtp_fail_errno(err, errno, "/dev/tty");
    else
        status = read_answer(tty, context, answer, err);
    (void)tcsetattr(tty, TCSAFLUSH, &before);
    (void)!write(tty, "\n", 1);
    return status;
}

int settings_prompt(struct acsmtp_context *context, const char *question,
                    struct acsmtp_secret **answer, struct acsmtp_error *err)
{
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    int status;

    if (tty < 0)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "there is no terminal to ask on; use \"env\", \"file\" or \"command\" "
                           "where nobody watches");
    status = ask(tty, context, question, answer, err);
    (void)close(tty);
    return status;
}
