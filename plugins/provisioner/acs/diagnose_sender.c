/* SPDX-License-Identifier: MIT */
/*
 * Whether mail may come from the profile's address: its domain is linked to the service, verified,
 * and has the address among its senders. And how much of it: the limits that such a domain begins
 * with; what is used of them cannot be read.
 */
#include "diagnose.h"

#include "arm.h"

#include <stdio.h>
#include <string.h>

#define LINK_HINT                                                                                  \
    "Link the sender's domain to the Communication Services resource (Email, Domains, Connect "    \
    "domain; acsmtp provision apply)."
#define SENDER_HINT                                                                                \
    "Add it to the MailFrom addresses of the domain, or send from DoNotReply@ that domain."
#define VERIFY_HINT "Publish the DNS records and verify the domain: acsmtp provision verify."

/* The service of the user name; without one, one that is alone is meant. */
static const struct acsmtp_json *service_of(const struct diagnose *diagnose)
{
    if (diagnose->service)
        return diagnose->service;
    return acsmtp_json_length(diagnose->services) == 1 ? acsmtp_json_item(diagnose->services, 0)
                                                       : NULL;
}

static const char *mail_domain(const struct acsmtp_json *domain)
{
    const struct acsmtp_json *properties = acsmtp_json_get(domain, "properties");
    const char *name = acsmtp_json_string(properties, "mailFromSenderDomain");

    return name ? name : acsmtp_json_string(properties, "fromSenderDomain");
}

static int is_managed(const struct acsmtp_json *domain)
{
    return arm_same(acsmtp_json_string(acsmtp_json_get(domain, "properties"), "domainManagement"),
                    "AzureManaged");
}

/* ---- the link ---- */

/* The linked domain that mail of `name` comes from, for the caller to free; NULL when none is, or
 * *could_not_look. `linked` gets the names of those that are. */
static struct acsmtp_json *find_linked(const struct diagnose *diagnose,
                                       const struct acsmtp_json *service, const char *name,
                                       char *linked, size_t capacity, int *could_not_look)
{
    const struct acsmtp_json *ids =
        acsmtp_json_get(acsmtp_json_get(service, "properties"), "linkedDomains");
    size_t used = 0;

    linked[0] = '\0';
    for (size_t i = 0; i < acsmtp_json_length(ids); i++) {
        ACSMTP_AUTO_JSON struct acsmtp_json *domain = NULL;
        struct acsmtp_error err = ACSMTP_ERROR_INIT;
        const char *found;

        if (diagnose_get(diagnose, acsmtp_json_text(acsmtp_json_item(ids, i)),
                         VERSION_COMMUNICATION, &domain, &err) != ACSMTP_OK) {
            diagnose_unknown(diagnose, "domain-linked", name, "%s", err.message);
            *could_not_look = 1;
            continue;
        }
        found = mail_domain(domain);
        if (arm_same(found, name))
            return ACSMTP_STEAL(struct acsmtp_json, domain);
        if (found && used < capacity)
            used +=
                (size_t)snprintf(linked + used, capacity - used, "%s%s", used ? ", " : "", found);
    }
    return NULL;
}

/* ---- verification ---- */

static void look_at_verification(const struct diagnose *diagnose, const struct acsmtp_json *domain)
{
    static const char *const purposes[] = {"Domain", "SPF", "DKIM", "DKIM2"};
    const struct acsmtp_json *states =
        acsmtp_json_get(acsmtp_json_get(domain, "properties"), "verificationStates");
    const char *name = mail_domain(domain);
    char text[200] = "";
    size_t used = 0;

    if (is_managed(domain)) {
        diagnose_good(diagnose, "domain-verified", name, "an Azure-managed domain needs no proof");
        return;
    }
    for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++) {
        const char *state = acsmtp_json_string(acsmtp_json_get(states, purposes[i]), "status");

        if (!arm_same(state, "Verified") && used < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s is %.30s",
                                     used ? ", " : "", purposes[i], state ? state : "not told");
    }
    if (used)
        diagnose_bad(diagnose, "domain-verified", name, VERIFY_HINT, "%s", text);
    else
        diagnose_good(diagnose, "domain-verified", name, "Domain, SPF, DKIM and DKIM2");
}

/* ---- the address ---- */

static int has_sender(const struct acsmtp_json *senders, const char *local, size_t size)
{
    for (size_t i = 0; i < acsmtp_json_length(senders); i++) {
        const struct acsmtp_json *properties =
            acsmtp_json_get(acsmtp_json_item(senders, i), "properties");
        const char *name = acsmtp_json_string(properties, "username");

        if (name && strlen(name) == size && strncasecmp(name, local, size) == 0)
            return 1;
    }
    return 0;
}

static void look_at_address(const struct diagnose *diagnose, const struct acsmtp_json *domain)
{
    const char *sender = diagnose->request->sender;
    size_t size = (size_t)(strrchr(sender, '@') - sender);
    ACSMTP_AUTO_JSON struct acsmtp_json *senders = NULL;
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    if (diagnose_list(diagnose, acsmtp_json_string(domain, "id"), "senderUsernames",
                      VERSION_COMMUNICATION, &senders, &err) != ACSMTP_OK)
        diagnose_unknown(diagnose, "sender", sender, "%s", err.message);
    else if (has_sender(senders, sender, size))
        diagnose_good(diagnose, "sender", sender, "among the MailFrom addresses of its domain");
    else
        diagnose_bad(diagnose, "sender", sender, SENDER_HINT,
                     "not among the %zu MailFrom addresses of its domain",
                     acsmtp_json_length(senders));
}

/* No interface tells the quota; the documented limits are those that every subscription has. */
static void tell_quota(const struct diagnose *diagnose, const struct acsmtp_json *domain)
{
    diagnose_unknown(diagnose, "quota", mail_domain(domain), "what is used cannot be read; %s",
                     is_managed(domain)
                         ? "an Azure-managed domain has 5 mails a minute and 10 an hour"
                         : "a custom domain begins with 30 mails a minute and 100 an hour");
}

static void look_at_domain(const struct diagnose *diagnose, const struct acsmtp_json *service,
                           const char *name)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *domain = NULL;
    int could_not_look = 0;
    char linked[400];

    domain = find_linked(diagnose, service, name, linked, sizeof linked, &could_not_look);
    if (domain) {
        diagnose_good(diagnose, "domain-linked", name, "linked to %s", diagnose_name(service));
        look_at_verification(diagnose, domain);
        look_at_address(diagnose, domain);
        tell_quota(diagnose, domain);
    } else if (!could_not_look) {
        diagnose_bad(diagnose, "domain-linked", name, LINK_HINT, "not linked to %s; linked %s: %s",
                     diagnose_name(service), strchr(linked, ',') ? "are" : "is",
                     linked[0] ? linked : "nothing");
    }
}

void diagnose_sender(const struct diagnose *diagnose)
{
    const struct acsmtp_json *service = service_of(diagnose);
    const char *sender = diagnose->request->sender;
    const char *at = sender ? strrchr(sender, '@') : NULL;

    if (!at)
        diagnose_unknown(diagnose, "sender", sender, "the profile has no sender address (from)");
    else if (!service)
        diagnose_unknown(diagnose, "domain-linked", at + 1,
                         "not looked at without the service that the user name belongs to");
    else
        look_at_domain(diagnose, service, at + 1);
}
