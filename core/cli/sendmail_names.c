/* SPDX-License-Identifier: MIT */
/* Local names and what becomes of them, see sendmail_names.h. */
#include "sendmail_names.h"
#include "exitcode.h"
#include "sendmail_list.h"
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { HOST_MAX = 256 };

static int out_of_memory(struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
}

static const char *domain_of(const char *address)
{
    const char *at = address ? strrchr(address, '@') : NULL;

    return at ? at + 1 : NULL;
}

/* ---- reading ---- */

static int keep_address(void *data, const char *address, struct acsmtp_error *err)
{
    char **kept = data;

    if (*kept)
        return acsmtp_fail(err, ACSMTP_REJECTED, "more than one address");
    *kept = strdup(address);
    return *kept ? ACSMTP_OK : out_of_memory(err);
}

static char *user_dup(void)
{
    const struct passwd *entry = getpwuid(getuid());
    char number[24];

    if (entry && entry->pw_name[0])
        return strdup(entry->pw_name);
    (void)snprintf(number, sizeof number, "uid%lu", (unsigned long)getuid());
    return strdup(number);
}

static char *host_dup(const struct sendmail_names *names)
{
    char host[HOST_MAX] = "localhost";
    const char *best = names->domain ? names->domain : domain_of(names->address);

    if (!best && gethostname(host, sizeof host) == 0)
        host[sizeof host - 1] = '\0';
    return strdup(best ? best : host);
}

static int read_from(struct sendmail_names *names, struct acsmtp_error *err)
{
    struct acsmtp_error why = ACSMTP_ERROR_INIT;

    if (!names->from ||
        acsmtp_address_list(names->from, keep_address, &names->address, &why) == ACSMTP_OK)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG, "\"from\" of the profile: %s", why.message);
}

static int count_address(void *data, const char *address, struct acsmtp_error *err)
{
    size_t *count = data;

    (void)address;
    (void)err;
    ++*count;
    return ACSMTP_OK;
}

static int check_alias(const char *name, const char *list, struct acsmtp_error *err)
{
    struct acsmtp_error why = ACSMTP_ERROR_INIT;
    size_t count = 0;

    if (acsmtp_address_list(list, count_address, &count, &why) == ACSMTP_OK && count)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG, "alias '%.64s' of \"sendmail\": %s", name,
                       why.status ? why.message : "no address");
}

/* A slip in the config is told before a message of somebody's is refused for it. */
static int check_section(const struct sendmail_names *names, struct acsmtp_error *err)
{
    struct acsmtp_error why = ACSMTP_ERROR_INIT;
    char address[HOST_MAX + sizeof "user@"];
    const char *key;

    (void)snprintf(address, sizeof address, "user@%s", names->domain ? names->domain : "domain");
    if (acsmtp_address_check(address, &why) != ACSMTP_OK)
        return acsmtp_fail(err, ACSMTP_CONFIG, "\"domain\" of \"sendmail\": %s", why.message);
    for (size_t i = 0; (key = acsmtp_json_key(names->aliases, i)); i++)
        if (check_alias(key, acsmtp_json_string(names->aliases, key), err) != ACSMTP_OK)
            return err->status;
    if (names->set_from && !names->address)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "\"sendmail\" has \"set_from\", but the profile has no \"from\"");
    return ACSMTP_OK;
}

int sendmail_names_read(struct sendmail_names *names, const struct acsmtp_driver *driver,
                        struct acsmtp_error *err)
{
    const struct acsmtp_json *section = acsmtp_driver_profile_value(driver, "sendmail");

    names->domain = acsmtp_json_string(section, "domain");
    names->aliases = acsmtp_json_get(section, "aliases");
    names->set_from = acsmtp_json_true(section, "set_from");
    names->from = acsmtp_driver_profile_string(driver, "from");
    if (read_from(names, err) != ACSMTP_OK || check_section(names, err) != ACSMTP_OK)
        return err->status;
    names->host = host_dup(names);
    names->user = user_dup();
    return names->host && names->user ? ACSMTP_OK : out_of_memory(err);
}

void sendmail_names_release(struct sendmail_names *names)
{
    free(names->address);
    free(names->host);
    free(names->user);
    *names = (struct sendmail_names){0};
}

/* ---- local names ---- */

