/* SPDX-License-Identifier: MIT */
/*
 * Whether the file of a plugin may be loaded: its code runs with all rights of the user.
 */
#ifndef PLUGIN_FILE_H
#define PLUGIN_FILE_H

#include <acsmtp/error.h>

/*
 * The real path of a plugin's file (symbolic links resolved), for the caller to free(3), once it
 * was found that nobody but root and this user can change the file or a folder above it, and that
 * the file is a whole ELF object. NULL and ACSMTP_SYSTEM, with the chmod that helps, otherwise.
 */
char *plugin_file_resolve(const char *path, struct acsmtp_error *err);

#endif
