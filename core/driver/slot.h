/* SPDX-License-Identifier: MIT */
/*
 * A secret text that outlives the process: a cached token, what a plugin keeps. It is either a file
 * of the user, $XDG_CACHE_HOME/acsmtp/FOLDER/NAME in 0700 folders, 0600 and replaced by rename, so
 * that readers need no lock and never see half of one; or an entry of a keyring. In both cases an
 * empty lock file keeps processes apart, and its name tells which entries there may be.
 */
#ifndef SLOT_H
#define SLOT_H

#include "keyrings.h"
#include <acsmtp/context.h>
#include <acsmtp/secret.h>

struct slot;

#define SLOT_TEXT_MAX (256U * 1024U)
#define SLOT_GROUP_MAX 32

/* Which of them. All borrowed for the call that takes it, but the keyring, which outlives the slot.
 */
struct slot_place {
    const char *folder;      /* SLOT_TOKENS, SLOT_STORE */
    const char *group;       /* names of a group begin with it: [0-9a-f]; or NULL */
    struct keyring *keyring; /* NULL: a file */
};
#define SLOT_TOKENS "tokens"
#define SLOT_STORE "store"

/*
 * `key` is any text; only its digest becomes a name. Makes the folders as needed; contents are not
 * read. UNAVAILABLE, with the reason, when the folder cannot be used.
 */
int slot_open(const struct slot_place *place, const char *key, struct slot **slot,
              struct acsmtp_error *err);
/* Gives the lock back, too. */
void slot_close(struct slot *slot);

/* UNAVAILABLE when there is nothing, or nothing that can be trusted. `context` may be NULL. */
int slot_read(struct slot *slot, struct acsmtp_context *context, struct acsmtp_secret **text,
              struct acsmtp_error *err);
/* Only the holder of the lock writes. */
int slot_write(struct slot *slot, struct acsmtp_context *context, const struct acsmtp_secret *text,
               struct acsmtp_error *err);
/* UNAVAILABLE when there was nothing. A file is overwritten first. */
int slot_remove(struct slot *slot, struct acsmtp_context *context, struct acsmtp_error *err);

/*
 * Take the lock: wait until another holder gives it back, but not beyond the deadline. With
 * `wait` 0, TEMPORARY at once when somebody else holds it.
 */
int slot_lock(struct slot *slot, struct acsmtp_context *context, int wait,
              struct acsmtp_error *err);
void slot_unlock(struct slot *slot);

/* The age of the lock file tells other processes that something was tried in vain; a write takes it
 * back. */
void slot_note_failure(struct slot *slot);
int slot_failed_lately(struct slot *slot, int seconds);

/* Called for every name that has a lock file in the folder; other than OK ends the walk. */
typedef int (*slot_visitor)(void *data, const char *name);

/* The names in a folder, those of one group or (NULL) all. */
int slot_visit(const char *folder, const char *group, slot_visitor visit, void *data,
               struct acsmtp_error *err);

/*
 * Remove what is kept under a name, as slot_visit() tells it: the file, whose blocks are
 * overwritten first, and with `keyring` the entry there. *removed counts what there was.
 */
int slot_wipe(const char *folder, const char *name, struct acsmtp_error *err, size_t *removed);
int slot_wipe_entry(struct keyring *keyring, struct acsmtp_context *context, const char *folder,
                    const char *name, struct acsmtp_error *err, size_t *removed);

#endif
