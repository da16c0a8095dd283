/* SPDX-License-Identifier: MIT */
/* Runs the HTTP services on libmicrohttpd: collects a bounded body, applies ordered failures,
 * counts, calls the service, writes the transcript. */
#include "emulator.h"
#include "http_fault.h"
#include "net.h"

#include <ctype.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECTION_SECONDS = 120,
    CONNECTIONS = 200,
    CONNECTION_MEMORY = 64 * 1024,
};

struct exchange {
    char *target;
    bool started;
    bool too_large;
    struct text body;
};

static void *exchange_new(void *cls, const char *target, struct MHD_Connection *connection)
{
    (void)cls;
    (void)connection;
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    if (exchange != NULL) {
        exchange->target = strdup(target);
        text_init(&exchange->body, HTTP_MAXIMUM_BODY);
    }
    return exchange;
}

static void exchange_free(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_RequestTerminationCode reason)
{
    (void)cls;
    (void)connection;
    (void)reason;
    struct exchange *exchange = *context;
    if (exchange != NULL) {
        text_release(&exchange->body);
        free(exchange->target);
        free(exchange);
        *context = NULL;
    }
}

/* The Host header ends up in URLs that replies carry. */
static bool host_is_sane(const char *host)
{
    if (host == NULL || host[0] == '\0' || strlen(host) > 255) {
        return false;
    }
    for (; *host != '\0'; host++) {
        if (!isalnum((unsigned char)*host) && strchr("-.:[]", *host) == NULL) {
            return false;
        }
    }
    return true;
}

