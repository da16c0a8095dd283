/* SPDX-License-Identifier: MIT */
/*
 * The parts of a provisioner that keeps to the contract (provisioner_operations.h), each of which a
 * file here may replace. Its provider is the private home of the check; what it makes there are two
 * empty files, a desk and a drawer, which needs the desk. PLUGIN_MODULE and PLUGIN_NAME come from
 * the build.
 */
#ifndef PROVISIONER_H
#define PROVISIONER_H

#include <acsmtp/http.h>
#include <acsmtp/json.h>
#include <acsmtp/plugin.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DESK, DRAWER, THINGS, PATH_SIZE = 512 };
enum work { MAKES, REMOVES, LOOKS };

static const char *const things[THINGS] = {"desk", "drawer"};
static const char *const needs_nothing[] = {NULL};
static const char *const needs_desk[] = {"desk", NULL};
static const char *const needs_drawer[] = {"drawer", NULL};

static const struct acsmtp_option provisioner_options[] = {
    {.name = "place",
     .type = ACSMTP_STRING,
     .default_value = "kit",
     .summary = "What the names of its files begin with."},
    {.name = "url",
     .type = ACSMTP_STRING,
     .default_value = "https://manager.example.com/desk",
     .summary = "Address of a provider of another sort."},
    {.name = "key",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_SECRET | ACSMTP_REQUIRED,
     .summary = "What would be shown to a provider."},
};

/* ---- the provider ---- */

static inline const char *path_of(const struct acsmtp_settings *settings, int thing,
                                  char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/%s-%s", getenv("HOME"),
                   acsmtp_settings_string(settings, "place"), things[thing]);
    return path;
}

static inline int is_there(const struct acsmtp_settings *settings, int thing)
{
    char path[PATH_SIZE];

    return access(path_of(settings, thing, path), F_OK) == 0;
}

static inline int make(const struct acsmtp_settings *settings, int thing, struct acsmtp_error *err)
{
    char path[PATH_SIZE];
    int fd = open(path_of(settings, thing, path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "cannot make the %s", things[thing]);
    (void)close(fd);
    return ACSMTP_OK;
}

static inline int unmake(const struct acsmtp_settings *settings, int thing,
                         struct acsmtp_error *err)
{
    char path[PATH_SIZE];

    if (unlink(path_of(settings, thing, path)) != 0)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "cannot remove the %s", things[thing]);
    return ACSMTP_OK;
}

/* One request to the provider of another sort. */
static inline int ask(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                      const char *method, struct acsmtp_http_response **response,
                      struct acsmtp_error *err)
{
    struct acsmtp_http_request request = {.size = sizeof request,
                                          .method = method,
                                          .url = acsmtp_settings_string(settings, "url"),
                                          .timeout_ms = -1,
                                          .connect_timeout_ms = -1};

    return acsmtp_http_send(context, &request, response, err);
}

/* A request that is no read. */
static inline int put(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                      struct acsmtp_error *err)
{
    ACSMTP_AUTO_HTTP struct acsmtp_http_response *response = NULL;

    return ask(settings, context, "PUT", &response, err);
}

/* ---- telling ---- */

static inline struct acsmtp_step step_of(int thing, int state, const char *change, enum work work)
{
    static const char *const *const needs[2][THINGS] = {{needs_nothing, needs_desk},
                                                        {needs_drawer, needs_nothing}};

    return (struct acsmtp_step){.size = sizeof(struct acsmtp_step),
                                .state = state,
                                .id = things[thing],
                                .title = things[thing],
                                .change = change,
                                .needs = needs[work == REMOVES][thing]};
}

static inline void tell(const struct acsmtp_provision_observer *observer,
                        const struct acsmtp_step *step)
{
    if (observer)
        observer->step(observer->data, step);
}

/* What would be done to a thing, or is. */
static inline const char *change_of(const struct acsmtp_settings *settings, int thing,
                                    enum work work)
{
    static const char *const changes[][2] = {[MAKES] = {"create", "keep"},
                                             [REMOVES] = {"absent", "delete"},
                                             [LOOKS] = {"absent", "keep"}};

    return changes[work][is_there(settings, thing)];
}

#endif
