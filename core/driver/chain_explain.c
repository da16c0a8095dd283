/* SPDX-License-Identifier: MIT */
/*
 * A chain for people who look: its members in order, nested ones below theirs, and what would
 * become of each. Asked for it, every member is contacted, also those behind one that answers.
 */
#include "base/context_private.h"
#include "chain_private.h"
#include "config_private.h"
#include "report_private.h"
#include "settings_private.h"
#include "verdict.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { VARIABLES_MAX = 64 };

struct survey {
    struct acsmtp_context *context;
    const struct acsmtp_credential_request *request; /* NULL: nobody is asked */
    acsmtp_chain_visitor visit;
    void *data;
    int ended; /* by the visitor */
};

/* Names of variables, set ones and others. Borrowed from the settings. */
struct variables {
    const char *set[VARIABLES_MAX + 1], *unset[VARIABLES_MAX + 1];
    size_t set_count, unset_count;
};

static int has_name(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

static void add_name(const char **names, size_t *count, const char *name)
{
    if (*count < VARIABLES_MAX && !has_name(names, name))
        names[(*count)++] = name;
}

static int note_variable(void *data, const char *variable, const char *file,
                         struct acsmtp_error *err)
{
    struct variables *variables = data;

    (void)file;
    (void)err;
    if (!variable)
        return ACSMTP_OK;
    if (getenv(variable))
        add_name(variables->set, &variables->set_count, variable);
    else
        add_name(variables->unset, &variables->unset_count, variable);
    return ACSMTP_OK;
}

/* ---- what would become of a member ---- */

static int ask_to_look(struct member *member, struct acsmtp_context *context, const char **chain,
                       struct acsmtp_error *err)
{
    const struct acsmtp_credential_ops *ops = member->entry.plugin->credential;
    int status = member_open(member, err);

    if (status != ACSMTP_OK || !ops->look)
        return status;
    member_enter(member);
    status = ops->look(member->instance, context, chain, err);
    member_leave(member);
    return entry_result(&member->entry, status, err);
}

/* A secret that is to come from a variable which is not there. */
static int check_secrets(const struct acsmtp_settings *settings, struct acsmtp_error *err)
{
    size_t i;

    for (i = 0; i < settings->count; i++) {
        const struct setting *setting = &settings->list[i];

        if (setting->source == SECRET_ENV && !getenv(setting->items[0]))
            return acsmtp_fail(err, ACSMTP_CONFIG,
                               "option '%s': the environment variable %s is not set",
                               setting->option.name, setting->items[0]);
    }
    return ACSMTP_OK;
}

/* A member that is alone is asked at once: its absence is then worth waiting for. */
static int foretell(struct member *member, const struct chain *chain,
                    struct acsmtp_context *context, const char **option, char *reason,
                    size_t capacity, struct acsmtp_error *err)
{
    int alone = chain->count == 1 && chain->depth == 0;
    int status = ask_to_look(member, context, option, err);
    char why[VERDICT_TEXT_MAX];

    if (status == ACSMTP_OK)
        status = check_secrets(member->entry.settings, err);
    if (status != ACSMTP_OK)
        return status;
    if (!alone && member_absence(member, why, sizeof why))
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "%s (found earlier in this boot)", why);
    (void)snprintf(reason, capacity, "%s",
                   !alone && member->entry.plugin->credential->probe
                       ? "looked for within a second, then asked"
                       : "nothing speaks against it");
    return ACSMTP_OK;
}

static int load(struct member *member, struct acsmtp_chain_member *told, struct acsmtp_error *err)
{
    int status = entry_load(&member->entry, err);

    if (status == ACSMTP_OK)
        return policy_limits(&member->entry, &told->timeout_ms, &told->retries, err);
    if (entry_is_absent(&member->entry, err)) {
        acsmtp_error_clear(err);
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "this plugin is not installed");
    }
    return status;
}

static uint32_t flags_of(const struct member *member)
{
    const struct policy *policy = &member->policy;

    return (member->entry.is_optional ? ACSMTP_MEMBER_OPTIONAL : 0U) |
           (policy->next_on_denied ? ACSMTP_MEMBER_NEXT_ON_DENIED : 0U) |
           (policy->next_on_temporary ? ACSMTP_MEMBER_NEXT_ON_TEMPORARY : 0U) |
           (acsmtp_json_get(member->entry.json, "isolation") ? ACSMTP_MEMBER_ISOLATED : 0U);
}

static void tell(struct survey *survey, struct acsmtp_chain_member *told,
                 const struct acsmtp_error *problem)
{
    if (told->status != ACSMTP_OK) {
        told->reason = problem->message;
        told->hint = acsmtp_hint(problem);
    }
    if (!survey->ended)
        survey->ended = survey->visit(survey->data, told);
}

/* ---- asking ---- */

