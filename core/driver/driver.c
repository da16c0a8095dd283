/* SPDX-License-Identifier: MIT */
/*
 * The facade that programs see: it puts config, cloud, registry, chain and delivery together and
 * fills in what a request leaves to the profile.
 */
#include "acsmtp-defaults.h"
#include "chain.h"
#include "config_format.h"
#include "delivery.h"
#include "diagnose.h"
#include "entry.h"
#include "logout.h"
#include "provisioner.h"
#include "storage.h"
#include <acsmtp/driver.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct acsmtp_driver {
    struct config *config;
    struct cloud *cloud;
    struct acsmtp_json *cloud_said; /* as a config elsewhere would say it, NULL when nobody did */
    struct cloud *public;           /* only for its scope, when the cloud tells none */
    struct registry *registry;
    struct keyrings *keyrings;
    struct chain_host host;
    struct chain *chain; /* NULL when the profile has no credentials */
    struct acsmtp_json *default_credentials;
    struct delivery *delivery;
    struct provisioner *provisioner;
    struct entry composer;
    struct acsmtp_json *default_composer;
};

/* Programs may be older or newer than the library: the smaller of both sizes counts. */
static void copy_sized(void *to, size_t size, const void *from)
{
    uint32_t given;

    memcpy(&given, from, sizeof given);
    memset(to, 0, size);
    memcpy(to, from, given < size ? given : size);
}

/* ---- open and close ---- */

/* A relative path means another file from another place. */
static struct acsmtp_json *path_json(const char *path, struct acsmtp_error *err)
{
    char *real = strpbrk(path, "/.") ? realpath(path, NULL) : NULL;
    struct acsmtp_json *json = acsmtp_json_new_string(real ? real : path, err);

    free(real);
    return json;
}

static int note_cloud(struct acsmtp_driver *driver, const struct acsmtp_json *value,
                      struct acsmtp_error *err)
{
    const char *text = acsmtp_json_text(value);
    const char *ca_file = acsmtp_json_string(value, "ca_file");

    driver->cloud_said = text ? path_json(text, err) : acsmtp_json_dup(value, err);
    if (!driver->cloud_said)
        return ACSMTP_SYSTEM;
    return ca_file ? acsmtp_json_set(driver->cloud_said, "ca_file", path_json(ca_file, err), err)
                   : ACSMTP_OK;
}

/* The command line, the environment, the profile, the config: the first that says something. */
static int open_cloud(struct acsmtp_driver *driver, const struct acsmtp_driver_options *options,
                      struct acsmtp_error *err)
{
    const char *name = options->cloud ? options->cloud : secure_getenv("ACSMTP_CLOUD");
    ACSMTP_AUTO_JSON struct acsmtp_json *named = NULL;
    char path[256], where[CONFIG_WHERE_MAX];
    const struct acsmtp_json *value;
    int status;

    if (name && *name) {
        named = acsmtp_json_new_string(name, err);
        if (!named)
            return ACSMTP_SYSTEM;
        status = cloud_open(named, &driver->cloud, err);
        return status == ACSMTP_OK ? note_cloud(driver, named, err) : status;
    }
    (void)snprintf(path, sizeof path, "profiles.%s.cloud", config_profile_name(driver->config));
    value = acsmtp_json_get(config_profile(driver->config), "cloud");
    if (!value) {
        value = acsmtp_json_get(config_root(driver->config), "cloud");
        (void)snprintf(path, sizeof path, "cloud");
    }
    status = cloud_open(value, &driver->cloud, err);
    if (status != ACSMTP_OK) {
        config_where(driver->config, path, where, sizeof where);
        acsmtp_error_prefix(err, "%s", where);
        return status;
    }
    return value ? note_cloud(driver, value, err) : ACSMTP_OK;
}

/*
 * A scope is a name and not a place: taking it from the public cloud sends nobody there, and a
 * description of another cloud seldom tells one.
 */
static int open_scope(struct acsmtp_driver *driver, struct acsmtp_error *err)
{
    return cloud_get(driver->cloud, "scope") ? ACSMTP_OK : cloud_open(NULL, &driver->public, err);
}

/* ["default"], whatever the build calls that; NULL and `err` when memory fails. */
static struct acsmtp_json *make_default_credentials(struct acsmtp_error *err)
{
    struct acsmtp_json *entries = acsmtp_json_new_array(err);

