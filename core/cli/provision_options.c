/* SPDX-License-Identifier: MIT */
/*
 * The words of `acsmtp provision`: those of the program, each with the actions that know it, and
 * those of the provisioner, which is found by reading the global options first.
 */
#include "provision_options.h"
#include "output.h"
#include "provision_flags.h"
#include "provision_result.h"
#include <acsmtp/text.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define ROW(member) offsetof(struct provision_options, member)

static const struct option_row own_rows[] = {
    {"detailed-exitcode", 0, OPTION_FLAG, NULL, ROW(detailed_exitcode),
     "plan: exit with 2 when there is something to do"},
    {"destroy", 0, OPTION_FLAG, NULL, ROW(destroy), "plan: what destroy would do"},
    {"output", 0, OPTION_TEXT, "FILE", ROW(output),
     "apply, show: where the names and ids of what is there go,\n- for standard output; default "
     "of apply:\nprovision-output.json"},
    {"write-config", 0, OPTION_TEXT, "FILE", ROW(write_config),
     "apply, show: put a profile that sends with what is there\ninto this config, new or not; it "
     "never replaces another"},
    {"write-profile", 0, OPTION_TEXT, "NAME", ROW(write_profile), "how to call that profile"},
    {"format", 0, OPTION_TEXT, "bicep|terraform|table|zone|json", ROW(format),
     "export: bicep or terraform; verify: table, zone or json"},
    {"directory", 0, OPTION_TEXT, "FOLDER", ROW(directory),
     "export: write the files there instead of showing them"},
    {"merge-spf", 0, OPTION_TEXT, "RECORD", ROW(merge_spf),
     "verify: an SPF record that is there, to be kept in the\nnew one"},
    {"check-dns", 0, OPTION_FLAG, NULL, ROW(check_dns),
     "verify: ask the public DNS for the records"},
    {"purge", 0, OPTION_FLAG, NULL, ROW(purge),
     "destroy: also what the provider keeps for recovery"},
    {"yes", 0, OPTION_FLAG, NULL, ROW(yes),
     "destroy: do not ask; export: replace files that differ"},
};
enum { OWN_ROWS = sizeof own_rows / sizeof own_rows[0] };

/* Which actions know which of them; in the order of the rows. */
static const int own_actions[OWN_ROWS] = {
    PROVISION_PLAN,
    PROVISION_PLAN,
    PROVISION_APPLY | PROVISION_SHOW,
    PROVISION_APPLY | PROVISION_SHOW,
    PROVISION_APPLY | PROVISION_SHOW,
    PROVISION_EXPORT | PROVISION_VERIFY,
    PROVISION_EXPORT,
    PROVISION_VERIFY,
    PROVISION_VERIFY,
    PROVISION_DESTROY | PROVISION_PLAN,
    PROVISION_DESTROY | PROVISION_EXPORT,
};

static const struct option_help provision_help = {
    .command = "acsmtp provision",
    .synopsis = "acsmtp provision [plan] [OPTION]...\n"
                "acsmtp provision apply|show|verify|rotate|destroy|export [OPTION]...",
    .description =
        "plan     show what apply would do; changes nothing\n"
        "apply    make what sending needs; what is there already stays as it is\n"
        "show     print what is there\n"
        "verify   print the DNS records that prove a domain, and have them checked\n"
        "rotate   make new secrets, switch to them, remove the old ones\n"
        "destroy  remove what apply made, and nothing else; shows what, and asks\n"
        "export   write the same as Bicep or Terraform\n"
        "\n"
        "With --dry-run the provider is only read: apply, rotate, verify and destroy tell what "
        "they\nwould do. There is no state file: the provider is asked what is there. An apply "
        "that was\nstopped half way goes on where it stopped when it is called again.\n"
        "\n"
        "What to make is said by the options below, or by \"provision\" in the config or its "
        "profile:\n"
        "  { \"provision\": { \"plugin\": \"NAME\", \"OPTION\": \"VALUE\" } }\n"
        "The provider is asked with the credentials of the profile, unless \"credentials\" stands "
        "there.",
    .epilog =
        "Examples:\n"
        "  What would be made, and how it would end:\n"
        "    acsmtp provision plan\n"
        "  Make it, and a config that sends:\n"
        "    acsmtp provision apply --write-config acs.json\n"
        "    acsmtp --config acs.json send --to ann@example.com --subject Hello --text Hello\n"
        "  In a script: is anything to be done?\n"
        "    acsmtp provision plan --detailed-exitcode; test $? -eq 2\n"
        "  For a program, one JSON document a line (\"type\": step, result, error):\n"
        "    acsmtp --json provision apply\n"
        "  Remove it all:\n"
        "    acsmtp provision destroy\n"
        "\n"
        "Exit codes: 0 done, 2 there is something to do (--detailed-exitcode), 64 wrong usage, 69 "
        "no\nsource of credentials applies here, 73 a file cannot be written, 75 temporary: call "
        "it again,\n77 the identity was refused or may not do it, 78 the configuration is wrong.",
};

/* ---- actions ---- */

static const struct {
    const char *name;
    int action;
} actions[] = {
    {"plan", PROVISION_PLAN},     {"apply", PROVISION_APPLY},   {"show", PROVISION_SHOW},
    {"verify", PROVISION_VERIFY}, {"rotate", PROVISION_ROTATE}, {"destroy", PROVISION_DESTROY},
    {"export", PROVISION_EXPORT},
};
enum { ACTIONS = sizeof actions / sizeof actions[0] };

