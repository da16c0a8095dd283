/* SPDX-License-Identifier: MIT */
/* Host functions that give memory, each of which can be the one that gets none; see services.h. */
#include "probe.h"
#include "services.h"
#include <acsmtp/credential.h>
#include <acsmtp/http.h>
#include <acsmtp/json.h>
#include <acsmtp/message.h>
#include <acsmtp/process.h>
#include <acsmtp/secret.h>

/* Whether this call gets no memory, which `err` then says. */
static int refused(const char *name, struct acsmtp_error *err)
{
    probe_service(name, NULL, 0);
    if (!probe_fails())
        return 0;
    (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    return 1;
}

static struct acsmtp_secret *our_secret_new(const void *bytes, size_t size,
                                            struct acsmtp_error *err)
{
    return refused("acsmtp_secret_new", err) ? NULL : acsmtp_secret_new(bytes, size, err);
}

static struct acsmtp_secret *our_secret_dup(const struct acsmtp_secret *secret,
                                            struct acsmtp_error *err)
{
    return refused("acsmtp_secret_dup", err) ? NULL : acsmtp_secret_dup(secret, err);
}

static int our_secret_append(struct acsmtp_secret *secret, const void *bytes, size_t size,
                             struct acsmtp_error *err)
{
    return refused("acsmtp_secret_append", err) ? ACSMTP_SYSTEM
                                                : acsmtp_secret_append(secret, bytes, size, err);
}

static int our_form_add(struct acsmtp_secret *form, const char *name, const char *value,
                        size_t size, struct acsmtp_error *err)
{
    return refused("acsmtp_http_form_add", err)
               ? ACSMTP_SYSTEM
               : acsmtp_http_form_add(form, name, value, size, err);
}

static struct acsmtp_json *our_json_parse(const char *text, size_t size, struct acsmtp_error *err)
{
    return refused("acsmtp_json_parse", err) ? NULL : acsmtp_json_parse(text, size, err);
}

static struct acsmtp_json *our_json_new_object(struct acsmtp_error *err)
{
    return refused("acsmtp_json_new_object", err) ? NULL : acsmtp_json_new_object(err);
}

static struct acsmtp_json *our_json_new_array(struct acsmtp_error *err)
{
    return refused("acsmtp_json_new_array", err) ? NULL : acsmtp_json_new_array(err);
}

static struct acsmtp_json *our_json_new_string(const char *text, struct acsmtp_error *err)
{
    return refused("acsmtp_json_new_string", err) ? NULL : acsmtp_json_new_string(text, err);
}

static struct acsmtp_json *our_json_dup(const struct acsmtp_json *json, struct acsmtp_error *err)
{
    return refused("acsmtp_json_dup", err) ? NULL : acsmtp_json_dup(json, err);
}

static char *our_json_format(const struct acsmtp_json *json)
{
    return refused("acsmtp_json_format", NULL) ? NULL : acsmtp_json_format(json);
}

static struct acsmtp_secret *our_take_secret(struct acsmtp_json *json, const char *key,
                                             struct acsmtp_error *err)
{
    return refused("acsmtp_json_take_secret", err) ? NULL : acsmtp_json_take_secret(json, key, err);
}

static struct acsmtp_credential *our_credential_new(struct acsmtp_error *err)
{
    return refused("acsmtp_credential_new", err) ? NULL : acsmtp_credential_new(err);
}

static char *our_header_dup(const struct acsmtp_message *message, const char *name, size_t index)
{
    return refused("acsmtp_message_header_dup", NULL)
               ? NULL
               : acsmtp_message_header_dup(message, name, index);
}

static char **our_environment(const char *const *names, const char *const *extra)
{
    return refused("acsmtp_process_environment", NULL) ? NULL
                                                       : acsmtp_process_environment(names, extra);
}

static struct acsmtp_context *our_context_limit(struct acsmtp_context *parent, int64_t timeout_ms)
{
    return refused("acsmtp_context_limit", NULL) ? NULL : acsmtp_context_limit(parent, timeout_ms);
}

const struct image_hook object_hooks[] = {
    SERVICE_HOOK("acsmtp_secret_new", our_secret_new),
    SERVICE_HOOK("acsmtp_secret_dup", our_secret_dup),
    SERVICE_HOOK("acsmtp_secret_append", our_secret_append),
    SERVICE_HOOK("acsmtp_http_form_add", our_form_add),
    SERVICE_HOOK("acsmtp_json_parse", our_json_parse),
    SERVICE_HOOK("acsmtp_json_new_object", our_json_new_object),
    SERVICE_HOOK("acsmtp_json_new_array", our_json_new_array),
    SERVICE_HOOK("acsmtp_json_new_string", our_json_new_string),
    SERVICE_HOOK("acsmtp_json_dup", our_json_dup),
    SERVICE_HOOK("acsmtp_json_format", our_json_format),
    SERVICE_HOOK("acsmtp_json_take_secret", our_take_secret),
    SERVICE_HOOK("acsmtp_credential_new", our_credential_new),
    SERVICE_HOOK("acsmtp_message_header_dup", our_header_dup),
    SERVICE_HOOK("acsmtp_process_environment", our_environment),
    SERVICE_HOOK("acsmtp_context_limit", our_context_limit),
};
const size_t object_hook_count = sizeof object_hooks / sizeof object_hooks[0];
