/* SPDX-License-Identifier: MIT */
/*
 * What an isolated plugin says of itself, checked as if it had been loaded. A program holds on to
 * the descriptor of its provisioner until it ends (acsmtp_driver_provisioner()): those are kept
 * that long, one for all that are the same.
 */
#include "driver/registry_private.h"
#include "isolate_call.h"
#include "wire_plugin.h"
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;
static struct isolate_descriptor *kept;

/* ---- asking ---- */

int isolate_describe(struct isolate *isolate, struct isolate_child **child,
                     struct wire_reader *description, struct acsmtp_error *err)
{
    struct isolate_call call;
    struct wire_writer writer;
    int status = isolate_call_start(isolate, child, &call, err);

    if (status != ACSMTP_OK)
        return status;
    writer = isolate_call_begin(&call, 0);
    wire_put_u32(&writer, (uint32_t)isolate->kind);
    wire_put_text(&writer, isolate->name);
    wire_put_text(&writer, isolate->path);
    status = isolate_call_run(&call, CALL_DESCRIBE, &writer, description, err);
    acsmtp_context_free(call.context);
    return status;
}

static int ask_description(struct isolate *isolate, struct isolate_descriptor *made,
                           struct wire_description *description, struct acsmtp_error *err)
{
    struct wire_reader result;
    int status = isolate_describe(isolate, &isolate->first, &result, err);

    if (status != ACSMTP_OK)
        return status;
    made->name = strdup(isolate->name);
    made->payload = acsmtp_secret_new(result.at, result.left, err);
    if (!made->name || !made->payload)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    result = wire_read(made->payload);
    return wire_get_description(&result, description, err);
}

/* ---- judging ---- */

/* The operations of all kinds: those of the others are not looked at. */
struct operations {
    struct acsmtp_credential_ops credential;
    struct acsmtp_transport_ops transport;
    struct acsmtp_composer_ops composer;
    struct acsmtp_keyring_ops keyring;
    struct acsmtp_provisioner_ops provisioner;
};

static int check(int kind, const char *name, const struct wire_description *description,
                 struct loaded **loaded, struct acsmtp_error *err)
{
    struct operations ops = {0};
    struct acsmtp_plugin raw = {
        ACSMTP_PLUGIN_HEAD(kind),
        .threads = ACSMTP_THREADS_INSTANCE,
        .name = name,
        .version = description->version,
        .summary = description->summary,
        .options = description->options,
        .option_count = description->option_count,
        .option_size = sizeof description->options[0],
        .credential = kind == ACSMTP_KIND_CREDENTIAL ? &ops.credential : NULL,
        .transport = kind == ACSMTP_KIND_TRANSPORT ? &ops.transport : NULL,
        .composer = kind == ACSMTP_KIND_COMPOSER ? &ops.composer : NULL,
        .keyring = kind == ACSMTP_KIND_KEYRING ? &ops.keyring : NULL,
        .provisioner = kind == ACSMTP_KIND_PROVISIONER ? &ops.provisioner : NULL,
    };

    isolate_credential_ops(description->has, &ops.credential);
    isolate_transport_ops(description->has, description->accepts, &ops.transport);
    isolate_composer_ops(&ops.composer);
    isolate_keyring_ops(&ops.keyring);
    isolate_provisioner_ops(description->has, &ops.provisioner);
    return registry_check(&raw, kind, name, loaded, err);
}

/* The registry copies the rows; what they point to stays here. */
static int learn(struct isolate *isolate, struct isolate_descriptor *made, struct acsmtp_error *err)
{
    struct wire_description description = {0};
    int status = ask_description(isolate, made, &description, err);

    if (status == ACSMTP_OK)
        status = check(isolate->kind, made->name, &description, &made->loaded, err);
    made->values = description.values;
    description.values = NULL;
    wire_description_release(&description);
    return status;
}

/* ---- keeping ---- */

static int is_same(const struct isolate_descriptor *one, const struct isolate_descriptor *other)
{
    size_t size = acsmtp_secret_size(one->payload);

    return one->loaded->plugin.kind == other->loaded->plugin.kind &&
           strcmp(one->name, other->name) == 0 && acsmtp_secret_size(other->payload) == size &&
           memcmp(acsmtp_secret_data(one->payload), acsmtp_secret_data(other->payload), size) == 0;
}

/* The one that is kept: that one, or an earlier one that says the same. */
static struct isolate_descriptor *keep(struct isolate_descriptor *made)
{
    struct isolate_descriptor *found;

    (void)pthread_mutex_lock(&kept_lock);
    for (found = kept; found && !is_same(found, made);)
        found = found->next;
    if (!found) {
        made->is_kept = 1;
        made->next = kept;
        kept = made;
    }
    (void)pthread_mutex_unlock(&kept_lock);
    if (!found)
        return made;
    isolate_release_descriptor(made);
    return found;
}

int isolate_learn_descriptor(struct isolate *isolate, struct acsmtp_error *err)
{
    struct isolate_descriptor *made = calloc(1, sizeof *made);
    int status;

    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = learn(isolate, made, err);
    if (status != ACSMTP_OK)
        isolate_release_descriptor(made);
    else
        isolate->descriptor = isolate->kind == ACSMTP_KIND_PROVISIONER ? keep(made) : made;
    return status;
}

void isolate_release_descriptor(struct isolate_descriptor *descriptor)
{
    if (!descriptor || descriptor->is_kept)
        return;
    if (descriptor->loaded)
        free(descriptor->loaded->options);
    free(descriptor->loaded);
    free(descriptor->values);
    acsmtp_secret_free(descriptor->payload);
    free(descriptor->name);
    free(descriptor);
}
