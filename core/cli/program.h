/* SPDX-License-Identifier: MIT */
/*
 * One run of the program: the global options, and the library opened as they say. A subcommand is
 * a function that gets the run and its own words, and returns an exit code of sysexits(3).
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "options.h"
#include <acsmtp/driver.h>

struct program {
    /* what the global options say */
    const char *profile, *config, *cloud;
    struct text_list set;
    int json, dry_run, verbose, trace, help, version;
    int64_t timeout_ms; /* below 0: none */

    /* The word under a shell's cursor: what may stand there is asked (completion.h), and nothing
     * is to be done. NULL: no. */
    const char *completing;

    /* made by program_open() */
    struct acsmtp_driver *driver;
    struct acsmtp_context *context;
};

int cmd_send(struct program *program, int argc, char **argv);
int cmd_sendmail(struct program *program, int argc, char **argv);
int cmd_mailq(struct program *program, int argc, char **argv);
int cmd_newaliases(struct program *program, int argc, char **argv);
int cmd_token(struct program *program, int argc, char **argv);
int cmd_logout(struct program *program, int argc, char **argv);
int cmd_plugin(struct program *program, int argc, char **argv);
int cmd_doctor(struct program *program, int argc, char **argv);
int cmd_chain(struct program *program, int argc, char **argv);
int cmd_explain(struct program *program, int argc, char **argv);
int cmd_config(struct program *program, int argc, char **argv);
int cmd_provision(struct program *program, int argc, char **argv);

/*
 * Read a subcommand's options, and the global ones that stand among them. Returns the index of the
 * first operand; or -1, with *code set, when there is nothing more to do: help or version was
 * printed, a shell was answered, or the words were wrong (which has been said). So that a shell can
 * be answered, a command does nothing before.
 */
int program_parse(struct program *program, const struct option_help *help,
                  const struct option_set *set, int argc, char **argv, int *code);

/* The same for options in several sets, at most PROGRAM_SETS. */
enum { PROGRAM_SETS = 3 };
int program_parse_sets(struct program *program, const struct option_help *help,
                       const struct option_set *sets, size_t set_count, int argc, char **argv,
                       int *code);

/* Read the global options among words that are not all known yet; see options_peek(). */
void program_peek(struct program *program, int argc, char *const *argv);

/* The global options by themselves, for who looks at them only. */
struct option_set program_global_set(void);

/* Whether a global option has that name. */
int program_has_option(const char *name);

/* The global options alone, up to the first operand: the command. Returns its index, or -1. */
int program_parse_global(struct program *program, const struct option_help *help, int argc,
                         char **argv);
void program_print_global_help(const struct option_help *help);
void program_print_version(void);

/* What the global options mean to the driver; borrowed from `program`. */
struct acsmtp_driver_options program_driver_options(const struct program *program);

/* How much the log tells, as the global options say. */
int program_log_level(const struct program *program);

/* The context alone, with its log. */
int program_open_context(struct program *program, struct acsmtp_error *err);

/* Open driver and context. */
int program_open(struct program *program, struct acsmtp_error *err);

/*
 * From here on the clock of --timeout runs, and SIGINT and SIGTERM end the work through the
 * context, so that files and sessions are left in order. Before it they end the process at once.
 */
void program_begin(struct program *program);

/* Say a failure on standard error. */
void program_talk_failure(const struct program *program, const struct acsmtp_error *err);

/*
 * Say a failure on standard error, with --json also as a document on standard output. Returns the
 * exit code.
 */
int program_fail(const struct program *program, const struct acsmtp_error *err);

void program_release(struct program *program);

#endif
