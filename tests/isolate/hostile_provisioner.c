/* SPDX-License-Identifier: MIT */
/*
 * A provisioner that means harm, in the way that its option names, whichever operation is asked of
 * it; without one it makes nothing and says so.
 */
#include <acsmtp/plugin.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHANNEL 3 /* where an isolated plugin's frames go */
#define LONG_TEXT (1100U * 1024U)

enum { RETURN = 64, STEP = 78 };

/* One operation, as it was asked for. */
struct work {
    struct acsmtp_context *context;
    const struct acsmtp_provision_observer *observer;
    struct acsmtp_json **result;
    struct acsmtp_error *err;
};

struct attack {
    const char *name;
    int (*run)(struct work *work);
};

/* ---- steps ---- */

static void tell(const struct work *work, const struct acsmtp_step *told)
{
    struct acsmtp_step step = *told;

    step.size = sizeof step;
    if (work->observer)
        work->observer->step(work->observer->data, &step);
}

static int dirty_step(struct work *work)
{
    static const char *const needs[] = {"other\nstep", NULL};

    tell(work, &(struct acsmtp_step){.state = ACSMTP_STEP_FAILED,
                                     .id = "forged\nline",
                                     .title = "\x1b[2Jgone \xc2\x9b"
                                              "1mbold",
                                     .change = "create\r",
                                     .detail = "no UTF-8: \xff; a\tb",
                                     .elapsed_ms = INT64_MIN,
                                     .needs = needs});
    return ACSMTP_OK;
}

static int flood(struct work *work)
{
    for (;;)
        tell(work, &(struct acsmtp_step){.id = "drop", .title = "drop"});
    return ACSMTP_OK;
}

static int crash(struct work *work)
{
    tell(work, &(struct acsmtp_step){
                   .state = ACSMTP_STEP_DONE, .id = "made", .title = "made", .change = "create"});
    (void)signal(SIGSEGV, SIG_DFL); /* which a sanitizer would handle */
    return raise(SIGSEGV);
}

static void *tell_many(void *data)
{
    const struct work *work = data;
    char id[32];
    int i;

    for (i = 0; i < 500; i++) {
        (void)snprintf(id, sizeof id, "step-%d", i);
        tell(work, &(struct acsmtp_step){.id = id, .title = "of a thread"});
        acsmtp_log(work->context, ACSMTP_LOG_INFO, "line %d", i);
    }
    return NULL;
}

/* All at once, though an observer is promised one call at a time. */
static int crowd(struct work *work)
{
    pthread_t threads[8];
    size_t count = 0;

    while (count < 8 && pthread_create(&threads[count], NULL, tell_many, work) == 0)
        count++;
    while (count > 0)
        (void)pthread_join(threads[--count], NULL);
    return ACSMTP_OK;
}

/* ---- results ---- */

static int fail_with_result(struct work *work)
{
    (void)acsmtp_json_set(*work->result, "output", acsmtp_json_new_string("stands", NULL), NULL);
    return acsmtp_fail(work->err, ACSMTP_DENIED, "the provider says no");
}

static int long_result(struct work *work)
{
    char *text = malloc(LONG_TEXT + 1U);

    if (!text)
        return ACSMTP_SYSTEM;
    memset(text, 'x', LONG_TEXT);
    text[LONG_TEXT] = '\0';
    (void)acsmtp_json_set(*work->result, "text", acsmtp_json_new_string(text, NULL), NULL);
    free(text);
    return ACSMTP_OK;
}

static int no_result(struct work *work)
{
    acsmtp_json_free(*work->result);
    *work->result = NULL;
    return ACSMTP_OK;
}

/* ---- frames ---- */

static void put_bytes(const void *bytes, size_t size)
{
    const char *at = bytes;

    while (size > 0) {
        ssize_t put = write(CHANNEL, at, size);

        if (put < 0)
            _exit(1);
        at += put;
        size -= (size_t)put;
    }
}

static void put(uint32_t type, const void *payload, uint32_t size)
{
    const uint32_t head[2] = {type, size};

    put_bytes(head, sizeof head);
    put_bytes(payload, size);
}

static _Noreturn void hang(void)
{
    for (;;)
        (void)sleep(1000);
}

/* A good end, and these bytes as its result. */
static _Noreturn void give(const char *text, uint32_t size)
{
    const uint32_t outcome[] = {0, 0, 0, 0, 0, size + 4, size};
    const uint32_t head[2] = {RETURN, (uint32_t)sizeof outcome + size};

    put_bytes(head, sizeof head);
    put_bytes(outcome, sizeof outcome);
    put_bytes(text, size);
    hang();
}

static int no_json(struct work *work)
{
    (void)work;
    give("nonsense", sizeof "nonsense");
}

static int no_object(struct work *work)
{
    (void)work;
    give("[1, 2]", sizeof "[1, 2]");
}

static int nul_inside(struct work *work)
{
    (void)work;
    give("{}\0{}", sizeof "{}\0{}");
}

