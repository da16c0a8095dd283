/* SPDX-License-Identifier: MIT */
/* Graph's door. Which of its application permissions a caller holds is a member of the caller's
 * application in the state, `graph_permissions`, as if an administrator had consented to them. */
#include "bearer.h"
#include "graph.h"
#include "principals.h"
#include "tree.h"

#include <stdio.h>

#define READ_ALL "Application.Read.All"
#define WRITE_ALL "Application.ReadWrite.All"
#define WRITE_OWNED "Application.ReadWrite.OwnedBy"

/* UNVERIFIED words; the code is documented. */
static void challenge(struct graph_call *call, enum bearer_result result, const char *why)
{
    char message[512];
    http_reply_header(call->reply, "WWW-Authenticate",
                      "Bearer realm=\"\", authorization_uri=\"https://localhost:%u/common/oauth2/"
                      "authorize\", client_id=\"00000003-0000-0000-c000-000000000000\"",
                      (unsigned)call->emulator->services[SERVICE_ENTRA].port);
    switch (result) {
    case BEARER_MISSING:
        snprintf(message, sizeof(message), "Access token is empty.");
        break;
    case BEARER_WRONG_AUDIENCE:
        snprintf(message, sizeof(message), "Access token validation failure. Invalid audience.");
        break;
    case BEARER_WRONG_TENANT:
        snprintf(message, sizeof(message), "Access token validation failure. Invalid tenant.");
        break;
    default:
        snprintf(message, sizeof(message), "Access token validation failure: %s.", why);
        break;
    }
    graph_error(call, 401, "InvalidAuthenticationToken", message);
}

bool graph_authenticate(struct graph_call *call)
{
    char own[64];
    snprintf(own, sizeof(own), "https://localhost:%u",
             (unsigned)call->emulator->services[SERVICE_GRAPH].port);
    const char *audiences[] = {own, "https://graph.microsoft.com",
                               "00000003-0000-0000-c000-000000000000", NULL};
    struct bearer bearer;
    enum bearer_result result =
        bearer_check(call->emulator, call->tree, http_header(call->request, "Authorization"),
                     audiences, &bearer);
    call->claims = bearer.claims;
    if (result != BEARER_GOOD) {
        challenge(call, result, bearer.why);
    }
    return result == BEARER_GOOD;
}

static bool holds(struct graph_call *call, const char *permission)
{
    struct json_object *caller =
        principals_application(call->tree, "client_id", tree_string(call->claims, "appid", ""));
    return tree_has(caller, "graph_permissions", permission);
}

static void deny(struct graph_call *call)
{
    graph_error(call, 403, "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.");
}

/* With Application.ReadWrite.OwnedBy an application reads all others too. */
bool graph_may_read(struct graph_call *call)
{
    bool may = holds(call, READ_ALL) || holds(call, WRITE_ALL) || holds(call, WRITE_OWNED);
    if (!may) {
        deny(call);
    }
    return may;
}

bool graph_may_write(struct graph_call *call, struct json_object *application)
{
    bool owns = application == NULL ||
                tree_has(application, "owners", tree_string(call->claims, "oid", ""));
    bool may = holds(call, WRITE_ALL) || (holds(call, WRITE_OWNED) && owns);
    if (!may) {
        deny(call);
    }
    return may;
}
