/* SPDX-License-Identifier: MIT */
/*
 * Attacks on the one that waits for an answer: processes that end, hang, or send what is no frame.
 */
#include "hostile.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
    ROW(crash),          ROW(assertion),     ROW(leave),         ROW(hang),
    ROW(stubborn),       ROW(patient),       ROW(garbage),       ROW(endless_frame),
    ROW(too_long),       ROW(half_a_frame),  ROW(flood),         ROW(bad_credential),
    ROW(foreign_secret), ROW(foreign_chain), ROW(foreign_store), ROW(foreign_message),
    {NULL, NULL},
};