    if (entries &&
        acsmtp_json_append(entries, acsmtp_json_new_string(ACSMTP_DEFAULT_CREDENTIAL, err), err) !=
            ACSMTP_OK) {
        acsmtp_json_free(entries);
        entries = NULL;
    }
    return entries;
}

static int is_empty_list(const struct acsmtp_json *entries)
{
    return acsmtp_json_type(entries) == ACSMTP_JSON_ARRAY && acsmtp_json_length(entries) == 0;
}

static int open_chain(struct acsmtp_driver *driver, const struct acsmtp_driver_options *options,
                      struct acsmtp_error *err)
{
    const struct acsmtp_json *entries =
        acsmtp_json_get(config_profile(driver->config), "credentials");
    char path[512];

    if (!entries && (options->flags & ACSMTP_DRIVER_DEFAULT_CHAIN)) {
        entries = driver->default_credentials = make_default_credentials(err);
        if (!entries)
            return ACSMTP_SYSTEM;
    }
    if (!entries || is_empty_list(entries))
        return ACSMTP_OK;
    (void)snprintf(path, sizeof path, "profiles.%s.credentials",
                   config_profile_name(driver->config));
    return chain_open(&driver->host, entries, path, &driver->chain, err);
}

static int open_composer(struct acsmtp_driver *driver, struct acsmtp_error *err)
{
    const struct acsmtp_json *json = acsmtp_json_get(config_profile(driver->config), "composer");
    char path[512];

    if (!json)
        json = driver->default_composer = acsmtp_json_new_string(ACSMTP_DEFAULT_COMPOSER, err);
    if (!json)
        return ACSMTP_SYSTEM;
    (void)snprintf(path, sizeof path, "profiles.%s.composer", config_profile_name(driver->config));
    return entry_init(&driver->composer, &driver->host, ACSMTP_KIND_COMPOSER, json, path, 0, err);
}

static int open_parts(struct acsmtp_driver *driver, const struct acsmtp_driver_options *options,
                      struct acsmtp_error *err)
{
    int status = config_load(options, &driver->config, err);

    if (status == ACSMTP_OK)
        status = open_cloud(driver, options, err);
    if (status == ACSMTP_OK)
        status = open_scope(driver, err);
    if (status == ACSMTP_OK)
        status = registry_open(driver->config, &driver->registry, err);
    if (status != ACSMTP_OK)
        return status;
    driver->host = (struct chain_host){
        .config = driver->config, .cloud = driver->cloud, .registry = driver->registry};
    status = keyrings_open(&driver->host, &driver->keyrings, err);
    driver->host.keyrings = driver->keyrings;
    storage_choose(&driver->host, options->flags);
    if (status == ACSMTP_OK)
        status = open_chain(driver, options, err);
    if (status == ACSMTP_OK)
        status = open_composer(driver, err);
    if (status == ACSMTP_OK)
        status = delivery_open(&driver->host, driver->chain, &driver->delivery, err);
    if (status == ACSMTP_OK)
        status = provisioner_open(&driver->host, &driver->provisioner, err);
    return status;
}

int acsmtp_driver_open(const struct acsmtp_driver_options *options, struct acsmtp_driver **driver,
                       struct acsmtp_error *err)
{
    struct acsmtp_driver_options said = {.size = sizeof said};
    struct acsmtp_driver *made = calloc(1, sizeof *made);
    int status;

    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    if (options)
        copy_sized(&said, sizeof said, options);
    status = open_parts(made, &said, err);
    if (status == ACSMTP_OK)
        *driver = made;
    else
        acsmtp_driver_close(made);
    return status;
}

void acsmtp_driver_close(struct acsmtp_driver *driver)
{
    if (!driver)
        return;
    provisioner_close(driver->provisioner);
    delivery_close(driver->delivery);
    entry_release(&driver->composer);
    acsmtp_json_free(driver->default_composer);
    chain_close(driver->chain);
    acsmtp_json_free(driver->default_credentials);
    keyrings_close(driver->keyrings);
    if (driver->registry)
        registry_close(driver->registry);
    cloud_free(driver->cloud);
    cloud_free(driver->public);
    acsmtp_json_free(driver->cloud_said);
    if (driver->config)
        config_free(driver->config);
    free(driver);
}

int acsmtp_driver_prepare(const struct acsmtp_driver *driver, struct acsmtp_context *context,
                          struct acsmtp_error *err)
{
    return cloud_apply(driver->cloud, context, err);
}

