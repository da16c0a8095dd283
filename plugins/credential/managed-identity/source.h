/* SPDX-License-Identifier: MIT */
/*
 * The places other than virtual machines where Azure gives a managed identity, each with an
 * endpoint of its own kind, found by the variables that the platform sets. The order is that of
 * Microsoft's authentication libraries.
 */
#ifndef MANAGED_IDENTITY_SOURCE_H
#define MANAGED_IDENTITY_SOURCE_H

#include <acsmtp/error.h>
#include <acsmtp/settings.h>

/* Names of the parameters that choose a user-assigned identity; NULL: it cannot be chosen so. */
struct source_selectors {
    const char *client_id, *object_id, *resource_id;
};

struct source {
    const char *name; /* for people, and the value of option "source" */
    const char *method;
    const char *api_version;    /* NULL: none */
    const char *endpoint;       /* option that says where it is */
    const char *secret;         /* option with what must be shown there, NULL: nothing */
    const char *secret_header;  /* and the header field that shows it */
    const char *default_client; /* option with the client id of the system-assigned one, or NULL */
    struct source_selectors selectors;
    int is_challenged; /* Azure Arc: proves that the caller may read a file */
    int is_pinned;     /* Service Fabric: TLS with a certificate that is known by its thumbprint */
};

/*
 * The source that the settings (and with them the environment) point to. UNAVAILABLE when there is
 * none; CONFIG when option "source" names one that lacks its endpoint.
 */
int source_choose(const struct acsmtp_settings *settings, const struct source **source,
                  struct acsmtp_error *err) ACSMTP_CHECK;

/* The option that chooses a user-assigned identity, NULL: the system-assigned one. */
const char *source_selected(const struct acsmtp_settings *settings);

/* How the source calls that option; NULL when it cannot be chosen so. */
const char *source_parameter(const struct source *source, const char *option);

#endif
