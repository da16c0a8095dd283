/* SPDX-License-Identifier: MIT */
/* acsmtp plugin: one table of actions that is dispatched, listed and spelt by. */
#include "cmd_plugin.h"
#include "completion.h"
#include <acsmtp/text.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const struct action {
    const char *name;
    int (*run)(struct program *program, int argc, char **argv);
    const char *summary;
} actions[] = {
    {"list", cmd_plugin_list, "list the plugins that are installed; without an action as well"},
    {"info", cmd_plugin_info, "explain one that is installed, by its name"},
    {"dump", cmd_plugin_dump, "everything that one says of itself, from its file"},
    {"check", cmd_plugin_check, "hold one to the contract of plugins"},
    {"new", cmd_plugin_new, "write a folder that is a plugin already, to be changed"},
};
enum { ACTIONS = sizeof actions / sizeof actions[0] };

static const struct option_help plugin_help = {
    .command = "acsmtp plugin",
    .synopsis = "acsmtp plugin [ACTION] [ARGUMENT]...",
    .description = "Look at plugins, and make your own. 'acsmtp plugins' means the same.",
};

static int print_help(void)
{
    program_print_global_help(&plugin_help);
    (void)printf("\nActions:\n");
    for (size_t i = 0; i < ACTIONS; i++)
        (void)printf("  %-10s%s\n", actions[i].name, actions[i].summary);
    (void)printf("\n'acsmtp plugin ACTION --help' explains an action.\n");
    return EX_OK;
}

/* Whoever asks for help behind a slip gets it. */
static int unknown_action(struct program *program, int argc, char **argv)
{
    const char *nearest = NULL;

    program_peek(program, argc, argv);
    if (program->help)
        return print_help();
    for (size_t i = 0; i < ACTIONS; i++)
        nearest = acsmtp_suggest(argv[0], (const char *const[]){nearest, actions[i].name}, 2);
    if (nearest)
        return options_usage(&plugin_help, "unknown action '%s'; did you mean '%s'?", argv[0],
                             nearest);
    return options_usage(&plugin_help, "unknown action '%s'", argv[0]);
}

static int run_action(struct program *program, int argc, char **argv)
{
    for (size_t i = 0; i < ACTIONS; i++)
        if (strcmp(actions[i].name, argv[0]) == 0)
            return actions[i].run(program, argc, argv);
    return unknown_action(program, argc, argv);
}

static int offer_actions(struct program *program)
{
    for (size_t i = 0; i < ACTIONS; i++)
        completion_offer(program, actions[i].name, actions[i].summary);
    return EX_OK;
}

int cmd_plugin(struct program *program, int argc, char **argv)
{
    int first;

    if (program->completing)
        return completion_group(program, argc, argv, offer_actions, run_action);
    first = program_parse_global(program, &plugin_help, argc, argv);
    if (first < 0)
        return EX_USAGE;
    if (first == argc && program->help)
        return print_help();
    if (first == argc) /* the global options that were read stay */
        return cmd_plugin_list(program, 1, argv);
    return run_action(program, argc - first, argv + first);
}
