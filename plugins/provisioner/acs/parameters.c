/* SPDX-License-Identifier: MIT */
/*
 * Reading the parameters: one table of texts with their rules, then what is derived from them, then
 * what must agree with each other.
 */
#include "parameters.h"

#include "parameters_rule.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define KEY_VAULT_NAME_MAX 24
#define EMAIL_NAME_MAX 63
#define AZURE_MANAGED "AzureManagedDomain" /* the only name that such a domain may have */

struct text {
    const char *option;
    size_t offset; /* of the const char * in struct parameters */
    int (*is_good)(const char *value);
    const char *rule;
};

#define FIELD(name) offsetof(struct parameters, name)
#define USERNAME_RULE "1 to 64 letters, digits and '-', a letter or digit at both ends"

static const struct text texts[] = {
    {"subscription", FIELD(subscription), rule_guid,
     "the subscription's id, like 00000000-0000-0000-0000-000000000000"},
    {"resource_group", FIELD(resource_group), rule_resource_group,
     "1 to 90 letters, digits and - _ . ( ), no '.' at the end"},
    {"location", FIELD(location), rule_location, "an Azure region, like eastus"},
    {"data_location", FIELD(data_location), rule_data_location, "a geography, like United States"},
    {"communication_service", FIELD(communication_name), rule_communication_name,
     "1 to 63 letters, digits and '-', beginning with a letter, ending with a letter or digit"},
    {"email_service", FIELD(email_name), rule_email_name, "1 to 63 letters, digits and '-'"},
    {"key_vault", FIELD(key_vault_name), rule_key_vault_name,
     "3 to 24 letters, digits and '-', beginning with a letter, ending with a letter or digit, "
     "no '--'"},
    {"managed_identity", FIELD(identity_name), rule_identity_name,
     "3 to 128 letters, digits, '-' and '_', beginning with a letter or digit"},
    {"legacy_username", FIELD(legacy_username), rule_username, USERNAME_RULE},
    {"modern_username", FIELD(modern_username), rule_username, USERNAME_RULE},
    {"identity_username", FIELD(identity_username), rule_username, USERNAME_RULE},
    {"custom_domain", FIELD(custom_domain), rule_domain,
     "a mail domain, like mail.contoso.com, without a '.' at the end; other scripts as xn--"},
    {"dns_server", FIELD(dns_server), rule_server,
     "an address with or without a port: 192.0.2.1, 192.0.2.1:53, [2001:db8::1]:53"},
};

static const char **field(struct parameters *parameters, const struct text *text)
{
    return (const char **)(void *)((char *)parameters + text->offset);
}

static int read_texts(const struct acsmtp_settings *settings, struct parameters *parameters,
                      struct acsmtp_error *err)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *value = acsmtp_settings_string(settings, texts[i].option);

        if (value && !texts[i].is_good(value))
            return acsmtp_fail(err, ACSMTP_CONFIG, "option '%s': '%s' must be %s", texts[i].option,
                               value, texts[i].rule);
        *field(parameters, &texts[i]) = value;
    }
    return ACSMTP_OK;
}

static void read_others(const struct acsmtp_settings *settings, struct parameters *parameters)
{
    parameters->secret_lifetime_ms = acsmtp_settings_duration(settings, "secret_lifetime");
    parameters->renew_before_ms = acsmtp_settings_duration(settings, "renew_before");
    parameters->rotate_grace_ms = acsmtp_settings_duration(settings, "rotate_grace");
    parameters->wait_ms = acsmtp_settings_duration(settings, "wait");
    parameters->poll_ms = acsmtp_settings_duration(settings, "poll");
    parameters->purge_protection = acsmtp_settings_boolean(settings, "purge_protection");
    parameters->recover_key_vault = acsmtp_settings_boolean(settings, "recover_key_vault");
}

/* ---- what is derived ---- */

/* Room for one more name; the longest ones together are far below the whole. */
static char *new_name(struct parameters *parameters, size_t capacity)
{
    size_t used = 0;

    while (parameters->names[used])
        used += strlen(parameters->names + used) + 1;
    return used + capacity < sizeof parameters->names ? parameters->names + used : NULL;
}

static const char *normalised(struct parameters *parameters, const char *text, char left_out)
{
    char *name = new_name(parameters, strlen(text) + 1);
    char *at = name;

    for (; name && *text; text++) {
        if (*text != left_out)
            *at++ = (char)(*text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text);
    }
    if (name)
        *at = '\0';
    return name;
}

/* Ignoring letter case and blanks. */
static int is_spelling_of(const char *text, const char *name)
{
    for (;;) {
        text += strspn(text, " ");
        name += strspn(name, " ");
        if (!*text || !*name)
            return *text == *name;
        if (strncasecmp(text++, name++, 1) != 0)
            return 0;
    }
}

/*
 * ARM compares what it keeps with what it gets letter by letter. Geographies come and go, so one
 * that is not known here is for Azure to judge.
 */
