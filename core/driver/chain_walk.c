/* SPDX-License-Identifier: MIT */
/*
 * One walk over the members: who is asked, when it goes on, and which of the reasons is told when
 * nobody could help.
 */
#include "base/context_private.h"
#include "base/credential_private.h"
#include "chain_private.h"
#include "clock.h"
#include "report_private.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NAME_SIZE_MAX 512 /* of a member with the chains around it */

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* "default/azcli": whose chain it is, when it is not the profile's own. */
static void full_name(const struct walk *walk, const char *name, char *text, size_t capacity)
{
    const char *outer = context_report(walk->context).outer;

    (void)snprintf(text, capacity, "%s%s%s", outer ? outer : "", outer ? "/" : "", name);
}

void walk_note(struct walk *walk, const char *member, int status, const char *message,
               const char *hint, int64_t elapsed_ms)
{
    char name[NAME_SIZE_MAX];

    full_name(walk, member, name, sizeof name);
    report_add(walk->report, name, status, message, hint, elapsed_ms);
    acsmtp_log(walk->context, walk->report ? ACSMTP_LOG_DEBUG : ACSMTP_LOG_INFO,
               "credential %s: %s: %s", name, acsmtp_status_name(status), message);
}

/* ---- which failure tells most ---- */

static int rank(int status)
{
    static const int order[] = {ACSMTP_UNAVAILABLE, ACSMTP_REJECTED,  ACSMTP_SYSTEM,
                                ACSMTP_PROTOCOL,    ACSMTP_TEMPORARY, ACSMTP_CONFIG,
                                ACSMTP_DENIED,      ACSMTP_CANCELLED};
    int i;

    for (i = 0; i < (int)(sizeof order / sizeof order[0]); i++)
        if (order[i] == status)
            return i + 1;
    return 0;
}

void walk_copy_error(struct acsmtp_error *err, const struct acsmtp_error *from)
{
    (void)acsmtp_fail(err, from->status, "%s", from->message);
    acsmtp_error_server(err, from->server_code, from->code, from->server_text);
    if (err && err->retry_after < 0)
        err->retry_after = from->retry_after;
}

static void keep_worst(struct acsmtp_error *worst, const struct acsmtp_error *problem,
                       const char *name)
{
    if (rank(problem->status) <= rank(worst->status))
        return;
    *worst = *problem;
    acsmtp_error_prefix(worst, "credential %s", name);
}

static void names_text(const struct chain *chain, size_t from, char *text, size_t capacity)
{
    size_t used = 0;
    size_t i;

    text[0] = '\0';
    for (i = from; i < chain->count && used < capacity; i++)
        used += (size_t)snprintf(text + used, capacity - used, "%s%s", i > from ? ", " : "",
                                 chain->members[i].entry.name);
}

static int nobody(const struct walk *walk, const struct acsmtp_error *worst,
                  struct acsmtp_error *err)
{
    size_t asked = walk->chain->count - walk->from;
    char names[700];

    if (worst->status == ACSMTP_UNAVAILABLE && asked > 1) {
        names_text(walk->chain, walk->from, names, sizeof names);
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                           "none of the %zu credential sources applies here: %s", asked, names);
    }
    walk_copy_error(err, worst);
    return worst->status;
}

/* ---- the walk ---- */

static int visit_input(void *data, const char *variable, const char *file, struct acsmtp_error *err)
{
    return cache_inputs_add(data, variable, file, err);
}

/* Before the member is asked: what changes while it works shall be noticed. */
static void note_settings(struct walk *walk, const struct member *member)
{
    if (settings_inputs(member->entry.settings, visit_input, &walk->inputs, NULL) != ACSMTP_OK)
        walk->inputs_known = 0;
}

static void note_result(struct walk *walk, const struct member *member,
                        const struct acsmtp_credential *out)
{
    const char *file;
    size_t i;

    if (member_inputs(member, &walk->inputs, NULL) != ACSMTP_OK)
        walk->inputs_known = 0;
    for (i = 0; (file = credential_dependency(out, i)); i++)
        if (cache_inputs_add(&walk->inputs, NULL, file, NULL) != ACSMTP_OK)
            walk->inputs_known = 0;
}