const char *acsmtp_driver_profile_string(const struct acsmtp_driver *driver, const char *key)
{
    return acsmtp_json_string(config_profile(driver->config), key);
}

const struct acsmtp_json *acsmtp_driver_profile_value(const struct acsmtp_driver *driver,
                                                      const char *key)
{
    return acsmtp_json_get(config_profile(driver->config), key);
}

const char *acsmtp_driver_profile_name(const struct acsmtp_driver *driver)
{
    return config_profile_name(driver->config);
}

const struct chain_host *driver_host(const struct acsmtp_driver *driver)
{
    return &driver->host;
}

struct chain *driver_chain(struct acsmtp_driver *driver)
{
    return driver->chain;
}

/* ---- work ---- */

/* What the caller left open is the profile's, and the scope at last the cloud's for ACS SMTP. */
static void complete_request(const struct acsmtp_driver *driver,
                             const struct acsmtp_credential_request *given,
                             struct acsmtp_credential_request *request)
{
    if (given)
        copy_sized(request, sizeof *request, given);
    else
        memset(request, 0, sizeof *request);
    request->size = sizeof *request;
    if (!request->scope)
        request->scope = acsmtp_driver_profile_string(driver, "scope");
    if (!request->scope)
        request->scope = cloud_get(driver->public ? driver->public : driver->cloud, "scope");
    if (!request->tenant)
        request->tenant = acsmtp_driver_profile_string(driver, "tenant");
    if (!request->username)
        request->username = acsmtp_driver_profile_string(driver, "username");
}

int acsmtp_driver_credential(struct acsmtp_driver *driver, struct acsmtp_context *context,
                             const struct acsmtp_credential_request *request,
                             struct acsmtp_credential *out, struct acsmtp_report *report,
                             struct acsmtp_error *err)
{
    struct acsmtp_credential_request complete;

    if (!driver->chain)
        return acsmtp_fail(err, ACSMTP_CONFIG, "profile '%s' has no \"credentials\"",
                           acsmtp_driver_profile_name(driver));
    complete_request(driver, request, &complete);
    return chain_acquire(driver->chain, context, &complete, out, report, err);
}

void acsmtp_driver_report(struct acsmtp_driver *driver, struct acsmtp_context *context,
                          const struct acsmtp_verdict *verdict)
{
    struct acsmtp_verdict said = {.size = sizeof said};

    copy_sized(&said, sizeof said, verdict);
    if (driver->chain)
        chain_report(driver->chain, context, &said);
}

int acsmtp_driver_deliver(struct acsmtp_driver *driver, struct acsmtp_context *context,
                          const struct acsmtp_mail *mails, size_t count,
                          struct acsmtp_report *report, struct acsmtp_error *err)
{
    struct acsmtp_credential_request request;

    complete_request(driver, NULL, &request);
    return delivery_run(driver->delivery, context, &request, mails, count, report, err);
}

int acsmtp_driver_set_dry_run(struct acsmtp_driver *driver, const char *folder,
                              struct acsmtp_error *err)
{
    return delivery_set_dry_run(driver->delivery, folder, err);
}

/* Each call has an instance of its own, so threads do not meet in one. */
int acsmtp_driver_compose(struct acsmtp_driver *driver, struct acsmtp_context *context,
                          const struct acsmtp_draft *draft, acsmtp_writer write, void *data,
                          struct acsmtp_error *err)
{
    struct entry *entry = &driver->composer;
    const struct acsmtp_composer_ops *ops;
    void *instance = NULL;
    int status = entry_load(entry, err);

    if (status != ACSMTP_OK)
        return status;
    ops = entry->plugin->composer;
    entry_enter(entry);
    status = ops->open(entry->settings, &instance, err);
    if (status == ACSMTP_OK) {
        status = ops->compose(instance, context, draft, write, data, err);
        ops->close(instance);
    }
    entry_leave(entry);
    status = entry_result(entry, status, err);
    acsmtp_error_prefix(err, "composer %s", entry->name);
    return status;
}

/* ---- provisioning ---- */

int acsmtp_driver_provisioner(struct acsmtp_driver *driver, const struct acsmtp_plugin **plugin,
                              struct acsmtp_error *err)
{
    return provisioner_plugin(driver->provisioner, plugin, err);
}

