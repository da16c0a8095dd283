/* SPDX-License-Identifier: MIT */
/*
 * What of the user's files no isolated plugin may read, although its user may: the program's own
 * secrets. Those of one plugin are not another's.
 */
#ifndef ISOLATE_HIDDEN_H
#define ISOLATE_HIDDEN_H

#include <acsmtp/error.h>

struct config;

/*
 * Real paths, ended by NULL, for isolate_hidden_free(): the folders of caches and configs, also
 * where there are none yet; every file that the config was read from, wherever it is, since it may
 * hold literal secrets; and every file that a secret of any entry is in; by all their names, where
 * a file system is mounted more than once. CONFIG when they are more than anybody has.
 */
int isolate_hidden(const struct config *config, char ***hidden, struct acsmtp_error *err);
void isolate_hidden_free(char **hidden);

/* The first of them that is at or below `path`; NULL when there is none. Borrowed. */
const char *isolate_hidden_below(char *const *hidden, const char *path);

#endif
