/* SPDX-License-Identifier: MIT */
/* What an observer of provisioning is promised, see steps.h. */
#include "steps.h"
#include "canary.h"
#include "verdict.h"
#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* More steps than a person wants to see; more are not remembered. */
enum { STEPS_MAX = 128, ID_MAX = 64, LINGER_CALLS = 2, LINGER_NS = 200000 };

struct known {
    char id[ID_MAX + 1];
    int32_t state;
    int changed;
};

struct steps {
    const char *operation;
    pthread_mutex_t lock; /* of all below; taken by one call after the other if all is right */
    struct known known[STEPS_MAX];
    size_t count;
    unsigned calls;
    int began; /* a step was told that waits no more */
};

struct steps *steps_new(const char *operation)
{
    struct steps *steps = calloc(1, sizeof *steps);

    if (!steps)
        return NULL;
    steps->operation = operation;
    (void)pthread_mutex_init(&steps->lock, NULL);
    return steps;
}

void steps_free(struct steps *steps)
{
    if (steps)
        (void)pthread_mutex_destroy(&steps->lock);
    free(steps);
}

static struct known *find(struct steps *steps, const char *id)
{
    for (size_t i = 0; i < steps->count; i++)
        if (strcmp(steps->known[i].id, id) == 0)
            return &steps->known[i];
    return NULL;
}

/* ---- words ---- */

int steps_is_difference(const char *word)
{
    static const char *const words[] = {"create", "update", "delete"};

    for (size_t i = 0; word && i < sizeof words / sizeof words[0]; i++)
        if (strcmp(word, words[i]) == 0)
            return 1;
    return 0;
}

int steps_is_change(const char *word)
{
    return steps_is_difference(word) ||
           (word && (strcmp(word, "keep") == 0 || strcmp(word, "absent") == 0));
}

/* ---- one step ---- */

static void check_text(const struct acsmtp_step *step, const char *what, const char *text)
{
    const char *found = text ? canary_find(text, strlen(text)) : NULL;

    if (found)
        (void)verdict_fail(RULE_PROVISION_RESULT, "%s stands in the %s of step '%.64s'", found,
                           what, step->id);
    for (; text && *text; text++)
        if (iscntrl((unsigned char)*text)) {
            (void)verdict_fail(RULE_STEP_LINE, "the %s of step '%.64s' is not one line", what,
                               step->id);
            return;
        }
}

static int check_shape(const struct steps *steps, const struct acsmtp_step *step)
{
    if (step->size < offsetof(struct acsmtp_step, needs) + sizeof step->needs)
        return verdict_fail(RULE_STRUCT_SIZE, "a step of %s() says it is %u bytes large",
                            steps->operation, (unsigned)step->size);
    if (!step->id || !step->id[0] || !step->title || strlen(step->id) > ID_MAX)
        return verdict_fail(RULE_STEP_ORDER,
                            "a step of %s() has no id of 1 to %d bytes, or no "
                            "title",
                            steps->operation, ID_MAX);
    check_text(step, "id", step->id);
    check_text(step, "title", step->title);
    check_text(step, "detail", step->detail);
    return 0;
}

/* A new step waits, and is told before any other begins. */
static struct known *take(struct steps *steps, const struct acsmtp_step *step)
{
    struct known *known = find(steps, step->id);

    if (known || steps->count == STEPS_MAX)
        return known;
    if (step->state != ACSMTP_STEP_PENDING || steps->began)
        (void)verdict_fail(RULE_STEP_ORDER, "%s() told step '%s' %s", steps->operation, step->id,
                           steps->began ? "after others had begun" : "in another state first");
    known = &steps->known[steps->count++];
    (void)snprintf(known->id, sizeof known->id, "%s", step->id);
    return known;
}

static int works(int32_t state)
{
    return state == ACSMTP_STEP_RUNNING || state == ACSMTP_STEP_WAITING ||
           state == ACSMTP_STEP_DONE;
}

static void check_needs(struct steps *steps, const struct acsmtp_step *step)
{
    for (const char *const *need = step->needs; need && *need; need++) {
        const struct known *other = find(steps, *need);

        if (!other)
            (void)verdict_fail(RULE_STEP_NEEDS, "step '%s' of %s() needs '%.64s', which is none",
                               step->id, steps->operation, *need);
        else if (works(step->state) && other->state != ACSMTP_STEP_DONE)
            (void)verdict_fail(RULE_STEP_NEEDS, "step '%s' of %s() began before '%s' was done",
                               step->id, steps->operation, other->id);
    }
}

static void check_state(const struct steps *steps, const struct acsmtp_step *step)
{
    if (step->state < ACSMTP_STEP_PENDING || step->state > ACSMTP_STEP_SKIPPED)
        (void)verdict_fail(RULE_STEP_ORDER, "step '%s' of %s() is in state %d", step->id,
                           steps->operation, (int)step->state);
    if (step->state == ACSMTP_STEP_DONE && !steps_is_change(step->change))
        (void)verdict_fail(RULE_STEP_CHANGE, "step '%s' of %s() is done, its change is '%.64s'",
                           step->id, steps->operation, step->change ? step->change : "(none)");
}

static void look(struct steps *steps, const struct acsmtp_step *step)
{
    struct known *known;

    if (check_shape(steps, step) != 0)
        return;
    known = take(steps, step);
    if (!known)
        return;
    check_state(steps, step);
    if (step->state != ACSMTP_STEP_PENDING) {
        steps->began = 1;
        check_needs(steps, step);
    }
    known->state = step->state;
    known->changed = step->state == ACSMTP_STEP_DONE && steps_is_difference(step->change);
}

/* Who calls beside somebody else meets a lock that is held: the first calls hold it for a while. */
void steps_tell(void *data, const struct acsmtp_step *step)
{
    const struct timespec while_others_come = {.tv_nsec = LINGER_NS};
    struct steps *steps = data;

    if (pthread_mutex_trylock(&steps->lock) != 0) {
        (void)verdict_fail(RULE_STEP_ONE, "%s() tells two steps at the same time",
                           steps->operation);
        (void)pthread_mutex_lock(&steps->lock);
    }
    look(steps, step);
    if (steps->calls++ < LINGER_CALLS)
        (void)nanosleep(&while_others_come, NULL);
    (void)pthread_mutex_unlock(&steps->lock);
}

/* ---- all of them ---- */

void steps_end(struct steps *steps)
{
    for (size_t i = 0; i < steps->count; i++)
        if (steps->known[i].state < ACSMTP_STEP_DONE)
            (void)verdict_fail(RULE_STEP_ORDER, "%s() returned, and step '%s' still %s",
                               steps->operation, steps->known[i].id,
                               steps->known[i].state == ACSMTP_STEP_PENDING ? "waits" : "runs");
}

const char *steps_changed(const struct steps *steps)
{
    for (size_t i = 0; i < steps->count; i++)
        if (steps->known[i].changed)
            return steps->known[i].id;
    return NULL;
}
