/* SPDX-License-Identifier: MIT */
/* Which service knows the SMTP user name, and whose application it is bound to; see diagnose.h. */
#include "diagnose.h"

#include "arm.h"
#include "guid.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- telling ---- */

ACSMTP_PRINTF(3, 0)
static void tell(const struct diagnose *diagnose, struct acsmtp_finding *finding,
                 const char *format, va_list args)
{
    char text[1024];

    (void)vsnprintf(text, sizeof text, format, args);
    finding->elapsed_ms = -1;
    acsmtp_tell(diagnose->sink, finding, "%s", text);
}

void diagnose_good(const struct diagnose *diagnose, const char *check, const char *subject,
                   const char *format, ...)
{
    struct acsmtp_finding finding = {.check = check, .subject = subject};
    va_list args;

    va_start(args, format);
    tell(diagnose, &finding, format, args);
    va_end(args);
}

void diagnose_unknown(const struct diagnose *diagnose, const char *check, const char *subject,
                      const char *format, ...)
{
    struct acsmtp_finding finding = {
        .grade = ACSMTP_GRADE_UNKNOWN, .check = check, .subject = subject};
    va_list args;

    va_start(args, format);
    tell(diagnose, &finding, format, args);
    va_end(args);
}

void diagnose_warning(const struct diagnose *diagnose, const char *check, const char *subject,
                      const char *hint, const char *format, ...)
{
    struct acsmtp_finding finding = {
        .grade = ACSMTP_GRADE_WARNING, .check = check, .subject = subject, .hint = hint};
    va_list args;

    va_start(args, format);
    tell(diagnose, &finding, format, args);
    va_end(args);
}

void diagnose_bad(const struct diagnose *diagnose, const char *check, const char *subject,
                  const char *hint, const char *format, ...)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_finding finding = {
        .grade = ACSMTP_GRADE_BAD, .check = check, .subject = subject, .hint = hint, .error = &err};
    va_list args;

    err.status = ACSMTP_DENIED; /* the class of what the SMTP server will say */
    va_start(args, format);
    tell(diagnose, &finding, format, args);
    va_end(args);
}

/* ---- asking ---- */

const char *diagnose_name(const struct acsmtp_json *resource)
{
    const char *name = acsmtp_json_string(resource, "name");

    return name ? name : "?";
}

/* Ids come back from Azure and go out again in paths. */
static int is_id(const char *id)
{
    static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.()/";

    return id && strncmp(id, "/subscriptions/", 15) == 0 && strlen(id) < ARM_ID_MAX &&
           strspn(id, allowed) == strlen(id) && !strstr(id, "..");
}

static int fail_id(struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "Azure names a resource by what is no resource id");
}

int diagnose_list(const struct diagnose *diagnose, const char *id, const char *below,
                  const char *version, struct acsmtp_json **items, struct acsmtp_error *err)
{
    char target[ARM_ID_MAX + 256];

    if (!is_id(id))
        return fail_id(err);
    (void)snprintf(target, sizeof target, "%s/%s%sapi-version=%s", id, below,
                   strchr(below, '?') ? "&" : "?", version);
    return client_list(diagnose->client, diagnose->context, CLIENT_ARM, target, items, err);
}

int diagnose_get(const struct diagnose *diagnose, const char *id, const char *version,
                 struct acsmtp_json **json, struct acsmtp_error *err)
{
    char target[ARM_ID_MAX + 64];

    if (!is_id(id))
        return fail_id(err);
    (void)snprintf(target, sizeof target, "%s?api-version=%s", id, version);
    return client_get(diagnose->client, diagnose->context, CLIENT_ARM, target, json, err);
}

/* ---- the user name ---- */

static void keep_application(struct diagnose *diagnose, const char *guid)
{
    (void)snprintf(diagnose->application, sizeof diagnose->application, "%s",
                   guid && guid_is(guid) ? guid : "");
}

/* "SERVICE.APPLICATION.TENANT", or with '|': the older form, which needs no resource. */
static int is_older_form(struct diagnose *diagnose, const struct acsmtp_json *service)
{
    const char *username = diagnose->request->username;
    const char *name = diagnose_name(service);
    size_t size = strlen(name);
    char guid[37];

    if (strncasecmp(username, name, size) != 0 || !strchr(".|", username[size]) ||
        strlen(username) != size + 1 + 36 + 1 + 36)
        return 0;
    (void)snprintf(guid, sizeof guid, "%.36s", username + size + 1);
    keep_application(diagnose, guid);
    return diagnose->application[0] != '\0';
}

