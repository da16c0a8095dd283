/* SPDX-License-Identifier: MIT */
/* What is to be provisioned: settings, defaults and derived names, checked before anything is sent.
 */
#ifndef ACS_PARAMETERS_H
#define ACS_PARAMETERS_H

#include <acsmtp/error.h>
#include <acsmtp/settings.h>
#include <stdint.h>

/*
 * All texts are borrowed from the settings or from `names`, never NULL unless it says so: a copy of
 * the structure points into the first one. Each was checked against the rules of the service that
 * will get it; no text needs escaping in a path of ARM, in JSON or in an OData literal.
 */
struct parameters {
    const char *subscription;       /* GUID */
    const char *resource_group;     /* 1-90 of [-\w._()], not ending in '.' */
    const char *location;           /* Azure region, [a-z0-9]; "East US" was made "eastus" */
    const char *data_location;      /* "United States" */
    const char *communication_name; /* ^[a-zA-Z]([0-9a-zA-Z-]{0,61}[0-9a-zA-Z])?$ */
    const char *email_name;         /* ^[a-zA-Z0-9-]{1,63}$ */
    const char *key_vault_name;     /* ^[a-zA-Z][a-zA-Z0-9-]{2,23}$, no "--", no '-' at the end */
    const char *identity_name;      /* ^[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}$ */
    /* Local parts of SMTP user names and senders: 1-64 of [a-zA-Z0-9-], no two the same. */
    const char *legacy_username;
    const char *modern_username;
    const char *identity_username; /* NULL: no SMTP user name is bound to the managed identity */
    const char *custom_domain;     /* lower case, no final dot; NULL: an Azure-managed domain */
    const char *domain_name;       /* the domain resource: "AzureManagedDomain" or custom_domain */
    const char *dns_server; /* ADDRESS, ADDRESS:PORT, [IPv6]:PORT to ask; NULL: the system's */
    int64_t secret_lifetime_ms;
    int64_t renew_before_ms; /* a secret that ends within this is renewed */
    int64_t rotate_grace_ms; /* how long a rotated secret stays valid beside the new one */
    int64_t wait_ms;         /* the longest wait for one state of the service */
    int64_t poll_ms;         /* between two looks when the service does not say */
    int purge_protection;
    int recover_key_vault; /* a soft-deleted namesake of this subscription is recovered */
    char names[1024];      /* where derived and normalised names live */
};

/* CONFIG, naming the option and the rule, when a value cannot work. Contacts nobody. */
int parameters_read(const struct acsmtp_settings *settings, struct parameters *parameters,
                    struct acsmtp_error *err) ACSMTP_CHECK;

#endif
