/* SPDX-License-Identifier: MIT */
/*
 * What every plugin that talks to Azure needs: the resource inside a scope, the characters that a
 * tenant may have, and the two shapes in which Azure's services write down an error. Linked into
 * each plugin that asks for it (LIBS azure).
 */
#ifndef AZURE_H
#define AZURE_H

#include <acsmtp/error.h>
#include <acsmtp/http.h>
#include <stddef.h>

#define AZURE_RESOURCE_MAX 512 /* a resource with its NUL; real ones are below 100 */

/*
 * The v1 resource of a v2 scope: "https://communication.azure.com/.default" without "/.default". A
 * slash before it belongs to the resource ("https://x//.default" is "https://x/"). CONFIG when the
 * scope is empty, too long, or holds anything but [0-9A-Za-z._:/-].
 */
int azure_resource(const char *scope, char *resource, size_t capacity,
                   struct acsmtp_error *err) ACSMTP_CHECK;

/* CONFIG unless `tenant` is a GUID or a domain by its characters: [0-9A-Za-z.-]. */
int azure_check_tenant(const char *tenant, struct acsmtp_error *err) ACSMTP_CHECK;

/* 1 when `text` is not empty, does not begin with '-' and holds only letters, digits and `extra`.
 */
int azure_is_word(const char *text, const char *extra);

/* What an error reply says; texts are "" when it does not say. */
struct azure_error {
    char kind[64];  /* OAuth's "error", or the outer "code": invalid_client, Forbidden */
    char code[64];  /* the finest name there is: AADSTS7000215, ForbiddenByRbac, else `kind` */
    char text[512]; /* its words, the first line of them */
};

/*
 * Read {"error": "...", "error_description": ..., "error_codes": [...]} (Entra, IMDS) or
 * {"error": {"code": ..., "message": ..., "innererror": {"code": ...}}} (Key Vault, ARM). 1 when
 * the body is such JSON; else 0, and `error` is empty.
 */
int azure_error_read(const struct acsmtp_secret *body, struct azure_error *error);

/* Whether an HTTP status says "later": 408, 410, 429 and 5xx. */
int azure_is_temporary(int http_status);

/*
 * The failure that a reply stands for: sets status, the server's number, code and words and its
 * Retry-After; the message is `format` followed by ": HTTP 401 code: words". Returns the status.
 */
int azure_fail(struct acsmtp_error *err, int status, const struct acsmtp_http_response *response,
               const struct azure_error *said, const char *format, ...) ACSMTP_PRINTF(5, 6);

#endif
