/* SPDX-License-Identifier: MIT */
/*
 * The driver: config file → plugins → credential → transport. The program `acsmtp` is a thin face
 * of this header; other programs may use it the same way (examples/embed.c is a whole one):
 *
 *	struct acsmtp_driver_options options = {.size = sizeof options, .profile = "acs"};
 *	struct acsmtp_credential_request request = {.size = sizeof request};
 *
 *	acsmtp_driver_open(&options, &driver, &err);
 *	acsmtp_driver_prepare(driver, context, &err);
 *	acsmtp_driver_credential(driver, context, &request, credential, NULL, &err);
 *
 * The library does not print, does not exit, does not change the environment, the locale or the
 * working directory, and installs no signal handlers.
 *
 * Threads: the promise
 *  - Any number of threads may use one driver at the same time, with every function that takes one,
 *    but for three: open() is done before, close() after all of them, and set_dry_run() while
 *    nothing is being delivered or composed.
 *  - Everything else belongs to one thread at a time: contexts, credentials, reports, errors,
 *    messages, results. The exception is acsmtp_context_cancel(), which any thread and any signal
 *    handler may call. A context is prepared once, and then serves any number of pieces of work,
 *    one at a time.
 *  - One thread asks a chain's sources at a time, on behalf of all. A thread whose token is good
 *    enough does not wait for it; one that must wait does so no longer than its own deadline, and
 *    ends when its own context is cancelled. A plugin sees no more concurrency than it promised
 *    (enum acsmtp_threads). What another thread fetched, or was refused, counts for all of them.
 *  - A refusal is about the token that it names (struct acsmtp_verdict): one that comes late never
 *    voids a newer token.
 *  - A log sink is called only by the thread whose context it belongs to, during its calls.
 *  - deliver() of more than one mail may run one thread of its own, which renews the token ahead of
 *    its end; it blocks all signals and has ended when deliver() returns.
 *  - The environment is read: setenv(3) while another thread is inside is a mistake, as everywhere.
 *    After fork(2) a child may exec; a driver that it inherited is not for it.
 * tests/unit/test_driver_threads.c holds the library to this under ThreadSanitizer.
 */
#ifndef ACSMTP_DRIVER_H
#define ACSMTP_DRIVER_H

#include <acsmtp/context.h>
#include <acsmtp/credential.h>
#include <acsmtp/diagnose.h>
#include <acsmtp/error.h>
#include <acsmtp/json.h>
#include <acsmtp/message.h>
#include <acsmtp/plugin.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "1.0.0" */
const char *acsmtp_version(void);

struct acsmtp_driver;

/* What the command line says. All borrowed until open() returns; NULL and 0 mean "not said". */
struct acsmtp_driver_options {
    uint32_t size;           /* sizeof(struct acsmtp_driver_options) */
    uint32_t flags;          /* enum acsmtp_driver_flag */
    const char *config_file; /* the last layer of the config */
    const char *profile;     /* instead of default_profile */
    const char *cloud;       /* a cloud's name or the file of its description */
    const char *const *set;  /* "key=value": dotted paths into the profile */
    size_t set_count;
};

enum acsmtp_driver_flag {
    ACSMTP_DRIVER_CONFIG_ONLY = 1, /* read no system and no user config: config_file alone */
    ACSMTP_DRIVER_NO_CACHE = 2,    /* neither read nor write the token cache */
    /* Work without any config: a profile that names no credentials, or a machine that has no
     * profile, has the chain ["default"] (whatever identity the machine has). */
    ACSMTP_DRIVER_DEFAULT_CHAIN = 4
};

/*
 * Read and merge the config, choose the profile, find the cloud's endpoints. Loads no plugin and
 * contacts nobody. CONFIG (with file and line) when the config is wrong.
 */
int acsmtp_driver_open(const struct acsmtp_driver_options *options, struct acsmtp_driver **driver,
                       struct acsmtp_error *err) ACSMTP_CHECK;
void acsmtp_driver_close(struct acsmtp_driver *driver);

/* Give a context the endpoints of the driver's cloud. Call it once for each context that is used.
 */
int acsmtp_driver_prepare(const struct acsmtp_driver *driver, struct acsmtp_context *context,
                          struct acsmtp_error *err) ACSMTP_CHECK;

/* A text key of the chosen profile ("from", "username", "scope", "tenant"), or NULL. Borrowed. */
const char *acsmtp_driver_profile_string(const struct acsmtp_driver *driver, const char *key);
const char *acsmtp_driver_profile_name(const struct acsmtp_driver *driver);

