/* SPDX-License-Identifier: MIT */
/* The verdict of the running check, see verdict.h. */
#include "verdict.h"
#include <pthread.h>
#include <stdio.h>

static struct verdict *verdict;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void verdict_attach(struct verdict *shared)
{
    verdict = shared;
}

void verdict_step(const char *format, ...)
{
    va_list args;

    (void)pthread_mutex_lock(&lock);
    va_start(args, format);
    (void)vsnprintf(verdict->step, sizeof verdict->step, format, args);
    va_end(args);
    (void)pthread_mutex_unlock(&lock);
}

ACSMTP_PRINTF(3, 0)
static void settle(int outcome, enum contract_rule rule, const char *format, va_list args)
{
    (void)pthread_mutex_lock(&lock);
    if (verdict->outcome == OUTCOME_PASS) {
        verdict->outcome = outcome;
        verdict->rule = (int)rule;
        (void)vsnprintf(verdict->detail, sizeof verdict->detail, format, args);
    }
    (void)pthread_mutex_unlock(&lock);
}

int verdict_fail(enum contract_rule rule, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    settle(OUTCOME_FAIL, rule, format, args);
    va_end(args);
    return -1;
}

int verdict_skip(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    settle(OUTCOME_SKIP, RULE_NONE, format, args);
    va_end(args);
    return -1;
}

void verdict_end(void)
{
    verdict->is_last = 1;
}

int verdict_failed(void)
{
    return verdict->outcome == OUTCOME_FAIL;
}