/* A profile is of use only in the cloud that it was made in, which the plugin has no name for. */
static int add_cloud(const struct acsmtp_driver *driver, struct acsmtp_json *result,
                     struct acsmtp_error *err)
{
    const struct acsmtp_json *profile = acsmtp_json_get(result, "profile");
    struct acsmtp_json *complete;

    if (!driver->cloud_said || acsmtp_json_type(profile) != ACSMTP_JSON_OBJECT ||
        acsmtp_json_get(profile, "cloud"))
        return ACSMTP_OK;
    complete = acsmtp_json_dup(profile, err);
    if (complete && acsmtp_json_set(complete, "cloud", acsmtp_json_dup(driver->cloud_said, err),
                                    err) != ACSMTP_OK) {
        acsmtp_json_free(complete);
        return err->status;
    }
    return acsmtp_json_set(result, "profile", complete, err);
}

int acsmtp_driver_provision(struct acsmtp_driver *driver, struct acsmtp_context *context,
                            const char *operation, const struct acsmtp_provision_request *request,
                            const char *const *options, size_t option_count,
                            const struct acsmtp_provision_observer *observer,
                            struct acsmtp_json **result, struct acsmtp_error *err)
{
    int status = provisioner_run(driver->provisioner, context, operation, request, options,
                                 option_count, observer, result, err);

    if (status == ACSMTP_OK)
        status = add_cloud(driver, *result, err);
    return status;
}

/* ---- for people who look ---- */

int acsmtp_driver_plugins(struct acsmtp_driver *driver, const char *name,
                          acsmtp_plugin_visitor visit, void *data, struct acsmtp_error *err)
{
    return registry_visit(driver->registry, name, visit, data, err);
}

int acsmtp_driver_check(struct acsmtp_driver *driver, struct acsmtp_error *err)
{
    int status = driver->chain ? chain_check(driver->chain, err) : ACSMTP_OK;

    if (status == ACSMTP_OK)
        status = storage_check(&driver->host, err);

    if (status == ACSMTP_OK)
        status = delivery_check(driver->delivery, err);
    if (status == ACSMTP_OK)
        status = provisioner_check(driver->provisioner, err);
    /* The default composer is a plugin that nobody asked for: it may be absent. */
    if (status == ACSMTP_OK && !driver->default_composer)
        status = entry_check(&driver->composer, err);
    return status;
}

int acsmtp_driver_chain(struct acsmtp_driver *driver, struct acsmtp_context *context, int probe,
                        acsmtp_chain_visitor visit, void *data, struct acsmtp_error *err)
{
    struct acsmtp_credential_request request;

    if (!driver->chain)
        return acsmtp_fail(err, ACSMTP_CONFIG, "profile '%s' has no \"credentials\"",
                           acsmtp_driver_profile_name(driver));
    complete_request(driver, NULL, &request);
    request.flags = ACSMTP_REQUEST_REFRESH;
    return chain_explain(driver->chain, context, probe ? &request : NULL, visit, data, err);
}

/* A finding of an older plugin is shorter; all get the hint that is known of their failure. */
static void relay_finding(void *data, const struct acsmtp_finding *given)
{
    const struct acsmtp_finding_sink *sink = data;
    struct acsmtp_finding finding;

    copy_sized(&finding, sizeof finding, given);
    finding.size = sizeof finding;
    if (!finding.check || !finding.detail)
        return;
    if (!finding.hint && finding.error)
        finding.hint = acsmtp_hint(finding.error);
    sink->tell(sink->data, &finding);
}

int acsmtp_driver_diagnose(struct acsmtp_driver *driver, struct acsmtp_context *context,
                           const struct acsmtp_finding_sink *sink, struct acsmtp_error *err)
{
    const struct acsmtp_finding_sink relay = {
        .size = sizeof relay, .data = (void *)sink, .tell = relay_finding};
    struct acsmtp_credential_request request;
    const struct diagnosis diagnosis = {.host = &driver->host,
                                        .chain = driver->chain,
                                        .delivery = driver->delivery,
                                        .provisioner = driver->provisioner,
                                        .context = context,
                                        .request = &request,
                                        .sender = acsmtp_driver_profile_string(driver, "from"),
                                        .sink = &relay};

    complete_request(driver, NULL, &request);
    return diagnose_run(&diagnosis, err);
}

char *acsmtp_driver_config_dup(struct acsmtp_driver *driver, struct acsmtp_error *err)
{
    return config_format_dup(driver->config, err);
}
