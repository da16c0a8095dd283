/* SPDX-License-Identifier: MIT */
/*
 * One deployment: its parameters, what was found or made so far, and the list of its resources.
 * Each resource kind is one file (resource_*.c) that can look, ensure and remove; plan, apply, show
 * and destroy are walks over the list (walk.h).
 *
 * Threads: a step writes the facts of its own resource and reads those of the steps that it needs,
 * nothing else; the scheduler makes what was written visible.
 */
#ifndef ACS_DEPLOYMENT_H
#define ACS_DEPLOYMENT_H

#include "client.h"
#include "parameters.h"
#include "schedule.h"

#include <acsmtp/json.h>
#include <acsmtp/provision.h>

#define ARM_ID_MAX 768 /* a resource id: a custom domain's is the longest, below 600 */
#define GUID_MAX 40
#define RESOURCES_MAX 32
#define ROLE_NAME_MAX 64 /* an application's uniqueName: "acsmtp-legacy-" and a GUID */

/* api-versions (azure-rest-api-specs); one serves all of Microsoft.Communication. */
#define VERSION_RESOURCES "2021-04-01"
#define VERSION_COMMUNICATION "2025-09-01"
#define VERSION_KEY_VAULT "2026-02-01" /* older ones end on 2027-02-27 */
#define VERSION_SECRETS "7.4"
#define VERSION_IDENTITY "2023-01-31"
#define VERSION_AUTHORIZATION "2022-04-01"

enum change {
    CHANGE_UNKNOWN,
    CHANGE_KEEP,
    CHANGE_CREATE,
    CHANGE_UPDATE,
    CHANGE_DELETE,
    CHANGE_ABSENT
};

struct deployment;

/* One resource of a deployment: a row that names it, and what a look at Azure found. */
struct resource {
    const char *id; /* of its step */
    const char *const *needs;
    const struct resource_kind *kind;
    struct deployment *deployment;
    const void *argument; /* which of several: the login, the role, the service */
    char title[160];
    enum change change;              /* what apply has to do, after look() */
    const char *reason;              /* why, when it is not plain; static text, `note`, or NULL */
    char note[200];                  /* a reason with names in it */
    struct acsmtp_json *differences; /* [{"path", "before", "after"}], NULL: none */
    int exists;                      /* in Azure, as look() or ensure() saw it last */
    int is_ours;                     /* marked as made by acsmtp: destroy may remove it */
    int is_busy;                     /* Azure is still making or deleting it */
    int is_in_bin; /* deleted, ours, and kept by Azure for recovery: a purge removes it */
};

struct resource_kind {
    /* Find out what is there; sets change, differences, is_ours, and the facts that others need. A
     * parent that does not exist yet makes its children CHANGE_CREATE without asking. */
    int (*look)(struct resource *resource, struct acsmtp_context *context,
                struct schedule_step *step, struct acsmtp_error *err);
    /* After look(), when there is something to do: make it so, and wait until others can build on
     * it. */
    int (*ensure)(struct resource *resource, struct acsmtp_context *context,
                  struct schedule_step *step, struct acsmtp_error *err);
    /* After look(), when it is there and ours: remove it. NULL: goes with its parent, or is never
     * removed. */
    int (*remove)(struct resource *resource, struct acsmtp_context *context,
                  struct schedule_step *step, struct acsmtp_error *err);
};

/* Who signs in at the SMTP server. */
enum login_role { LOGIN_LEGACY, LOGIN_MODERN, LOGIN_IDENTITY, LOGINS };

struct login {
    const char *role;                /* "legacy", "modern", "identity" */
    const char *username;            /* before the '@'; NULL: the identity has no user name */
    char unique_name[ROLE_NAME_MAX]; /* of the application */
    char object_id[GUID_MAX];        /* of the application in Graph; "" for the identity */
    char application_id[GUID_MAX];   /* appId, or the identity's clientId */
    char principal_id[GUID_MAX];     /* object id of the service principal */
    struct acsmtp_json *credentials; /* the application's passwordCredentials */
    char role_assignment[ARM_ID_MAX];
    char secret_name[64];    /* in the vault; "" for the identity */
    char secret_expires[32]; /* RFC 3339, "" when not known */
    char smtp_resource[64];  /* name of the smtpUsernames resource that binds it, "" for none */
};

struct deployment {
    const struct parameters *parameters;
    struct client *client;
    struct client_caller caller;
    uint32_t flags;        /* of the request */
    const char *marker;    /* value of the tag on everything that acsmtp made for this deployment */
    char tenant[GUID_MAX]; /* of the subscription */

    /* ids of resources, whether they exist or not */
    char group_id[ARM_ID_MAX], communication_id[ARM_ID_MAX], email_id[ARM_ID_MAX];
    char domain_id[ARM_ID_MAX], vault_id[ARM_ID_MAX], identity_id[ARM_ID_MAX];

    /* facts */
    struct acsmtp_json *domain; /* as ARM gives it */
    char mail_domain[256];      /* what stands behind the '@' */
    int is_verified;            /* the domain, so that it can be linked */
    char communication_host[256];
    char vault_uri[256]; /* without a slash at the end */
    int vault_opens;     /* the caller may read and write its secrets */
    char vault_role_assignment[ARM_ID_MAX];
    struct login logins[LOGINS];

    struct resource resources[RESOURCES_MAX];
    size_t resource_count;
};

/*
 * Checks token, subscription and tenant with one read. `flags` are those of the request; with
 * READ_ONLY nothing but reads will be sent. The caller frees, also after a failure.
 */
int deployment_open(const struct acsmtp_settings *settings, const struct parameters *parameters,
                    uint32_t flags, struct acsmtp_context *context, struct deployment **deployment,
                    struct acsmtp_error *err) ACSMTP_CHECK;
void deployment_free(struct deployment *deployment);
#define DEPLOYMENT_AUTO __attribute__((cleanup(deployment_cleanup)))
static inline void deployment_cleanup(struct deployment **deployment)
{
    deployment_free(*deployment);
}

/* The row of a step's id; NULL for none. */
struct resource *deployment_find(struct deployment *deployment, const char *id);
/* Whether the row of this id is there: a parent that is asked about by its children. */
int deployment_has(const struct deployment *deployment, const char *id);
int deployment_owns(const struct deployment *deployment, const char *id);

/* The login of a row whose argument is an enum login_role. */
struct login *resource_login(const struct resource *resource);

/* Add to the row's differences. Texts may be NULL: absent. */
int resource_differs(struct resource *resource, const char *path, const char *before,
                     const char *after, struct acsmtp_error *err) ACSMTP_CHECK;

/* The same of a switch that is off and is to be on. */
int resource_is_off(struct resource *resource, const char *path,
                    struct acsmtp_error *err) ACSMTP_CHECK;

/* "create", "update", ...; static text. */
const char *change_name(enum change change);

#endif
