/* SPDX-License-Identifier: MIT */
/*
 * The program `acsmtp`: one table of subcommands that is dispatched, listed and spelt by. What the
 * subcommands do stands in cmd_*.c; what the words mean to the library in program.c.
 */
#include "completion.h"
#include "output.h"
#include "process.h"
#include "program.h"
#include <acsmtp/text.h>
#include <string.h>
#include <sysexits.h>

static const struct command {
    const char *name;
    int (*run)(struct program *program, int argc, char **argv);
    const char *summary; /* NULL: another name, which is not listed */
} commands[] = {
    {"send", cmd_send, "send mail: a finished message, or one made from options"},
    {"sendmail", cmd_sendmail, "send the message on standard input, as sendmail(8) does"},
    {"token", cmd_token, "print the access token that a profile's sources give"},
    {"logout", cmd_logout, "remove cached tokens and sign-ins"},
    {"plugin", cmd_plugin, "list the plugins, explain or check one, begin your own"},
    {"plugins", cmd_plugin, NULL}, /* as it was called first */
    {"doctor", cmd_doctor, "look at the whole way of a mail, and say what is wrong"},
    {"chain", cmd_chain, "show which sources of credentials would be asked, and why"},
    {"explain", cmd_explain, "say what an error means and what ends it"},
    {"config", cmd_config, "check, show, begin and find the configuration"},
    {"provision", cmd_provision, "make, show and remove what sending needs at the provider"},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* What the program is when it is called by another name. */
static const struct command personalities[] = {
    {"sendmail", cmd_sendmail, NULL},
    {"mailq", cmd_mailq, NULL},
    {"newaliases", cmd_newaliases, NULL},
};
enum { PERSONALITIES = sizeof personalities / sizeof personalities[0] };

static const struct option_help main_help = {
    .command = "acsmtp",
    .synopsis = "acsmtp [OPTION]... COMMAND [ARGUMENT]...",
    .description = "Send mail through Azure Communication Services or any submission server, with\n"
                   "credentials from plugins: managed identity, Azure CLI, client secret, Key "
                   "Vault, ...",
    .epilog = "'acsmtp COMMAND --help' explains a command. Exit codes are those of sysexits(3).",
};

static int print_help(void)
{
    struct option_help help = main_help;

    help.epilog = NULL;
    program_print_global_help(&help);
    (void)printf("\nCommands:\n");
    for (size_t i = 0; i < COMMANDS; i++)
        if (commands[i].summary)
            (void)printf("  %-10s%s\n", commands[i].name, commands[i].summary);
    (void)printf("\n%s\n", main_help.epilog);
    return EX_OK;
}

static int unknown_command(const char *word)
{
    const char *nearest = NULL;

    for (size_t i = 0; i < COMMANDS; i++)
        nearest = acsmtp_suggest(word, (const char *const[]){nearest, commands[i].name}, 2);
    if (nearest)
        return options_usage(&main_help, "unknown command '%s'; did you mean '%s'?", word, nearest);
    return options_usage(&main_help, "unknown command '%s'", word);
}

static int run_command(struct program *program, int argc, char **argv)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, argv[0]) == 0)
            return commands[i].run(program, argc, argv);
    if (strcmp(argv[0], "help") == 0 && argc == 1)
        return print_help();
    return unknown_command(argv[0]);
}

static int offer_commands(struct program *program)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (commands[i].summary)
            completion_offer(program, commands[i].name, commands[i].summary);
    return EX_OK;
}

static const struct command *personality(const char *name)
{
    const char *slash = name ? strrchr(name, '/') : NULL;

    for (size_t i = 0; name && i < PERSONALITIES; i++)
        if (strcmp(personalities[i].name, slash ? slash + 1 : name) == 0)
            return &personalities[i];
    return NULL;
}

static int run(struct program *program, int argc, char **argv)
{
    const struct command *called = personality(argv[0]);
    int first;

    if (called)
        return called->run(program, argc, argv);
    first = program_parse_global(program, &main_help, argc, argv);
    if (first < 0)
        return EX_USAGE;
    if (program->version) {
        program_print_version();
        return EX_OK;
    }
    if (first < argc && strcmp(argv[first], "__complete") == 0)
        return completion_run(program, argc - first, argv + first, offer_commands, run_command);
    if (first < argc) /* with --help in front of the command it is the command's help */
        return run_command(program, argc - first, argv + first);
    if (program->help)
        return print_help();
    return options_usage(&main_help, "no command given");
}

int main(int argc, char **argv)
{
    struct program program = {.timeout_ms = -1};
    int code;

    process_harden();
    code = run(&program, argc, argv);
    program_release(&program);
    code = output_close(code);
    process_end_by_signal();
    process_exit(code);
}
