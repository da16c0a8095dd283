/* SPDX-License-Identifier: MIT */
/* What a client meets when a proxy, an overload or a broken line stands between it and Azure. */
#include "http_fault.h"

#include "known_errors.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char GARBAGE[] = "\xff\x00{\"access_token\":\x80[[[";

enum { HUGE_SIZE = 256 << 20, HUGE_STEP = 1 << 16 };

static void fill_status(const struct http_service *service, const struct fault *fault,
                        struct http_reply *reply)
{
    reply->status = (unsigned)fault->status;
    if (fault->body[0] != '\0') {
        text_puts(&reply->body, fault->body);
        http_reply_header(reply, "Content-Type", "application/json; charset=utf-8");
    } else if (service->fail != NULL && fault->status >= 400) {
        service->fail(reply, reply->status);
    }
    if (fault->retry_after >= 0) {
        http_reply_header(reply, "Retry-After", "%lld", (long long)fault->retry_after);
    }
}

void http_fault_fill(const struct http_service *service, const struct fault *fault,
                     struct http_reply *reply)
{
    switch (fault->action) {
    case FAULT_STATUS:
        fill_status(service, fault, reply);
        break;
    case FAULT_ERROR:
        known_errors_fill(service->name, fault->code, reply);
        break;
    case FAULT_HTML:
        reply->status = fault->status != 0 ? (unsigned)fault->status : 200;
        text_puts(&reply->body, fault->body[0] != '\0'
                                    ? fault->body
                                    : "<!DOCTYPE html><html><title>Sign in to the network</title>"
                                      "<p>You must accept the terms.</p></html>\n");
        http_reply_header(reply, "Content-Type", "text/html; charset=utf-8");
        break;
    case FAULT_GARBAGE:
        reply->status = fault->status != 0 ? (unsigned)fault->status : 200;
        text_add(&reply->body, GARBAGE, sizeof(GARBAGE) - 1);
        http_reply_header(reply, "Content-Type", "application/json; charset=utf-8");
        break;
    case FAULT_HUGE:
        reply->status = fault->status != 0 ? (unsigned)fault->status : 200;
        http_reply_header(reply, "Content-Type", "application/json; charset=utf-8");
        break;
    default:
        break;
    }
}

void http_fault_date(const struct fault *fault, struct http_reply *reply)
{
    time_t now = time(NULL) + (time_t)fault->seconds;
    struct tm parts;
    char text[64];
    if (gmtime_r(&now, &parts) != NULL &&
        strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts) > 0) {
        http_reply_header(reply, "Date", "%s", text);
    }
}

static ssize_t read_huge(void *cls, uint64_t position, char *buffer, size_t size)
{
    (void)cls;
    if (position >= HUGE_SIZE) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    memset(buffer, ' ', size); /* white space, so that no parser may give up early */
    return (ssize_t)size;
}

struct half {
    size_t length;
    char data[];
};

static ssize_t read_half(void *cls, uint64_t position, char *buffer, size_t size)
{
    const struct half *half = cls;
    if (position >= half->length) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    size_t left = half->length - (size_t)position;
    size_t count = left < size ? left : size;
    memcpy(buffer, half->data + position, count);
    return (ssize_t)count;
}

struct MHD_Response *http_fault_response(const struct fault *fault, const struct http_reply *reply)
{
    if (fault->action == FAULT_HUGE) {
        return MHD_create_response_from_callback(HUGE_SIZE, HUGE_STEP, read_huge, NULL, NULL);
    }
    if (fault->action != FAULT_TRUNCATE) {
        return NULL;
    }
    size_t length = reply->body.length / 2;
    struct half *half = malloc(sizeof(*half) + length);
    if (half == NULL) {
        return NULL;
    }
    half->length = length;
    memcpy(half->data, text_string(&reply->body), length);
    return MHD_create_response_from_callback(reply->body.length + 1, 4096, read_half, half, free);
}
