/* SPDX-License-Identifier: MIT */
/* The failures that a test has ordered. Each is taken by the first thing that it fits, as many
 * times as its count says, after the first `skip` that would have fitted. */
#ifndef EMULATOR_FAULTS_H
#define EMULATOR_FAULTS_H

#include <json-c/json.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FAULTS_MAXIMUM = 64,
    FAULT_TEXT_SIZE = 1024,
};

enum fault_action {
    FAULT_NONE,
    FAULT_DROP,
    FAULT_DELAY,
    FAULT_REPLY,
    FAULT_GARBAGE,
    FAULT_STATUS,
    FAULT_TRUNCATE,
    FAULT_HUGE,
    FAULT_HTML,
    FAULT_EXPIRES_IN,
    FAULT_DROP_AFTER, /* closed without a reply, after the request was carried out */
    FAULT_ERROR,      /* a refusal that Azure knows, by its code */
    FAULT_CLOCK,      /* answered as always, with a Date that is off */
    FAULT_OPERATION,  /* the long-running operation that the request starts does not succeed */
};

struct fault {
    int64_t id;
    char service[16];
    char step[16];
    enum fault_action action;
    char reply[FAULT_TEXT_SIZE];
    char match[256];
    char method[8];
    char code[64];    /* of the refusal */
    char outcome[16]; /* of the operation: "Failed" or "Canceled" */
    char body[FAULT_TEXT_SIZE];
    int64_t delay_ms;
    int status;
    int64_t retry_after; /* -1: no such header */
    int64_t seconds;
    int64_t skip;
    int64_t count; /* -1: for ever */
    bool store;
};

struct faults {
    pthread_mutex_t lock;
    struct fault list[FAULTS_MAXIMUM];
    size_t count;
    int64_t next_id;
};

void faults_init(struct faults *faults);
void faults_release(struct faults *faults);
/* Adds what the JSON of the control API says: its id, or -1 and why. */
int64_t faults_add(struct faults *faults, struct json_object *json, char *why, size_t size);
void faults_clear(struct faults *faults);
/* The caller puts the array. */
struct json_object *faults_list(struct faults *faults);
/* The fault that fits an HTTP request to target, or FAULT_NONE. */
enum fault_action faults_take_http(struct faults *faults, const char *service, const char *method,
                                   const char *target, struct fault *out);
/* The one that fits an operation which such a request starts. */
enum fault_action faults_take_operation(struct faults *faults, const char *service,
                                        const char *method, const char *target, struct fault *out);
/* The one that fits a step of an SMTP session. */
enum fault_action faults_take_smtp(struct faults *faults, const char *step, struct fault *out);
/* The lifetime that a token of the service shall have, or otherwise. */
int64_t faults_take_lifetime(struct faults *faults, const char *service, int64_t otherwise);
#endif
