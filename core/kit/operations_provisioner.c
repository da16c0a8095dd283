/* SPDX-License-Identifier: MIT */
/*
 * The operations of provisioner plugins and their order, see session.h: a life is a deployment from
 * nothing to nothing.
 */
#include "provision_operations.h"

static int open_it(const struct acsmtp_plugin *plugin, const struct acsmtp_settings *settings,
                   void **instance, struct acsmtp_error *err)
{
    return plugin->provisioner->open(settings, instance, err);
}

static void close_it(const struct acsmtp_plugin *plugin, void *instance)
{
    plugin->provisioner->close(instance);
}

static int has_export(const struct acsmtp_plugin *plugin)
{
    return plugin->provisioner->export_as != NULL;
}

static int has_verify(const struct acsmtp_plugin *plugin)
{
    return plugin->provisioner->verify != NULL;
}

static int has_rotate(const struct acsmtp_plugin *plugin)
{
    return plugin->provisioner->rotate != NULL;
}

static int has_destroy(const struct acsmtp_plugin *plugin)
{
    return plugin->provisioner->destroy != NULL;
}

static int has_diagnose(const struct acsmtp_plugin *plugin)
{
    return plugin->provisioner->diagnose != NULL;
}

enum {
    EXPORT,
    PLAN,
    SHOW,
    REHEARSE_APPLY,
    APPLY,
    VERIFY,
    DIAGNOSE,
    REHEARSE_ROTATE,
    ROTATE,
    PLAN_DESTROY,
    REHEARSE_DESTROY,
    DESTROY,
    RESUME,
    CLEAN_UP,
    OPERATIONS
};

static const struct operation operations[OPERATIONS + 1] = {
    [EXPORT] = {.name = "export",
                .needs = STATE_OPEN,
                .stays = RULE_PROVISION_EXPORT,
                .offered = has_export,
                .run = provision_export},
    [PLAN] = {.name = "plan", .needs = STATE_OPEN, .run = provision_plan},
    [SHOW] = {.name = "show", .needs = STATE_OPEN, .run = provision_show},
    [REHEARSE_APPLY] = {.name = "apply", .needs = STATE_OPEN, .run = provision_rehearse_apply},
    [APPLY] = {.name = "apply",
               .needs = STATE_OPEN,
               .sets = STATE_TOUCHED | STATE_LOST,
               .clears = STATE_GONE,
               .sets_ok = STATE_MADE,
               .clears_ok = STATE_LOST,
               .clears_failed = STATE_MADE,
               .run = provision_apply},
    [VERIFY] = {.name = "verify",
                .needs = STATE_OPEN,
                .offered = has_verify,
                .run = provision_verify},
    [DIAGNOSE] = {.name = "diagnose",
                  .needs = STATE_OPEN,
                  .offered = has_diagnose,
                  .run = provision_diagnose},
    [REHEARSE_ROTATE] = {.name = "rotate",
                         .needs = STATE_OPEN,
                         .offered = has_rotate,
                         .run = provision_rehearse_rotate},
    [ROTATE] = {.name = "rotate",
                .needs = STATE_OPEN,
                .offered = has_rotate,
                .run = provision_rotate},
    [PLAN_DESTROY] = {.name = "plan",
                      .needs = STATE_OPEN,
                      .offered = has_destroy,
                      .run = provision_plan_destroy},
    [REHEARSE_DESTROY] = {.name = "destroy",
                          .needs = STATE_OPEN,
                          .offered = has_destroy,
                          .run = provision_rehearse_destroy},
    [DESTROY] = {.name = "destroy",
                 .needs = STATE_OPEN,
                 .clears = STATE_MADE | STATE_LOST,
                 .sets_ok = STATE_GONE,
                 .clears_ok = STATE_TOUCHED,
                 .offered = has_destroy,
                 .run = provision_destroy},
    [RESUME] = {.name = "apply",
                .needs = STATE_LOST,
                .clears = STATE_LOST,
                .undoes = STATE_LOST,
                .is_silent = 1,
                .run = provision_resume},
    [CLEAN_UP] = {.name = "destroy",
                  .needs = STATE_TOUCHED,
                  .clears = STATE_TOUCHED | STATE_MADE,
                  .undoes = STATE_TOUCHED,
                  .is_silent = 1,
                  .run = provision_clean_up},
};

static const int life[] = {EXPORT,
                           PLAN,
                           SHOW,
                           REHEARSE_APPLY,
                           APPLY,
                           SHOW,
                           APPLY,
                           SHOW,
                           PLAN,
                           VERIFY,
                           DIAGNOSE,
                           REHEARSE_ROTATE,
                           ROTATE,
                           PLAN_DESTROY,
                           REHEARSE_DESTROY,
                           DESTROY,
                           SHOW,
                           PLAN_DESTROY,
                           -1};

/* What changes a deployment is the host's to do one at a time. */
static const int together[] = {PLAN, SHOW, -1};

const struct kind_operations provisioner_operations = {.operations = operations,
                                                       .life = life,
                                                       .together = together,
                                                       .depth = 2,
                                                       .open = open_it,
                                                       .close = close_it};