static int is_named(struct diagnose *diagnose, const struct acsmtp_json *usernames)
{
    for (size_t i = 0; i < acsmtp_json_length(usernames); i++) {
        const struct acsmtp_json *properties =
            acsmtp_json_get(acsmtp_json_item(usernames, i), "properties");

        if (!arm_same(acsmtp_json_string(properties, "username"), diagnose->request->username))
            continue;
        keep_application(diagnose, acsmtp_json_string(properties, "entraApplicationId"));
        return 1;
    }
    return 0;
}

/* 1 when this service knows the name. A service that does not tell is told. */
static int knows_username(struct diagnose *diagnose, const struct acsmtp_json *service)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *usernames = NULL;
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    if (is_older_form(diagnose, service))
        return 1;
    if (diagnose_list(diagnose, acsmtp_json_string(service, "id"), "smtpUsernames",
                      VERSION_COMMUNICATION, &usernames, &err) == ACSMTP_OK)
        return is_named(diagnose, usernames);
    diagnose_unknown(diagnose, "smtp-username", diagnose_name(service), "%s", err.message);
    return 0;
}

static void compare_application(const struct diagnose *diagnose)
{
    const char *username = diagnose->request->username;
    const char *shown = diagnose->request->client_id;

    if (!shown)
        diagnose_good(diagnose, "smtp-username", username,
                      "known to %s, bound to application %s: the password must be a secret of it",
                      diagnose_name(diagnose->service), diagnose->application);
    else if (arm_same(shown, diagnose->application))
        diagnose_good(diagnose, "smtp-username", username,
                      "known to %s, bound to the token's application",
                      diagnose_name(diagnose->service));
    else
        /* Whether ACS accepts it all the same is UNVERIFIED, above all for managed identities. */
        diagnose_bad(diagnose, "smtp-username", username,
                     "Use the user name that is bound to the token's application, or bind this one "
                     "to it (az communication smtp-username update).",
                     "bound to application %s, but the token is of %s", diagnose->application,
                     shown);
}

static void look_at_username(struct diagnose *diagnose)
{
    const char *username = diagnose->request->username;

    if (!username) {
        diagnose_unknown(diagnose, "smtp-username", NULL, "the profile has no user name");
        return;
    }
    for (size_t i = 0; i < acsmtp_json_length(diagnose->services); i++) {
        const struct acsmtp_json *service = acsmtp_json_item(diagnose->services, i);

        if (knows_username(diagnose, service)) {
            diagnose->service = service;
            compare_application(diagnose);
            return;
        }
    }
    diagnose_bad(diagnose, "smtp-username", username,
                 "Make an SMTP user name for the application (Communication Services, SMTP "
                 "usernames; acsmtp provision apply), or correct \"username\" in the profile.",
                 "no communication service of the subscription knows it");
}

/* ---- all of it ---- */

static int find_services(struct diagnose *diagnose, struct acsmtp_error *err)
{
    char id[128];

    (void)snprintf(id, sizeof id, "/subscriptions/%s", diagnose->subscription);
    return diagnose_list(diagnose, id, "providers/Microsoft.Communication/communicationServices",
                         VERSION_COMMUNICATION, &diagnose->services, err);
}

static void look(struct diagnose *diagnose)
{
    look_at_username(diagnose);
    if (diagnose->service && diagnose->application[0])
        diagnose_role(diagnose);
    else
        diagnose_unknown(diagnose, "role", NULL, "not looked at without the SMTP user name");
    diagnose_sender(diagnose);
}

int diagnose_run(const struct acsmtp_settings *settings, const char *subscription,
                 struct acsmtp_context *context, const struct acsmtp_diagnose_request *request,
                 const struct acsmtp_finding_sink *sink, struct acsmtp_error *err)
{
    struct diagnose diagnose = {
        .context = context, .subscription = subscription, .request = request, .sink = sink};
    int status = client_new(settings, &diagnose.client, err);

    if (status != ACSMTP_OK)
        return status;
    client_set_read_only(diagnose.client, 1);
    status = find_services(&diagnose, err);
    if (status == ACSMTP_OK)
        look(&diagnose);
    acsmtp_json_free(diagnose.services);
    client_free(diagnose.client);
    return status;
}
