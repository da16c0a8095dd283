/* SPDX-License-Identifier: MIT */
/*
 * Authenticated calls to Azure's management services: Resource Manager (ARM), Microsoft Graph and
 * the data plane of a key vault. One token per audience from the plugin's chain; a 401 asks once
 * more with a fresh one. 429 and 5xx are retried as the service asks. May be used by several
 * threads, each with a context of its own.
 */
#ifndef ACS_CLIENT_H
#define ACS_CLIENT_H

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <acsmtp/json.h>
#include <acsmtp/secret.h>
#include <acsmtp/settings.h>

enum client_service { CLIENT_ARM, CLIENT_GRAPH, CLIENT_VAULT };

struct client;

/* `settings` is borrowed until free(); its option "credentials" is the chain. */
int client_new(const struct acsmtp_settings *settings, struct client **client,
               struct acsmtp_error *err) ACSMTP_CHECK;
void client_free(struct client *client);

/* From now on everything but GET and HEAD is refused: the promise behind plan and --dry-run. */
void client_set_read_only(struct client *client, int read_only);

struct client_request {
    enum client_service service;
    const char *what; /* the attempt in messages, "create email service x"; NULL: method and path */
    const char *method;
    const char *host; /* CLIENT_VAULT: the vault's base URL as Azure told it; else NULL */
    /* Path and query below the service's root, "/subscriptions/…?api-version=…", percent-encoded;
     * or a whole URL of the same origin, as nextLink and polling URLs are: it goes out byte for
     * byte. */
    const char *target;
    const struct acsmtp_json *body;          /* or NULL */
    const struct acsmtp_secret *secret_body; /* JSON that holds a secret, in the place of body */
    const char *header;                      /* one more, "Prefer: create-if-missing"; or NULL */
    int is_repeatable; /* of a POST: doing it twice does no harm, so it may be tried again */
};

struct client_reply {
    int status;
    struct acsmtp_json *json; /* NULL when there is no body, or none that is JSON */
    int is_foreign;           /* there is a body, and it is no JSON: a proxy's page, perhaps */
    char *operation;          /* Azure-AsyncOperation, or NULL */
    char *location;           /* Location, or NULL */
    int retry_after;          /* seconds, -1: not said */
};
#define CLIENT_AUTO_REPLY __attribute__((cleanup(client_reply_release)))
void client_reply_release(struct client_reply *reply);

/*
 * One exchange. OK for every complete reply whose status is not 401, 403, 429 or 5xx; those end as
 * errors (client_fail()). `reply` is released by the caller, also on failure.
 */
int client_send(struct client *client, struct acsmtp_context *context,
                const struct client_request *request, struct client_reply *reply,
                struct acsmtp_error *err) ACSMTP_CHECK;

/* GET; OK with *json NULL when it does not exist (404). */
int client_get(struct client *client, struct acsmtp_context *context, enum client_service service,
               const char *target, struct acsmtp_json **json,
               struct acsmtp_error *err) ACSMTP_CHECK;

/* GET all pages of a list, as one array. nextLink is followed only on the same origin. */
int client_list(struct client *client, struct acsmtp_context *context, enum client_service service,
                const char *target, struct acsmtp_json **items,
                struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * PUT, PATCH, POST or DELETE, and the long-running operation behind it to its end
 * (azure-async-operation, location, or provisioningState of the resource). *json is the final
 * resource of a PUT or PATCH (read again when the operation was long), or the body of the reply.
 * 404 for a DELETE is success. `progress` (may be NULL) is called before each wait.
 */
typedef void client_progress(void *data, const char *what);
struct client_change {
    struct client_request request;
    client_progress *progress;
    void *progress_data;
    int64_t wait_ms; /* longest wait */
    int64_t poll_ms; /* between polls when the service names none */
};
int client_change(struct client *client, struct acsmtp_context *context,
                  const struct client_change *change, struct acsmtp_json **json,
                  struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Fail with what Azure says in `reply`: class, code and words of the error body, and a remedy where
 * one is known: the action and role that are missing, the name that is taken, the quota. `what`
 * names the attempt ("create email service x").
 */
int client_fail(const struct client_reply *reply, const char *what, struct acsmtp_error *err);

/* Whether the failed call met this code anywhere in its body (case ignored; err->code has the
 * innermost). */
int client_failed_with(const struct acsmtp_error *err, const char *code);

/* Claims of the caller's ARM token: object id, tenant, "User" or "ServicePrincipal". */
struct client_caller {
    char object_id[40];
    char tenant_id[40];
    char type[20];
    char application_id[40];
};
int client_caller(struct client *client, struct acsmtp_context *context,
                  struct client_caller *caller, struct acsmtp_error *err) ACSMTP_CHECK;

#endif
