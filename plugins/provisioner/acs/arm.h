/* SPDX-License-Identifier: MIT */
/*
 * Calls to Resource Manager by resource id, and what all tagged resources have in common: the mark
 * of acsmtp, provisioningState, creation and removal.
 */
#ifndef ACS_ARM_H
#define ACS_ARM_H

#include "deployment.h"

#include <acsmtp/json.h>

#define ARM_TAG "acsmtp" /* name of the tag; its value is deployment->marker */

/* GET; *json NULL when there is none. */
int arm_get(struct deployment *deployment, struct acsmtp_context *context, const char *id,
            const char *version, struct acsmtp_json **json, struct acsmtp_error *err) ACSMTP_CHECK;

/* All pages of a list, none when its parent does not exist. `filter` is OData, unencoded, or NULL.
 */
int arm_list(struct deployment *deployment, struct acsmtp_context *context, const char *id,
             const char *version, const char *filter, struct acsmtp_json **items,
             struct acsmtp_error *err) ACSMTP_CHECK;

/* PUT, PATCH, POST or DELETE to its end. `body` is borrowed, may be NULL; `json` may be NULL. */
struct arm_change {
    const char *method, *id, *version;
    const struct acsmtp_json *body;
};
int arm_change(struct resource *resource, struct acsmtp_context *context,
               struct schedule_step *step, const struct arm_change *change,
               struct acsmtp_json **json, struct acsmtp_error *err) ACSMTP_CHECK;

/* CONFIG when the service says that a name which has to be unique in Azure is taken. `type` is
 * "Microsoft.KeyVault/vaults". */
int arm_check_name(struct resource *resource, struct acsmtp_context *context,
                   struct schedule_step *step, const char *type, const char *name,
                   const char *option, const char *version, struct acsmtp_error *err) ACSMTP_CHECK;

/* Whether a resource, as ARM gives it, carries this deployment's mark. */
int arm_is_marked(const struct deployment *deployment, const struct acsmtp_json *json);

/* look() of a tagged resource: sets exists, is_ours, is_busy, change and reason. *json is the
 * resource, NULL for none. Nothing is asked while a row that it needs does not exist. */
int arm_look(struct resource *resource, struct acsmtp_context *context, const char *id,
             const char *version, struct acsmtp_json **json, struct acsmtp_error *err) ACSMTP_CHECK;

/* Where it will be is a difference; where it is never changes: a reason that says so when that is
 * not where it is wanted. `json` NULL: it is not there. */
int arm_compare_location(struct resource *resource, const struct acsmtp_json *json,
                         const char *wanted, struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * PUT a tagged resource. When one is there already, which an earlier attempt has left half made,
 * its tags and the properties of the names `kept` (ended by NULL; or NULL) go back as they came.
 * `properties` moves, also on failure; NULL: the type has none to say. `json` may be NULL.
 */
struct arm_making {
    const char *id, *version, *location;
    const char *const *kept;
};
int arm_make(struct resource *resource, struct acsmtp_context *context, struct schedule_step *step,
             const struct arm_making *making, struct acsmtp_json *properties,
             struct acsmtp_json **json, struct acsmtp_error *err) ACSMTP_CHECK;

/* DELETE by id. */
int arm_unmake(struct resource *resource, struct acsmtp_context *context,
               struct schedule_step *step, const char *id, const char *version,
               struct acsmtp_error *err) ACSMTP_CHECK;

/* An object of texts: ARM_TEXTS(err, {"name", name}, {"type", type}). A NULL value leaves its key
 * out. NULL when memory fails. */
struct arm_text {
    const char *key, *value;
};
#define ARM_TEXTS(err, ...)                                                                        \
    arm_texts_new((const struct arm_text[]){__VA_ARGS__, {NULL, NULL}}, (err))
struct acsmtp_json *arm_texts_new(const struct arm_text *texts, struct acsmtp_error *err);

/* Case-insensitive equality of ids and names, as ARM compares them; NULL equals nothing. */
int arm_same(const char *one, const char *other);

/* Copy a text from the network that must be a GUID. PROTOCOL, naming `what`, when it is none. */
int arm_copy_guid(char guid[GUID_MAX], const struct acsmtp_json *json, const char *key,
                  const char *what, struct acsmtp_error *err) ACSMTP_CHECK;

#endif
