/* SPDX-License-Identifier: MIT */
/*
 * What a shell may offer at the cursor: `acsmtp __complete -- WORD...` prints it for the words up
 * to the cursor, of which the last is the one under it, maybe empty. The scripts that ask are in
 * core/completion.
 *
 * Everything comes from the tables that --help prints. Options are the rows of the option sets;
 * what may stand behind them, and which operands there are, is read from how the help writes them:
 * in small letters what is to be typed ("raw|json"), in capitals what it stands for: FILE, FOLDER,
 * PROFILE, CLOUD, PLUGIN ("PLUGIN,..." for several), KEY=VALUE. Other words stand for anything.
 *
 * Output, a line each, fields divided by tabs:
 *	word	TEXT	ABOUT	a candidate for the whole word under the cursor
 *	files	PREFIX		the paths of files that may follow PREFIX in it
 *	folders	PREFIX		the same of folders
 *
 * A command runs up to the place where it reads its options, and there the answer is given instead.
 * Names are read from the config and the plugin folders; nobody is contacted, no plugin is run.
 */
#ifndef COMPLETION_H
#define COMPLETION_H

#include "program.h"

/* Returns the exit code of the program. `run` gets the words from the command on. */
int completion_run(struct program *program, int argc, char **argv,
                   int (*offer_commands)(struct program *program),
                   int (*run)(struct program *program, int argc, char **argv));

/* The answer for a word that others are dispatched by: those words, or what `run` has for them. */
int completion_group(struct program *program, int argc, char **argv,
                     int (*offer)(struct program *program),
                     int (*run)(struct program *program, int argc, char **argv));

/* A candidate, if it continues the word under the cursor; `about` may be NULL, its first line
 * counts. */
void completion_offer(const struct program *program, const char *text, const char *about);

/* The answer for a command with these options and operands. */
void completion_answer(const struct program *program, const struct option_help *help,
                       const struct option_set *sets, size_t set_count, int argc,
                       char *const *argv);

#endif
