/* SPDX-License-Identifier: MIT */
/*
 * Provisions what sending mail through Azure Communication Services needs, from an empty
 * subscription: see README.md. There is no state file: each operation looks at Azure first.
 */
#include "diagnose.h"
#include "export.h"
#include "operations.h"
#include "options.h"
#include "result.h"

#include <acsmtp/plugin.h>
#include <stdlib.h>
#include <string.h>

struct acs {
    const struct acsmtp_settings *settings;
    struct parameters parameters;
};

static int acs_open(const struct acsmtp_settings *settings, void **instance,
                    struct acsmtp_error *err)
{
    struct acs *acs = calloc(1, sizeof *acs);
    int status;

    if (!acs)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    acs->settings = settings;
    status = parameters_read(settings, &acs->parameters, err);
    if (status == ACSMTP_OK)
        *instance = acs;
    else
        free(acs);
    return status;
}

static void acs_close(void *instance)
{
    free(instance);
}

typedef int operation_run(struct operation *operation, struct acsmtp_error *err);

/* What all operations have in common: a deployment, a document, and what becomes of both. */
static int acs_run(const struct acs *acs, operation_run *run, uint32_t flags,
                   const struct operation *asked, struct acsmtp_json **result,
                   struct acsmtp_error *err)
{
    DEPLOYMENT_AUTO struct deployment *deployment = NULL;
    struct operation operation = *asked;
    int status =
        deployment_open(acs->settings, &acs->parameters, flags, asked->context, &deployment, err);

    if (status != ACSMTP_OK)
        return status;
    operation.deployment = deployment;
    operation.result = result_new(err);
    if (!operation.result)
        return ACSMTP_SYSTEM;
    status = run(&operation, err);
    *result = operation.result;
    return status;
}

static int acs_plan(void *instance, struct acsmtp_context *context,
                    const struct acsmtp_provision_request *request,
                    const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                    struct acsmtp_error *err)
{
    const struct operation asked = {NULL, context, request, observer, NULL};

    return acs_run(instance, operation_plan, request->flags | ACSMTP_PROVISION_READ_ONLY, &asked,
                   result, err);
}

static int acs_apply(void *instance, struct acsmtp_context *context,
                     const struct acsmtp_provision_request *request,
                     const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                     struct acsmtp_error *err)
{
    const struct operation asked = {NULL, context, request, observer, NULL};
    int is_dry = (request->flags & ACSMTP_PROVISION_READ_ONLY) != 0;

    return acs_run(instance, is_dry ? operation_plan : operation_apply,
                   request->flags & ~(uint32_t)ACSMTP_PROVISION_DESTROY, &asked, result, err);
}

static int acs_show(void *instance, struct acsmtp_context *context,
                    const struct acsmtp_provision_request *request,
                    const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                    struct acsmtp_error *err)
{
    const struct operation asked = {NULL, context, request, observer, NULL};

    return acs_run(instance, operation_show, request->flags | ACSMTP_PROVISION_READ_ONLY, &asked,
                   result, err);
}

static int acs_verify(void *instance, struct acsmtp_context *context,
                      const struct acsmtp_provision_request *request,
                      const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                      struct acsmtp_error *err)
{
    const struct operation asked = {NULL, context, request, observer, NULL};

    return acs_run(instance, operation_verify, request->flags, &asked, result, err);
}

static int acs_rotate(void *instance, struct acsmtp_context *context,
                      const struct acsmtp_provision_request *request,
                      const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                      struct acsmtp_error *err)
{
    const struct operation asked = {NULL, context, request, observer, NULL};

    return acs_run(instance, operation_rotate, request->flags, &asked, result, err);
}

static int acs_destroy(void *instance, struct acsmtp_context *context,
                       const struct acsmtp_provision_request *request,
                       const struct acsmtp_provision_observer *observer,
                       struct acsmtp_json **result, struct acsmtp_error *err)
{
    const struct operation asked = {NULL, context, request, observer, NULL};
    int is_dry = (request->flags & ACSMTP_PROVISION_READ_ONLY) != 0;

    return acs_run(instance, is_dry ? operation_plan : operation_destroy,
                   request->flags | ACSMTP_PROVISION_DESTROY, &asked, result, err);
}

static int acs_export(void *instance, struct acsmtp_context *context,
                      const struct acsmtp_provision_request *request,
                      const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                      struct acsmtp_error *err)
{
    const struct acs *acs = instance;
    const char *format = request->format ? request->format : "bicep";
    struct acsmtp_json *files;

    (void)context;
    (void)observer;
    if (strcmp(format, "bicep") != 0 && strcmp(format, "terraform") != 0)
        return acsmtp_fail(err, ACSMTP_CONFIG, "export knows bicep and terraform, not '%s'",
                           format);
    *result = result_new(err);
    if (!*result)
        return ACSMTP_SYSTEM;
    files = strcmp(format, "bicep") == 0 ? export_bicep(&acs->parameters, err)
                                         : export_terraform(&acs->parameters, err);
    return acsmtp_json_set(*result, "files", files, err);
}

static int acs_diagnose(void *instance, struct acsmtp_context *context,
                        const struct acsmtp_diagnose_request *request,
                        const struct acsmtp_finding_sink *sink, struct acsmtp_error *err)
{
    const struct acs *acs = instance;

    return diagnose_run(acs->settings, acs->parameters.subscription, context, request, sink, err);
}

static const struct acsmtp_provisioner_ops acs_ops = {
    .size = sizeof acs_ops,
    .open = acs_open,
    .plan = acs_plan,
    .apply = acs_apply,
    .show = acs_show,
    .verify = acs_verify,
    .rotate = acs_rotate,
    .destroy = acs_destroy,
    .export_as = acs_export,
    .close = acs_close,
    .diagnose = acs_diagnose,
};

ACSMTP_PLUGIN(acs) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_PROVISIONER),
    .threads = ACSMTP_THREADS_INSTANCE,
    .name = "acs",
    .version = "1.0",
    .summary = "Everything that sending through Azure Communication Services needs.",
    ACSMTP_PLUGIN_OPTIONS(acs_options),
    .provisioner = &acs_ops,
};
