/* SPDX-License-Identifier: MIT */
/* The ways in which the Azure CLI fails; see failure.h. */
#include "failure.h"

#include <stdio.h>
#include <string.h>

#define AZCLI_SAID_MAX 400

/* Copy one line without the "ERROR: " that az puts before it and without blanks at its ends. */
static void azcli_copy_line(char *said, const char *line, size_t size)
{
    while (size > 0 && line[0] == ' ') {
        line++;
        size--;
    }
    if (size > 7 && strncmp(line, "ERROR: ", 7) == 0) {
        line += 7;
        size -= 7;
    }
    while (size > 0 && (line[size - 1] == ' ' || line[size - 1] == '\r'))
        size--;
    (void)snprintf(said, AZCLI_SAID_MAX, "%.*s", (int)size, line);
}

/*
 * The line that tells a person most: the first with Entra's number or az's own "ERROR:"; of a
 * Python traceback, and of anything else, the last one that is not empty.
 */
static void azcli_find_line(const char *errors, char *said)
{
    int traceback = strstr(errors, "Traceback (most recent call last)") != NULL;

    said[0] = '\0';
    for (const char *line = errors; *line; line += strspn(line, "\n")) {
        size_t size = strcspn(line, "\n");
        const char *number = memmem(line, size, "AADSTS", 6);

        if (size > 0)
            azcli_copy_line(said, line, size);
        if (number || (!traceback && strncmp(line, "ERROR: ", 7) == 0))
            return;
        line += size;
    }
}

/* AADSTS and its digits, "" if there are none. */
static void azcli_find_code(const char *errors, char *code, size_t capacity)
{
    const char *at = strstr(errors, "AADSTS");
    size_t digits = at ? strspn(at + 6, "0123456789") : 0;

    (void)snprintf(code, capacity, "%.*s", digits > 0 ? (int)(digits + 6) : 0, at ? at : "");
}

/* "az login --scope ..." as az itself proposes it, else plain "az login". */
static void azcli_find_login(const char *errors, char *login, size_t capacity)
{
    const char *at = errors;
    size_t size = 0;

    while ((at = strstr(at, "az login")) != NULL) {
        size = strcspn(at, "\n'\"`");
        if (at == errors || at[-1] == '\n')
            break;
        at++;
    }
    while (at && size > 0 && at[size - 1] == ' ')
        size--;
    (void)snprintf(login, capacity, "%.*s", at ? (int)size : 8, at ? at : "az login");
}

/* Marks of a failure in the order in which they are looked for. */
static const struct azcli_mark {
    const char *text;
    int status;
    const char *what; /* said before the CLI's own line */
} azcli_marks[] = {
    {"CERTIFICATE_VERIFY_FAILED", ACSMTP_PROTOCOL,
     "the Azure CLI does not trust the server's certificate (a proxy that inspects TLS needs "
     "REQUESTS_CA_BUNDLE)"},
    {"Max retries exceeded", ACSMTP_TEMPORARY, "the Azure CLI cannot reach Entra"},
    {"ConnectionError", ACSMTP_TEMPORARY, "the Azure CLI cannot reach Entra"},
    {"Connection aborted", ACSMTP_TEMPORARY, "the Azure CLI cannot reach Entra"},
    {"Temporary failure in name resolution", ACSMTP_TEMPORARY, "the Azure CLI cannot reach Entra"},
    {"Please specify only one of", ACSMTP_CONFIG, "tenant and subscription exclude one another"},
    {"Check the spelling and casing", ACSMTP_CONFIG,
     "the Azure CLI does not know the subscription"},
    {"doesn't exist in cloud", ACSMTP_CONFIG, "the Azure CLI does not know the subscription"},
    {"ModuleNotFoundError", ACSMTP_UNAVAILABLE, "the installation of the Azure CLI is broken"},
    {"ImportError", ACSMTP_UNAVAILABLE, "the installation of the Azure CLI is broken"},
};

static const struct azcli_mark *azcli_find_mark(const char *errors)
{
    for (size_t i = 0; i < sizeof azcli_marks / sizeof azcli_marks[0]; i++) {
        if (strstr(errors, azcli_marks[i].text))
            return &azcli_marks[i];
    }
    return NULL;
}

/*
 * The CLI is there, but nobody is logged in, or the login has expired, needs a second factor or may
 * not have this resource: for a chain that is "does not apply here", with the way out.
 */
static int azcli_explain_login(const char *errors, const char *code, const char *said,
                               struct acsmtp_error *err)
{
    char login[256];

    azcli_find_login(errors, login, sizeof login);
    if (code[0])
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                           "the login of the Azure CLI is not good for this: %s; run '%s'", said,
                           login);
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "not logged in to the Azure CLI: run '%s'", login);
}

int azcli_explain(const struct acsmtp_process_result *result, struct acsmtp_error *err)
{
    const struct azcli_mark *mark = azcli_find_mark(result->errors);
    char said[AZCLI_SAID_MAX];
    char code[32];

    azcli_find_line(result->errors, said);
    azcli_find_code(result->errors, code, sizeof code);
    acsmtp_error_server(err, 0, code, said);
    if (result->exit_status == 127)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "the Azure CLI cannot be started: %s", said);
    if (mark)
        return acsmtp_fail(err, mark->status, "%s: %s", mark->what, said);
    if (strstr(result->errors, "az login"))
        return azcli_explain_login(result->errors, code, said, err);
    if (code[0])
        return acsmtp_fail(err, ACSMTP_DENIED, "Entra refused the Azure CLI: %s", said);
    if (result->exit_status == 2)
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "this Azure CLI does not understand the command line: %s", said);
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "the Azure CLI failed (exit status %d): %s",
                       (int)result->exit_status, said[0] ? said : "without a word");
}