static bool request_init(struct http_request *request, struct http_service *service,
                         struct MHD_Connection *connection, struct exchange *exchange)
{
    const char *question = strchr(exchange->target, '?');
    size_t path =
        question == NULL ? strlen(exchange->target) : (size_t)(question - exchange->target);
    request->service = service;
    request->connection = connection;
    request->target = exchange->target;
    request->body = exchange->body;
    request->too_large = exchange->too_large;
    request->path = strndup(exchange->target, path);
    const char *query = question == NULL ? "" : question + 1;
    request->malformed = form_parse(&request->query, query, strlen(query)) != 0;
    const char *host = http_header(request, "Host");
    if (!host_is_sane(host)) {
        request->malformed = true;
        host = "localhost";
    }
    snprintf(request->base, sizeof(request->base), "%s://%s", service->tls ? "https" : "http",
             host);
    return request->path != NULL;
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, const struct http_reply *reply,
                                  const struct fault *fault)
{
    struct MHD_Response *response = http_fault_response(fault, reply);
    if (response == NULL) {
        response = MHD_create_response_from_buffer(reply->body.length,
                                                   (void *)(uintptr_t)text_string(&reply->body),
                                                   MHD_RESPMEM_MUST_COPY);
    }
    if (response == NULL) {
        return MHD_NO;
    }
    for (size_t i = 0; i < reply->header_count; i++) {
        MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
    }
    enum MHD_Result result = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static void run(struct http_service *service, const struct http_request *request,
                const struct fault *fault, struct http_reply *reply)
{
    bool answered_by_fault = fault->action == FAULT_STATUS || fault->action == FAULT_HTML ||
                             fault->action == FAULT_GARBAGE || fault->action == FAULT_HUGE ||
                             fault->action == FAULT_ERROR;
    if (answered_by_fault) {
        http_fault_fill(service, fault, reply);
        reply->operation = "fault";
    } else if (request->too_large) {
        http_reply_error(reply, 413, "RequestEntityTooLarge", NULL, "The request is too large.");
    } else if (request->malformed) {
        http_reply_error(reply, 400, "BadRequest", NULL, "The request URL is malformed.");
    } else {
        service->handle(service->emulator, request, reply);
    }
    if (fault->action == FAULT_CLOCK || (fault->action == FAULT_ERROR && fault->seconds != 0)) {
        http_fault_date(fault, reply);
    }
    if (reply->body.failed) {
        http_reply_clear_headers(reply);
        http_reply_error(reply, 500, "OutOfMemory", NULL, "The emulator ran out of memory.");
    }
}

static enum MHD_Result respond(struct http_service *service, struct http_request *request)
{
    struct emulator *emulator = service->emulator;
    struct http_reply reply = {.status = 500};
    struct fault fault = {.action = FAULT_NONE};
    text_init(&reply.body, HTTP_MAXIMUM_REPLY);
    faults_take_http(&emulator->faults, service->name, request->method, request->target, &fault);
    bool alive = fault.delay_ms == 0 || pause_wait(&emulator->pause, fault.delay_ms);
    enum MHD_Result result = MHD_NO;
    counters_add(&emulator->counters, service->name, "total");
    if (alive && fault.action != FAULT_DROP) {
        run(service, request, &fault, &reply);
        result = fault.action == FAULT_DROP_AFTER ? MHD_NO
                                                  : send_reply(request->connection, &reply, &fault);
    }
    if (reply.operation != NULL) {
        counters_add(&emulator->counters, service->name, reply.operation);
    }
    if (service != &emulator->services[SERVICE_INBOX]) {
        transcript_write(&emulator->transcript, request, &reply,
                         result == MHD_YES ? reply.status : 0);
    }
    http_reply_clear_headers(&reply);
    text_release(&reply.body);
    return result;
}

static enum MHD_Result access_handler(void *cls, struct MHD_Connection *connection, const char *url,
                                      const char *method, const char *version, const char *data,
                                      size_t *size, void **context)
{
    (void)url;
    (void)version;
    struct exchange *exchange = *context;
    if (exchange == NULL || exchange->target == NULL) {
        return MHD_NO;
    }
    if (!exchange->started) {
        exchange->started = true;
        return MHD_YES;
    }
    if (*size > 0) {
        text_add(&exchange->body, data, *size);
        exchange->too_large = exchange->body.failed;
        *size = 0;
        return MHD_YES;
    }
    struct http_request request = {.method = method};
    enum MHD_Result result = MHD_NO;
    if (request_init(&request, cls, connection, exchange)) {
        result = respond(cls, &request);
    }
    form_release(&request.query);
    free(request.path);
    return result;
}

int http_service_init(struct http_service *service, struct emulator *emulator)
{
    service->emulator = emulator;
    service->daemon = NULL;
    service->port = 0;
    service->reserve = net_bind_loopback(&service->port);
    return service->reserve < 0 ? -1 : 0;
}

static void count_connection(void *cls, struct MHD_Connection *connection, void **context,
                             enum MHD_ConnectionNotificationCode what)
{
    struct http_service *service = cls;
    (void)connection;
    (void)context;
    atomic_fetch_add(&service->connections, what == MHD_CONNECTION_NOTIFY_STARTED ? 1 : -1);
}

int http_service_start(struct http_service *service)
{
    int fd = net_bind_loopback(&service->port);
    if (fd < 0 || listen(fd, SOMAXCONN) != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    const struct pki *pki = &service->emulator->pki;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0,
         service->self_signed ? pki->self_signed_pem : pki->https_certificate_pem},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, pki->https_key_pem},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
                     MHD_USE_POLL | MHD_USE_ITC | (service->tls ? MHD_USE_TLS : 0);
    service->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, access_handler, service, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_URI_LOG_CALLBACK, exchange_new, NULL, MHD_OPTION_NOTIFY_COMPLETED, exchange_free,
        NULL, MHD_OPTION_NOTIFY_CONNECTION, count_connection, service,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_SECONDS, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_ARRAY, service->tls ? tls : plain, MHD_OPTION_END);
    if (service->daemon == NULL) {
        close(fd);
        return -1;
    }
    return 0;
}

void http_service_stop(struct http_service *service)
{
    if (service->daemon != NULL) {
        MHD_stop_daemon(service->daemon);
        service->daemon = NULL;
    }
}

void http_service_release(struct http_service *service)
{
    http_service_stop(service);
    if (service->reserve >= 0) {
        close(service->reserve);
    }
}
