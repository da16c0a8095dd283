/* SPDX-License-Identifier: MIT */
/*
 * Provisioning: plugins that make, show, check and remove what sending needs at a provider. The
 * host knows nothing of any provider: it hands over settings and flags, shows the steps as they
 * happen, and prints or stores the document that comes back.
 *
 * There is no state file. A provisioner finds out what exists by asking the provider, marks what it
 * made, and touches nothing else when it removes.
 */
#ifndef ACSMTP_PROVISION_H
#define ACSMTP_PROVISION_H

#include <acsmtp/context.h>
#include <acsmtp/diagnose.h>
#include <acsmtp/error.h>
#include <acsmtp/json.h>
#include <acsmtp/settings.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum acsmtp_provision_flag {
    ACSMTP_PROVISION_READ_ONLY = 1, /* send nothing but reads: tell what would be done */
    ACSMTP_PROVISION_PURGE =
        2, /* destroy, and the plan of it: also what the provider keeps for recovery */
    ACSMTP_PROVISION_DESTROY = 4,  /* plan: what destroy would do */
    ACSMTP_PROVISION_CHECK_DNS = 8 /* verify: ask public DNS for the records */
};

/* What is asked for besides the settings. Texts are borrowed for the call, NULL when not said. */
struct acsmtp_provision_request {
    uint32_t size;      /* sizeof(struct acsmtp_provision_request) */
    uint32_t flags;     /* enum acsmtp_provision_flag, or-ed */
    const char *format; /* export: "bicep", "terraform"; verify: "table", "zone", "json" */
    const char *merge;  /* verify: an existing SPF record that the new one must contain */
};

enum acsmtp_step_state {
    ACSMTP_STEP_PENDING = 0, /* waits for others */
    ACSMTP_STEP_RUNNING = 1,
    ACSMTP_STEP_WAITING = 2, /* running, and waiting for the provider: `detail` says for what */
    ACSMTP_STEP_DONE = 3,    /* `change` says what was done */
    ACSMTP_STEP_FAILED = 4,  /* `detail` is the error's message */
    ACSMTP_STEP_SKIPPED = 5 /* not tried: one that it needs has failed, or the work was cancelled */
};

/* One step of the work, as it stands now. Borrowed for the call. */
struct acsmtp_step {
    uint32_t size;      /* sizeof(struct acsmtp_step) */
    int32_t state;      /* enum acsmtp_step_state */
    const char *id;     /* stable: "email-service", "role-modern-client" */
    const char *title;  /* for people: "email service acs-smtp-poc-email" */
    const char *change; /* "create", "update", "keep", "delete", "absent"; NULL: not known yet */
    const char *detail; /* one line, or NULL */
    int64_t elapsed_ms; /* since it began to run */
    const char *const *needs; /* ids of the steps that must be done before, ended by NULL */
};

/*
 * Receives every change of a step, all steps first as ACSMTP_STEP_PENDING. Calls come one at a
 * time, but from any thread.
 */
struct acsmtp_provision_observer {
    uint32_t size; /* sizeof(struct acsmtp_provision_observer) */
    void *data;
    void (*step)(void *data, const struct acsmtp_step *step);
};

/*
 * One operation. `observer` may be NULL. An option "credentials" of type ACSMTP_CHAIN is the
 * profile's chain unless somebody gives another. The caller's *result gets a JSON object, for the
 * caller to free; a failed operation may give one too (what stands). It never holds a secret.
 * Members with a meaning for the host, all optional: "schema_version"  integer; of the whole
 * document "changes"         plan: [{"id", "title", "change": "create"|"update"|"keep"|"delete",
 *                     "differences": [{"path", "before", "after"}], "reason"}]
 *   "summary"         plan: {"create": N, "update": N, "delete": N, "keep": N}
 *   "output"          apply, show: what is to be kept in provision-output.json
 *   "profile"         apply, show: a profile for acsmtp's config that sends with what was made;
 *                     the host adds the cloud, and puts the provisioner's own chain in the place
 *                     of the text "@credentials"
 *   "profile_name"    how to call that profile when nobody says another name
 *   "confirm"         plan with DESTROY: what a person has to type to agree, the name of what will
 *                     be gone; "yes" when absent
 *   "files"           export: {NAME: TEXT}
 *   "text"            the result for people, when it is not one of the above
 * Without one the whole document is shown.
 *
 * plan      what apply (or, with DESTROY, destroy) would do. Reads only.
 * apply     makes it so. Doing it twice changes nothing. On failure what was made stays, and the
 *           next apply goes on from there.
 * show      what is there now.
 * verify    proves to the provider that a domain is ours; prints the DNS records it takes.
 * rotate    new secrets, switched over before the old ones end.
 * destroy   removes what apply made, and nothing else.
 * export    the same deployment in another tool's language. Contacts nobody.
 */
typedef int acsmtp_provision_operation(void *instance, struct acsmtp_context *context,
                                       const struct acsmtp_provision_request *request,
                                       const struct acsmtp_provision_observer *observer,
                                       struct acsmtp_json **result, struct acsmtp_error *err);

struct acsmtp_provisioner_ops {
    uint32_t size; /* sizeof(struct acsmtp_provisioner_ops) */
    int (*open)(const struct acsmtp_settings *settings, void **instance, struct acsmtp_error *err);
    acsmtp_provision_operation *plan;
    acsmtp_provision_operation *apply;
    acsmtp_provision_operation *show;
    acsmtp_provision_operation *verify; /* may be NULL, as may the following three */
    acsmtp_provision_operation *rotate;
    acsmtp_provision_operation *destroy;
    acsmtp_provision_operation *export_as;
    void (*close)(void *instance);
    /* Looks at what the provider has of sender and login, and tells what it finds; sends nothing
     * but reads. OK when it came to the end of its checks. May be NULL. */
    int (*diagnose)(void *instance, struct acsmtp_context *context,
                    const struct acsmtp_diagnose_request *request,
                    const struct acsmtp_finding_sink *sink, struct acsmtp_error *err);
};

#ifdef __cplusplus
}
#endif

#endif
