/* SPDX-License-Identifier: MIT */
/* The provider of the plugin `maker`: a JSON object in a file, with a member for each thing. */
#include "maker.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct acsmtp_json *maker_world_read(const char *path, struct acsmtp_error *err)
{
    FILE *file = fopen(path, "re");
    char bytes[65536];
    size_t size;

    if (!file)
        return acsmtp_json_new_object(err);
    size = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    return acsmtp_json_parse(bytes, size, err);
}

static int world_write(const struct work *work, struct acsmtp_error *err)
{
    char *bytes = acsmtp_json_format_pretty(work->world);
    FILE *file = bytes ? fopen(maker_text(work->maker, "world"), "we") : NULL;
    int failed = !file || fputs(bytes, file) < 0;

    if (file)
        failed |= fclose(file) != 0;
    free(bytes);
    return failed ? acsmtp_fail(err, ACSMTP_SYSTEM, "cannot write the world") : ACSMTP_OK;
}

const char *maker_world_change(const struct work *work, const char *name)
{
    const struct acsmtp_json *made = acsmtp_json_get(work->world, name);

    if (work->destroys)
        return made ? "delete" : "absent";
    if (!made)
        return "create";
    return maker_is(maker_text(work->maker, "size"), acsmtp_json_string(made, "size")) ? "keep"
                                                                                       : "update";
}

int maker_world_apply(struct work *work, const struct thing *thing, struct acsmtp_error *err)
{
    struct acsmtp_json *made;

    if (strcmp(thing->change, "keep") == 0 || strcmp(thing->change, "absent") == 0)
        return ACSMTP_OK;
    if (work->destroys) {
        acsmtp_json_remove(work->world, thing->name);
        return world_write(work, err);
    }
    made = acsmtp_json_new_object(err);
    if (!made ||
        acsmtp_json_set(made, "size", acsmtp_json_new_string(maker_text(work->maker, "size"), err),
                        err) != ACSMTP_OK) {
        acsmtp_json_free(made);
        return ACSMTP_SYSTEM;
    }
    if (acsmtp_json_set(work->world, thing->name, made, err) != ACSMTP_OK)
        return ACSMTP_SYSTEM;
    return world_write(work, err);
}
