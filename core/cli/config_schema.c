/* SPDX-License-Identifier: MIT */
/*
 * acsmtp config schema. It is wanted most while the config is wrong, so a config that cannot be
 * read costs no more than the plugins of its "plugin_path".
 */
#include "config_schema.h"
#include "output.h"
#include <acsmtp/json.h>

static int tell_problem(void *data, const char *path, const struct acsmtp_plugin *plugin,
                        const char *problem)
{
    (void)data;
    (void)path;
    (void)plugin;
    talk("left out: %s", problem ? problem : "a plugin that cannot be used");
    return 0;
}

int config_schema(struct program *program)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_driver_options options = program_driver_options(program);
    ACSMTP_AUTO_JSON struct acsmtp_json *schema =
        acsmtp_config_schema(&options, tell_problem, NULL, &err);

    if (!schema && err.status == ACSMTP_CONFIG) {
        talk("the schema is made without the config, for it is wrong: %s", err.message);
        acsmtp_error_clear(&err);
        options = (struct acsmtp_driver_options){.size = sizeof options,
                                                 .flags = ACSMTP_DRIVER_CONFIG_ONLY};
        schema = acsmtp_config_schema(&options, tell_problem, NULL, &err);
    }
    return schema ? output_json(schema) : program_fail(program, &err);
}
