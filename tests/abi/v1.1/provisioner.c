/* SPDX-License-Identifier: MIT */
/*
 * A provisioner plugin as it is written for ABI 1.1. Never change it once 1.1 is released. Its plan
 * has one step, which is done already.
 */
#include <acsmtp/plugin.h>
#include <acsmtp/provision.h>

static int v1_open(const struct acsmtp_settings *settings, void **instance,
                   struct acsmtp_error *err)
{
    (void)err;
    *instance = (void *)settings;
    return ACSMTP_OK;
}

static int v1_work(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_provision_request *request,
                   const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                   struct acsmtp_error *err)
{
    static const char document[] = "{\"schema_version\": 1, \"text\": \"provisioned by ABI 1.1\"}";
    const struct acsmtp_step step = {.size = sizeof step,
                                     .state = ACSMTP_STEP_DONE,
                                     .id = "step-1-1",
                                     .title = "the only step",
                                     .change = "keep"};

    (void)instance;
    (void)context;
    (void)request;
    if (observer && observer->step)
        observer->step(observer->data, &step);
    *result = acsmtp_json_parse(document, sizeof document - 1, err);
    return *result ? ACSMTP_OK : ACSMTP_SYSTEM;
}

static void v1_close(void *instance)
{
    (void)instance;
}

static const struct acsmtp_provisioner_ops v1_ops = {
    .size = sizeof v1_ops,
    .open = v1_open,
    .plan = v1_work,
    .apply = v1_work,
    .show = v1_work,
    .close = v1_close,
};

ACSMTP_PLUGIN(abi_v1_1_provisioner) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_PROVISIONER),
    .name = "abi-v1-1-provisioner",
    .version = "1.1",
    .summary = "Stands for every provisioner plugin built for ABI 1.1.",
    .provisioner = &v1_ops,
};
