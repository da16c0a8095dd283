/* SPDX-License-Identifier: MIT */
/* What the value of a cloud's endpoint may look like. */
#ifndef CLOUD_FORM_H
#define CLOUD_FORM_H

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

#endif
