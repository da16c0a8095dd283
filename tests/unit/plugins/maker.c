/* SPDX-License-Identifier: MIT */
/*
 * A provisioner whose provider is a file: a JSON object that has a member for each thing that was
 * made.
 */
#include "maker.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
                      acsmtp_json_string(made, "size"), maker_text(work->maker, "size"));
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
    if (work->destroys && maker_text(work->maker, "confirm"))
        (void)fprintf(out, ",\"confirm\":\"%s\"", maker_text(work->maker, "confirm"));
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
                  world, maker_text(work->maker, "size"), maker_text(work->maker, "world"));
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
    status = maker_work_open(work, maker, context, observer, err);
    if (status == ACSMTP_OK)
        status = maker_work_run(work, err);
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