static const char *answer_text(const struct walk *walk)
{
    return walk->request->flags & ACSMTP_REQUEST_REFRESH
               ? "this one answered, asked for a fresh one"
               : "this one answered";
}

/* Chains that are made for every machine name plugins that not every machine has. */
static int load_member(struct member *member, struct acsmtp_error *problem)
{
    int status = entry_load(&member->entry, problem);

    if (status == ACSMTP_OK || !entry_is_absent(&member->entry, problem))
        return status;
    acsmtp_error_clear(problem);
    return acsmtp_fail(problem, ACSMTP_UNAVAILABLE, "this plugin is not installed");
}

/* A member that asks a chain of its own lets it report here, under its name. */
static int acquire_reporting(struct walk *walk, struct member *member,
                             struct acsmtp_credential *out, struct acsmtp_error *problem)
{
    char name[NAME_SIZE_MAX];
    struct context_report before;
    int status;

    full_name(walk, member->entry.name, name, sizeof name);
    before = context_set_report(walk->context,
                                (struct context_report){.report = walk->report, .outer = name});
    status =
        member_acquire(member, walk->context, walk->chain->count == 1, walk->request, out, problem);
    (void)context_set_report(walk->context, before);
    return status;
}

static int ask_member(struct walk *walk, size_t index, struct acsmtp_credential *out,
                      struct acsmtp_error *problem)
{
    struct member *member = &walk->chain->members[index];
    int64_t start = now_ms();
    int status = load_member(member, problem);

    if (status == ACSMTP_OK) {
        note_settings(walk, member);
        status = acquire_reporting(walk, member, out, problem);
        note_result(walk, member, out);
    }
    clock_tell(walk->context, problem);
    if (status == ACSMTP_OK)
        walk_note(walk, member->entry.name, status, answer_text(walk), NULL, now_ms() - start);
    else
        walk_note(walk, member->entry.name, status, problem->message, acsmtp_hint(problem),
                  now_ms() - start);
    return status;
}

static int goes_on(const struct member *member, int status)
{
    return status == ACSMTP_UNAVAILABLE ||
           (status == ACSMTP_DENIED && member->policy.next_on_denied) ||
           (status == ACSMTP_TEMPORARY && member->policy.next_on_temporary);
}

/* The n-th member to ask: the one that won before, then the others in order. */
static size_t nth_member(const struct walk *walk, size_t favourite, size_t n)
{
    size_t index;

    if (favourite == CHAIN_NOBODY)
        return walk->from + n;
    if (n == 0)
        return favourite;
    index = walk->from + n - 1;
    return index < favourite ? index : index + 1;
}

static size_t favourite_of(const struct walk *walk)
{
    size_t winner;

    (void)pthread_mutex_lock(&walk->chain->lock);
    winner = walk->chain->winner;
    (void)pthread_mutex_unlock(&walk->chain->lock);
    return winner != CHAIN_NOBODY && winner >= walk->from ? winner : CHAIN_NOBODY;
}

int chain_walk(struct walk *walk, struct acsmtp_credential *out, struct acsmtp_error *err)
{
    struct acsmtp_error worst = ACSMTP_ERROR_INIT;
    size_t favourite = favourite_of(walk);
    size_t count = walk->chain->count - walk->from;
    size_t n;

    walk->inputs_known = 1;
    for (n = 0; n < count; n++) {
        struct acsmtp_error problem = ACSMTP_ERROR_INIT;
        size_t index = nth_member(walk, favourite, n);
        int status = ask_member(walk, index, out, &problem);

        if (status == ACSMTP_OK) {
            walk->winner = index;
            return ACSMTP_OK;
        }
        keep_worst(&worst, &problem, walk->chain->members[index].entry.name);
        if (!goes_on(&walk->chain->members[index], status))
            break;
    }
    return nobody(walk, &worst, err);
}
