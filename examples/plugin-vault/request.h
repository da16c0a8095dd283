/* SPDX-License-Identifier: MIT */
/*
 * One exchange with Vault's HTTP API (https://developer.hashicorp.com/vault/api-docs): addresses
 * below /v1/, the headers that it wants, and JSON bodies that never leave a secret's memory.
 */
#ifndef VAULT_REQUEST_H
#define VAULT_REQUEST_H

#include <acsmtp/http.h>
#include <acsmtp/settings.h>
#include <stddef.h>

enum { VAULT_URL_MAX = 2048 };

/*
 * ADDRESS/v1/PART/PART..., percent-encoded; a part may hold slashes. `parts` ends with NULL. CONFIG
 * when a part is empty or has an empty segment, one of dots, or one that ends in a dot (which Vault
 * answers with 404), when the address has a query or a fragment, and when all is too long.
 */
int vault_url(const char *address, const char *const *parts, char *url, size_t capacity,
              struct acsmtp_error *err) ACSMTP_CHECK;

/* Add "name": "text" to a body that is begun with an empty secret; vault_body_end() closes it. */
int vault_body_add(struct acsmtp_secret *body, const char *name, const char *text,
                   struct acsmtp_error *err) ACSMTP_CHECK;
int vault_body_end(struct acsmtp_secret *body, struct acsmtp_error *err) ACSMTP_CHECK;

/* GET without a body, POST with one. `token` NULL: a login. Status as acsmtp_http_send(). */
int vault_send(const struct acsmtp_settings *settings, struct acsmtp_context *context,
               const char *url, const struct acsmtp_secret *token, const struct acsmtp_secret *body,
               struct acsmtp_http_response **response, struct acsmtp_error *err) ACSMTP_CHECK;

#endif
