/* SPDX-License-Identifier: MIT */
/*
 * acsmtp provision: the face of a provisioner plugin. What is done is the plugin's business; here
 * it is asked for, watched, confirmed, shown and stored.
 */
#include "confirm.h"
#include "exitcode.h"
#include "output.h"
#include "program.h"
#include "progress.h"
#include "provision_options.h"
#include "provision_plan.h"
#include "provision_result.h"
#include "terminal.h"
#include <sysexits.h>

enum { EXIT_CHANGES = 2 }; /* --detailed-exitcode: there is something to do */

static struct progress *new_progress(const struct program *program, int reads_only,
                                     struct acsmtp_error *err)
{
    const struct progress_options options = {
        .style = program->json ? PROGRESS_EVENTS : progress_style(),
        .reads_only = reads_only,
        .verbose = program->verbose,
        .context = program->context,
    };

    return progress_new(&options, err);
}

/* One operation of the plugin, watched. */
static int operate(struct program *program, const struct provision_options *options,
                   const char *operation, uint32_t flags, struct acsmtp_json **result,
                   struct acsmtp_error *err)
{
    const struct acsmtp_provision_request request = {.size = sizeof request,
                                                     .flags = flags,
                                                     .format = options->format,
                                                     .merge = options->merge_spf};
    int reads_only = (flags & ACSMTP_PROVISION_READ_ONLY) != 0;
    struct progress *progress = new_progress(program, reads_only, err);
    int status;

    if (!progress)
        return err->status;
    acsmtp_context_set_log(program->context, progress_log, progress, program_log_level(program));
    status = acsmtp_driver_provision(program->driver, program->context, operation, &request,
                                     options->given.items, options->given.count,
                                     progress_observer(progress), result, err);
    progress_end(progress);
    acsmtp_context_set_log(program->context, talk_log, NULL, program_log_level(program));
    if (status != ACSMTP_OK && !reads_only && !program->json &&
        progress_count(progress, ACSMTP_STEP_DONE, NULL))
        (void)fprintf(stderr, "What is done stands; 'acsmtp provision %s' goes on from there.\n",
                      operation);
    progress_free(progress);
    return status;
}

/* ---- actions ---- */

static uint32_t flags_of(const struct program *program, const struct provision_options *options)
{
    uint32_t flags = 0;

    if (program->dry_run || (options->action & (PROVISION_PLAN | PROVISION_SHOW)))
        flags |= ACSMTP_PROVISION_READ_ONLY;
    if (options->purge)
        flags |= ACSMTP_PROVISION_PURGE;
    if (options->destroy || (program->dry_run && options->action == PROVISION_DESTROY))
        flags |= ACSMTP_PROVISION_DESTROY;
    if (options->check_dns)
        flags |= ACSMTP_PROVISION_CHECK_DNS;
    return flags;
}

/* Making and removing without doing it is planning it; the others know how to read only. */
static const char *operation_of(const struct program *program,
                                const struct provision_options *options)
{
    if (program->dry_run && (options->action & (PROVISION_APPLY | PROVISION_DESTROY)))
        return "plan";
    return options->name;
}

static int show(const struct program *program, const struct provision_options *options,
                const struct acsmtp_json *result)
{
    int code = provision_result_show(program, options, result);

    if (code == EX_OK && options->detailed_exitcode && provision_plan_changes(result))
        return EXIT_CHANGES;
    return code;
}

static int run_plainly(struct program *program, const struct provision_options *options)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *result = NULL;
    int code;

    if (operate(program, options, operation_of(program, options), flags_of(program, options),
                &result, &err) != ACSMTP_OK)
        return provision_fail(program, &err);
    if (!program->dry_run)
        (void)provision_result_store(options, result, &err);
    code = show(program, options, result);
    return err.status == ACSMTP_OK ? code : provision_fail(program, &err);
}

/* ---- destroy ---- */

static int refuse_unasked(void)
{
    talk("destroy asks before it removes anything, and there is no terminal to ask on: nothing was "
         "done; --yes goes ahead, --dry-run shows what would be removed");
    return EX_USAGE;
}

/* Shown and agreed to: 1. Nothing there: 0, with *code EX_OK. */
static int agree(struct program *program, const struct provision_options *options, int *code)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *plan = NULL;
    const char *word;

    *code = EX_OK;
    if (operate(program, options, "plan",
                flags_of(program, options) | ACSMTP_PROVISION_READ_ONLY | ACSMTP_PROVISION_DESTROY,
                &plan, &err) != ACSMTP_OK) {
        *code = provision_fail(program, &err);
        return 0;
    }
    provision_plan_print(plan, program->verbose);
    (void)fflush(stdout);
    if (!provision_plan_changes(plan))
        return 0;
    word = acsmtp_json_string(plan, "confirm");
    if (confirm_word(program->context, word ? word : "yes", &err) == ACSMTP_OK)
        return 1;
    *code = provision_fail(program, &err);
    return 0;
}

static int run_destroy(struct program *program, const struct provision_options *options)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *result = NULL;
    int code;

    if (!options->yes && !agree(program, options, &code))
        return code;
    if (operate(program, options, options->name, flags_of(program, options), &result, &err) !=
        ACSMTP_OK)
        return provision_fail(program, &err);
    return show(program, options, result);
}

/* ---- the command ---- */

static int run(struct program *program, const struct provision_options *options)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int asks = options->action == PROVISION_DESTROY && !program->dry_run;

    if (asks && !options->yes && (program->json || !confirm_possible()))
        return refuse_unasked();
    if ((!program->dry_run && provision_result_check(options, &err) != ACSMTP_OK) ||
        program_open(program, &err) != ACSMTP_OK)
        return provision_fail(program, &err);
    program_begin(program);
    return asks ? run_destroy(program, options) : run_plainly(program, options);
}

int cmd_provision(struct program *program, int argc, char **argv)
{
    struct provision_options options = {0};
    int code;

    if (provision_options_parse(program, &options, argc, argv, &code) == 0)
        code = run(program, &options);
    provision_options_release(&options);
    return code;
}
