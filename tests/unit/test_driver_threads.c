/* SPDX-License-Identifier: MIT */
/*
 * The promise about threads in driver.h, as a program that embeds the driver would lean on it: many
 * threads with many scopes, verdicts, deadlines and cancellations at one driver. Built with
 * -DACSMTP_SANITIZE=thread it is also free of data races.
 */
#include "cunit_main.h"
#include "plugins/fixture.h"
#include <acsmtp/driver.h>
#include <pthread.h>
#include <stdatomic.h>

#define THREADS 16
#define ROUNDS 24
#define TELL(more) "{\"plugin\": \"tell\", \"log\": \"@/log\", \"scoped\": true" more "}"
#define WIRE "\"transports\": [{\"plugin\": \"wire-token\", \"accept\": 1}]"

static const char *const scopes[] = {"https://a.example/.default", "https://b.example/.default",
                                     "https://c.example/.default", "https://d.example/.default"};
#define SCOPES (sizeof scopes / sizeof scopes[0])

static struct fixture fixture;
static struct acsmtp_driver *driver;
static atomic_int wrong; /* answers that a thread must not get */
static pthread_mutex_t refused_lock = PTHREAD_MUTEX_INITIALIZER;
static char refused[THREADS * ROUNDS][64];
static size_t refused_count; /* different tokens */

static void start(const char *profile)
{
    struct acsmtp_driver_options options = {.size = sizeof options,
                                            .flags = ACSMTP_DRIVER_CONFIG_ONLY};
    char path[512];

    fixture_open(&fixture, profile);
    options.config_file = fixture_path(&fixture, "config.json", path);
    CU_ASSERT_EQUAL_FATAL(acsmtp_driver_open(&options, &driver, &fixture.err), ACSMTP_OK);
    atomic_store(&wrong, 0);
    refused_count = 0;
}

static void stop(void)
{
    acsmtp_driver_close(driver);
    fixture_close(&fixture);
}

/* ---- one thread ---- */

struct worker {
    size_t number;
    struct acsmtp_context *context;
    struct acsmtp_credential *credential;
    struct acsmtp_error err;
};

static int worker_init(struct worker *worker)
{
    worker->err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    worker->credential = acsmtp_credential_new(&worker->err);
    return worker->credential && acsmtp_context_new(&worker->context, &worker->err) == ACSMTP_OK &&
           acsmtp_driver_prepare(driver, worker->context, &worker->err) == ACSMTP_OK;
}

static void worker_release(struct worker *worker)
{
    acsmtp_credential_free(worker->credential);
    acsmtp_context_free(worker->context);
}

static const char *scope_of(const struct worker *worker, int round)
{
    return scopes[(worker->number + (size_t)round) % SCOPES];
}

static int ask(struct worker *worker, const char *scope, unsigned flags)
{
    const struct acsmtp_credential_request request = {
        .size = sizeof request, .flags = flags, .scope = scope};

    acsmtp_error_clear(&worker->err);
    return acsmtp_driver_credential(driver, worker->context, &request, worker->credential, NULL,
                                    &worker->err);
}

static const char *token_of(const struct worker *worker)
{
    return acsmtp_secret_data(acsmtp_credential_secret(worker->credential));
}

/* A token, and for the scope that was asked for. */
static void expect_token(struct worker *worker, const char *scope)
{
    const char *mark =
        acsmtp_credential_secret(worker->credential) ? strchr(token_of(worker), '@') : NULL;

    if (!mark || strcmp(mark + 1, scope) != 0)
        atomic_fetch_add(&wrong, 1);
}

static void note_refused(const char *token)
{
    size_t i;

    (void)pthread_mutex_lock(&refused_lock);
    for (i = 0; i < refused_count && strcmp(refused[i], token) != 0;)
        i++;
    if (i == refused_count)
        (void)snprintf(refused[refused_count++], sizeof refused[0], "%s", token);
    (void)pthread_mutex_unlock(&refused_lock);
}

/* The server did not take it: say so, and ask for another one. */
static void refuse(struct worker *worker, const char *scope)
{
    const struct acsmtp_verdict denied = {.size = sizeof denied,
                                          .status = ACSMTP_DENIED,
                                          .server_code = 401,
                                          .credential = worker->credential};
    char old[64];

    (void)snprintf(old, sizeof old, "%s", token_of(worker));
    note_refused(old);
    acsmtp_driver_report(driver, worker->context, &denied);
    if (ask(worker, scope, ACSMTP_REQUEST_REFRESH) != ACSMTP_OK ||
        strcmp(token_of(worker), old) == 0)
        atomic_fetch_add(&wrong, 1);
    expect_token(worker, scope);
}

static void run(void *(*work)(void *))
{
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    size_t i;

    for (i = 0; i < THREADS; i++) {
        workers[i].number = i;
        CU_ASSERT_FATAL(worker_init(&workers[i]));
    }
    for (i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    for (i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], NULL), 0);
        worker_release(&workers[i]);
    }
    CU_ASSERT_EQUAL(atomic_load(&wrong), 0);
    CU_ASSERT_EQUAL(fixture_count(&fixture, "log", "overlap"), 0);
}

/* ---- scopes and verdicts ---- */

