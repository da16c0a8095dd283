/* SPDX-License-Identifier: MIT */
/* See confirm.h. */
#include "confirm.h"
#include "terminal.h"
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_MAX = 256 };

int confirm_possible(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* Until there is something to read, the work is cancelled, or its time is up. */
static int wait_input(const struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
                            {.fd = acsmtp_context_cancel_fd(context), .events = POLLIN}};
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK && !fds[0].revents) {
        int64_t left = acsmtp_context_remaining(context);

        (void)poll(fds, 2, left < INT_MAX ? (int)left : -1);
        status = acsmtp_context_check(context, "asking for confirmation", err);
    }
    return status;
}

/* A line of the terminal, without its end; what is beyond the bound makes it another word. */
static int read_answer(const struct acsmtp_context *context, char answer[ANSWER_MAX],
                       struct acsmtp_error *err)
{
    size_t size = 0;
    ssize_t got = 0;

    answer[0] = '\0';
    while (size < ANSWER_MAX - 1 && !memchr(answer, '\n', size)) {
        if (wait_input(context, err) != ACSMTP_OK)
            return err->status;
        got = read(STDIN_FILENO, answer + size, ANSWER_MAX - 1 - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        size += (size_t)got;
    }
    answer[size] = '\0';
    answer[strcspn(answer, "\r\n")] = '\0';
    return ACSMTP_OK;
}

int confirm_word(const struct acsmtp_context *context, const char *word, struct acsmtp_error *err)
{
    char *shown = terminal_text_dup(word);
    char answer[ANSWER_MAX];

    (void)fprintf(stderr, "Type %s to go on: ", shown ? shown : "");
    free(shown);
    if (read_answer(context, answer, err) != ACSMTP_OK) {
        (void)fputc('\n', stderr);
        return err->status;
    }
    if (strcmp(answer, word) == 0)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CANCELLED, "not confirmed: nothing was done");
}
