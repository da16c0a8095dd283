/* SPDX-License-Identifier: MIT */
/*
 * The settings of one plugin instance, read through the plugin's own option table. By the time a
 * plugin sees them they are complete and checked: no unknown key, required ones present, types,
 * ranges and allowed values right, environment variables and defaults applied. So getters of plain
 * types cannot fail; asking for a name that is not in the table, or with the wrong type, is a
 * defect of the plugin and ends in an assertion.
 *
 * Settings are read-only and may be read from several threads at once; chains may be asked by
 * several threads, each with a context of its own (acsmtp_context_limit()).
 */
#ifndef ACSMTP_SETTINGS_H
#define ACSMTP_SETTINGS_H

#include <acsmtp/context.h>
#include <acsmtp/credential.h>
#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct acsmtp_settings;

enum acsmtp_option_type {
    ACSMTP_STRING = 1,  /* text without CR, LF, NUL or other control characters */
    ACSMTP_INTEGER = 2, /* decimal, within minimum and maximum if one of them is not 0 */
    ACSMTP_BOOLEAN = 3, /* true or false */
    ACSMTP_DURATION =
        4,           /* "250ms", "10s", "5m", "1h" or a number of seconds; kept in milliseconds */
    ACSMTP_CHAIN = 5 /* a list of credentials like a profile's: use acsmtp_settings_credential(). As
                        text "imds,azcli?": a plugin with a question mark need not be installed */
};

enum acsmtp_option_flag {
    ACSMTP_REQUIRED = 1, /* must be given by config, environment or default */
    ACSMTP_SECRET =
        2, /* ACSMTP_STRING only: literal or {"env"|"file"|"command"|"keyring"|"prompt": ...} */
    ACSMTP_LIST = 4 /* one value or an array of them */
};

/*
 * One row of a plugin's option table. The table is used to validate, to suggest, to list, to
 * document and to complete; there is no other parser of options.
 */
struct acsmtp_option {
    const char *name;          /* [a-z][a-z0-9_]* */
    int32_t type;              /* enum acsmtp_option_type */
    uint32_t flags;            /* enum acsmtp_option_flag, or-ed */
    const char *default_value; /* as text, NULL for none */
    const char *environment;   /* variable that is used when the config has no value, or NULL */
    const char *const *values; /* allowed values, ended by NULL; or NULL for any */
    const char *summary;       /* one sentence, with the unit where there is one */
    int64_t minimum, maximum;  /* for integers (in their unit) and durations (in milliseconds) */
};

/* NULL when not set. Borrowed from the settings. */
const char *acsmtp_settings_string(const struct acsmtp_settings *settings, const char *name);

/* 0 when not set. */
int64_t acsmtp_settings_integer(const struct acsmtp_settings *settings, const char *name);
int acsmtp_settings_boolean(const struct acsmtp_settings *settings, const char *name);

/* Milliseconds; 0 when not set. */
int64_t acsmtp_settings_duration(const struct acsmtp_settings *settings, const char *name);

/* Whether config, environment or default gave a value. */
int acsmtp_settings_has(const struct acsmtp_settings *settings, const char *name);

/* Items of an ACSMTP_LIST option of strings. item() is borrowed; NULL beyond the end. */
size_t acsmtp_settings_count(const struct acsmtp_settings *settings, const char *name);
const char *acsmtp_settings_item(const struct acsmtp_settings *settings, const char *name,
                                 size_t index);

/*
 * Read a SECRET option now: an environment variable, a file or a keyring is read, a command is run,
 * a person is asked, each time anew, so that a rotated secret is seen (a person is asked once for
 * each settings object). One line end at the end of a file's or command's output is not part of the
 * secret. *secret is the caller's to free, NULL when the option is not set. Fails with
 * ACSMTP_CONFIG when the source is missing or empty or, if it is a file, when its group or others
 * may read or write it (chmod 600 FILE); and as acsmtp_process_run() for commands.
 */
int acsmtp_settings_secret(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                           const char *name, struct acsmtp_secret **secret,
                           struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * A credential for the plugin itself, from the chain in option `name` (type ACSMTP_CHAIN): Key
 * Vault needs a token for the vault before it can hand out a password. `out` is filled as by a
 * plugin's acquire(): a token, or user name and password, as acsmtp_credential_kind() tells. The
 * request is the plugin's own: what it wants of the chain is not what it was asked for.
 * ACSMTP_CONFIG when the option is not set.
 *
 *	const struct acsmtp_credential_request ask = {.size = sizeof ask,
 *		.flags = request->flags, .scope = "https://vault.example.com/.default",
 *		.min_validity = 60};
 *	struct acsmtp_verdict verdict = {.size = sizeof verdict, .credential = key};
 *
 *	status = acsmtp_settings_credential(settings, context, "credentials", &ask, key, err);
 *	... what acsmtp_credential_secret(key) opens; when it is refused: ...
 *	verdict.status = ACSMTP_DENIED;
 *	acsmtp_settings_report(settings, context, "credentials", &verdict);
 */
int acsmtp_settings_credential(const struct acsmtp_settings *settings,
                               struct acsmtp_context *context, const char *name,
                               const struct acsmtp_credential_request *request,
                               struct acsmtp_credential *out,
                               struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Tell the chain in option `name` what became of the credential it gave last, so that a refused
 * token is forgotten before the next acsmtp_settings_credential(). Where several threads ask one
 * chain, "last" may be another thread's: ask again with ACSMTP_REQUEST_REFRESH instead.
 */
void acsmtp_settings_report(const struct acsmtp_settings *settings, struct acsmtp_context *context,
                            const char *name, const struct acsmtp_verdict *verdict);

#ifdef __cplusplus
}
#endif

#endif
