/* SPDX-License-Identifier: MIT */
/* Reading a domain resource; see verified.h. */
#include "verified.h"

#include "arm.h"

#include <stdio.h>
#include <string.h>

/* It becomes part of user names, of configs and of what people read. */
static int is_host_name(const char *text)
{
    static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-";
    size_t size = strlen(text);

    return size > 0 && size < 254 && strspn(text, allowed) == size && text[0] != '.' &&
           text[0] != '-' && text[size - 1] != '.' && !strstr(text, "..");
}

int verified_keep(struct deployment *deployment, struct acsmtp_json *json, struct acsmtp_error *err)
{
    const struct acsmtp_json *properties;
    const char *name;

    acsmtp_json_free(deployment->domain);
    deployment->domain = json;
    properties = acsmtp_json_get(json, "properties");
    name = acsmtp_json_string(properties, "mailFromSenderDomain");
    if (!name)
        name = acsmtp_json_string(properties, "fromSenderDomain");
    if (!name)
        name = deployment->parameters->custom_domain;
    if (name && !is_host_name(name))
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "the domain's mailFromSenderDomain is no name");
    (void)snprintf(deployment->mail_domain, sizeof deployment->mail_domain, "%s", name ? name : "");
    deployment->is_verified = name && arm_same(verified_state(deployment, "Domain"), "Verified");
    return ACSMTP_OK;
}

int verified_refresh(struct deployment *deployment, struct acsmtp_context *context,
                     struct acsmtp_error *err)
{
    struct acsmtp_json *json = NULL;
    int status =
        arm_get(deployment, context, deployment->domain_id, VERSION_COMMUNICATION, &json, err);

    if (status == ACSMTP_OK && !json)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the domain '%s' does not exist: run apply first, which adds it",
                           deployment->parameters->domain_name);
    if (status == ACSMTP_OK)
        status = verified_keep(deployment, json, err);
    return status;
}

static const struct acsmtp_json *find_state(const struct deployment *deployment,
                                            const char *purpose)
{
    const struct acsmtp_json *properties = acsmtp_json_get(deployment->domain, "properties");

    return acsmtp_json_get(acsmtp_json_get(properties, "verificationStates"), purpose);
}

const char *verified_state(const struct deployment *deployment, const char *purpose)
{
    const char *state = acsmtp_json_string(find_state(deployment, purpose), "status");

    return state ? state : "";
}

const char *verified_problem(const struct deployment *deployment, const char *purpose)
{
    const char *problem = acsmtp_json_string(find_state(deployment, purpose), "errorCode");

    return problem && !arm_same(problem, "None") ? problem : "";
}
