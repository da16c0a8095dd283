/* SPDX-License-Identifier: MIT */
/*
 * Where a cloud's services are: the one table of Azure's host names, or the file that describes
 * another one (the emulator's endpoints.json).
 */
#ifndef CLOUD_H
#define CLOUD_H

#include <acsmtp/context.h>
#include <acsmtp/json.h>

struct cloud;

/*
 * `value` is a name ("public", "usgov", "china"), the path of a file, or an object; NULL: "public".
 * A file or object is laid over "public" only when it says {"base": "public"}; a key it does not
 * tell is otherwise absent, so that a test never reaches the real service by omission.
 */
int cloud_open(const struct acsmtp_json *value, struct cloud **cloud, struct acsmtp_error *err);
void cloud_free(struct cloud *cloud);
const char *cloud_get(const struct cloud *cloud, const char *name);
int cloud_apply(const struct cloud *cloud, struct acsmtp_context *context,
                struct acsmtp_error *err);

/* A digest of all endpoints, for cache keys; 64 hex digits. */
const char *cloud_digest(const struct cloud *cloud);

#endif