/* Any key of the chosen profile ("sendmail"), checked when the config was read; or NULL. Borrowed.
 */
const struct acsmtp_json *acsmtp_driver_profile_value(const struct acsmtp_driver *driver,
                                                      const char *key);

/* ---- what a chain did ---- */

/* One member of a chain: who it is, and what it said. Borrowed from the report. */
struct acsmtp_attempt {
    uint32_t size;       /* sizeof(struct acsmtp_attempt) */
    int32_t status;      /* ACSMTP_OK: this member won */
    const char *plugin;  /* its name */
    const char *message; /* why it did not win; "from the cache" and the like when it did */
    const char *hint;    /* what to do about it, or NULL */
    int64_t elapsed_ms;
};

struct acsmtp_report;
struct acsmtp_report *acsmtp_report_new(struct acsmtp_error *err);
void acsmtp_report_free(struct acsmtp_report *report);
size_t acsmtp_report_length(const struct acsmtp_report *report);
const struct acsmtp_attempt *acsmtp_report_attempt(const struct acsmtp_report *report,
                                                   size_t index);

/* The transport that was connected last, by its plugin's name; NULL before one was. Borrowed. */
const char *acsmtp_report_transport(const struct acsmtp_report *report);

/* ---- work ---- */

/*
 * A token (or password) from the profile's chain, from the cache when that has one that is good
 * enough. request->scope may be NULL: the profile's, else the cloud's for ACS SMTP. `report` may be
 * NULL. When the chain fails, the error is the most telling member's, and the report has them all.
 */
