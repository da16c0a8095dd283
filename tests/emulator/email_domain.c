/* SPDX-License-Identifier: MIT */
/* States and DNS records of a new e-mail domain; see email_domain.h. The form is that of a recorded
 * reply: five states but four records, absolute names for Domain and SPF, relative ones for DKIM.
 */
#include "email_domain.h"

#include "text.h"
#include "tree.h"

#include <stdio.h>

enum { RECORD_TTL = 3600 };

const char *const EMAIL_DOMAIN_VERIFICATIONS[] = {"Domain", "SPF", "DKIM", "DKIM2", "DMARC", NULL};

static void add_record(struct json_object *records, const char *verification, const char *type,
                       const char *name, const char *value)
{
    struct json_object *record = tree_set_object(records, verification);
    tree_set_string(record, "type", type);
    tree_set_string(record, "name", name);
    tree_set_string(record, "value", value);
    tree_set_int(record, "ttl", RECORD_TTL);
}

static void add_records(struct json_object *records, const char *domain)
{
    char uuid[TEXT_UUID_SIZE];
    char value[128];
    text_uuid(uuid);
    snprintf(value, sizeof(value), "ms-domain-verification=%s", uuid);
    add_record(records, "Domain", "TXT", domain, value);
    add_record(records, "SPF", "TXT", domain, "v=spf1 include:spf.protection.outlook.com -all");
    for (int i = 1; i <= 2; i++) {
        char name[64];
        snprintf(name, sizeof(name), "selector%d-azurecomm-prod-net._domainkey", i);
        snprintf(value, sizeof(value), "%s.azurecomm.net", name);
        add_record(records, i == 1 ? "DKIM" : "DKIM2", "CNAME", name, value);
    }
}

struct json_object *email_domain_properties(const char *domain, const char *data_location,
                                            const char *management, bool verified)
{
    struct json_object *properties = json_object_new_object();
    tree_set_string(properties, "provisioningState", "Succeeded");
    tree_set_string(properties, "dataLocation", data_location);
    tree_set_string(properties, "fromSenderDomain", domain);
    tree_set_string(properties, "mailFromSenderDomain", domain);
    tree_set_string(properties, "domainManagement", management);
    struct json_object *states = tree_set_object(properties, "verificationStates");
    for (size_t i = 0; EMAIL_DOMAIN_VERIFICATIONS[i] != NULL; i++) {
        tree_set_string(tree_set_object(states, EMAIL_DOMAIN_VERIFICATIONS[i]), "status",
                        verified ? "Verified" : "NotStarted");
    }
    /* UNVERIFIED: no GET of a managed domain was recorded; it has nobody to publish records. */
    struct json_object *records = tree_set_object(properties, "verificationRecords");
    if (!verified) {
        add_records(records, domain);
    }
    tree_set_string(properties, "userEngagementTracking", "Disabled");
    return properties;
}
