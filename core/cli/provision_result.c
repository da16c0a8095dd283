/* SPDX-License-Identifier: MIT */
/* See provision_result.h; the config is provision_config.c's, exported files provision_export.c's.
 */
#include "provision_result.h"
#include "exitcode.h"
#include "file_save.h"
#include "output.h"
#include "provision_plan.h"
#include "provision_store.h"
#include "terminal.h"
#include <acsmtp/secret.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define OUTPUT_DEFAULT "provision-output.json"

int provision_fail(const struct program *program, const struct acsmtp_error *err)
{
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *event = NULL;

    program_talk_failure(program, err);
    if (!program->json)
        return exitcode_of_error(err);
    event = output_event("error", &failure);
    if (event && acsmtp_json_set(event, "error", output_error(err, &failure), &failure) == 0)
        (void)output_line(event);
    return exitcode_of_error(err);
}

/* ---- the output ---- */

/* Where the output goes: NULL nowhere, "-" standard output. */
static const char *output_path(const struct provision_options *options)
{
    if (options->output)
        return options->output;
    return options->action == PROVISION_APPLY ? OUTPUT_DEFAULT : NULL;
}

static int store_output(const char *path, const struct acsmtp_json *output,
                        struct acsmtp_error *err)
{
    char *text = acsmtp_json_format_pretty(output), *line = NULL;
    int status;

    if (!text || asprintf(&line, "%s\n", text) < 0)
        line = NULL;
    status =
        line ? file_save(path, line, 0600, err) : acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    free(line);
    free(text);
    if (status == ACSMTP_OK)
        (void)fprintf(stderr, "Written: %s\n", path);
    return status;
}

int provision_result_check(const struct provision_options *options, struct acsmtp_error *err)
{
    const char *path = output_path(options);

    if (path && strcmp(path, "-") != 0 && file_save_check(path, err) != ACSMTP_OK)
        return err->status;
    if (options->write_config && provision_config_check(options, err) != ACSMTP_OK)
        return err->status;
    return ACSMTP_OK;
}

int provision_result_store(const struct provision_options *options,
                           const struct acsmtp_json *result, struct acsmtp_error *err)
{
    const struct acsmtp_json *output = acsmtp_json_get(result, "output");
    const char *path = output_path(options);

    if (output && path && strcmp(path, "-") != 0 && store_output(path, output, err) != ACSMTP_OK)
        return err->status;
    if (options->write_config && provision_config_write(options, result, err) != ACSMTP_OK)
        return err->status;
    if (options->directory)
        return provision_files_write(options, acsmtp_json_get(result, "files"), err);
    return ACSMTP_OK;
}

/* ---- showing ---- */

/* Line ends stay; what else could move the cursor does not. */
static void print_clean(const char *text)
{
    while (*text) {
        size_t size = strcspn(text, "\n");
        char *line = strndup(text, size);
        char *clean = line ? terminal_text_dup(line) : NULL;

        (void)printf("%s\n", clean ? clean : "");
        free(clean);
        free(line);
        text += size + (text[size] == '\n');
    }
}

/* One file is its text; several have their names between them, as head(1) does it. */
static void print_files(const struct acsmtp_json *files)
{
    int several = acsmtp_json_key(files, 1) != NULL;
    const char *name;

    for (size_t i = 0; (name = acsmtp_json_key(files, i)); i++) {
        const char *text = acsmtp_json_string(files, name);

        if (several)
            (void)printf("%s==> %s <==\n", i ? "\n" : "", name);
        (void)printf("%s", text ? text : "");
    }
}

static int print_event(const struct provision_options *options, const struct acsmtp_json *result)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *event = output_event("result", &err);

    if (!event || output_set_text(event, "operation", options->name, &err) != 0 ||
        acsmtp_json_set(event, "result", acsmtp_json_dup(result, &err), &err) != 0) {
        talk_error(&err);
        return EX_OSERR;
    }
    return output_line(event);
}

/* What an apply did was seen as it happened; as a plan it would read as if it were to come. */
static int is_shown_plan(const struct program *program, const struct provision_options *options,
                         const struct acsmtp_json *result)
{
    return provision_plan_is(result) && (program->dry_run || (options->action & PROVISION_PLAN));
}

/* The output, unless it went into a file; with a text beside it only when it was asked for. */
static int show_output(const struct provision_options *options, const struct acsmtp_json *output,
                       const char *text)
{
    const char *path = output_path(options);
    int wanted = path ? strcmp(path, "-") == 0 : text == NULL;

    return wanted ? output_json(output) : EX_OK;
}

int provision_result_show(const struct program *program, const struct provision_options *options,
                          const struct acsmtp_json *result)
{
    const struct acsmtp_json *output = acsmtp_json_get(result, "output");
    const struct acsmtp_json *files = acsmtp_json_get(result, "files");
    const char *text = acsmtp_json_string(result, "text");

    if (program->json)
        return print_event(options, result);
    if (is_shown_plan(program, options, result))
        provision_plan_print(result, program->verbose);
    if (text)
        print_clean(text);
    if (output)
        return show_output(options, output, text);
    if (files && !options->directory)
        print_files(files);
    if (!files && !text && !provision_plan_is(result))
        return output_json(result);
    return EX_OK;
}
