/* SPDX-License-Identifier: MIT */
/*
 * One member of a chain: its instance, and the calls into it with their limits and locks.
 */
#include "base/credential_private.h"
#include "chain_private.h"
#include "settings_private.h"
#include <stdlib.h>
#include <string.h>

#define PROBE_MS 1000

static int read_on_denied(struct member *member, struct acsmtp_error *err)
{
    const struct acsmtp_json *value = acsmtp_json_get(member->entry.json, "on_denied");
    const char *text = acsmtp_json_text(value);

    if (!value)
        return ACSMTP_OK;
    if (text && strcmp(text, "next") == 0)
        member->next_on_denied = 1;
    else if (!text || strcmp(text, "stop") != 0)
        return entry_fail(&member->entry, "on_denied", err,
                          "\"on_denied\" is \"stop\" (the default) or \"next\"");
    return ACSMTP_OK;
}

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
    status = read_on_denied(member, err);
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

/* ---- the limit of an entry ---- */

/* The key is the host's unless the plugin has an option of that name. */
static int read_timeout(const struct member *member, int64_t *timeout_ms, struct acsmtp_error *err)
{
    const struct entry *entry = &member->entry;
    const struct acsmtp_json *value = acsmtp_json_get(entry->json, "timeout");
    struct setting setting = {.option = {.name = "timeout", .type = ACSMTP_DURATION, .minimum = 1}};
    struct setting_input input = {
        .config = entry->host->config, .path = entry->path, .label = entry->name, .err = err};
    int status;

    *timeout_ms = -1;
    if (!value || entry_has_option(entry->plugin, "timeout"))
        return ACSMTP_OK;
    status = settings_read_json(&input, &setting, value);
    if (status == ACSMTP_OK)
        *timeout_ms = setting.number;
    return status;
}

/* ---- calls ---- */

static void enter(struct member *member)
{
    if (member->entry.plugin->threads != ACSMTP_THREADS_ANY)
        (void)pthread_mutex_lock(&member->lock);
    entry_enter(&member->entry);
}

static void leave(struct member *member)
{
    entry_leave(&member->entry);
    if (member->entry.plugin->threads != ACSMTP_THREADS_ANY)
        (void)pthread_mutex_unlock(&member->lock);
}

/* Only the thread that walks the chain opens, probes and asks; report() may come from another. */
static int open_instance(struct member *member, struct acsmtp_error *err)
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

/* A probe that finds nobody in its second says the same as one that is told so. */
static int probe(struct member *member, struct acsmtp_context *context, struct acsmtp_error *err)
{
    const struct acsmtp_credential_ops *ops = member->entry.plugin->credential;
    struct acsmtp_context *brief;
    int status;

    if (!ops->probe || member->probed)
        return ACSMTP_OK;
    brief = acsmtp_context_limit(context, PROBE_MS);
    if (!brief)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    acsmtp_context_set_in_chain(brief, 1);
    enter(member);
    status = ops->probe(member->instance, brief, err);
    leave(member);
    acsmtp_context_free(brief);
    status = entry_result(&member->entry, status, err);
    member->probed = status == ACSMTP_OK;
    if (status == ACSMTP_TEMPORARY && acsmtp_context_check(context, "probe", NULL) == ACSMTP_OK)
        status = err->status = ACSMTP_UNAVAILABLE;
    return status;
}

static int ask(struct member *member, struct acsmtp_context *context,
               const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
               struct acsmtp_error *err)
{
    int status;

    enter(member);
    status =
        member->entry.plugin->credential->acquire(member->instance, context, request, out, err);
    leave(member);
    status = entry_result(&member->entry, status, err);
    if (status == ACSMTP_OK && acsmtp_credential_kind(out) == ACSMTP_CREDENTIAL_NONE)
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "plugin '%s' succeeded without a credential",
                             member->entry.name);
    if (status != ACSMTP_OK)
        credential_clear(out);
    return status;
}

int member_acquire(struct member *member, struct acsmtp_context *context, int alone,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err)
{
    int in_chain = !alone || acsmtp_context_in_chain(context);
    struct acsmtp_context *limited;
    int64_t timeout_ms = -1;
    int status = read_timeout(member, &timeout_ms, err);

    if (status == ACSMTP_OK)
        status = open_instance(member, err);
    if (status != ACSMTP_OK)
        return status;
    limited = acsmtp_context_limit(context, timeout_ms);
    if (!limited)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    acsmtp_context_set_in_chain(limited, in_chain);
    if (in_chain)
        status = probe(member, limited, err);
    if (status == ACSMTP_OK)
        status = ask(member, limited, request, out, err);
    acsmtp_context_free(limited);
    return status;
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
    enter(member);
    plugin->credential->report(instance, context, verdict);
    leave(member);
}
