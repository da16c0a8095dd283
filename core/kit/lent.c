/* SPDX-License-Identifier: MIT */
/* Pages that are readable for one call, see lent.h. */
#include "lent.h"
#include "verdict.h"
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* All places come out of one range, so that an address tells whether it was lent. */
enum { RANGE_SIZE = 1 << 28, UNIT = 16 };

struct lent {
    char *begin;
    size_t size, used;
};

static char *range;
static atomic_size_t range_used;

static size_t round_up(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

static void on_fault(int number, siginfo_t *info, void *data)
{
    uintptr_t at = (uintptr_t)info->si_addr, begin = (uintptr_t)range;

    (void)data;
    if (begin && at >= begin && at < begin + RANGE_SIZE) {
        (void)verdict_fail(RULE_BORROWED, "something that was lent for one call was read later");
        _exit(1);
    }
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

void lent_watch(void)
{
    static char stack[65536];
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_sigaction = on_fault,
                               .sa_flags = (int)(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND)};
    void *made =
        mmap(NULL, RANGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    range = made == MAP_FAILED ? NULL : made;
    (void)sigaltstack(&alternate, NULL);
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGSEGV, &action, NULL);
    (void)sigaction(SIGBUS, &action, NULL);
}

struct lent *lent_new(size_t size)
{
    struct lent *lent = calloc(1, sizeof *lent);
    size_t whole = round_up(size, (size_t)sysconf(_SC_PAGESIZE));
    size_t at;

    if (!lent || !range)
        return lent;
    at = atomic_fetch_add(&range_used, whole);
    if (at + whole <= RANGE_SIZE && mprotect(range + at, whole, PROT_READ | PROT_WRITE) == 0) {
        lent->begin = range + at;
        lent->size = whole;
    }
    return lent;
}

void *lent_place(struct lent *lent, size_t size)
{
    size_t at = lent->used;

    if (at + round_up(size, UNIT) > lent->size)
        return NULL;
    lent->used += round_up(size, UNIT);
    return lent->begin + at;
}

const char *lent_text(struct lent *lent, const char *text)
{
    char *place = text ? lent_place(lent, strlen(text) + 1) : NULL;

    return place ? memcpy(place, text, strlen(text) + 1) : NULL;
}

void lent_take_back(struct lent *lent)
{
    if (lent && lent->begin)
        (void)mprotect(lent->begin, lent->size, PROT_NONE);
    free(lent);
}