static int read_action(struct provision_options *options, const char *word)
{
    const char *nearest = NULL;

    for (size_t i = 0; i < ACTIONS; i++) {
        if (strcmp(actions[i].name, word) == 0) {
            options->action = actions[i].action;
            options->name = actions[i].name;
            return EX_OK;
        }
        nearest = acsmtp_suggest(word, (const char *const[]){nearest, actions[i].name}, 2);
    }
    if (nearest)
        return options_usage(&provision_help, "unknown action '%s'; did you mean '%s'?", word,
                             nearest);
    return options_usage(&provision_help, "unknown action '%s'", word);
}

static int is_given(const struct provision_options *options, const struct option_row *row)
{
    const void *place = (const char *)options + row->offset;
    const char *text;

    if (row->type == OPTION_FLAG)
        return *(const int *)place;
    memcpy(&text, place, sizeof text);
    return text != NULL;
}

/* "plan, destroy" */
static void action_names(int mask, char *text, size_t capacity)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < ACTIONS && used < capacity; i++)
        if (mask & actions[i].action)
            used += (size_t)snprintf(text + used, capacity - used, "%s%s", used ? ", " : "",
                                     actions[i].name);
}

/* An option that means nothing to the action was meant for another one. */
static int check_action(const struct provision_options *options)
{
    char names[80];

    for (size_t i = 0; i < OWN_ROWS; i++) {
        if (!is_given(options, &own_rows[i]) || (own_actions[i] & options->action))
            continue;
        action_names(own_actions[i], names, sizeof names);
        return options_usage(&provision_help, "option '--%s' belongs to %s, not to %s",
                             own_rows[i].name, names, options->name);
    }
    if (options->write_profile && !options->write_config)
        return options_usage(&provision_help, "option '--write-profile' needs --write-config");
    return EX_OK;
}

/* ---- the provisioner's options ---- */

static int is_taken(const char *name)
{
    for (size_t i = 0; i < OWN_ROWS; i++)
        if (strcmp(own_rows[i].name, name) == 0)
            return 1;
    return program_has_option(name);
}

/* What was said before the command, then among its words. */
static int peek(const struct program *program, struct program *scratch, int argc, char *const *argv,
                struct acsmtp_error *err)
{
    *scratch = (struct program){.profile = program->profile,
                                .config = program->config,
                                .cloud = program->cloud,
                                .help = program->help,
                                .timeout_ms = -1};
    for (size_t i = 0; i < program->set.count; i++)
        if (text_list_add(&scratch->set, program->set.items[i]) != 0)
            return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    program_peek(scratch, argc, argv);
    return ACSMTP_OK;
}

/*
 * The provisioner has to be known before its options can be read. Without one there is still help.
 */
static const struct acsmtp_plugin *find_plugin(const struct program *program, int argc,
                                               char *const *argv, int *wants_help,
                                               struct acsmtp_error *err)
{
    const struct acsmtp_plugin *plugin = NULL;
    struct program scratch;

    if (peek(program, &scratch, argc, argv, err) == ACSMTP_OK &&
        program_open(&scratch, err) == ACSMTP_OK &&
        acsmtp_driver_provisioner(scratch.driver, &plugin, err) != ACSMTP_OK)
        plugin = NULL;
    *wants_help = scratch.help || program->completing;
    program_release(&scratch);
    return plugin;
}

static int parse(struct program *program, struct provision_options *options,
                 struct provision_flags *flags, int argc, char **argv, int *code)
{
    struct option_set sets[2] = {
        {.rows = own_rows, .count = OWN_ROWS, .target = options, .title = "Options"},
        provision_flags_set(flags)};
    int first = program_parse_sets(program, &provision_help, sets, 2, argc, argv, code);

    if (first < 0)
        return -1;
    if (argc - first > 1)
        *code = options_usage(&provision_help, "unexpected argument '%s'", argv[first + 1]);
    else
        *code = read_action(options, first < argc ? argv[first] : "plan");
    if (*code == EX_OK)
        *code = check_action(options);
    return *code == EX_OK ? 0 : -1;
}

int provision_options_parse(struct program *program, struct provision_options *options, int argc,
                            char **argv, int *code)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct provision_flags flags = {0};
    int wants_help = 0, parsed = -1;
    const struct acsmtp_plugin *plugin = find_plugin(program, argc, argv, &wants_help, &err);

    if (plugin)
        (void)provision_flags_build(&flags, plugin, is_taken, &err);
    if (err.status == ACSMTP_OK || wants_help)
        parsed = parse(program, options, &flags, argc, argv, code);
    else
        program_peek(program, argc, argv); /* --json */
    if (program->completing)
        acsmtp_error_clear(&err); /* what could be read was offered */
    if (parsed == 0)
        parsed = provision_flags_collect(&flags, &options->given, &err) == ACSMTP_OK ? 0 : -1;
    if (err.status != ACSMTP_OK && wants_help)
        (void)printf("\nThe options of the provisioner cannot be shown: %s\n", err.message);
    else if (err.status != ACSMTP_OK)
        *code = provision_fail(program, &err);
    provision_flags_release(&flags);
    return parsed;
}

void provision_options_release(struct provision_options *options)
{
    for (size_t i = 0; i < options->given.count; i++)
        free((char *)options->given.items[i]);
    text_list_release(&options->given);
}
