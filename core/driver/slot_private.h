/* SPDX-License-Identifier: MIT */
/*
 * Inside slots: folders (slot_folder.c), files (slot_file.c), locks and keyrings (slot.c), and what
 * removes them all (slot_wipe.c).
 */
#ifndef SLOT_PRIVATE_H
#define SLOT_PRIVATE_H

#include "digest.h"
#include "slot.h"

/* GROUP-DIGEST; the files are NAME.json, NAME.lock and, for a moment, NAME.new. */
#define SLOT_NAME_MAX (SLOT_GROUP_MAX + 1 + DIGEST_HEX)
#define SLOT_FILE_MAX (SLOT_NAME_MAX + 8)
#define SLOT_ENTRY_NAME_MAX (SLOT_NAME_MAX + 24) /* "acsmtp/FOLDER/NAME" */
#define SLOT_ENTRY ".json"
#define SLOT_LOCK ".lock"
#define SLOT_NEW ".new"

struct slot {
    int folder;
    int lock; /* the lock file, -1 while not open */
    int locked;
    struct keyring *keyring;
    char name[SLOT_NAME_MAX];
    char entry_name[SLOT_ENTRY_NAME_MAX]; /* the file's, or the one in the keyring */
    char lock_name[SLOT_FILE_MAX];
};

/* Find or make the folder and open it; UNAVAILABLE with the reason when it cannot be used. */
int slot_folder_open(const char *name, int *folder, struct acsmtp_error *err);

int slot_file_read(int folder, const char *name, struct acsmtp_secret **text,
                   struct acsmtp_error *err);
/* Through the file `temporary`, which is renamed. */
int slot_file_write(int folder, const char *name, const char *temporary,
                    const struct acsmtp_secret *text, struct acsmtp_error *err);

/* Overwrite and remove a file; *removed counts one that was there. */
int slot_file_wipe(int folder, const char *name, struct acsmtp_error *err, size_t *removed);

/* What the entry is called in a keyring. */
void slot_entry_name(const char *folder, const char *name, char entry[SLOT_ENTRY_NAME_MAX]);

#endif
