/* SPDX-License-Identifier: MIT */
/*
 * One member of a chain: its instance, and the calls into it with their limits and locks.
 */
#include "base/credential_private.h"
#include "chain_private.h"
#include <stdlib.h>
#include <string.h>

#define RETRY_MS 1000 /* before the first repetition; then twice as long each time */
#define RETRY_MAX_MS 60000

int member_init(struct member *member, const struct chain_host *host,
                const struct acsmtp_json *json, const char *path, int depth,
                struct acsmtp_error *err)
{
    int status;

    memset(member, 0, sizeof *member);
    status = entry_init(&member->entry, host, ACSMTP_KIND_CREDENTIAL, json, path, depth, err);
    if (status == ACSMTP_OK && pthread_mutex_init(&member->lock, NULL) != 0)
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "cannot make a lock");
    if (status != ACSMTP_OK) {
        entry_release(&member->entry);
        return status;
    }
    status = policy_read(&member->entry, &member->policy, err);
    if (status != ACSMTP_OK)
        member_release(member);
    return status;
}

void member_release(struct member *member)
{
    if (member->opened) {
        entry_enter(&member->entry);
        member->entry.plugin->credential->close(member->instance);
        entry_leave(&member->entry);
    }
    entry_release(&member->entry);
    (void)pthread_mutex_destroy(&member->lock);
}

int member_inputs(const struct member *member, struct cache_inputs *inputs,
                  struct acsmtp_error *err)
{
    const struct entry *entry = &member->entry;
    int status = ACSMTP_OK;
    size_t i;

    for (i = 0; status == ACSMTP_OK && i < entry->nested_count; i++)
        status = chain_inputs(entry->nested[i], inputs, err);
    return status;
}

/* ---- calls ---- */

void member_enter(struct member *member)
{
    if (member->entry.plugin->threads != ACSMTP_THREADS_ANY)
        (void)pthread_mutex_lock(&member->lock);
    entry_enter(&member->entry);
}

void member_leave(struct member *member)
{
    entry_leave(&member->entry);
    if (member->entry.plugin->threads != ACSMTP_THREADS_ANY)
        (void)pthread_mutex_unlock(&member->lock);
}

/* Only the thread that walks the chain opens, probes and asks; report() may come from another. */
int member_open(struct member *member, struct acsmtp_error *err)
{
    void *instance = NULL;
    int status;

    if (member->opened)
        return ACSMTP_OK;
    entry_enter(&member->entry);
    status = member->entry.plugin->credential->open(member->entry.settings, &instance, err);
    entry_leave(&member->entry);
    status = entry_result(&member->entry, status, err);
    if (status == ACSMTP_OK) {
        (void)pthread_mutex_lock(&member->lock);
        member->instance = instance;
        member->opened = 1;
        (void)pthread_mutex_unlock(&member->lock);
    }
    return status;
}

static int ask(struct member *member, struct acsmtp_context *context,
               const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
               struct acsmtp_error *err)
{
    int status;

    member_enter(member);
    status =
        member->entry.plugin->credential->acquire(member->instance, context, request, out, err);
    member_leave(member);
    status = entry_result(&member->entry, status, err);
    if (status == ACSMTP_OK && acsmtp_credential_kind(out) == ACSMTP_CREDENTIAL_NONE)
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "plugin '%s' succeeded without a credential",
                             member->entry.name);
    if (status != ACSMTP_OK)
        credential_clear(out);
    return status;
}

/* How long to wait before the n-th repetition (from 0), as the other side asked or growing. */
static int64_t retry_delay(const struct acsmtp_error *problem, int64_t n)
{
    int64_t delay = n < 6 ? RETRY_MS << n : RETRY_MAX_MS;

    if (problem->retry_after >= 0 && (int64_t)problem->retry_after * 1000 > delay)
        delay = (int64_t)problem->retry_after * 1000;
    return delay;
}

/* What is temporary is asked again, if the entry wants it and the time is there. */
static int ask_patiently(struct member *member, struct acsmtp_context *context, int64_t retries,
                         const struct acsmtp_credential_request *request,
                         struct acsmtp_credential *out, struct acsmtp_error *err)
{
    for (int64_t n = 0;; n++) {
        struct acsmtp_error problem = ACSMTP_ERROR_INIT;
        int status = ask(member, context, request, out, &problem);
        int64_t delay = retry_delay(&problem, n);

        if (status != ACSMTP_TEMPORARY || n >= retries ||
            delay >= acsmtp_context_remaining(context)) {
            if (status != ACSMTP_OK)
                walk_copy_error(err, &problem);
            return status;
        }
        acsmtp_log(context, ACSMTP_LOG_INFO, "credential %s: %s; again in %lld s",
                   member->entry.name, problem.message, (long long)(delay / 1000));
        status = acsmtp_context_sleep(context, delay, err);
        if (status != ACSMTP_OK)
            return status;
    }
}

int member_acquire(struct member *member, struct acsmtp_context *context, int alone,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    int in_chain = !alone || acsmtp_context_in_chain(context);
    struct acsmtp_context *limited;
    int64_t timeout_ms = -1, retries = 0;
    int status = policy_limits(&member->entry, &timeout_ms, &retries, err);

    if (status == ACSMTP_OK)
        status = member_open(member, err);
    if (status != ACSMTP_OK)
        return status;
    limited = acsmtp_context_limit(context, timeout_ms);
    if (!limited)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    acsmtp_context_set_in_chain(limited, in_chain);
    if (in_chain)
        status = member_probe(member, limited, (request->flags & ACSMTP_REQUEST_REFRESH) != 0, err);
    if (status == ACSMTP_OK)
        status = ask_patiently(member, limited, retries, request, out, err);
    acsmtp_context_free(limited);
    return status;
}

int member_forget(struct member *member, struct acsmtp_context *context, struct acsmtp_error *err)
{
    int status;

    if (!member->entry.plugin->credential->forget)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "it keeps nothing");
    status = member_open(member, err);
    if (status != ACSMTP_OK)
        return status;
    member_enter(member);
    status = member->entry.plugin->credential->forget(member->instance, context, err);
    member_leave(member);
    return entry_result(&member->entry, status, err);
}

void member_report(struct member *member, struct acsmtp_context *context,
                   const struct acsmtp_verdict *verdict)
{
    const struct acsmtp_plugin *plugin = NULL;
    void *instance;

    (void)pthread_mutex_lock(&member->lock);
    if (member->opened)
        plugin = member->entry.plugin;
    instance = member->instance;
    (void)pthread_mutex_unlock(&member->lock);
    if (!plugin || !plugin->credential->report)
        return;
    member_enter(member);
    plugin->credential->report(instance, context, verdict);
    member_leave(member);
}
