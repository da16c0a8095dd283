/* SPDX-License-Identifier: MIT */
/*
 * The steps of an operation of the plugin `maker`. Every thing is a step with a thread of its own,
 * so that an observer sees steps at the same time, and, with a chain, several threads ask it at
 * once.
 */
#include "maker.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- steps ---- */

/* Under the lock. */
static void move(struct thing *thing, int state, const char *detail)
{
    struct work *work = thing->work;
    struct acsmtp_step step = {.size = sizeof step,
                               .state = state,
                               .id = thing->name,
                               .title = thing->title,
                               .change = thing->change[0] ? thing->change : NULL,
                               .detail = detail,
                               .needs = thing->needs};

    thing->state = state;
    if (thing->begun)
        step.elapsed_ms = now_ms() - thing->begun;
    if (work->observer)
        work->observer->step(work->observer->data, &step);
    (void)pthread_cond_broadcast(&work->moved);
}

static const struct thing *find(const struct work *work, const char *name)
{
    for (size_t i = 0; i < work->count; i++)
        if (strcmp(work->things[i].name, name) == 0)
            return &work->things[i];
    return NULL;
}

/* The state that the needs leave to this one: PENDING, RUNNING or SKIPPED. */
static int turn(const struct thing *thing)
{
    int state = ACSMTP_STEP_RUNNING;

    for (size_t i = 0; thing->needs[i]; i++) {
        const struct thing *need = find(thing->work, thing->needs[i]);

        if (!need || need->state == ACSMTP_STEP_DONE)
            continue;
        if (need->state == ACSMTP_STEP_FAILED || need->state == ACSMTP_STEP_SKIPPED)
            return ACSMTP_STEP_SKIPPED;
        state = ACSMTP_STEP_PENDING;
    }
    return acsmtp_context_cancelled(thing->work->context) ? ACSMTP_STEP_SKIPPED : state;
}

static int ask(const struct thing *thing, struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct acsmtp_credential *credential;
    struct acsmtp_credential_request request = {.size = sizeof request};
    char scope[128];
    int status;

    if (!acsmtp_settings_has(thing->work->maker->settings, "credentials"))
        return ACSMTP_OK;
    credential = acsmtp_credential_new(err);
    if (!credential)
        return ACSMTP_SYSTEM;
    (void)snprintf(scope, sizeof scope, "https://%s.example/.default", thing->name);
    request.scope = scope;
    status = acsmtp_settings_credential(thing->work->maker->settings, context, "credentials",
                                        &request, credential, err);
    acsmtp_credential_free(credential);
    return status;
}

/* Whoever configures it may be asked for it. */
static int read_secret(const struct thing *thing, struct acsmtp_context *context,
                       struct acsmtp_error *err)
{
    struct acsmtp_secret *secret = NULL;
    int status = acsmtp_settings_secret(thing->work->maker->settings, context, "operator_secret",
                                        &secret, err);

    acsmtp_secret_free(secret);
    return status;
}

static int do_it(struct thing *thing, struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct work *work = thing->work;
    int status = ask(thing, context, err);

    if (status == ACSMTP_OK)
        status = read_secret(thing, context, err);
    acsmtp_log(context, ACSMTP_LOG_INFO, "at work on %s", thing->name);
    if (status == ACSMTP_OK)
        status = acsmtp_context_sleep(
            context, acsmtp_settings_duration(work->maker->settings, "pause"), err);
    if (status == ACSMTP_OK && maker_is(thing->name, maker_text(work->maker, "fail")))
        status = acsmtp_fail(err, ACSMTP_DENIED, "the provider refuses \033[31m%s", thing->name);
    return status;
}

static void finish(struct thing *thing, int status, struct acsmtp_error *err)
{
    struct work *work = thing->work;

    if (status == ACSMTP_OK && !work->reads_only)
        status = maker_world_apply(work, thing, err);
    if (status == ACSMTP_OK) {
        move(thing, ACSMTP_STEP_DONE, NULL);
        return;
    }
    move(thing, ACSMTP_STEP_FAILED, err->message);
    (void)acsmtp_fail(&work->failure, status, "%s", err->message);
}

