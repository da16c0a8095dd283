/* SPDX-License-Identifier: MIT */
/*
 * Which variables the process sees from its start, beside those that acsmtp_process_environment()
 * always takes. Those of the plugin's options come with its settings. None of these is a secret.
 */
#include "isolate_call.h"
#include <acsmtp/process.h>

/* The ways to a server, and its trust. */
static const char *const always[] = {
    "http_proxy",   "https_proxy",        "HTTP_PROXY",
    "HTTPS_PROXY",  "all_proxy",          "ALL_PROXY",
    "no_proxy",     "NO_PROXY",           "SSL_CERT_FILE",
    "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "OPENSSL_CONF", "SOURCE_DATE_EPOCH",  "DBUS_SESSION_BUS_ADDRESS",
    "RES_OPTIONS",  "LOCALDOMAIN",        "LD_LIBRARY_PATH",
};

/* Where the tools that hold logins and secrets have them, and how they are configured. */
static const char *const of_programs[] = {
    "AZURE_CONFIG_DIR", "AZURE_CORE_*", "AZURE_EXTENSION_DIR", "AZURE_CLOUD_NAME",
    "ACC_CLOUD",        "AZD_*",        "PSModulePath",        "GNUPGHOME",
    "GPG_TTY",          "VAULT_ADDR",   "VAULT_NAMESPACE",     "VAULT_CACERT",
    "PASSWORD_STORE_*", "DISPLAY",      "WAYLAND_DISPLAY",     "SSH_AUTH_SOCK",
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

char **isolate_environment(const struct isolate_policy *policy)
{
    const char *names[COUNT(always) + COUNT(of_programs) + ISOLATE_ITEMS_MAX + 1];
    size_t count = 0, i;

    for (i = 0; i < COUNT(always); i++)
        names[count++] = always[i];
    for (i = 0; (policy->allow & ALLOW_EXEC) && i < COUNT(of_programs); i++)
        names[count++] = of_programs[i];
    for (i = 0; policy->environment && policy->environment[i] && i < ISOLATE_ITEMS_MAX; i++)
        names[count++] = policy->environment[i];
    names[count] = NULL;
    return acsmtp_process_environment(names, NULL);
}
