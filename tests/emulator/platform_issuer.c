/* SPDX-License-Identifier: MIT */
/* Build services that give the job on them a token of its own: GitHub Actions and Azure Pipelines,
 * for the federated credentials "github" and "pipelines" of the application modern-client. */
#include "federation.h"
#include "platform.h"

#include "text.h"
#include "tree.h"

#include <stdlib.h>
#include <string.h>

enum { LIFETIME = 300 };

static bool bears_secret(const struct platform_call *call)
{
    const char *shown = http_header(call->request, "Authorization");
    return shown != NULL && text_has_prefix(shown, "Bearer ") &&
           text_secret_equal(shown + strlen("Bearer "), tree_string(call->switches, "secret", ""));
}

static void answer(const struct platform_call *call, const char *credential, const char *member)
{
    struct json_object *application = tree_get(call->state, "applications", "modern-client", NULL);
    char *token = federation_issue(&call->emulator->tokens, application, credential, LIFETIME);
    if (token == NULL) {
        http_reply_error(call->reply, 404, "NotFound", NULL, "there is no such credential");
        return;
    }
    struct json_object *json = json_object_new_object();
    tree_set_string(json, member, token);
    free(token);
    http_reply_json(call->reply, 200, json);
}

void platform_github(const struct platform_call *call)
{
    const char *audience = form_get(call->parameters, "audience");
    if (!bears_secret(call)) {
        platform_refuse(call, "the job's token is missing or wrong");
        http_reply_error(call->reply, 401, "Unauthorized", NULL, "Unauthorized");
    } else if (strcmp(call->request->method, "GET") != 0 || audience == NULL ||
               strcmp(audience, "api://AzureADTokenExchange") != 0) {
        platform_refuse(call, "method or audience");
        http_reply_error(call->reply, 400, "BadRequest", NULL, "the audience is missing");
    } else {
        answer(call, "github", "value");
    }
}

/* Without the header the real service redirects to a page where a person may sign in. */
void platform_pipelines(const struct platform_call *call)
{
    const char *version = http_query(call->request, "api-version");
    const char *connection = http_query(call->request, "serviceConnectionId");
    const char *redirect = http_header(call->request, "X-TFS-FedAuthRedirect");
    if (!bears_secret(call) && (redirect == NULL || strcmp(redirect, "Suppress") != 0)) {
        http_reply_header(call->reply, "Location", "https://login.microsoftonline.com/");
        http_reply_error(call->reply, 302, "Found", NULL, "sign in");
    } else if (!bears_secret(call)) {
        platform_refuse(call, "the job's token is missing or wrong");
        http_reply_error(call->reply, 401, "Unauthorized", NULL, "Unauthorized");
    } else if (strcmp(call->request->method, "POST") != 0 || version == NULL ||
               strcmp(version, "7.1") != 0 || connection == NULL || connection[0] == '\0') {
        platform_refuse(call, "method, api-version or serviceConnectionId");
        http_reply_error(call->reply, 400, "BadRequest", NULL, "a parameter is missing");
    } else {
        answer(call, "pipelines", "oidcToken");
    }
}
