/* SPDX-License-Identifier: MIT */
/*
 * The operations of provisioner plugins that only read, as the battery calls them, see session.h.
 * What changes things at a provider needs one: the scripted server plays none.
 */
#include "canary.h"
#include "session.h"
#include "verdict.h"
#include <acsmtp/json.h>
#include <stdlib.h>
#include <string.h>

static int open_it(const struct acsmtp_plugin *plugin, const struct acsmtp_settings *settings,
                   void **instance, struct acsmtp_error *err)
{
    return plugin->provisioner->open(settings, instance, err);
}

static void close_it(const struct acsmtp_plugin *plugin, void *instance)
{
    plugin->provisioner->close(instance);
}

static void look_at_step(void *data, const struct acsmtp_step *step)
{
    const char *found = step->detail ? canary_find(step->detail, strlen(step->detail)) : NULL;

    (void)data;
    if (found)
        (void)verdict_fail(RULE_PROVISION_RESULT, "%s stands in the detail of step '%s'", found,
                           step->id);
}

static void look_at_result(const char *name, const struct acsmtp_json *result)
{
    char *text = result ? acsmtp_json_format(result) : NULL;
    const char *found = text ? canary_find(text, strlen(text)) : NULL;

    if (found)
        (void)verdict_fail(RULE_PROVISION_RESULT, "%s stands in the result of %s()", found, name);
    free(text);
}

static int run(struct session *session, struct acsmtp_context *context, const char *name,
               acsmtp_provision_operation *operation, struct acsmtp_error *err)
{
    const struct acsmtp_provision_request request = {
        .size = sizeof request, .flags = ACSMTP_PROVISION_READ_ONLY, .format = "bicep"};
    const struct acsmtp_provision_observer observer = {.size = sizeof observer,
                                                       .step = look_at_step};
    struct acsmtp_json *result = NULL;
    int status;

    session->probe.writes = 0;
    status = operation(session->instance, context, &request, &observer, &result, err);
    look_at_result(name, result);
    acsmtp_json_free(result);
    if (session->probe.writes)
        (void)verdict_fail(RULE_PROVISION_READS, "%s() sent a request that is no read", name);
    return status;
}

static int plan(struct session *session, struct acsmtp_context *context, struct acsmtp_error *err)
{
    return run(session, context, "plan", session->subject->plugin->provisioner->plan, err);
}

static int show(struct session *session, struct acsmtp_context *context, struct acsmtp_error *err)
{
    return run(session, context, "show", session->subject->plugin->provisioner->show, err);
}

static int export_it(struct session *session, struct acsmtp_context *context,
                     struct acsmtp_error *err)
{
    return run(session, context, "export", session->subject->plugin->provisioner->export_as, err);
}

static int has_export(const struct acsmtp_plugin *plugin)
{
    return plugin->provisioner->export_as != NULL;
}

enum { EXPORT, PLAN, SHOW, OPERATIONS };

static const struct operation operations[OPERATIONS + 1] = {
    [EXPORT] = {.name = "export",
                .needs = STATE_OPEN,
                .stays = RULE_PROVISION_EXPORT,
                .offered = has_export,
                .run = export_it},
    [PLAN] = {.name = "plan", .needs = STATE_OPEN, .run = plan},
    [SHOW] = {.name = "show", .needs = STATE_OPEN, .run = show},
};

static const int life[] = {EXPORT, PLAN, SHOW, -1};

const struct kind_operations provisioner_operations = {
    .operations = operations, .life = life, .open = open_it, .close = close_it};
