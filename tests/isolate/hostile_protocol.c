/* SPDX-License-Identifier: MIT */
/*
 * Attacks on the one that waits for an answer: processes that end, hang, or send what is no frame.
 */
#include "hostile.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define CHANNEL 3 /* where an isolated plugin's frames go */

enum { RETURN = 64, LOG = 65, SECRET = 69, CREDENTIAL = 70, STORE_GET = 72, READ = 76 };

/* ---- ends ---- */

ATTACK(crash)
{
    UNUSED;
    (void)signal(SIGSEGV, SIG_DFL); /* which a sanitizer would handle */
    return raise(SIGSEGV);
}

ATTACK(assertion)
{
    (void)context;
    (void)acsmtp_settings_string(settings, "no such option");
    return 0;
}

ATTACK(leave)
{
    UNUSED;
    _exit(0);
}

ATTACK(hang)
{
    UNUSED;
    for (;;)
        (void)sleep(1000);
    return 0;
}

ATTACK(stubborn)
{
    sigset_t all;

    UNUSED;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    return hang(settings, context);
}

ATTACK(patient)
{
    (void)settings;
    return acsmtp_context_sleep(context, 600000, NULL) == ACSMTP_CANCELLED ? ECANCELED : ETIME;
}

/* ---- frames ---- */

static void put(uint32_t type, const void *payload, uint32_t size)
{
    const uint32_t head[2] = {type, size};

    if (write(CHANNEL, head, sizeof head) < 0 || write(CHANNEL, payload, size) < 0)
        _exit(1);
}

ATTACK(garbage)
{
    char noise[4096];

    memset(noise, 0xa5, sizeof noise);
    put(0xa5a5a5a5, noise, sizeof noise);
    return hang(settings, context);
}

ATTACK(endless_frame)
{
    UNUSED;
    put(RETURN, "", 0);
    put(RETURN, NULL, 0);
    return 0;
}

ATTACK(too_long)
{
    const uint32_t head[2] = {RETURN, 0xfffffff0U};

    if (write(CHANNEL, head, sizeof head) < 0)
        _exit(1);
    return hang(settings, context);
}

ATTACK(half_a_frame)
{
    const uint32_t head[2] = {RETURN, 4096};

    if (write(CHANNEL, head, sizeof head) < 0)
        _exit(1);
    return hang(settings, context);
}

ATTACK(flood)
{
    const char line[] = "\x02\0\0\0\x05\0\0\0line";

    UNUSED;
    for (;;)
        put(LOG, line, sizeof line);
    return 0;
}

/* A good outcome, and a credential that says it is longer than its frame. */
ATTACK(bad_credential)
{
    const uint32_t payload[] = {0, 0, 0, 0, 0, 0, 16, 2, 1, 0x7fffffff, 0};

    put(RETURN, payload, sizeof payload);
    return hang(settings, context);
}

#define FORGED                                                                                     \
    "\x1b]0;forged\a\x1b[2J\xc2\x9b"                                                               \
    "31m\r\nforged: line"

/* A text as frames have it, with its NUL. */
static size_t add_text(char *payload, size_t used, const char *text)
{
    const uint32_t size = (uint32_t)strlen(text) + 1;

    memcpy(payload + used, &size, sizeof size);
    memcpy(payload + used + sizeof size, text, size);
    return used + sizeof size + size;
}

static size_t add_number(char *payload, size_t used, uint32_t number)
{
    memcpy(payload + used, &number, sizeof number);
    return used + sizeof number;
}

/* What a terminal would obey, in everything that is shown: past the library, which would clean it.
 */
ATTACK(escapes)
{
    char payload[1024];
    size_t size = add_number(payload, 0, ACSMTP_LOG_INFO);

    put(LOG, payload, (uint32_t)add_text(payload, size, FORGED));
    size = add_number(payload, 0, ACSMTP_UNAVAILABLE);
    size = add_text(payload, size, FORGED); /* message */
    size = add_number(payload, size, 0);    /* server's code */
    size = add_text(payload, size, FORGED); /* code */
    size = add_text(payload, size, FORGED); /* server's text */
    size = add_number(payload, size, 0);    /* retry after */
    size = add_number(payload, size, 0);    /* clock */
    size = add_number(payload, size, 0);
    size = add_number(payload, size, 0);
    size = add_text(payload, size, FORGED); /* claims */
    put(RETURN, payload, (uint32_t)add_number(payload, size, 0));
    return leave(settings, context);
}