static const char *geography(const char *text)
{
    static const char *const known[] = {
        "Africa",      "Asia Pacific", "Australia", "Brazil",        "Canada", "Europe",
        "France",      "Germany",      "India",     "Japan",         "Korea",  "Norway",
        "Switzerland", "UAE",          "UK",        "United States", "usgov"};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (is_spelling_of(text, known[i]))
            return known[i];
    }
    return text;
}

static const char *derive_email_name(struct parameters *parameters)
{
    char *name = new_name(parameters, EMAIL_NAME_MAX + 1);

    if (name)
        (void)snprintf(name, EMAIL_NAME_MAX + 1, "%.*s-email", EMAIL_NAME_MAX - 6,
                       parameters->communication_name);
    return name;
}

/* FNV-1a: enough to keep apart what would be the same when it is cut. */
static uint32_t digest(uint32_t state, const char *text)
{
    do {
        state = (state ^ (unsigned char)*text) * 16777619U;
    } while (*text++);
    return state;
}

/* "kv-" and the communication service's name as far as a vault may be called so: no "--". */
static size_t write_key_vault_name(const char *from, char *name, size_t maximum)
{
    size_t size = 3;

    memcpy(name, "kv-", size);
    for (; *from && size < maximum; from++) {
        if (*from != '-' || name[size - 1] != '-')
            name[size++] = *from;
    }
    while (name[size - 1] == '-')
        size--;
    name[size] = '\0';
    return size;
}

/*
 * A name that was cut ends in a digest, so that two services whose names begin alike do not want
 * the same vault. Whether the name is free in all of Azure only Azure can say.
 */
static const char *derive_key_vault_name(struct parameters *parameters)
{
    const char *from = parameters->communication_name;
    char *name = new_name(parameters, KEY_VAULT_NAME_MAX + 1);
    char whole[128];
    uint32_t mark;
    size_t size;

    if (!name)
        return NULL;
    if (write_key_vault_name(from, whole, sizeof whole - 1) <= KEY_VAULT_NAME_MAX) {
        memcpy(name, whole, strlen(whole) + 1);
        return name;
    }
    mark = digest(digest(digest(2166136261U, parameters->subscription), parameters->resource_group),
                  from);
    size = write_key_vault_name(from, name, KEY_VAULT_NAME_MAX - 7);
    (void)snprintf(name + size, KEY_VAULT_NAME_MAX + 1 - size, "-%06x", mark & 0xffffffU);
    return name;
}

static int derive(struct parameters *parameters, struct acsmtp_error *err)
{
    int is_custom = parameters->custom_domain != NULL;

    parameters->data_location = geography(parameters->data_location);
    parameters->location = normalised(parameters, parameters->location, ' ');
    if (is_custom)
        parameters->custom_domain = normalised(parameters, parameters->custom_domain, '\0');
    parameters->domain_name = is_custom ? parameters->custom_domain : AZURE_MANAGED;
    if (!parameters->email_name)
        parameters->email_name = derive_email_name(parameters);
    if (!parameters->key_vault_name)
        parameters->key_vault_name = derive_key_vault_name(parameters);
    if (!parameters->location || !parameters->domain_name || !parameters->email_name ||
        !parameters->key_vault_name)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "no room for derived names");
    return ACSMTP_OK;
}

/* ---- what must agree ---- */

static int check_usernames(const struct parameters *parameters, struct acsmtp_error *err)
{
    const char *const names[] = {parameters->legacy_username, parameters->modern_username,
                                 parameters->identity_username};
    static const char *const options[] = {"legacy_username", "modern_username",
                                          "identity_username"};

    for (size_t i = 0; i < 3; i++) {
        for (size_t j = i + 1; j < 3; j++) {
            if (names[i] && names[j] && strcasecmp(names[i], names[j]) == 0)
                return acsmtp_fail(err, ACSMTP_CONFIG,
                                   "options '%s' and '%s' are both '%s': each needs a name of its "
                                   "own",
                                   options[i], options[j], names[j]);
        }
    }
    return ACSMTP_OK;
}

static int check_times(const struct parameters *parameters, struct acsmtp_error *err)
{
    if (parameters->renew_before_ms >= parameters->secret_lifetime_ms)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "option 'renew_before' must be shorter than 'secret_lifetime': else "
                           "every new secret is due for renewal at once");
    if (parameters->rotate_grace_ms >= parameters->secret_lifetime_ms)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "option 'rotate_grace' must be shorter than 'secret_lifetime'");
    if (parameters->poll_ms > parameters->wait_ms)
        return acsmtp_fail(err, ACSMTP_CONFIG, "option 'poll' must not be longer than 'wait'");
    return ACSMTP_OK;
}

int parameters_read(const struct acsmtp_settings *settings, struct parameters *parameters,
                    struct acsmtp_error *err)
{
    int status;

    *parameters = (struct parameters){.subscription = NULL};
    status = read_texts(settings, parameters, err);
    if (status != ACSMTP_OK)
        return status;
    read_others(settings, parameters);
    status = derive(parameters, err);
    if (status == ACSMTP_OK)
        status = check_usernames(parameters, err);
    if (status == ACSMTP_OK)
        status = check_times(parameters, err);
    return status;
}
