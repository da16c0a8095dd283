/* SPDX-License-Identifier: MIT */
/* The global options, and the life of the driver and the context behind them; see program.h. */
#include "program.h"
#include "completion.h"
#include "exitcode.h"
#include "output.h"
#include "process.h"
#include <acsmtp/json.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define ROW(member) offsetof(struct program, member)

static const struct option_row global_rows[] = {
    {"profile", 0, OPTION_TEXT, "PROFILE", ROW(profile), "use this profile of the config"},
    {"config", 0, OPTION_TEXT, "FILE", ROW(config), "read this file as the config's last layer"},
    {"cloud", 0, OPTION_TEXT, "CLOUD|FILE", ROW(cloud),
     "public, usgov, china, or the file that describes a cloud"},
    {"set", 0, OPTION_LIST, "KEY=VALUE", ROW(set),
     "set a key of the profile; dots lead inwards:\n--set transports.0.port=2525"},
    {"json", 0, OPTION_FLAG, NULL, ROW(json), "print one JSON document on standard output"},
    {"dry-run", 0, OPTION_FLAG, NULL, ROW(dry_run), "check everything, contact nobody"},
    {"verbose", 'v', OPTION_COUNT, NULL, ROW(verbose),
     "say what was decided and why; twice: and how"},
    {"trace", 0, OPTION_FLAG, NULL, ROW(trace),
     "show the HTTP and SMTP dialogue, without credentials"},
    {"timeout", 0, OPTION_DURATION, "DURATION", ROW(timeout_ms),
     "give up after 250ms, 10s, 5m, ... of work in all"},
    {"version", 'V', OPTION_FLAG, NULL, ROW(version), "print the version"},
    {"help", 'h', OPTION_FLAG, NULL, ROW(help), "print this text"},
};

static struct option_set global_set(struct program *program)
{
    return (struct option_set){.rows = global_rows,
                               .count = sizeof global_rows / sizeof global_rows[0],
                               .target = program,
                               .title = "Global options (before or after the command)"};
}

int program_parse_global(struct program *program, const struct option_help *help, int argc,
                         char **argv)
{
    struct option_set set = global_set(program);

    return options_parse(help, &set, 1, 1, argc, argv);
}

struct option_set program_global_set(void)
{
    return global_set(NULL);
}

void program_print_global_help(const struct option_help *help)
{
    struct option_set set = global_set(NULL);

    options_print_help(stdout, help, &set, 1);
}

void program_print_version(void)
{
    (void)printf("acsmtp %s\n"
                 "Copyright (c) 2026 the acsmtp authors\n"
                 "License MIT <https://spdx.org/licenses/MIT.html>\n"
                 "This is free software: you are free to change and redistribute it.\n"
                 "There is NO WARRANTY, to the extent permitted by law.\n",
                 acsmtp_version());
}

/* A slip that would else be found only where the config is merged. */
static int check_set(const struct program *program, const struct option_help *help)
{
    for (size_t i = 0; i < program->set.count; i++)
        if (!strchr(program->set.items[i], '=') || program->set.items[i][0] == '=')
            return options_usage(help, "option '--set': '%s' is not of the form KEY=VALUE",
                                 program->set.items[i]);
    return EX_OK;
}

int program_parse_sets(struct program *program, const struct option_help *help,
                       const struct option_set *given, size_t given_count, int argc, char **argv,
                       int *code)
{
    struct option_set sets[PROGRAM_SETS + 1];
    size_t count = 0;
    int first;

    while (count < given_count && count < PROGRAM_SETS) {
        sets[count] = given[count];
        count++;
    }
    sets[count++] = global_set(program);
    *code = EX_OK;
    if (program->completing) {
        completion_answer(program, help, sets, count, argc, argv);
        return -1;
    }
    first = options_parse(help, sets, count, 0, argc, argv);
    *code = EX_USAGE;
    if (first < 0)
        return -1;
    *code = EX_OK;
    if (program->help)
        options_print_help(stdout, help, sets, count);
    else if (program->version)
        program_print_version();
    else if ((*code = check_set(program, help)) == EX_OK)
        return first;
    return -1;
}

int program_parse(struct program *program, const struct option_help *help,
                  const struct option_set *set, int argc, char **argv, int *code)
{
    return program_parse_sets(program, help, set, 1, argc, argv, code);
}

void program_peek(struct program *program, int argc, char *const *argv)
{
    struct option_set set = global_set(program);

    options_peek(&set, 1, argc, argv);
}

int program_has_option(const char *name)
{
    for (size_t i = 0; i < sizeof global_rows / sizeof global_rows[0]; i++)
        if (strcmp(global_rows[i].name, name) == 0)
            return 1;
    return 0;
}

struct acsmtp_driver_options program_driver_options(const struct program *program)
{
    return (struct acsmtp_driver_options){
        .size = sizeof(struct acsmtp_driver_options),
        .config_file = program->config,
        .profile = program->profile,
        .cloud = program->cloud,
        .set = program->set.items,
        .set_count = program->set.count,
    };
}

int program_log_level(const struct program *program)
{
    if (program->trace)
        return ACSMTP_LOG_TRACE;
    if (program->verbose > 1)
        return ACSMTP_LOG_DEBUG;
    return program->verbose ? ACSMTP_LOG_INFO : ACSMTP_LOG_WARNING;
}

int program_open_context(struct program *program, struct acsmtp_error *err)
{
    if (program->completing)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "no command is run while it is completed");
    if (acsmtp_context_new(&program->context, err) != ACSMTP_OK)
        return err->status;
    acsmtp_context_set_log(program->context, talk_log, NULL, program_log_level(program));
    return ACSMTP_OK;
}

int program_open(struct program *program, struct acsmtp_error *err)
{
    struct acsmtp_driver_options options = program_driver_options(program);

    if (program_open_context(program, err) != ACSMTP_OK)
        return err->status;
    if (acsmtp_driver_open(&options, &program->driver, err) != ACSMTP_OK)
        return err->status;
    return acsmtp_driver_prepare(program->driver, program->context, err);
}

void program_begin(struct program *program)
{
    acsmtp_context_set_timeout(program->context, program->timeout_ms);
    process_catch_signals(program->context);
}

static void count_layer(void *data, const char *path, int exists)
{
    int *count = data;

    /* One that may not be read is there all the same. */
    *count += exists || access(path, F_OK) == 0;
}

void program_talk_failure(const struct program *program, const struct acsmtp_error *err)
{
    struct acsmtp_driver_options options = program_driver_options(program);
    int layers = 0;

    talk_error(err);
    if (err->status != ACSMTP_CONFIG || acsmtp_hint(err))
        return;
    /* Whoever says more than the command does without a config on purpose. */
    if (options.config_file || options.profile || options.cloud || options.set_count)
        return;
    acsmtp_driver_layers(&options, count_layer, &layers);
    if (!layers)
        (void)fprintf(stderr, "hint: There is no config yet; begin with: acsmtp config init\n");
}

int program_fail(const struct program *program, const struct acsmtp_error *err)
{
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *document = NULL;

    program_talk_failure(program, err);
    if (!program->json)
        return exitcode_of_error(err);
    document = output_document(&failure);
    if (document && acsmtp_json_set(document, "error", output_error(err, &failure), &failure) == 0)
        (void)output_json(document);
    return exitcode_of_error(err);
}

void program_release(struct program *program)
{
    acsmtp_driver_close(program->driver);
    process_release_signals();
    acsmtp_context_free(program->context);
    text_list_release(&program->set);
    *program = (struct program){0};
}
