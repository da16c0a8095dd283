/* SPDX-License-Identifier: MIT */
/* Scopes, tenants and error replies of Azure; see azure.h. */
#include "azure.h"

#include <acsmtp/json.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_SUFFIX "/.default"

int azure_is_word(const char *text, const char *extra)
{
    static const char alphanumeric[] = "0123456789"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "abcdefghijklmnopqrstuvwxyz";
    const char *at = text;

    while (*at && (strchr(alphanumeric, *at) || strchr(extra, *at)))
        at++;
    return *text && *text != '-' && !*at;
}

int azure_resource(const char *scope, char *resource, size_t capacity, struct acsmtp_error *err)
{
    size_t size = strlen(scope);
    size_t suffix = strlen(DEFAULT_SUFFIX);

    if (!azure_is_word(scope, "._:/-"))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "scope '%s' is empty or holds other characters than letters, digits "
                           "and . _ : / -",
                           scope);
    if (size > suffix && strcmp(scope + size - suffix, DEFAULT_SUFFIX) == 0)
        size -= suffix;
    if (size >= capacity)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the scope is longer than %zu characters",
                           capacity - 1);
    memcpy(resource, scope, size);
    resource[size] = '\0';
    return ACSMTP_OK;
}

int azure_check_tenant(const char *tenant, struct acsmtp_error *err)
{
    if (azure_is_word(tenant, ".-"))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "tenant '%s' is neither an id nor a domain: letters, digits, '.' and '-'",
                       tenant);
}

static void copy(char *out, size_t capacity, const char *text)
{
    (void)snprintf(out, capacity, "%s", text ? text : "");
}

/* The first line, and of Entra's one-line form what stands before the trace id. */
static void copy_words(struct azure_error *error, const char *words)
{
    const char *trace = words ? strstr(words, " Trace ID:") : NULL;
    size_t size = words ? strcspn(words, "\r\n") : 0;

    if (trace && (size_t)(trace - words) < size)
        size = (size_t)(trace - words);
    (void)snprintf(error->text, sizeof error->text, "%.*s", (int)size, words ? words : "");
}

/* The correlation id is what an administrator finds the refusal by in Entra's sign-in log. */
static void add_correlation(const struct acsmtp_json *json, struct azure_error *error)
{
    const char *id = acsmtp_json_string(json, "correlation_id");
    const char *when = acsmtp_json_string(json, "timestamp");
    size_t used = strlen(error->text);

    if (id && when)
        (void)snprintf(error->text + used, sizeof error->text - used,
                       " (correlation id %.64s, %.40s)", id, when);
}

static void read_oauth(const struct acsmtp_json *json, const char *kind, struct azure_error *error)
{
    const char *words = acsmtp_json_string(json, "error_description");
    size_t digits = 0;

    copy(error->kind, sizeof error->kind, kind);
    copy(error->code, sizeof error->code, kind);
    copy_words(error, words ? words : kind);
    add_correlation(json, error);
    if (words && strncmp(words, "AADSTS", 6) == 0)
        digits = strspn(words + 6, "0123456789");
    if (digits > 0 && digits < 20)
        (void)snprintf(error->code, sizeof error->code, "%.*s", (int)(digits + 6), words);
}

static void read_service(const struct acsmtp_json *json, struct azure_error *error)
{
    const struct acsmtp_json *inner = acsmtp_json_get(json, "innererror");
    const char *finer = acsmtp_json_string(inner, "code");
    const char *code = acsmtp_json_string(json, "code");

    copy(error->kind, sizeof error->kind, code);
    copy(error->code, sizeof error->code, finer ? finer : code);
    copy_words(error, acsmtp_json_string(json, "message"));
}

int azure_error_read(const struct acsmtp_secret *body, struct azure_error *error)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json =
        acsmtp_json_parse(acsmtp_secret_data(body), acsmtp_secret_size(body), NULL);
    const struct acsmtp_json *said = acsmtp_json_get(json, "error");
    const char *kind = acsmtp_json_string(json, "error");

    *error = (struct azure_error){.kind = ""};
    if (kind)
        read_oauth(json, kind, error);
    else if (acsmtp_json_type(said) == ACSMTP_JSON_OBJECT)
        read_service(said, error);
    return error->kind[0] != '\0';
}

int azure_is_temporary(int http_status)
{
    return http_status == 408 || http_status == 410 || http_status == 429 || http_status >= 500;
}

int azure_fail(struct acsmtp_error *err, int status, const struct acsmtp_http_response *response,
               const struct azure_error *said, const char *format, ...)
{
    int number = acsmtp_http_status(response);
    int told = !said->code[0] || strstr(said->text, said->code);
    char what[512];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    status = acsmtp_fail(err, status, "%s: HTTP %d%s%s%s%s", what, number, told ? "" : " ",
                         told ? "" : said->code, said->text[0] ? ": " : "", said->text);
    acsmtp_error_server(err, number, said->code, said->text);
    if (err)
        err->retry_after = acsmtp_http_retry_after(response);
    return status;
}
