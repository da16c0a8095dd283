/* SPDX-License-Identifier: MIT */
/*
 * A plugin's descriptor on its way to the host, and the settings of an instance on their way to it.
 */
#ifndef ISOLATE_WIRE_PLUGIN_H
#define ISOLATE_WIRE_PLUGIN_H

#include "wire.h"
#include <acsmtp/plugin.h>

/* What the other process says of the plugin that it has loaded. */
struct wire_description {
    const char *version, *summary;
    uint32_t accepts; /* of a transport */
    uint32_t has;     /* enum isolate_has, or-ed */
    struct acsmtp_option *options;
    uint32_t option_count;
    const char **values; /* what the options' `values` point into */
};

/* `plugin` as the registry gives it: at full size. */
void wire_put_description(struct wire_writer *writer, const struct acsmtp_plugin *plugin);
/* Texts are borrowed from the payload. To be released, also after a failure. */
int wire_get_description(struct wire_reader *reader, struct wire_description *description,
                         struct acsmtp_error *err);
void wire_description_release(struct wire_description *description);

/*
 * Values, item by item in the order of the option table; of a SECRET only whether it is set, of a
 * CHAIN the same: those are asked for when they are needed.
 */
void wire_put_settings(struct wire_writer *writer, const struct acsmtp_settings *settings);
/* For settings_free(). PROTOCOL when they are not of this plugin's table. */
int wire_get_settings(struct wire_reader *reader, const struct acsmtp_plugin *plugin,
                      struct acsmtp_settings **settings, struct acsmtp_error *err);

#define WIRE_DRAFT_ITEMS 4096 /* headers, and attachments */

/* A draft. Lists and texts are borrowed from the payload; to be released. */
struct wire_draft {
    struct acsmtp_draft draft;
    const char **headers;
    struct acsmtp_attachment *attachments;
};
void wire_put_draft(struct wire_writer *writer, const struct acsmtp_draft *draft);
int wire_get_draft(struct wire_reader *reader, struct wire_draft *draft, struct acsmtp_error *err);
void wire_draft_release(struct wire_draft *draft);

#endif