static int64_t milliseconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What the chains inside a member said stands below it. */
static void tell_attempts(struct survey *survey, const struct acsmtp_report *report, int depth,
                          const char *where)
{
    size_t i;

    for (i = 0; i < acsmtp_report_length(report); i++) {
        const struct acsmtp_attempt *attempt = acsmtp_report_attempt(report, i);
        struct acsmtp_chain_member told = {.size = sizeof told,
                                           .status = attempt->status,
                                           .depth = depth,
                                           .where = where,
                                           .plugin = attempt->plugin,
                                           .reason = attempt->message,
                                           .hint = attempt->hint,
                                           .timeout_ms = -1,
                                           .elapsed_ms = attempt->elapsed_ms};
        const char *slash;

        while ((slash = strchr(told.plugin, '/'))) {
            told.plugin = slash + 1;
            told.depth++;
        }
        if (!survey->ended)
            survey->ended = survey->visit(survey->data, &told);
    }
}

static int ask(struct survey *survey, const struct chain *chain, struct member *member,
               struct acsmtp_report *report, int *kind, struct acsmtp_error *err)
{
    struct acsmtp_credential *credential = acsmtp_credential_new(err);
    struct context_report before;
    int status = ACSMTP_SYSTEM;

    if (!credential)
        return status;
    before = context_set_report(
        survey->context, (struct context_report){.report = report, .outer = member->entry.name});
    status = member_acquire(member, survey->context, chain->count == 1, survey->request, credential,
                            err);
    *kind = acsmtp_credential_kind(credential);
    (void)context_set_report(survey->context, before);
    acsmtp_credential_free(credential);
    return status;
}

static int ask_and_tell(struct survey *survey, const struct chain *chain, struct member *member,
                        struct acsmtp_chain_member *told, struct acsmtp_error *problem)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_report *report = acsmtp_report_new(&err);
    int64_t start = milliseconds();
    int kind = 0;

    if (!report)
        return err.status;
    told->status = ask(survey, chain, member, report, &kind, problem);
    told->elapsed_ms = milliseconds() - start;
    told->reason =
        kind == ACSMTP_CREDENTIAL_TOKEN ? "gives a token" : "gives user name and password";
    tell(survey, told, problem);
    tell_attempts(survey, report, chain->depth, told->where);
    acsmtp_report_free(report);
    return ACSMTP_OK;
}

/* ---- the walk ---- */

static int walk(struct survey *survey, struct chain *chain, const char *option);

/* The chains of a member's options, or of the one option that it would ask. */
static int walk_nested(struct survey *survey, const struct entry *entry, const char *chosen)
{
    const struct acsmtp_plugin *plugin = entry->plugin;
    int status = ACSMTP_OK;
    size_t nested = 0;
    uint32_t i;

    for (i = 0; i < plugin->option_count && status == ACSMTP_OK; i++) {
        const struct acsmtp_option *option = &plugin->options[i];
        const char *path;

        if (option->type != ACSMTP_CHAIN ||
            !settings_chain_entries(entry->settings, option->name, &path))
            continue;
        if (!chosen || strcmp(chosen, option->name) == 0)
            status = walk(survey, entry->nested[nested], option->name);
        nested++;
    }
    return status;
}

static int survey_member(struct survey *survey, const struct chain *chain, struct member *member,
                         const char *option)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    struct variables variables = {{NULL}, {NULL}, 0, 0};
    char where[CONFIG_WHERE_MAX];
    char reason[128] = "";
    const char *chosen = NULL;
    struct acsmtp_chain_member told = {.size = sizeof told,
                                       .flags = flags_of(member),
                                       .depth = chain->depth,
                                       .plugin = member->entry.name,
                                       .option = option,
                                       .where = where,
                                       .reason = reason,
                                       .timeout_ms = -1,
                                       .elapsed_ms = -1,
                                       .set = variables.set,
                                       .unset = variables.unset};

    config_where(chain->host->config, member->entry.path, where, sizeof where);
    told.status = load(member, &told, &problem);
    if (member->entry.settings)
        (void)settings_inputs(member->entry.settings, note_variable, &variables, NULL);
    if (told.status == ACSMTP_OK && survey->request)
        return ask_and_tell(survey, chain, member, &told, &problem);
    if (told.status == ACSMTP_OK)
        told.status =
            foretell(member, chain, survey->context, &chosen, reason, sizeof reason, &problem);
    tell(survey, &told, &problem);
    return told.status == ACSMTP_OK && !survey->ended ? walk_nested(survey, &member->entry, chosen)
                                                      : ACSMTP_OK;
}

static int walk(struct survey *survey, struct chain *chain, const char *option)
{
    int status = ACSMTP_OK;
    size_t i;

    for (i = 0; i < chain->count && status == ACSMTP_OK && !survey->ended; i++) {
        status = survey_member(survey, chain, &chain->members[i], option);
        if (acsmtp_context_cancelled(survey->context))
            break;
    }
    return status;
}

int chain_explain(struct chain *chain, struct acsmtp_context *context,
                  const struct acsmtp_credential_request *request, acsmtp_chain_visitor visit,
                  void *data, struct acsmtp_error *err)
{
    struct survey survey = {.context = context, .request = request, .visit = visit, .data = data};
    int status = walk(&survey, chain, NULL);

    if (status == ACSMTP_OK && acsmtp_context_cancelled(context))
        return acsmtp_context_check(context, "looking at the chain", err);
    return status == ACSMTP_OK ? ACSMTP_OK : acsmtp_fail(err, status, "out of memory");
}