static void *ask_and_refuse(void *data)
{
    struct worker *worker = data;

    for (int round = 0; round < ROUNDS; round++) {
        const char *scope = scope_of(worker, round);

        if (ask(worker, scope, 0) != ACSMTP_OK)
            atomic_fetch_add(&wrong, 1);
        expect_token(worker, scope);
        if ((worker->number + (size_t)round) % 5 == 0)
            refuse(worker, scope);
    }
    return NULL;
}

/* Each token that was refused costs one request, however many threads it was refused to. */
static void late_refusals_cost_no_request(void)
{
    start("\"credentials\": [" TELL("") "]");
    run(ask_and_refuse);
    CU_ASSERT(refused_count > 0);
    CU_ASSERT(fixture_count(&fixture, "log", "acquire") <= (int)(SCOPES + refused_count));
    stop();
}

static void *ask_again_and_again(void *data)
{
    struct worker *worker = data;

    for (int round = 0; round < 4; round++) {
        const char *scope = scope_of(worker, round);

        if (ask(worker, scope, 0) != ACSMTP_OK)
            atomic_fetch_add(&wrong, 1);
        expect_token(worker, scope);
    }
    return NULL;
}

static void tokens_that_live_a_second_are_renewed_under_everybody(void)
{
    start("\"credentials\": [" TELL(", \"life\": 1, \"pause\": 5") "]");
    run(ask_again_and_again);
    stop();
}

/* ---- deadlines and cancellations ---- */

static void *cancel_soon(void *data)
{
    struct worker *worker = data;

    (void)acsmtp_context_sleep(NULL, (int64_t)worker->number, NULL);
    acsmtp_context_cancel(worker->context);
    return NULL;
}

/* Every third is cancelled by another thread, every third has no time, the others get theirs. */
static void *ask_in_a_hurry(void *data)
{
    struct worker *worker = data;
    const char *scope = scope_of(worker, 0);
    pthread_t canceller;
    int status;

    if (worker->number % 3 == 1)
        acsmtp_context_set_timeout(worker->context, 5);
    if (worker->number % 3 == 0 && pthread_create(&canceller, NULL, cancel_soon, worker) != 0)
        atomic_fetch_add(&wrong, 1);
    status = ask(worker, scope, 0);
    if (status == ACSMTP_OK)
        expect_token(worker, scope);
    else if (status != (worker->number % 3 == 0 ? ACSMTP_CANCELLED : ACSMTP_TEMPORARY) ||
             worker->number % 3 == 2)
        atomic_fetch_add(&wrong, 1);
    if (worker->number % 3 == 0)
        (void)pthread_join(canceller, NULL);
    return NULL;
}

static void whoever_is_cancelled_or_late_takes_nothing_from_the_others(void)
{
    start("\"credentials\": [" TELL(", \"pause\": 30") "]");
    run(ask_in_a_hurry);
    stop();
}

/* ---- everything else at once ---- */

static int count_plugin(void *data, const char *path, const struct acsmtp_plugin *plugin,
                        const char *problem)
{
    (void)path;
    (void)plugin;
    (void)problem;
    ++*(int *)data;
    return ACSMTP_OK;
}

static void look(struct worker *worker)
{
    char *config = acsmtp_driver_config_dup(driver, &worker->err);
    int plugins = 0;

    if (!config || acsmtp_driver_check(driver, &worker->err) != ACSMTP_OK ||
        acsmtp_driver_plugins(driver, "tell", count_plugin, &plugins, &worker->err) != ACSMTP_OK ||
        plugins == 0 || strcmp(acsmtp_driver_profile_string(driver, "from"), "a@b.example") != 0)
        atomic_fetch_add(&wrong, 1);
    free(config);
}

/* Connections end after each mail, so there are logins enough. */
static void deliver(struct worker *worker)
{
    struct acsmtp_mail mails[4];
    size_t i;

    for (i = 0; i < 4; i++)
        mails[i] = (struct acsmtp_mail){.size = sizeof mails[i],
                                        .result = acsmtp_result_new(1, &worker->err)};
    if (acsmtp_driver_deliver(driver, worker->context, mails, 4, NULL, &worker->err) != ACSMTP_OK)
        atomic_fetch_add(&wrong, 1);
    for (i = 0; i < 4; i++) {
        if (acsmtp_result_message(mails[i].result)->delivery != ACSMTP_ACCEPTED)
            atomic_fetch_add(&wrong, 1);
        acsmtp_result_free(mails[i].result);
    }
}

static void *do_anything(void *data)
{
    struct worker *worker = data;

    for (int round = 0; round < 3; round++) {
        acsmtp_error_clear(&worker->err);
        if (worker->number % 3 == 0)
            look(worker);
        else if (worker->number % 3 == 1)
            deliver(worker);
        else
            (void)ask_and_refuse(worker);
    }
    return NULL;
}

static void every_function_may_be_called_at_the_same_time(void)
{
    start("\"from\": \"a@b.example\", \"username\": \"u\", \"credentials\": [" TELL(
        ", \"life\": 62") "], " WIRE);
    run(do_anything);
    stop();
}

CUNIT_MAIN("driver_threads", T(late_refusals_cost_no_request),
           T(tokens_that_live_a_second_are_renewed_under_everybody),
           T(whoever_is_cancelled_or_late_takes_nothing_from_the_others),
           T(every_function_may_be_called_at_the_same_time))
