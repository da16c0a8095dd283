/* SPDX-License-Identifier: MIT */
/*
 * Slots: names, locks, and the way to the file or the keyring; see slot.h.
 */
#include "slot_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void slot_entry_name(const char *folder, const char *name, char entry[SLOT_ENTRY_NAME_MAX])
{
    (void)snprintf(entry, SLOT_ENTRY_NAME_MAX, "acsmtp/%s/%s", folder, name);
}

static void set_names(struct slot *slot, const struct slot_place *place, const char *key)
{
    char digest[DIGEST_HEX];

    digest_hex(NULL, key, strlen(key), digest);
    (void)snprintf(slot->name, sizeof slot->name, "%.*s%s%s", SLOT_GROUP_MAX,
                   place->group ? place->group : "", place->group ? "-" : "", digest);
    (void)snprintf(slot->lock_name, sizeof slot->lock_name, "%s" SLOT_LOCK, slot->name);
    if (place->keyring)
        slot_entry_name(place->folder, slot->name, slot->entry_name);
    else
        (void)snprintf(slot->entry_name, sizeof slot->entry_name, "%s" SLOT_ENTRY, slot->name);
}

int slot_open(const struct slot_place *place, const char *key, struct slot **slot,
              struct acsmtp_error *err)
{
    struct slot *made = calloc(1, sizeof *made);
    int status;

    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    made->lock = -1;
    made->keyring = place->keyring;
    set_names(made, place, key);
    status = slot_folder_open(place->folder, &made->folder, err);
    if (status != ACSMTP_OK) {
        free(made);
        return status;
    }
    *slot = made;
    return ACSMTP_OK;
}

void slot_close(struct slot *slot)
{
    if (!slot)
        return;
    slot_unlock(slot);
    if (slot->lock >= 0)
        (void)close(slot->lock);
    (void)close(slot->folder);
    free(slot);
}

/* ---- the lock ---- */

static int open_lock(struct slot *slot, struct acsmtp_error *err)
{
    if (slot->lock < 0)
        slot->lock = openat(slot->folder, slot->lock_name,
                            O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    return slot->lock >= 0 ? ACSMTP_OK : acsmtp_fail_errno(err, errno, "cannot open the lock");
}

static int pause_for_holder(struct acsmtp_context *context, int64_t ms, struct acsmtp_error *err)
{
    int status = acsmtp_context_sleep(context, ms, err);

    if (status != ACSMTP_OK)
        acsmtp_error_prefix(err, "another process is asking for the same token");
    return status;
}

/*
 * Asked for again and again, less and less often: a blocking flock() would know neither the
 * deadline nor a cancellation.
 */
int slot_lock(struct slot *slot, struct acsmtp_context *context, int wait, struct acsmtp_error *err)
{
    int64_t pause = 2;
    int status = slot->locked ? ACSMTP_OK : open_lock(slot, err);

    while (status == ACSMTP_OK && !slot->locked) {
        if (flock(slot->lock, LOCK_EX | LOCK_NB) == 0)
            slot->locked = 1;
        else if (errno != EWOULDBLOCK && errno != EINTR)
            status = acsmtp_fail_errno(err, errno, "cannot take the lock");
        else if (!wait)
            status = acsmtp_fail(err, ACSMTP_TEMPORARY, "another process refreshes the token");
        else
            status = pause_for_holder(context, pause, err);
        pause = pause < 50 ? pause * 2 : 50;
    }
    return status;
}

void slot_unlock(struct slot *slot)
{
    if (slot->locked)
        (void)flock(slot->lock, LOCK_UN);
    slot->locked = 0;
}

void slot_note_failure(struct slot *slot)
{
    if (slot->locked)
        (void)futimens(slot->lock, NULL);
}

/* An old time: the lock file of a new key is as young as one that was touched by a failure. */
static void note_success(const struct slot *slot)
{
    const struct timespec times[2] = {{0, 0}, {0, 0}};

    (void)futimens(slot->lock, times);
}

int slot_failed_lately(struct slot *slot, int seconds)
{
    struct stat info;
    int64_t age;

    if (fstatat(slot->folder, slot->lock_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
    /* A file's time may be of a finer clock than time(2)'s, and so be in the next second already.
     */
    age = (int64_t)time(NULL) - (int64_t)info.st_mtim.tv_sec;
    return age >= -1 && age < seconds;
}

/* ---- the secret ---- */

int slot_read(struct slot *slot, struct acsmtp_context *context, struct acsmtp_secret **text,
              struct acsmtp_error *err)
{
    if (slot->keyring)
        return keyring_get(slot->keyring, context, slot->entry_name, text, err);
    return slot_file_read(slot->folder, slot->entry_name, text, err);
}

int slot_write(struct slot *slot, struct acsmtp_context *context, const struct acsmtp_secret *text,
               struct acsmtp_error *err)
{
    char temporary[SLOT_FILE_MAX];
    int status;

    if (!slot->locked)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "what is kept is written under its lock only");
    if (acsmtp_secret_size(text) == 0 || acsmtp_secret_size(text) > SLOT_TEXT_MAX)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "what is to be kept has an impossible size");
    (void)snprintf(temporary, sizeof temporary, "%s" SLOT_NEW, slot->name);
    if (slot->keyring)
        status = keyring_set(slot->keyring, context, slot->entry_name, text, err);
    else
        status = slot_file_write(slot->folder, slot->entry_name, temporary, text, err);
    if (status == ACSMTP_OK)
        note_success(slot);
    return status;
}

int slot_remove(struct slot *slot, struct acsmtp_context *context, struct acsmtp_error *err)
{
    size_t removed = 0;
    int status;

    if (slot->keyring)
        return keyring_remove(slot->keyring, context, slot->entry_name, err);
    status = slot_file_wipe(slot->folder, slot->entry_name, err, &removed);
    if (status == ACSMTP_OK && removed == 0)
        return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "there is none");
    return status;
}
