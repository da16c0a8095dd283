/* SPDX-License-Identifier: MIT */
/*
 * The sentences of the contract that the battery holds a plugin to, as they stand in the public
 * headers; tests/kit/test_contract.py compares them letter by letter. A verdict quotes one of them.
 */
#ifndef CONTRACT_H
#define CONTRACT_H

enum contract_rule {
    RULE_NONE,
    /* the file and its descriptor */
    RULE_ONE_ENTRY,
    RULE_ENTRY_HARMLESS,
    RULE_LINKED_NOW,
    RULE_ABI,
    RULE_STRUCT_SIZE,
    RULE_NAME,
    RULE_SUMMARY,
    RULE_OPERATIONS,
    RULE_THREADS_VALUE,
    /* the option table */
    RULE_OPTION_NAME,
    RULE_OPTION_SUMMARY,
    RULE_OPTION_SECRET,
    RULE_OPTION_DEFAULT,
    RULE_OPTION_ENVIRONMENT,
    RULE_OPTION_VALUES,
    RULE_OPTION_RANGE,
    RULE_OPTION_TABLE,
    RULE_OPTION_ASKED,
    /* what every operation does */
    RULE_STATUS,
    RULE_MESSAGE,
    RULE_OPEN,
    RULE_CLOSE,
    RULE_GLOBALS,
    RULE_PRINT,
    RULE_BORROWED,
    RULE_DEADLINE,
    RULE_CANCELLED,
    RULE_SYSTEM,
    /* threads */
    RULE_THREADS_ONE,
    RULE_THREADS_INSTANCE,
    RULE_THREADS_ANY,
    /* what comes from elsewhere */
    RULE_PROTOCOL,
    RULE_DENIED,
    RULE_TEMPORARY,
    RULE_RETRY_AFTER,
    RULE_HTTPS,
    /* secrets */
    RULE_SECRET_MESSAGE,
    RULE_SECRET_LOG,
    RULE_SECRET_WIPED,
    /* kinds */
    RULE_CREDENTIAL_FILLED,
    RULE_CREDENTIAL_LOOK,
    RULE_TRANSPORT_RESULT,
    RULE_COMPOSER_CRLF,
    RULE_COMPOSER_INJECTION,
    RULE_KEYRING_COPY,
    RULE_KEYRING_GONE,
    RULE_PROVISION_READS,
    RULE_PROVISION_PLAN,
    RULE_PROVISION_RESULT,
    RULE_PROVISION_OBJECT,
    RULE_PROVISION_CHANGES,
    RULE_PROVISION_EXPORT,
    RULE_PROVISION_TWICE,
    RULE_PROVISION_RESUME,
    RULE_PROVISION_REMOVES,
    RULE_PROVISION_DIAGNOSE,
    /* what is told on the way */
    RULE_STEP_ORDER,
    RULE_STEP_ONE,
    RULE_STEP_NEEDS,
    RULE_STEP_CHANGE,
    RULE_STEP_LINE,
    RULE_FINDING,
    RULE_COUNT
};

/* Both are static texts; "" for RULE_NONE. The header is told as in an #include. */
const char *contract_sentence(enum contract_rule rule);
const char *contract_header(enum contract_rule rule);

#endif
