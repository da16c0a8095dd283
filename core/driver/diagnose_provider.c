/* SPDX-License-Identifier: MIT */
/*
 * What the provider has of login and sender: the profile's provisioner asks, with settings that a
 * config which only sends need not have. Then there is nothing to look at, which is no fault.
 */
#include "diagnose_private.h"
#include "provisioner_private.h"
#include <string.h>

static const char *or_null(const char *text)
{
    return text && text[0] ? text : NULL;
}

static void tell_unknown(const struct diagnosis *diagnosis, const char *why)
{
    const struct acsmtp_finding finding = {
        .grade = ACSMTP_GRADE_UNKNOWN, .check = "provider", .elapsed_ms = -1};

    acsmtp_tell(diagnosis->sink, &finding, "what it has of login and sender was not looked at: %s",
                why);
}

static int call(const struct diagnosis *diagnosis, const struct entry *entry,
                const struct acsmtp_diagnose_request *request, struct acsmtp_error *err)
{
    const struct acsmtp_provisioner_ops *ops = entry->plugin->provisioner;
    void *instance = NULL;
    int status;

    entry_enter(entry);
    status = ops->open(entry->settings, &instance, err);
    if (status == ACSMTP_OK) {
        status = ops->diagnose(instance, diagnosis->context, request, diagnosis->sink, err);
        ops->close(instance);
    }
    entry_leave(entry);
    return entry_result(entry, status, err);
}

static void ask(const struct diagnosis *diagnosis, const struct entry *entry,
                const struct acsmtp_diagnose_request *request)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    if (!entry->plugin->provisioner->diagnose)
        tell_unknown(diagnosis, "its provisioner cannot tell");
    else if (call(diagnosis, entry, request, &err) != ACSMTP_OK)
        tell_unknown(diagnosis, err.message);
}

void diagnose_provider(const struct diagnosis *diagnosis, const char *username,
                       const struct diagnose_identity *identity)
{
    const struct acsmtp_diagnose_request request = {.size = sizeof request,
                                                    .sender = diagnosis->sender,
                                                    .username = username,
                                                    .client_id = or_null(identity->client_id),
                                                    .object_id = or_null(identity->object_id)};
    struct settings_layer layers[PROVISIONER_LAYERS];
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct entry entry = {0};
    int status = provisioner_entry(diagnosis->provisioner, NULL, layers, 0, &entry, &err);

    if (status == ACSMTP_OK)
        status = entry_load(&entry, &err);
    if (status == ACSMTP_OK)
        ask(diagnosis, &entry, &request);
    else if (diagnosis->provisioner->configured)
        acsmtp_tell_error(diagnosis->sink, "provider", entry.name, &err);
    else
        tell_unknown(diagnosis, err.message);
    entry_release(&entry);
}
