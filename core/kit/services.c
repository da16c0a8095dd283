/* SPDX-License-Identifier: MIT */
/* HTTP, programs and everything else that may wait, see services.h. */
#include "services.h"
#include "http/url.h"
#include "probe.h"
#include "provider.h"
#include "server.h"
#include "verdict.h"
#include <acsmtp/http.h>
#include <acsmtp/process.h>
#include <acsmtp/secret.h>
#include <acsmtp/settings.h>
#include <acsmtp/store.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int out_of_memory(struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
}

/* ---- HTTP ---- */

/* The host's own policy, on the URL as the plugin gave it. */
static int check_url(const char *url, struct acsmtp_error *err)
{
    struct http_url parts;
    int status = http_url_check(url, &parts, err);

    if (status == ACSMTP_CONFIG && strncmp(url, "http://", strlen("http://")) == 0)
        (void)verdict_fail(RULE_HTTPS, "asked for %.200s", url);
    return status;
}

static int is_read(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* The same path at the scripted server. */
static char *at_server(const char *url, enum script script, unsigned instance)
{
    const char *scheme = strstr(url, "://");
    const char *path = scheme ? strpbrk(scheme + 3, "/?") : NULL;
    char *made = NULL;

    if (asprintf(&made, "http://127.0.0.1:%u/%u/%u%s%s", server_port(), (unsigned)script, instance,
                 path && *path == '/' ? "" : "/", path ? path : "") < 0)
        return NULL;
    return made;
}

/* Where the request goes, for the caller to free(3). */
static char *target(const char *url, enum script script, unsigned instance)
{
    if (script == SCRIPT_GOOD && provider_takes(url))
        return strdup(url);
    return at_server(url, script, instance);
}

static void copy_request(struct acsmtp_http_request *copy,
                         const struct acsmtp_http_request *request)
{
    *copy = (struct acsmtp_http_request){0};
    memcpy(copy, request, request->size < sizeof *copy ? request->size : sizeof *copy);
    copy->size = sizeof *copy;
    copy->peer_sha1 = NULL; /* nobody shows a certificate here */
    copy->client_certificate = NULL;
    copy->ca_file = NULL;
}

/* As patient as the plugin wants to be, in a thousandth of the time. */
static struct acsmtp_http_retry hurried(const struct acsmtp_http_retry *retry)
{
    static const int32_t at_once[] = {1};
    struct acsmtp_http_retry copy = {0};
    const struct acsmtp_http_retry *given = retry ? retry : &acsmtp_http_retry_default;

    memcpy(&copy, given, given->size < sizeof copy ? given->size : sizeof copy);
    copy.size = sizeof copy;
    copy.delays_ms = at_once;
    copy.delay_count = 1;
    return copy;
}

static int our_http_send(struct acsmtp_context *context, struct acsmtp_http_request *request,
                         struct acsmtp_http_response **response, struct acsmtp_error *err)
{
    struct probe *probe = probe_current();
    struct acsmtp_http_request copy;
    struct acsmtp_http_retry retry;
    enum script script;
    int status;

    probe_service("acsmtp_http_send", context, 1);
    if (!probe || probe_fails())
        return out_of_memory(err);
    if (!request->url || !request->method)
        return acsmtp_fail(err, ACSMTP_CONFIG, "a request without a method or a URL");
    status = check_url(request->url, err);
    if (status != ACSMTP_OK)
        return status;
    if (!is_read(request->method))
        probe->writes++;
    script = probe_next_script(&probe->requests);
    copy_request(&copy, request);
    retry = hurried(request->retry);
    copy.retry = &retry;
    copy.url = target(request->url, script, probe->instance);
    status = copy.url ? acsmtp_http_send(context, &copy, response, err) : out_of_memory(err);
    if (status == ACSMTP_OK && provider_is_there())
        provider_learn(*response);
    request->attempts_made = copy.attempts_made;
    free((char *)copy.url);
    return status;
}

/* Who never looks at a body cannot be deceived by one. */
static const struct acsmtp_secret *our_http_body(const struct acsmtp_http_response *response)
{
    struct probe *probe = probe_current();

    if (probe)
        probe->bodies++;
    return acsmtp_http_body(response);
}

/* ---- programs ---- */

/* Whatever a plugin looks for is there. */
static char *our_process_find(const char *name, struct acsmtp_error *err)
{
    char *path = NULL;

    probe_service("acsmtp_process_find", NULL, 0);
    if (probe_fails() || asprintf(&path, "%s%s", *name == '/' ? "" : "/usr/bin/", name) < 0) {
        (void)out_of_memory(err);
        return NULL;
    }
    return path;
}

static struct acsmtp_secret *printed(enum script script, unsigned instance,
                                     struct acsmtp_error *err)
{
    struct acsmtp_secret *output;
    size_t size = 0;
    char *text = script == SCRIPT_GOOD ? reply_good(instance) : reply_bad(script, instance, &size);

    size = text ? strlen(text) : 0;
    size = size < ACSMTP_PROCESS_OUTPUT_MAX ? size : ACSMTP_PROCESS_OUTPUT_MAX;
    output = acsmtp_secret_new(text ? text : "", size, err);
    if (text)
        acsmtp_wipe(text, strlen(text));
    free(text);
    return output;
}

/* Scripts that are not about a body are programs that fail. */
static int is_output(enum script script)
{
    return script <= SCRIPT_HUGE;
}

static int play_program(struct acsmtp_context *context, enum script script, unsigned instance,
                        struct acsmtp_process_result *result, struct acsmtp_error *err)
{
    int status = acsmtp_context_check(context, "the program", err);

    if (status == ACSMTP_OK && script == SCRIPT_SLOW)
        status = acsmtp_context_sleep(context, 600000, err);
    if (status == ACSMTP_OK && script == SCRIPT_HUGE)
        status = acsmtp_fail(err, ACSMTP_PROTOCOL, "the program wrote too much");
    if (status != ACSMTP_OK)
        return status;
    result->output = printed(script, instance, err);
    result->exit_status = is_output(script) ? 0 : 1;
    (void)snprintf(result->errors, sizeof result->errors, "%s",
                   is_output(script) ? "" : "as the script says\n");
    return result->output ? ACSMTP_OK : ACSMTP_SYSTEM;
}

static int our_process_run(struct acsmtp_context *context, const struct acsmtp_process *process,
                           struct acsmtp_process_result *result, struct acsmtp_error *err)
{
    struct probe *probe = probe_current();
    struct acsmtp_context *limited;
    int status;

    probe_service("acsmtp_process_run", context, 1);
    if (!probe || probe_fails())
        return out_of_memory(err);
    limited = acsmtp_context_limit(context, process->timeout_ms);
    if (!limited)
        return out_of_memory(err);
    status =
        play_program(limited, probe_next_script(&probe->programs), probe->instance, result, err);
    acsmtp_context_free(limited);
    return status;
}

/* ---- waiting ---- */

/* What would be a pause is none, unless time or patience is what is checked. */
static int our_context_sleep(const struct acsmtp_context *context, int64_t milliseconds,
                             struct acsmtp_error *err)
{
    probe_service("acsmtp_context_sleep", context, 1);
    return acsmtp_context_sleep(context, milliseconds < 2 ? milliseconds : 2, err);
}

static int our_context_check(const struct acsmtp_context *context, const char *what,
                             struct acsmtp_error *err)
{
    probe_service("acsmtp_context_check", context, 0);
    return acsmtp_context_check(context, what, err);
}

static int our_settings_secret(const struct acsmtp_settings *settings,
                               struct acsmtp_context *context, const char *name,
                               struct acsmtp_secret **secret, struct acsmtp_error *err)
{
    probe_service("acsmtp_settings_secret", context, 0);
    return probe_fails() ? out_of_memory(err)
                         : acsmtp_settings_secret(settings, context, name, secret, err);
}

static int our_settings_credential(const struct acsmtp_settings *settings,
                                   struct acsmtp_context *context, const char *name,
                                   const struct acsmtp_credential_request *request,
                                   struct acsmtp_credential *out, struct acsmtp_error *err)
{
    probe_service("acsmtp_settings_credential", context, 1);
    return probe_fails() ? out_of_memory(err)
                         : acsmtp_settings_credential(settings, context, name, request, out, err);
}

static int our_store_open(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                          const char *key, struct acsmtp_store **store, struct acsmtp_error *err)
{
    probe_service("acsmtp_store_open", context, 1);
    return probe_fails() ? out_of_memory(err)
                         : acsmtp_store_open(settings, context, key, store, err);
}

/* ---- threads of the plugin's own ---- */

struct start {
    void *(*routine)(void *);
    void *data;
    struct probe *probe;
};

static void *run_thread(void *data)
{
    struct start start = *(struct start *)data;

    free(data);
    probe_inherit(start.probe);
    return start.routine(start.data);
}

static int our_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                              void *(*routine)(void *), void *data)
{
    struct start *start = probe_fails() ? NULL : malloc(sizeof *start);
    int problem;

    if (!start)
        return EAGAIN;
    *start = (struct start){routine, data, probe_current()};
    problem = pthread_create(thread, attributes, run_thread, start);
    if (problem != 0)
        free(start);
    return problem;
}

const struct image_hook service_hooks[] = {
    SERVICE_HOOK("acsmtp_http_send", our_http_send),
    SERVICE_HOOK("acsmtp_http_body", our_http_body),
    SERVICE_HOOK("acsmtp_process_find", our_process_find),
    SERVICE_HOOK("acsmtp_process_run", our_process_run),
    SERVICE_HOOK("acsmtp_context_sleep", our_context_sleep),
    SERVICE_HOOK("acsmtp_context_check", our_context_check),
    SERVICE_HOOK("acsmtp_settings_secret", our_settings_secret),
    SERVICE_HOOK("acsmtp_settings_credential", our_settings_credential),
    SERVICE_HOOK("acsmtp_store_open", our_store_open),
    SERVICE_HOOK("pthread_create", our_pthread_create),
};
const size_t service_hook_count = sizeof service_hooks / sizeof service_hooks[0];
