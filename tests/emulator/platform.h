/* SPDX-License-Identifier: MIT */
/* What the files of the platform service share: the endpoints that give managed identities where
 * there is no metadata service. */
#ifndef EMULATOR_PLATFORM_H
#define EMULATOR_PLATFORM_H

#include "emulator.h"
#include "identity_token.h"

struct platform_call {
    struct emulator *emulator;
    const struct http_request *request;
    struct http_reply *reply;
    struct json_object *state;
    struct json_object *switches; /* "platform" of the state */
    const struct form *parameters;
};

/* Counts the refusal and writes nothing. */
void platform_refuse(const struct platform_call *call, const char *reason);
/* The common end: resource and identity are looked up, refusals written by `refuse`. NULL then. */
typedef void platform_refusal(const struct platform_call *call, unsigned status, const char *code,
                              const char *message);
struct json_object *platform_token(const struct platform_call *call,
                                   const struct identity_selector *selectors,
                                   platform_refusal *refuse);

/* platform_arc.c: the agent, which first wants proof that the caller may read its files. */
void platform_arc(const struct platform_call *call);

/* platform_issuer.c: build services that give a job a token for federation. */
void platform_github(const struct platform_call *call);
void platform_pipelines(const struct platform_call *call);
#endif
