/* SPDX-License-Identifier: MIT */
/* The one table of the contract's sentences, see contract.h. */
#include "contract.h"

#define PLUGIN "acsmtp/plugin.h"
#define SETTINGS "acsmtp/settings.h"
#define ERROR "acsmtp/error.h"
#define PROVISION "acsmtp/provision.h"

static const struct {
    const char *header, *sentence;
} sentences[RULE_COUNT] = {
    [RULE_NONE] = {"", ""},
    [RULE_ONE_ENTRY] = {PLUGIN, "It exports one function, made by ACSMTP_PLUGIN(), that returns "
                                "one constant descriptor."},
    [RULE_ENTRY_HARMLESS] = {PLUGIN, "the entry function is called; it has no effects, so listing "
                                     "plugins is harmless"},
    [RULE_LINKED_NOW] = {PLUGIN, "Link what you use, with -Wl,-z,defs -Wl,-z,now."},
    [RULE_ABI] = {PLUGIN, "a plugin built for ABI 1.x loads and works with every later acsmtp "
                          "whose major is 1."},
    [RULE_STRUCT_SIZE] = {PLUGIN, "Structures grow only at their end and carry their size; both "
                                  "sides use the smaller of the two."},
    [RULE_NAME] = {PLUGIN, "as in the config and as the file is called: [a-z0-9][a-z0-9-]*"},
    [RULE_SUMMARY] = {PLUGIN, "one sentence"},
    [RULE_OPERATIONS] = {PLUGIN, "The operations of the plugin's kind; the others are NULL."},
    [RULE_THREADS_VALUE] = {PLUGIN, "What the plugin promises about threads; the host keeps to "
                                    "it."},
    [RULE_OPTION_NAME] = {SETTINGS, "[a-z][a-z0-9_]*"},
    [RULE_OPTION_SUMMARY] = {SETTINGS, "one sentence, with the unit where there is one"},
    [RULE_OPTION_SECRET] = {SETTINGS, "ACSMTP_STRING only: literal or"},
    [RULE_OPTION_DEFAULT] = {SETTINGS, "types, ranges and allowed values right, environment "
                                       "variables and defaults applied."},
    [RULE_OPTION_ENVIRONMENT] = {SETTINGS, "variable that is used when the config has no value, "
                                           "or NULL"},
    [RULE_OPTION_VALUES] = {SETTINGS, "allowed values, ended by NULL; or NULL for any"},
    [RULE_OPTION_RANGE] = {SETTINGS, "for integers (in their unit) and durations (in "
                                     "milliseconds)"},
    [RULE_OPTION_TABLE] = {SETTINGS, "The table is used to validate, to suggest, to list, to "
                                     "document and to complete; there is no other parser of "
                                     "options."},
    [RULE_OPTION_ASKED] = {SETTINGS, "asking for a name that is not in the table, or with the "
                                     "wrong type, is a defect of the plugin and ends in an "
                                     "assertion."},
    [RULE_STATUS] = {PLUGIN, "Every operation returns enum acsmtp_status and describes a failure "
                             "in `err`."},
    [RULE_MESSAGE] = {ERROR, "All texts are NUL-terminated, printable and on one line."},
    [RULE_OPEN] = {PLUGIN, "settings are complete and checked; no network, no waiting; makes the "
                           "instance"},
    [RULE_CLOSE] = {PLUGIN, "frees the instance; also called when probe or acquire failed"},
    [RULE_GLOBALS] = {PLUGIN, "State lives in the instance that open() makes, never in globals: "
                              "one plugin can stand twice in a chain, with different settings."},
    [RULE_PRINT] = {PLUGIN, "Plugins never print and never exit; acsmtp_log() is allowed."},
    [RULE_BORROWED] = {PLUGIN, "Pointers that come in are borrowed for the call. What must be "
                               "kept is copied."},
    [RULE_DEADLINE] = {PLUGIN, "The deadline of the context is a promise to the user: hand the "
                               "context to every service."},
    [RULE_CANCELLED] = {ERROR, "the context was cancelled"},
    [RULE_SYSTEM] = {ERROR, "memory, files, the operating system or a plugin itself failed"},
    [RULE_THREADS_ONE] = {PLUGIN, "one call into this plugin at a time, in the whole process"},
    [RULE_THREADS_INSTANCE] = {PLUGIN, "one call into an instance at a time; instances are "
                                       "independent"},
    [RULE_THREADS_ANY] = {PLUGIN, "any call at any time"},
    [RULE_PROTOCOL] = {ERROR, "the other side said something that cannot be understood or "
                              "trusted"},
    [RULE_DENIED] = {ERROR, "an identity was presented and refused: a chain stops"},
    [RULE_TEMPORARY] = {ERROR, "may work later: retry, not before retry_after"},
    [RULE_RETRY_AFTER] = {ERROR, "seconds the other side asked to wait, -1 if it did not"},
    [RULE_HTTPS] = {"acsmtp/http.h", "https only, except plain http to loopback and link-local "
                                     "addresses, where metadata services live; redirects are "
                                     "never followed;"},
    [RULE_SECRET_MESSAGE] = {ERROR, "Messages never hold a secret: every text that enters an "
                                    "error passes acsmtp_redact()."},
    [RULE_SECRET_LOG] = {"acsmtp/secret.h", "as long as it lives, log lines and error messages "
                                            "show \"<secret>\" in its place."},
    [RULE_SECRET_WIPED] = {"acsmtp/secret.h", "A password, a token, a key and every buffer that "
                                              "holds one is a struct acsmtp_secret from the "
                                              "moment it is read"},
    [RULE_CREDENTIAL_FILLED] = {PLUGIN, "fills `out` with one of the two setters of credential.h, "
                                        "or fails:"},
    [RULE_CREDENTIAL_LOOK] = {PLUGIN, "what acquire() would do, as far as that can be told at "
                                      "once, without network and without other programs"},
    [RULE_TRANSPORT_RESULT] = {PLUGIN, "fills every mail's result as far as it gets."},
    [RULE_COMPOSER_CRLF] = {PLUGIN, "makes an RFC 5322 message with CRLF line ends from a draft. "
                                    "Bcc is never written."},
    [RULE_COMPOSER_INJECTION] = {PLUGIN, "A composer refuses CR, LF and NUL in any of them."},
    [RULE_KEYRING_COPY] = {"acsmtp/keyring.h", "a copy of the secret, the caller's to free."},
    [RULE_KEYRING_GONE] = {"acsmtp/keyring.h", "OK when it is gone; UNAVAILABLE with "
                                               "ACSMTP_KEYRING_NO_ENTRY when there was none."},
    [RULE_PROVISION_READS] = {PROVISION, "send nothing but reads: tell what would be done"},
    [RULE_PROVISION_PLAN] = {PROVISION, "what apply (or, with DESTROY, destroy) would do. Reads "
                                        "only."},
    [RULE_PROVISION_RESULT] = {PROVISION, "It never holds a secret."},
    [RULE_PROVISION_OBJECT] = {PROVISION, "The caller's *result gets a JSON object, for the caller "
                                          "to free; a failed operation may give one too (what "
                                          "stands)."},
    [RULE_PROVISION_CHANGES] = {PROVISION, "[{\"id\", \"title\", \"change\": "
                                           "\"create\"|\"update\"|\"keep\"|\"delete\""},
    [RULE_PROVISION_EXPORT] = {PROVISION, "the same deployment in another tool's language. "
                                          "Contacts nobody."},
    [RULE_PROVISION_TWICE] = {PROVISION, "makes it so. Doing it twice changes nothing."},
    [RULE_PROVISION_RESUME] = {PROVISION, "On failure what was made stays, and the next apply goes "
                                          "on from there."},
    [RULE_PROVISION_REMOVES] = {PROVISION, "removes what apply made, and nothing else."},
    [RULE_PROVISION_DIAGNOSE] = {PROVISION, "Looks at what the provider has of sender and login, "
                                            "and tells what it finds; sends nothing but reads."},
    [RULE_STEP_ORDER] = {PROVISION, "Receives every change of a step, all steps first as "
                                    "ACSMTP_STEP_PENDING."},
    [RULE_STEP_ONE] = {PROVISION, "Calls come one at a time, but from any thread."},
    [RULE_STEP_NEEDS] = {PROVISION, "ids of the steps that must be done before, ended by NULL"},
    [RULE_STEP_CHANGE] = {PROVISION, "`change` says what was done"},
    [RULE_STEP_LINE] = {PROVISION, "one line, or NULL"},
    [RULE_FINDING] = {"acsmtp/diagnose.h", "What was found at one place. Texts are borrowed for "
                                           "the call, on one line, without secrets."},
};

const char *contract_sentence(enum contract_rule rule)
{
    return sentences[rule].sentence;
}

const char *contract_header(enum contract_rule rule)
{
    return sentences[rule].header;
}