/* The bytes of a name that belongs to this machine; 0 when the address has a real domain. */
static size_t local_size(const char *address)
{
    const char *at = strrchr(address, '@');

    if (!sendmail_has_domain(address))
        return strlen(address);
    return strcasecmp(at + 1, "localhost") == 0 ? (size_t)(at - address) : 0;
}

/* Letter case does not count, as in every aliases(5). */
static const char *alias_of(const struct sendmail_names *names, const char *name, size_t size)
{
    const char *key;

    for (size_t i = 0; (key = acsmtp_json_key(names->aliases, i)); i++)
        if (strlen(key) == size && strncasecmp(key, name, size) == 0)
            return acsmtp_json_string(names->aliases, key);
    return acsmtp_json_string(names->aliases, "*");
}

static int set_qualified(char **replacement, const char *name, size_t size, const char *domain,
                         struct acsmtp_error *err)
{
    if (asprintf(replacement, "%.*s@%s", (int)size, name, domain) >= 0)
        return ACSMTP_OK;
    *replacement = NULL;
    return out_of_memory(err);
}

static int replace_recipient(void *data, const char *address, char **replacement,
                             struct acsmtp_error *err)
{
    const struct sendmail_names *names = data;
    size_t size = local_size(address);
    const char *alias = size ? alias_of(names, address, size) : NULL;

    if (!size)
        return ACSMTP_OK;
    if (alias) {
        *replacement = strdup(alias);
        return *replacement ? ACSMTP_OK : out_of_memory(err);
    }
    if (names->domain)
        return set_qualified(replacement, address, size, names->domain, err);
    acsmtp_error_server(err, 0, EXITCODE_NO_USER, NULL);
    return acsmtp_fail(err, ACSMTP_REJECTED,
                       "'%.64s' has no domain; say in the profile whose name it is: \"sendmail\": "
                       "{\"aliases\": {\"%.*s\": ADDRESS}} or {\"domain\": DOMAIN}",
                       address, size < 64 ? (int)size : 64, address);
}

int sendmail_names_recipients(struct sendmail_names *names, const char *list, const char *where,
                              struct recipients *recipients, struct acsmtp_error *err)
{
    char *rewritten = NULL;
    int status;

    if (sendmail_list_rewrite(list, replace_recipient, names, &rewritten, err) != ACSMTP_OK) {
        acsmtp_error_prefix(err, "%s", where);
        return err->status;
    }
    status = recipients_add(recipients, rewritten, where, err);
    free(rewritten);
    return status;
}

/* ---- header fields ---- */

int sendmail_names_qualify(void *data, const char *address, char **replacement,
                           struct acsmtp_error *err)
{
    const struct sendmail_names *names = data;

    if (sendmail_has_domain(address))
        return ACSMTP_OK;
    return set_qualified(replacement, address, strlen(address), names->host, err);
}

int sendmail_names_author(void *data, const char *address, char **replacement,
                          struct acsmtp_error *err)
{
    const struct sendmail_names *names = data;

    if (!names->address || (!names->set_from && local_size(address) == 0))
        return sendmail_names_qualify(data, address, replacement, err);
    *replacement = strdup(names->address);
    return *replacement ? ACSMTP_OK : out_of_memory(err);
}

/* ---- the sender ---- */

static char *address_dup(const char *text, struct acsmtp_error *err)
{
    char *address = NULL;

    if (acsmtp_address_list(text, keep_address, &address, err) == ACSMTP_OK && address)
        return address;
    (void)acsmtp_fail(err, ACSMTP_REJECTED, "an address is needed");
    acsmtp_error_prefix(err, "sender '%.256s'", text);
    free(address);
    return NULL;
}

char *sendmail_names_sender(struct sendmail_names *names, const char *given,
                            struct acsmtp_error *err)
{
    char *rewritten = NULL, *address;

    if (given && (!*given || strcmp(given, "<>") == 0)) {
        address = strdup("");
        if (!address)
            (void)out_of_memory(err);
        return address;
    }
    if (sendmail_list_rewrite(given ? given : names->user, sendmail_names_author, names, &rewritten,
                              err) != ACSMTP_OK)
        return NULL;
    address = address_dup(rewritten, err);
    free(rewritten);
    if (!address || !names->set_from || strcmp(address, names->address) == 0)
        return address;
    free(address); /* the list's rewriter has left it as it was: "ceo @ bank.example" */
    address = strdup(names->address);
    if (!address)
        (void)out_of_memory(err);
    return address;
}
