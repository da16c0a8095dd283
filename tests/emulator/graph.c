/* SPDX-License-Identifier: MIT */
/* Microsoft Graph, of which nothing is known yet but its door and its error shape. */
#include "bearer.h"
#include "emulator.h"

#include <stdio.h>

void graph_handle(struct emulator *emulator, const struct http_request *request,
                  struct http_reply *reply)
{
    char own[64];
    snprintf(own, sizeof(own), "https://localhost:%u",
             (unsigned)emulator->services[SERVICE_GRAPH].port);
    const char *audiences[] = {own, "https://graph.microsoft.com", NULL};
    struct bearer bearer;
    struct json_object *state = state_acquire(&emulator->state);
    enum bearer_result result =
        bearer_check(emulator, state, http_header(request, "Authorization"), audiences, &bearer);
    if (result == BEARER_GOOD) {
        http_reply_error(reply, 404, "Request_ResourceNotFound", NULL,
                         "The requested resource does not exist in this emulator.");
    } else {
        http_reply_error(reply, 401, "InvalidAuthenticationToken", NULL,
                         "The access token is missing or invalid.");
    }
    json_object_put(bearer.claims);
    state_give_back(&emulator->state, state);
}
