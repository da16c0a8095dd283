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

static int read_answer(int tty, struct acsmtp_context *context, struct acsmtp_secret **answer,
                       struct acsmtp_error *err)
{
    char line[ANSWER_MAX];
    ssize_t got = -1;
    int status = wait_for_key(tty, context, err);

    if (status == ACSMTP_OK && (got = read(tty, line, sizeof line)) < 0)
        status = acsmtp_fail_errno(err, errno, "/dev/tty");
    while (status == ACSMTP_OK && got > 0 && (line[got - 1] == '\n' || line[got - 1] == '\r'))
        got--;
    if (status == ACSMTP_OK && got > 0 && line[got - 1] == INTERRUPT)
        status = acsmtp_fail(err, ACSMTP_CANCELLED, "the question was not answered");
    else if (status == ACSMTP_OK && got == 0)
        status = acsmtp_fail(err, ACSMTP_CONFIG, "the answer is empty");
    if (status == ACSMTP_OK)
        *answer = acsmtp_secret_new(line, (size_t)got, err);
    acsmtp_wipe(line, sizeof line);
    return status == ACSMTP_OK && !*answer ? ACSMTP_SYSTEM : status;
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