static void *run_thing(void *data)
{
    struct thing *thing = data;
    struct work *work = thing->work;
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_context *context = acsmtp_context_limit(work->context, 60000);
    int state, status;

    (void)pthread_mutex_lock(&work->lock);
    while ((state = turn(thing)) == ACSMTP_STEP_PENDING)
        (void)pthread_cond_wait(&work->moved, &work->lock);
    if (state == ACSMTP_STEP_SKIPPED || !context) {
        move(thing, ACSMTP_STEP_SKIPPED, "something it needs has failed");
    } else {
        thing->begun = now_ms();
        move(thing, ACSMTP_STEP_RUNNING, NULL);
        if (maker_is(thing->name, maker_text(work->maker, "wait")))
            move(thing, ACSMTP_STEP_WAITING, "for the provider to notice");
        (void)snprintf(thing->change, sizeof thing->change, "%s",
                       maker_world_change(work, thing->name));
        (void)pthread_mutex_unlock(&work->lock);
        status = do_it(thing, context, &err);
        (void)pthread_mutex_lock(&work->lock);
        finish(thing, status, &err);
    }
    (void)pthread_mutex_unlock(&work->lock);
    acsmtp_context_free(context);
    return NULL;
}

/* ---- an operation's steps ---- */

static void read_thing(struct work *work, const char *spec)
{
    struct thing *thing = &work->things[work->count++];
    size_t size = strcspn(spec, ":"), needs = 0;

    thing->work = work;
    (void)snprintf(thing->name, sizeof thing->name, "%.*s", (int)size, spec);
    (void)snprintf(thing->title, sizeof thing->title, "thing %.*s", (int)size, spec);
    for (spec += size; *spec && needs < NEEDS_MAX; spec += size) {
        spec++;
        size = strcspn(spec, ",");
        (void)snprintf(thing->need[needs], sizeof thing->need[needs], "%.*s", (int)size, spec);
        thing->needs[needs] = thing->need[needs];
        needs++;
    }
}

/* What is needed is removed after what needs it. */
static void reverse(struct work *work)
{
    for (size_t i = 0; i < work->count; i++)
        memset(work->things[i].needs, 0, sizeof work->things[i].needs);
    for (size_t i = 0; i < work->count; i++)
        for (size_t n = 0; n < NEEDS_MAX && work->things[i].need[n][0]; n++) {
            const struct thing *found = find(work, work->things[i].need[n]);
            struct thing *need = found ? &work->things[found - work->things] : NULL;
            size_t last = 0;

            while (need && need->needs[last])
                last++;
            if (need && last < NEEDS_MAX)
                need->needs[last] = work->things[i].name;
        }
}

int maker_work_open(struct work *work, const struct maker *maker, struct acsmtp_context *context,
                    const struct acsmtp_provision_observer *observer, struct acsmtp_error *err)
{
    size_t count = acsmtp_settings_count(maker->settings, "things");

    work->maker = maker;
    work->context = context;
    work->observer = observer;
    work->failure = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    work->world = maker_world_read(maker_text(work->maker, "world"), err);
    if (!work->world)
        return err->status;
    (void)pthread_mutex_init(&work->lock, NULL);
    (void)pthread_cond_init(&work->moved, NULL);
    for (size_t i = 0; i < count && i < THINGS_MAX; i++)
        read_thing(work, acsmtp_settings_item(maker->settings, "things", i));
    if (work->destroys)
        reverse(work);
    return ACSMTP_OK;
}

int maker_work_run(struct work *work, struct acsmtp_error *err)
{
    (void)pthread_mutex_lock(&work->lock);
    for (size_t i = 0; i < work->count; i++)
        move(&work->things[i], ACSMTP_STEP_PENDING, NULL);
    (void)pthread_mutex_unlock(&work->lock);
    for (size_t i = 0; i < work->count; i++)
        if (pthread_create(&work->things[i].thread, NULL, run_thing, &work->things[i]) != 0)
            abort();
    for (size_t i = 0; i < work->count; i++)
        (void)pthread_join(work->things[i].thread, NULL);
    if (work->failure.status != ACSMTP_OK)
        return acsmtp_fail(err, work->failure.status, "%s", work->failure.message);
    return acsmtp_context_check(work->context, "making", err);
}