static int no_utf8(struct work *work)
{
    (void)work;
    give("{\"text\": \"\xff\"}", sizeof "{\"text\": \"\xff\"}");
}

static int too_deep(struct work *work)
{
    static char text[4096] = "{\"a\": ";

    (void)work;
    memset(text + strlen(text), '[', sizeof text - strlen(text) - 1);
    give(text, sizeof text);
}

static int too_long(struct work *work)
{
    char *text = malloc(LONG_TEXT + 1U);

    (void)work;
    if (!text)
        return ACSMTP_SYSTEM;
    memset(text, ' ', LONG_TEXT);
    memcpy(text, "{}", 2);
    text[LONG_TEXT] = '\0';
    give(text, LONG_TEXT + 1U);
}

static int half_a_step(struct work *work)
{
    (void)work;
    put(STEP, "\1\0\0\0\4\0\0\0ab", 10);
    hang();
}

static int step_of_no_state(struct work *work)
{
    const uint32_t step[] = {99, 0, 0, 0, 0, 0, 0, 0};

    (void)work;
    put(STEP, step, sizeof step);
    hang();
}

static int endless_needs(struct work *work)
{
    const uint32_t step[] = {1, 0, 0, 0, 0, 0, 0, 0x7fffffff};

    (void)work;
    put(STEP, step, sizeof step);
    hang();
}

/* ---- ends ---- */

static void tell_begin(const struct work *work)
{
    tell(work, &(struct acsmtp_step){.state = ACSMTP_STEP_RUNNING, .id = "slow", .title = "slow"});
}

static int stubborn(struct work *work)
{
    sigset_t all;

    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    tell_begin(work);
    hang();
}

/* It ends as it should, a while after it was told to. */
static int slow_end(struct work *work)
{
    tell_begin(work);
    (void)acsmtp_context_sleep(work->context, 600000, NULL);
    (void)sleep(3);
    tell(work, &(struct acsmtp_step){
                   .state = ACSMTP_STEP_DONE, .id = "slow", .title = "slow", .change = "create"});
    return acsmtp_context_check(work->context, "came to a good end", work->err);
}

/* ---- the plugin ---- */

#define ROW(name)                                                                                  \
    {                                                                                              \
#name, name                                                                                \
    }

static const struct attack attacks[] = {
    ROW(dirty_step),    ROW(flood),     ROW(crash),    ROW(crowd),       ROW(fail_with_result),
    ROW(long_result),   ROW(no_result), ROW(no_json),  ROW(no_object),   ROW(nul_inside),
    ROW(no_utf8),       ROW(too_deep),  ROW(too_long), ROW(half_a_step), ROW(step_of_no_state),
    ROW(endless_needs), ROW(stubborn),  ROW(slow_end),
};

static const struct acsmtp_option hostile_options[] = {
    {.name = "attack", .type = ACSMTP_STRING, .summary = "What it does"},
};

static int hostile_open(const struct acsmtp_settings *settings, void **instance,
                        struct acsmtp_error *err)
{
    (void)err;
    *instance = (void *)settings;
    return ACSMTP_OK;
}

static int operate(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_provision_request *request,
                   const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                   struct acsmtp_error *err)
{
    struct work work = {context, observer, result, err};
    const char *name = acsmtp_settings_string(instance, "attack");
    size_t i;

    (void)request;
    *result = acsmtp_json_new_object(err);
    if (!*result)
        return ACSMTP_SYSTEM;
    for (i = 0; name && i < sizeof attacks / sizeof attacks[0]; i++)
        if (strcmp(attacks[i].name, name) == 0)
            return attacks[i].run(&work);
    if (name)
        return acsmtp_fail(err, ACSMTP_CONFIG, "there is no attack '%s'", name);
    return acsmtp_json_set(*result, "text", acsmtp_json_new_string("nothing made", err), err);
}

/* Steps that nobody asked for: a diagnosis has no observer. */
static int hostile_diagnose(void *instance, struct acsmtp_context *context,
                            const struct acsmtp_diagnose_request *request,
                            const struct acsmtp_finding_sink *sink, struct acsmtp_error *err)
{
    const uint32_t step[] = {0, 0, 0, 0, 0, 0, 0, 0};

    (void)instance;
    (void)context;
    (void)request;
    (void)sink;
    (void)err;
    put(STEP, step, sizeof step);
    hang();
}

static void hostile_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_provisioner_ops hostile_ops = {
    .size = sizeof hostile_ops,
    .open = hostile_open,
    .plan = operate,
    .apply = operate,
    .show = operate,
    .close = hostile_close,
    .diagnose = hostile_diagnose,
};

/* Loading alone is code of the plugin's: it must not happen in the host. */
__attribute__((constructor)) static void on_load(void)
{
    if (getenv("ACSMTP_TEST_CANARY"))
        (void)raise(SIGABRT);
}

ACSMTP_PLUGIN(hostile) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_PROVISIONER),
    .name = "hostile",
    .version = "1.0",
    .summary = "Means harm",
    ACSMTP_PLUGIN_OPTIONS(hostile_options),
    .provisioner = &hostile_ops,
};
