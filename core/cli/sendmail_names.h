/* SPDX-License-Identifier: MIT */
/*
 * Names without a domain ("root"), which sendmail's callers write and no submission server knows:
 * whose they are says "sendmail" in the profile,
 *
 *	"sendmail": { "aliases": { "root": "ops@example.org, ann@example.org", "*":
 *"ops@example.org" }, "domain": "example.org", "set_from": true }
 *
 * A recipient is looked up among the aliases ("*" stands for everybody who is not there), else it
 * gets the domain, else it is refused: a mail to a host name that nobody reads would be lost.
 * "user@localhost" is "user". In header fields a name gets the domain, else that of the profile's
 * "from", else this host's name.
 */
#ifndef SENDMAIL_NAMES_H
#define SENDMAIL_NAMES_H

#include "recipients.h"
#include <acsmtp/driver.h>

struct sendmail_names {
    const char *domain;                /* borrowed from the driver, or NULL */
    const struct acsmtp_json *aliases; /* the same */
    const char *from;                  /* the same: the profile's "from" as it stands there */
    int set_from;                      /* every author becomes the profile's "from" */
    char *address;                     /* the address in `from`, or NULL */
    char *host;                        /* what names in header fields get */
    char *user;                        /* who runs this process: "www-data" */
};

/* Read the profile. To be released in either case. */
int sendmail_names_read(struct sendmail_names *names, const struct acsmtp_driver *driver,
                        struct acsmtp_error *err) ACSMTP_CHECK;
void sendmail_names_release(struct sendmail_names *names);

/*
 * Add every recipient of a list. REJECTED with EXITCODE_NO_USER for a local name that is nobody's.
 * `where` ("argument", "field Cc") is named in a failure.
 */
int sendmail_names_recipients(struct sendmail_names *names, const char *list, const char *where,
                              struct recipients *recipients, struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * The address of a sender given by -f, or of nobody in particular (NULL): for free(3), NULL when
 * memory fails or the address is none. "" and "<>" are the null reverse-path.
 */
char *sendmail_names_sender(struct sendmail_names *names, const char *given,
                            struct acsmtp_error *err);

/* The rewriters of header fields (sendmail_list.h), `data` is the names. */
int sendmail_names_qualify(void *data, const char *address, char **replacement,
                           struct acsmtp_error *err);
int sendmail_names_author(void *data, const char *address, char **replacement,
                          struct acsmtp_error *err);

#endif
