/* SPDX-License-Identifier: MIT */
/*
 * Inside the client: where a request goes (client_target.c), with which token (client_token.c), one
 * exchange (client_exchange.c), what a refusal says (client_failure.c) and what to do about it
 * (client_remedy.c), and operations that take their time (client_operation.c).
 */
#ifndef ACS_CLIENT_PRIVATE_H
#define ACS_CLIENT_PRIVATE_H

#include "client.h"

#include <acsmtp/credential.h>
#include <acsmtp/http.h>
#include <challenge.h>
#include <pthread.h>
#include <stdatomic.h>

#define CLIENT_WHAT_MAX 256
#define CLIENT_HOST_MAX 300 /* HOST[:PORT] with its NUL */
/* Azure asks clients to take 4 KB and has been seen to use 3.6; nobody needs more than this. */
#define CLIENT_URL_MAX 16384U

/* Whoever gets a token of its own: Resource Manager, Graph, each vault. */
struct audience {
    struct audience *next;
    enum client_service service;
    char host[CLIENT_HOST_MAX]; /* of a vault, else "" */
    pthread_mutex_t lock;       /* guards what follows */
    unsigned generation;        /* counts the tokens that were refused */
    int is_known;               /* what it wants was found out */
    struct azure_challenge wanted;
};

struct client {
    const struct acsmtp_settings *settings;
    atomic_int is_read_only;
    pthread_mutex_t lock; /* guards the list; audiences live as long as the client */
    struct audience *audiences;
};

/* ---- client_target.c ---- */

/* The attempt's name in messages. */
void client_what(const struct client_request *request, char what[CLIENT_WHAT_MAX]);

/*
 * The URL of a request, for the caller to free(3), and HOST[:PORT] of a vault. CONFIG when the
 * cloud does not tell where the service is, PROTOCOL when the target or the vault is elsewhere.
 */
int client_url(const struct acsmtp_context *context, const struct client_request *request,
               char **url, char host[CLIENT_HOST_MAX], struct acsmtp_error *err) ACSMTP_CHECK;

/* ---- client_token.c ---- */

/* A token, and the refusals that it was got after. */
struct client_token {
    struct acsmtp_credential *credential;
    unsigned generation;
};

/* Find or make; NULL when memory fails. */
struct audience *client_audience(struct client *client, enum client_service service,
                                 const char *host, struct acsmtp_error *err);
void client_audiences_free(struct client *client);

/* `url`: where a vault can be asked without a token, to be told which one it wants. */
int client_token_get(struct client *client, struct acsmtp_context *context,
                     struct audience *audience, const char *url, struct client_token *token,
                     struct acsmtp_error *err) ACSMTP_CHECK;

/* This token met a 401: the next one is fresh, unless another thread brought one meanwhile. */
int client_token_renew(struct client *client, struct acsmtp_context *context,
                       struct audience *audience, const struct acsmtp_http_response *refusal,
                       struct client_token *token, struct acsmtp_error *err) ACSMTP_CHECK;

#define CLIENT_AUTO_TOKEN __attribute__((cleanup(client_token_release)))
void client_token_release(struct client_token *token);

/* ---- client_exchange.c ---- */

/* One request with retries as its method allows. `token` NULL: only to be asked for one. */
int client_exchange(struct acsmtp_context *context, const struct client_request *request,
                    const char *url, const struct client_token *token,
                    struct acsmtp_http_response **response, struct acsmtp_error *err) ACSMTP_CHECK;

/* Everything of a response that callers need. */
int client_reply_read(const struct acsmtp_http_response *response, struct client_reply *reply,
                      struct acsmtp_error *err) ACSMTP_CHECK;

/* ---- client_failure.c ---- */

#define CLIENT_CODES_MAX 256

/* What an error body says; texts are "" when it does not say. */
struct client_failure {
    char code[64];                /* the innermost: NoBackingApplicationObject, ForbiddenByRbac */
    char codes[CLIENT_CODES_MAX]; /* from the outermost on, with '/' between */
    char text[1024];              /* its words, on one line */
};

/* 1 when the body holds an error in one of Azure's shapes; else 0, and `failure` is empty. */
int client_failure_read(const struct acsmtp_json *json, struct client_failure *failure);

/* ---- client_remedy.c ---- */

/* What is wrong and what to do about it. */
struct client_remedy {
    int status;     /* 0: nothing is known */
    int tells_all;  /* Azure's own words would only repeat it */
    char text[768]; /* one sentence */
};
void client_remedy_find(const struct client_failure *failure, struct client_remedy *remedy);

/* ---- client_operation.c ---- */

/*
 * Follow the operation behind an accepted request to its end. `reply` is the reply to the request;
 * afterwards it is the last one, of a PUT or PATCH the finished resource.
 */
int client_operation_follow(struct client *client, struct acsmtp_context *context,
                            const struct client_change *change, struct client_reply *reply,
                            struct acsmtp_error *err) ACSMTP_CHECK;

/* "status" of a monitor or "provisioningState" of a resource, "" when there is none. */
const char *client_state(const struct acsmtp_json *json);

#endif