int acsmtp_driver_credential(struct acsmtp_driver *driver, struct acsmtp_context *context,
                             const struct acsmtp_credential_request *request,
                             struct acsmtp_credential *out, struct acsmtp_report *report,
                             struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * What a server said about a credential that the program showed it itself: after a 401, report
 * ACSMTP_DENIED with verdict->credential, then ask again with ACSMTP_REQUEST_REFRESH and the
 * refused credential still in `out`; a newer token that another thread brought meanwhile is given
 * at once. (deliver() does this by itself.)
 */
void acsmtp_driver_report(struct acsmtp_driver *driver, struct acsmtp_context *context,
                          const struct acsmtp_verdict *verdict);

/*
 * Deliver mails: obtain the credential, take the first transport that accepts its kind, connect,
 * send. A refused login is reported to the credential's source and tried once more with a fresh
 * credential. OK when every mail has a result, however the server decided; a failure means that
 * mails whose result is ACSMTP_NOT_TRIED were not sent.
 */
int acsmtp_driver_deliver(struct acsmtp_driver *driver, struct acsmtp_context *context,
                          const struct acsmtp_mail *mails, size_t count,
                          struct acsmtp_report *report, struct acsmtp_error *err) ACSMTP_CHECK;

/* Compose a draft with the profile's composer (default "mime") into `write`. */
int acsmtp_driver_compose(struct acsmtp_driver *driver, struct acsmtp_context *context,
                          const struct acsmtp_draft *draft, acsmtp_writer write, void *data,
                          struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Where the mails of the next deliver() go instead: a folder; ".eml" files are written there by the
 * profile's dry-run transport (default "file"), and no credential is asked. NULL: as configured.
 */
int acsmtp_driver_set_dry_run(struct acsmtp_driver *driver, const char *folder,
                              struct acsmtp_error *err) ACSMTP_CHECK;

/* ---- provisioning ---- */

/*
 * The profile's provisioner, loaded: its option table is what acsmtp_driver_provision() takes. Its
 * structures are complete whatever the plugin was built for, and stay until the process ends.
 */
int acsmtp_driver_provisioner(struct acsmtp_driver *driver, const struct acsmtp_plugin **plugin,
                              struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * One operation ("plan", "apply", "show", "verify", "rotate", "destroy", "export"; provision.h
 * tells what they do) with the settings of the config's "provision" and, before them, `options`:
 * "name=value", several of one name for a list. SECRET options are not taken here: CONFIG.
 * `request` and `observer` may be NULL. *result is the caller's to free, also after a failure, when
 * it may be NULL; a "profile" in it is complete with the cloud it belongs to.
 */
int acsmtp_driver_provision(struct acsmtp_driver *driver, struct acsmtp_context *context,
                            const char *operation, const struct acsmtp_provision_request *request,
                            const char *const *options, size_t option_count,
                            const struct acsmtp_provision_observer *observer,
                            struct acsmtp_json **result, struct acsmtp_error *err) ACSMTP_CHECK;

/* ---- logging out ---- */

/* What was removed from one place. Borrowed for the call. */
struct acsmtp_removed {
    uint32_t size;     /* sizeof(struct acsmtp_removed) */
    const char *kind;  /* "token": cached ones; "sign-in": what plugins keep (store.h) */
    const char *place; /* "files", or the plugin of a keyring */
    size_t count;      /* never 0 */
};
typedef void (*acsmtp_removed_visitor)(void *data, const struct acsmtp_removed *removed);

/*
 * Remove what is kept between processes: with options->profile what that profile's sources can use,
 * else all of this user's, whatever the config says: files are overwritten and removed, and so are
 * the host's entries in every keyring that the config names. What cannot be removed does not keep
 * the rest; the first failure is returned. The context gets the profile's endpoints.
 */
int acsmtp_logout(const struct acsmtp_driver_options *options, struct acsmtp_context *context,
                  acsmtp_removed_visitor visit, void *data, struct acsmtp_error *err) ACSMTP_CHECK;

/* ---- plugins and config, for people who look ---- */

enum acsmtp_member_flag {
    ACSMTP_MEMBER_OPTIONAL = 1,          /* need not be installed */
    ACSMTP_MEMBER_NEXT_ON_DENIED = 2,    /* a refusal moves the chain on */
    ACSMTP_MEMBER_NEXT_ON_TEMPORARY = 4, /* so does a failure that may pass */
    ACSMTP_MEMBER_ISOLATED = 8           /* in a process of its own */
};

/* One member of a chain, and what would become of it. Borrowed for the call. */
struct acsmtp_chain_member {
    uint32_t size; /* sizeof(struct acsmtp_chain_member) */
    uint32_t flags;
    int32_t status;     /* ACSMTP_OK: would be asked (or, asked, has answered); UNAVAILABLE: passed
                           over; anything else ends the chain here, unless the flags say "next" */
    int32_t depth;      /* 0: in the profile's chain; 1: in the chain of the member above; ... */
    const char *plugin; /* its name */
    const char *option; /* of the plugin above, whose chain it stands in; NULL at depth 0 */
    const char *where;  /* file and line of its entry in the config */
    const char *reason; /* why it would be asked or not; or what it said */
    const char *hint;   /* or NULL */
    int64_t timeout_ms; /* -1: none */
    int64_t retries;    /* after a failure that may pass */
    int64_t elapsed_ms; /* -1: not asked */
    const char *const *set, *const *unset; /* environment variables that it reads, by name; ended by
                                              NULL */
};
typedef int (*acsmtp_chain_visitor)(void *data, const struct acsmtp_chain_member *member);

/*
 * The profile's chain in the order in which it is asked. Without `probe` nobody is contacted and no
 * program is run. With it every member is asked for a credential, whether or not one before it has
 * answered, and what it gives is dropped. A visitor's result other than 0 ends the walk. Not while
 * another thread asks for a credential.
 */
int acsmtp_driver_chain(struct acsmtp_driver *driver, struct acsmtp_context *context, int probe,
                        acsmtp_chain_visitor visit, void *data,
                        struct acsmtp_error *err) ACSMTP_CHECK;

/* `plugin` is NULL and `problem` set when the file cannot be used. Borrowed for the call. */
typedef int (*acsmtp_plugin_visitor)(void *data, const char *path,
                                     const struct acsmtp_plugin *plugin, const char *problem);

/* Every plugin in every plugin folder, sorted by kind and name. `name` NULL: all. */
int acsmtp_driver_plugins(struct acsmtp_driver *driver, const char *name,
                          acsmtp_plugin_visitor visit, void *data,
                          struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * The plugin in a file of any folder, "NAME.so", checked as those of the plugin folders are, loaded
 * and not used. Its structures are complete whatever the plugin was built for, and stay until the
 * process ends. CONFIG when the file's name cannot be a plugin's, SYSTEM with the reason when it
 * cannot be used.
 */
int acsmtp_plugin_load(const char *path, const struct acsmtp_plugin **plugin,
                       struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Load every plugin that the chosen profile names and check all of their settings. Those of a
 * provisioner may be incomplete: the rest can come with acsmtp_driver_provision().
 */
int acsmtp_driver_check(struct acsmtp_driver *driver, struct acsmtp_error *err) ACSMTP_CHECK;

/* The merged config as JSON text with literal secrets replaced, for the caller to free(3). */
char *acsmtp_driver_config_dup(struct acsmtp_driver *driver, struct acsmtp_error *err);

/*
 * The text of a config file with one more profile, for the caller to wipe and free(3). `text` NULL:
 * of a new file. All that stands there stays, comments included. Where the file names no
 * default_profile, the only profile that it had (else the new one) becomes it, so that a send
 * without --profile means what it meant. CONFIG when the text is no config or has a profile of that
 * name that differs; the same text when it has the same.
 */
char *acsmtp_config_insert(const char *text, const char *name, const struct acsmtp_json *profile,
                           struct acsmtp_error *err);

/*
 * A JSON Schema (2020-12) of config files, for the caller to free: for editors that complete and
 * check. It is made from the plugins that are installed, those of the config's "plugin_path"
 * included; plugins are loaded and none is run. `problems`, unless NULL, hears of files that cannot
 * be used, which are left out. Chooses no profile. CONFIG when the config is wrong:
 * ACSMTP_DRIVER_CONFIG_ONLY without a config_file does without one.
 */
struct acsmtp_json *acsmtp_config_schema(const struct acsmtp_driver_options *options,
                                         acsmtp_plugin_visitor problems, void *data,
                                         struct acsmtp_error *err);

enum acsmtp_names {
    ACSMTP_NAMES_PROFILE = 1, /* about: its "from" */
    ACSMTP_NAMES_CLOUD = 2,   /* those that have a name */
    ACSMTP_NAMES_PLUGIN = 3,  /* that are installed; about: the kind. A name may come twice */
    ACSMTP_NAMES_KEY = 4 /* what options->set takes for the profile, up to the next '.' or '=' */
};

/* Borrowed for the call; `about` may be "". A result other than 0 ends the walk. */
typedef int (*acsmtp_name_visitor)(void *data, const char *name, const char *about);

/*
 * Names that begin with `prefix` (NULL: all), for shells that complete them: chooses no profile,
 * contacts nobody, runs no plugin, and loads one at most (for ACSMTP_NAMES_KEY). CONFIG when the
 * config is wrong.
 */
int acsmtp_names(const struct acsmtp_driver_options *options, int what, const char *prefix,
                 acsmtp_name_visitor visit, void *data, struct acsmtp_error *err) ACSMTP_CHECK;

/* Called for each file that is a layer of the config, in order; `exists` tells whether it was read.
 */
typedef void (*acsmtp_layer_visitor)(void *data, const char *path, int exists);
void acsmtp_driver_layers(const struct acsmtp_driver_options *options, acsmtp_layer_visitor visit,
                          void *data);

/*
 * Look at the whole way of a mail, from the profile's plugins to the login at the server and the
 * provider's rules, and tell what is found, good and bad. No mail is sent; nothing found ends the
 * walk. Findings come with hints where something is known. OK however the checks end; CANCELLED,
 * SYSTEM. Not while another thread asks for a credential.
 */
int acsmtp_driver_diagnose(struct acsmtp_driver *driver, struct acsmtp_context *context,
                           const struct acsmtp_finding_sink *sink,
                           struct acsmtp_error *err) ACSMTP_CHECK;

/* ---- hints ---- */

/*
 * One or two sentences about the likely cause of a failure and the way out, from what the error
 * says (status, codes, the other side's words); NULL when nothing useful is known. Static text.
 */
const char *acsmtp_hint(const struct acsmtp_error *err);

/* A known failure. Texts are static; those that there are not are NULL. */
struct acsmtp_explanation {
    uint32_t size;        /* sizeof(struct acsmtp_explanation), set by the caller */
    int32_t server_code;  /* what it looks like: an SMTP reply or HTTP status, 0: any */
    const char *name;     /* stable: "AADSTS7000215", "login-refused", "certificate" */
    const char *cause;    /* what is behind it, likely causes first */
    const char *evidence; /* where to look to be sure */
    const char *command;  /* what ends it; words in capitals are to be replaced */
    const char *code;     /* what it looks like: a code, */
    const char *text;     /* a part of the words, */
    const char *words;    /* or, by itself, one of these, separated by '|' */
};

/*
 * Which known failure a line of text is about: the words of acsmtp, of a server, of az, curl, or
 * any log. 1 and *explanation, or 0 when nothing is known.
 */
int acsmtp_explain(const char *text, struct acsmtp_explanation *explanation);
/* The index-th known failure; 0 beyond the last. */
int acsmtp_explanation(size_t index, struct acsmtp_explanation *explanation);
/* The known code nearest to one in the text, which itself is not known; or NULL. Static. */
const char *acsmtp_explain_nearest(const char *text);

#ifdef __cplusplus
}
#endif

#endif
