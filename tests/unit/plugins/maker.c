/* SPDX-License-Identifier: MIT */
/*
 * A provisioner whose provider is a file: a JSON object that has a member for each thing that was
 * made. Every thing is a step with a thread of its own, so that an observer sees steps at the same
 * time, and, with a chain, several threads ask it at once.
 */
#include "names.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define THINGS_MAX 128
#define NEEDS_MAX 8

struct maker {
    const struct acsmtp_settings *settings;
};

struct work;

/* "name:need,need" */
struct thing {
    struct work *work;
    char name[64], title[96], change[8];
    char need[NEEDS_MAX][64];
    const char *needs[NEEDS_MAX + 1];
    int state;
    int64_t begun;
    pthread_t thread;
};

/* One operation. The lock is held while the observer is called, so its calls come one at a time. */
struct work {
    const struct maker *maker;
    struct acsmtp_context *context;
    const struct acsmtp_provision_observer *observer;
    int reads_only, destroys;
    struct acsmtp_json *world;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    struct thing things[THINGS_MAX];
    size_t count;
    struct acsmtp_error failure;
};

static const char *text(const struct work *work, const char *option)
{
    return acsmtp_settings_string(work->maker->settings, option);
}

static int is_one(const char *name, const char *wanted)
{
    return wanted && strcmp(name, wanted) == 0;
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the provider ---- */

static struct acsmtp_json *world_read(const char *path, struct acsmtp_error *err)
{
    FILE *file = fopen(path, "re");
    char bytes[65536];
    size_t size;

    if (!file)
        return acsmtp_json_new_object(err);
    size = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    return acsmtp_json_parse(bytes, size, err);
}

static int world_write(const struct work *work, struct acsmtp_error *err)
{
    char *bytes = acsmtp_json_format_pretty(work->world);
    FILE *file = bytes ? fopen(text(work, "world"), "we") : NULL;
    int failed = !file || fputs(bytes, file) < 0;

    if (file)
        failed |= fclose(file) != 0;
    free(bytes);
    return failed ? acsmtp_fail(err, ACSMTP_SYSTEM, "cannot write the world") : ACSMTP_OK;
}

static const char *change_of(const struct work *work, const char *name)
{
    const struct acsmtp_json *made = acsmtp_json_get(work->world, name);

    if (work->destroys)
        return made ? "delete" : "absent";
    if (!made)
        return "create";
    return is_one(text(work, "size"), acsmtp_json_string(made, "size")) ? "keep" : "update";
}

static int change(struct work *work, const struct thing *thing, struct acsmtp_error *err)
{
    struct acsmtp_json *made;

    if (strcmp(thing->change, "keep") == 0 || strcmp(thing->change, "absent") == 0)
        return ACSMTP_OK;
    if (work->destroys) {
        acsmtp_json_remove(work->world, thing->name);
        return world_write(work, err);
    }
    made = acsmtp_json_new_object(err);
    if (!made || acsmtp_json_set(made, "size", acsmtp_json_new_string(text(work, "size"), err),
                                 err) != ACSMTP_OK) {
        acsmtp_json_free(made);
        return ACSMTP_SYSTEM;
    }
    if (acsmtp_json_set(work->world, thing->name, made, err) != ACSMTP_OK)
        return ACSMTP_SYSTEM;
    return world_write(work, err);
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
    if (status == ACSMTP_OK && is_one(thing->name, text(work, "fail")))
        status = acsmtp_fail(err, ACSMTP_DENIED, "the provider refuses \033[31m%s", thing->name);
    return status;
}

static void finish(struct thing *thing, int status, struct acsmtp_error *err)
{
    struct work *work = thing->work;

    if (status == ACSMTP_OK && !work->reads_only)
        status = change(work, thing, err);
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
        if (is_one(thing->name, text(work, "wait")))
            move(thing, ACSMTP_STEP_WAITING, "for the provider to notice");
        (void)snprintf(thing->change, sizeof thing->change, "%s", change_of(work, thing->name));
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

static int work_open(struct work *work, const struct maker *maker, struct acsmtp_context *context,
                     const struct acsmtp_provision_observer *observer, struct acsmtp_error *err)
{
    size_t count = acsmtp_settings_count(maker->settings, "things");

    work->maker = maker;
    work->context = context;
    work->observer = observer;
    work->failure = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    work->world = world_read(text(work, "world"), err);
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

static int work_run(struct work *work, struct acsmtp_error *err)
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

static void work_close(struct work *work)
{
    acsmtp_json_free(work->world);
    free(work);
}

/* ---- results: built as text, parsed once ---- */

static struct acsmtp_json *result_from(FILE *out, char **bytes, struct acsmtp_error *err)
{
    struct acsmtp_json *json =
        fclose(out) == 0 ? acsmtp_json_parse(*bytes, strlen(*bytes), err) : NULL;

    free(*bytes);
    return json;
}

static size_t count_change(const struct work *work, const char *change)
{
    size_t count = 0;

    for (size_t i = 0; i < work->count; i++)
        count += strcmp(work->things[i].change, change) == 0;
    return count;
}

static void write_change(FILE *out, const struct work *work, const struct thing *thing)
{
    const struct acsmtp_json *made = acsmtp_json_get(work->world, thing->name);

    (void)fprintf(out, "{\"id\":\"%s\",\"title\":\"%s\",\"change\":\"%s\"", thing->name,
                  thing->title, thing->change);
    if (strcmp(thing->change, "update") == 0)
        (void)fprintf(out,
                      ",\"reason\":\"it was changed by hand\",\"differences\":[{\"path\":\"size\","
                      "\"before\":\"%s\",\"after\":\"%s\"}]",
                      acsmtp_json_string(made, "size"), text(work, "size"));
    (void)fputs("}", out);
}

static struct acsmtp_json *plan_result(const struct work *work, struct acsmtp_error *err)
{
    char *bytes = NULL;
    size_t size, shown = 0;
    FILE *out = open_memstream(&bytes, &size);

    (void)fputs("{\"schema_version\":1,\"changes\":[", out);
    for (size_t i = 0; i < work->count; i++)
        if (strcmp(work->things[i].change, "absent") != 0) {
            (void)fputs(shown++ ? "," : "", out);
            write_change(out, work, &work->things[i]);
        }
    (void)fprintf(out, "],\"summary\":{\"create\":%zu,\"update\":%zu,\"delete\":%zu,\"keep\":%zu}",
                  count_change(work, "create"), count_change(work, "update"),
                  count_change(work, "delete"), count_change(work, "keep"));
    if (work->destroys && text(work, "confirm"))
        (void)fprintf(out, ",\"confirm\":\"%s\"", text(work, "confirm"));
    (void)fputs("}", out);
    return result_from(out, &bytes, err);
}

/* The profile sends with a file transport, and asks nobody for a credential. */
static struct acsmtp_json *made_result(const struct work *work, struct acsmtp_error *err)
{
    char *bytes = NULL, *world = acsmtp_json_format(work->world);
    size_t size;
    FILE *out = open_memstream(&bytes, &size);

    (void)fprintf(out,
                  "{\"schema_version\":1,\"output\":{\"schema_version\":1,\"things\":%s},"
                  "\"profile_name\":\"made\",\"profile\":{\"from\":\"%s@example.org\","
                  "\"transports\":[{\"plugin\":\"file\",\"path\":\"%s.mail\"}]}}",
                  world, text(work, "size"), text(work, "world"));
    free(world);
    return result_from(out, &bytes, err);
}

/* ---- operations ---- */

static int maker_open(const struct acsmtp_settings *settings, void **instance,
                      struct acsmtp_error *err)
{
    struct maker *maker = calloc(1, sizeof *maker);

    if (!maker)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    maker->settings = settings;
    *instance = maker;
    return ACSMTP_OK;
}

static int run(const struct maker *maker, struct acsmtp_context *context, int reads_only,
               int destroys, const struct acsmtp_provision_observer *observer,
               struct acsmtp_json *(*make)(const struct work *work, struct acsmtp_error *err),
               struct acsmtp_json **result, struct acsmtp_error *err)
{
    struct work *work = calloc(1, sizeof *work);
    int status;

    if (!work)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    work->reads_only = reads_only;
    work->destroys = destroys;
    status = work_open(work, maker, context, observer, err);
    if (status == ACSMTP_OK)
        status = work_run(work, err);
    if (status == ACSMTP_OK && !(*result = make(work, err)))
        status = err->status;
    work_close(work);
    return status;
}

static int maker_plan(void *instance, struct acsmtp_context *context,
                      const struct acsmtp_provision_request *request,
                      const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                      struct acsmtp_error *err)
{
    return run(instance, context, 1, (request->flags & ACSMTP_PROVISION_DESTROY) != 0, observer,
               plan_result, result, err);
}

static int maker_apply(void *instance, struct acsmtp_context *context,
                       const struct acsmtp_provision_request *request,
                       const struct acsmtp_provision_observer *observer,
                       struct acsmtp_json **result, struct acsmtp_error *err)
{
    (void)request;
    return run(instance, context, 0, 0, observer, made_result, result, err);
}

static int maker_show(void *instance, struct acsmtp_context *context,
                      const struct acsmtp_provision_request *request,
                      const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                      struct acsmtp_error *err)
{
    (void)request;
    return run(instance, context, 1, 0, observer, made_result, result, err);
}

static int maker_destroy(void *instance, struct acsmtp_context *context,
                         const struct acsmtp_provision_request *request,
                         const struct acsmtp_provision_observer *observer,
                         struct acsmtp_json **result, struct acsmtp_error *err)
{
    (void)request;
    return run(instance, context, 0, 1, observer, plan_result, result, err);
}

/* Says what was asked, so that tests see every part of a request. */
static int maker_verify(void *instance, struct acsmtp_context *context,
                        const struct acsmtp_provision_request *request,
                        const struct acsmtp_provision_observer *observer,
                        struct acsmtp_json **result, struct acsmtp_error *err)
{
    char *bytes = NULL;
    size_t size;
    FILE *out = open_memstream(&bytes, &size);

    (void)instance;
    (void)context;
    (void)observer;
    (void)fprintf(out, "{\"text\":\"flags %u format %s merge %s\\n\"}", request->flags,
                  request->format ? request->format : "none",
                  request->merge ? request->merge : "none");
    *result = result_from(out, &bytes, err);
    return *result ? ACSMTP_OK : err->status;
}

static int maker_export(void *instance, struct acsmtp_context *context,
                        const struct acsmtp_provision_request *request,
                        const struct acsmtp_provision_observer *observer,
                        struct acsmtp_json **result, struct acsmtp_error *err)
{
    const struct maker *maker = instance;
    const char *name = acsmtp_settings_string(maker->settings, "size");
    char document[256];
    int size = snprintf(document, sizeof document, "{\"files\":{\"%s.%s\":\"made\\n\"%s}}", name,
                        request->format ? request->format : "bicep",
                        acsmtp_settings_boolean(maker->settings, "recover_vault")
                            ? ",\"more\":\"and more\\n\""
                            : "");

    (void)context;
    (void)observer;
    *result = acsmtp_json_parse(document, (size_t)size, err);
    return *result ? ACSMTP_OK : err->status;
}

static void maker_close(void *instance)
{
    free(instance);
}

/* ---- the plugin ---- */

static const char *const places[] = {"north", "south", NULL};

static const struct acsmtp_option maker_options[] = {
    {.name = "world",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_REQUIRED,
     .summary = "The file that is the provider."},
    {.name = "things",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_LIST,
     .summary = "What is to be there, NAME or NAME:NEED,NEED."},
    {.name = "size",
     .type = ACSMTP_STRING,
     .default_value = "small",
     .environment = "MAKER_SIZE",
     .summary = "Of every thing."},
    {.name = "place",
     .type = ACSMTP_STRING,
     .values = places,
     .default_value = "north",
     .summary = "Where the things are."},
    {.name = "pause", .type = ACSMTP_DURATION, .summary = "How long each thing takes."},
    {.name = "count", .type = ACSMTP_INTEGER, .maximum = 9, .summary = "Of nothing in particular."},
    {.name = "fail", .type = ACSMTP_STRING, .summary = "The thing that cannot be made."},
    {.name = "wait", .type = ACSMTP_STRING, .summary = "The thing that is waited for."},
    {.name = "confirm", .type = ACSMTP_STRING, .summary = "What a person has to type."},
    {.name = "recover_vault", .type = ACSMTP_BOOLEAN, .summary = "One file more."},
    {.name = "operator_secret",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET,
     .summary = "Of the operator."},
    {.name = "credentials", .type = ACSMTP_CHAIN, .summary = "Of the operator."},
};

#ifdef MAKER_OLDER /* of ABI 1.0, which had no operations for provisioners */
#define MAKER_SIZE offsetof(struct acsmtp_plugin, provisioner)
#else
#define MAKER_SIZE sizeof(struct acsmtp_plugin)
#endif
#ifndef MAKER_PLANLESS
#define MAKER_PLANLESS 0
#endif

static const struct acsmtp_provisioner_ops maker_ops = {
    .size = sizeof maker_ops,
    .open = maker_open,
    .plan = MAKER_PLANLESS ? NULL : maker_plan,
    .apply = maker_apply,
    .show = maker_show,
    .verify = maker_verify,
    .destroy = maker_destroy,
    .export_as = maker_export,
    .close = maker_close,
};

TEST_PLUGIN = {
    .magic = ACSMTP_ABI_MAGIC,
    .abi_major = ACSMTP_ABI_MAJOR,
    .abi_minor = ACSMTP_ABI_MINOR,
    .size = MAKER_SIZE,
    .kind = ACSMTP_KIND_PROVISIONER,
    .name = PLUGIN_NAME,
    .version = "1.0",
    .summary = "Makes things in a file.",
    ACSMTP_PLUGIN_OPTIONS(maker_options),
    .provisioner = &maker_ops,
};
