/* SPDX-License-Identifier: MIT */
/* One HTTP request and the reply to it, as a service sees them, and the services themselves: a
 * port each, a thread per connection. */
#ifndef EMULATOR_HTTP_H
#define EMULATOR_HTTP_H

#include "form.h"
#include "text.h"

#include <json-c/json.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct emulator;
struct http_service;
struct MHD_Connection;
struct MHD_Daemon;

enum {
    HTTP_MAXIMUM_BODY = 1 << 20,
    HTTP_MAXIMUM_REPLY = 96 << 20,
    HTTP_MAXIMUM_HEADERS = 20,
    HTTP_MAXIMUM_SEGMENTS = 24,
};

struct http_request {
    struct http_service *service;
    struct MHD_Connection *connection;
    const char *method;
    const char *target; /* as sent: path and query */
    char *path;         /* before the '?', still escaped */
    struct form query;
    bool malformed; /* the query cannot be decoded */
    bool too_large; /* the body was cut off */
    struct text body;
    char base[300]; /* "https://HOST", from the Host header */
};

struct http_header {
    char name[64];
    char *value;
};

struct http_reply {
    unsigned status;
    const char *operation; /* what is counted, for example "token" */
    struct text body;
    struct http_header headers[HTTP_MAXIMUM_HEADERS];
    size_t header_count;
};

typedef void http_handler(struct emulator *emulator, const struct http_request *request,
                          struct http_reply *reply);

struct http_service {
    const char *name;
    http_handler *handle;
    /* Writes the service's own kind of error body for an ordered status. */
    void (*fail)(struct http_reply *reply, unsigned status);
    struct emulator *emulator;
    struct MHD_Daemon *daemon; /* NULL while not listening */
    atomic_int connections;    /* open ones: when its client is gone, until its request is done */
    int reserve;               /* keeps the port while the daemon is down */
    uint16_t port;
    bool tls;
    bool self_signed; /* a certificate that is known by its thumbprint only */
};

/* Binds a port of the kernel's choice without listening: connections are refused. */
int http_service_init(struct http_service *service, struct emulator *emulator);
int http_service_start(struct http_service *service);
void http_service_stop(struct http_service *service);
void http_service_release(struct http_service *service);

/* Borrowed; NULL when absent. Names compare without letter case. */
const char *http_header(const struct http_request *request, const char *name);
const char *http_query(const struct http_request *request, const char *name);
/* Splits the path at '/' and decodes each segment; -1 when malformed or too long. */
struct http_path {
    char *segments[HTTP_MAXIMUM_SEGMENTS];
    size_t count;
};
int http_path_split(const struct http_request *request, struct http_path *path);
void http_path_release(struct http_path *path);
/* Whether segment i exists and equals name, letter case ignored. */
bool http_path_is(const struct http_path *path, size_t i, const char *name);

__attribute__((format(printf, 3, 4))) void http_reply_header(struct http_reply *reply,
                                                             const char *name, const char *format,
                                                             ...);
/* Takes all headers away again. */
void http_reply_clear_headers(struct http_reply *reply);
/* Puts json. */
void http_reply_json(struct http_reply *reply, unsigned status, struct json_object *json);
/* {"error":{"code":…,"message":…}}, with "innererror" when inner is not NULL. */
void http_reply_error(struct http_reply *reply, unsigned status, const char *code,
                      const char *inner, const char *message);
#endif