/* A user name that ends its line and begins another, in a credential that is used. */
ATTACK(escapes_in_a_name)
{
    char payload[1024];
    size_t size, inner;

    for (inner = 0, size = 0; inner < 5; inner++) /* outcome, clock, claims */
        size = add_number(payload, size, 0);
    inner = size;
    size = add_number(payload, size, 0); /* the credential's size, below */
    size = add_number(payload, size, ACSMTP_CREDENTIAL_PASSWORD);
    size = add_number(payload, size, 1);
    size = add_number(payload, size, 6);
    memcpy(payload + size, "secret", 6);
    size = add_text(payload, size + 6, "ann" FORGED);
    memset(payload + size, 0, 20); /* expiry, refresh, files */
    size += 20;
    (void)add_number(payload, inner, (uint32_t)(size - inner - 4));
    put(RETURN, payload, (uint32_t)size);
    return leave(settings, context);
}

/* What a process writes before it ends is shown as its last words. */
ATTACK(last_words)
{
    if (write(STDERR_FILENO, FORGED, sizeof FORGED - 1) < 0)
        _exit(1);
    return crash(settings, context);
}

/* A descriptor along with a frame: 0 when the host has taken it. */
ATTACK(pass_a_descriptor)
{
    const uint32_t frame[] = {LOG, 13, ACSMTP_LOG_DEBUG, 5, 0x656e696c, 0};
    struct iovec bytes = {(void *)frame, 8 + 13};
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.head = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    const struct msghdr message = {.msg_iov = &bytes,
                                   .msg_iovlen = 1,
                                   .msg_control = &control,
                                   .msg_controllen = sizeof control};
    int ends[2];
    char byte;

    (void)settings;
    if (pipe(ends) != 0)
        return errno;
    memcpy(CMSG_DATA(&control.head), &ends[1], sizeof ends[1]);
    if (sendmsg(CHANNEL, &message, 0) < 0)
        return errno;
    (void)close(ends[1]);
    /* The end of the file, unless somebody still holds the other side. */
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    while (read(ends[0], &byte, 1) < 0)
        if (acsmtp_context_sleep(context, 20, NULL) != ACSMTP_OK)
            return 0;
    return EBADF;
}

/* What is asked for has to be the plugin's own. */
static int ask(uint32_t type, const char *name)
{
    struct {
        int64_t remaining;
        uint32_t length;
        char name[16];
    } question = {1000, sizeof question.name, ""};
    char answer[4096];
    ssize_t got;

    (void)snprintf(question.name, sizeof question.name, "%-15s", name);
    put(type, &question, sizeof question.remaining + 4 + sizeof question.name);
    got = read(CHANNEL, answer, sizeof answer);
    return got > 12 && answer[8] == ACSMTP_OK ? 0 : EPERM;
}

ATTACK(foreign_secret)
{
    UNUSED;
    return ask(SECRET, "attack");
}

ATTACK(foreign_chain)
{
    UNUSED;
    return ask(CREDENTIAL, "no_such_chain");
}

ATTACK(foreign_store)
{
    UNUSED;
    return ask(STORE_GET, "");
}

ATTACK(foreign_message)
{
    UNUSED;
    return ask(READ, "");
}

const struct attack protocol_attacks[] = {
    ROW(crash),          ROW(assertion),         ROW(leave),         ROW(hang),
    ROW(stubborn),       ROW(patient),           ROW(garbage),       ROW(endless_frame),
    ROW(too_long),       ROW(half_a_frame),      ROW(flood),         ROW(bad_credential),
    ROW(escapes),        ROW(escapes_in_a_name), ROW(last_words),    ROW(pass_a_descriptor),
    ROW(foreign_secret), ROW(foreign_chain),     ROW(foreign_store), ROW(foreign_message),
    {NULL, NULL},
};
