/* SPDX-License-Identifier: MIT */
/*
 * What the files of the cloud share: cloud.c has the tables, cloud_form.c checks single values,
 * cloud_read.c reads descriptions.
 */
#ifndef CLOUD_PRIVATE_H
#define CLOUD_PRIVATE_H

#include "cloud.h"
#include "digest.h"

enum cloud_form {
    FORM_URL,    /* https, or http to this machine or a link-local address */
    FORM_HOST,   /* a name or address, "host:port" allowed */
    FORM_PORT,   /* 1 to 65535 */
    FORM_SCOPE,  /* visible ASCII */
    FORM_TENANT, /* an id or a domain */
    FORM_PATH
};

int cloud_has_form(enum cloud_form form, const char *text);

/* "a host name or address": what a value of this form must be. */
const char *cloud_form_text(enum cloud_form form);

enum {
    CLOUD_AUTHORITY_HOST,
    CLOUD_RESOURCE_MANAGER,
    CLOUD_GRAPH,
    CLOUD_KEY_VAULT_DOMAIN,
    CLOUD_IMDS,
    CLOUD_EMAIL_DOMAIN,
    CLOUD_SMTP_HOST,
    CLOUD_SMTP_PORT,
    CLOUD_CA_FILE,
    CLOUD_TENANT_ID,
    CLOUD_SCOPE,
    CLOUD_ENDPOINTS
};

struct cloud_endpoint {
    const char *name;   /* for acsmtp_context_endpoint() */
    const char *object; /* the member of a description that the value is a member of, or NULL */
    const char *key;    /* its key there */
    enum cloud_form form;
};

extern const struct cloud_endpoint cloud_endpoints[CLOUD_ENDPOINTS];

/* What a description may hold besides endpoints. */
enum { CLOUD_OTHER_KEYS = 6 };
extern const char *const cloud_other_keys[CLOUD_OTHER_KEYS];

struct cloud {
    char *values[CLOUD_ENDPOINTS];
    char digest[DIGEST_HEX];
};

/* Put a value that has its form in its place; a '/' at the end of a URL goes. */
int cloud_set_value(struct cloud *cloud, size_t index, const char *text, struct acsmtp_error *err);

/* All that is known of a cloud of this name; UNAVAILABLE, and nothing in `err`, if none has it. */
int cloud_set_base(struct cloud *cloud, const char *name, struct acsmtp_error *err);

/* The names of the clouds; how many. */
#define CLOUD_NAMES_MAX 8
size_t cloud_names(const char *names[CLOUD_NAMES_MAX]);

/* Read what cloud_open() was given. */
int cloud_read(struct cloud *cloud, const struct acsmtp_json *value, struct acsmtp_error *err);

#endif
