/* SPDX-License-Identifier: MIT */
/*
 * The actions of `acsmtp plugin`, one cmd_plugin_*.c each. An action gets its own words, argv[0]
 * being its name, and is otherwise like a subcommand of program.h.
 */
#ifndef CMD_PLUGIN_H
#define CMD_PLUGIN_H

#include "program.h"

int cmd_plugin_list(struct program *program, int argc, char **argv);
int cmd_plugin_info(struct program *program, int argc, char **argv);
int cmd_plugin_dump(struct program *program, int argc, char **argv);
int cmd_plugin_check(struct program *program, int argc, char **argv);
int cmd_plugin_new(struct program *program, int argc, char **argv);

#endif
