/* SPDX-License-Identifier: MIT */
/*
 * Files of the token cache: one folder of the user, one entry and one lock file a key. Entries are
 * written under the lock and replaced by rename, so readers need no lock and never see half of one.
 */
#include "base/credential_private.h"
#include "cache_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct cache_slot {
    int folder;
    int lock; /* the lock file, -1 while not open */
    int locked;
    char entry_name[DIGEST_HEX + 8];
    char lock_name[DIGEST_HEX + 8];
    char new_name[DIGEST_HEX + 8];
    struct cache_inputs inputs;
};

int cache_open(const char *key, struct cache_slot **slot, struct acsmtp_error *err)
{
    struct cache_slot *made = calloc(1, sizeof *made);
    char digest[DIGEST_HEX];
    int status;

    if (!made)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    made->lock = -1;
    digest_hex(NULL, key, strlen(key), digest);
    (void)snprintf(made->entry_name, sizeof made->entry_name, "%s.json", digest);
    (void)snprintf(made->lock_name, sizeof made->lock_name, "%s.lock", digest);
    (void)snprintf(made->new_name, sizeof made->new_name, "%s.new", digest);
    status = cache_folder_open(&made->folder, err);
    if (status != ACSMTP_OK) {
        free(made);
        return status;
    }
    *slot = made;
    return ACSMTP_OK;
}

void cache_close(struct cache_slot *slot)
{
    if (!slot)
        return;
    cache_unlock(slot);
    if (slot->lock >= 0)
        (void)close(slot->lock);
    (void)close(slot->folder);
    cache_inputs_release(&slot->inputs);
    free(slot);
}

/* ---- reading ---- */

static int no_entry(struct acsmtp_error *err, const char *why)
{
    return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "no usable token in the cache: %s", why);
}

static int check_entry_file(int fd, size_t *size, struct acsmtp_error *err)
{
    struct stat info;

    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        return no_entry(err, "not a file");
    if (info.st_uid != geteuid() || (info.st_mode & 077) != 0)
        return no_entry(err, "the file is not this user's alone");
    if (info.st_size <= 0 || info.st_size > (off_t)CACHE_ENTRY_MAX)
        return no_entry(err, "the file has an impossible size");
    *size = (size_t)info.st_size;
    return ACSMTP_OK;
}

static int read_all(int fd, size_t size, struct acsmtp_secret *text, struct acsmtp_error *err)
{
    char buffer[8192];
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK && size > 0) {
        ssize_t got = read(fd, buffer, size < sizeof buffer ? size : sizeof buffer);

        if (got <= 0)
            status = no_entry(err, "the file cannot be read");
        else
            status = acsmtp_secret_append(text, buffer, (size_t)got, err);
        size -= got > 0 ? (size_t)got : 0;
    }
    acsmtp_wipe(buffer, sizeof buffer);
    return status;
}

static int read_text(struct cache_slot *slot, struct acsmtp_secret *text, struct acsmtp_error *err)
{
    int fd = openat(slot->folder, slot->entry_name,
                    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    size_t size = 0;
    int status;

    if (fd < 0)
        return no_entry(err, errno == ENOENT ? "there is none" : "the file cannot be opened");
    status = check_entry_file(fd, &size, err);
    if (status == ACSMTP_OK)
        status = read_all(fd, size, text, err);
    (void)close(fd);
    return status;
}

/* Any failure to understand an entry is the same as its absence, with the reason in the message. */
static int judge(struct acsmtp_credential *out, const struct cache_inputs *inputs,
                 struct acsmtp_error *err)
{
    if (acsmtp_credential_expires_on(out) <= (int64_t)time(NULL))
        return no_entry(err, "it has expired");
    if (!cache_inputs_fresh(inputs))
        return no_entry(err, "what it depended on has changed");
    return ACSMTP_OK;
}

int cache_read_inputs(struct cache_slot *slot, struct acsmtp_credential *out, char *winner,
                      size_t capacity, struct cache_inputs *inputs, struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *text = acsmtp_secret_new("", 0, err);
    int status;

    if (!text)
        return ACSMTP_SYSTEM;
    status = read_text(slot, text, err);
    if (status != ACSMTP_OK)
        return status;
    if (cache_entry_parse(acsmtp_secret_data(text), acsmtp_secret_size(text), out, winner, capacity,
                          inputs, &problem) != ACSMTP_OK)
        return no_entry(err, problem.message);
    status = judge(out, inputs, err);
    if (status != ACSMTP_OK) {
        cache_inputs_release(inputs);
        credential_clear(out);
    }
    return status;
}

int cache_read(struct cache_slot *slot, struct acsmtp_credential *out, char *winner,
               size_t capacity, struct acsmtp_error *err)
{
    struct cache_inputs inputs = {0};
    int status = cache_read_inputs(slot, out, winner, capacity, &inputs, err);

    cache_inputs_release(&inputs);
    return status;
}

/* ---- the lock ---- */

static int open_lock(struct cache_slot *slot, struct acsmtp_error *err)
{
    if (slot->lock < 0)
        slot->lock = openat(slot->folder, slot->lock_name,
                            O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    return slot->lock >= 0 ? ACSMTP_OK
                           : acsmtp_fail_errno(err, errno, "cannot open the token cache's lock");
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
int cache_lock(struct cache_slot *slot, struct acsmtp_context *context, int wait,
               struct acsmtp_error *err)
{
    int64_t pause = 2;
    int status = slot->locked ? ACSMTP_OK : open_lock(slot, err);

    while (status == ACSMTP_OK && !slot->locked) {
        if (flock(slot->lock, LOCK_EX | LOCK_NB) == 0)
            slot->locked = 1;
        else if (errno != EWOULDBLOCK && errno != EINTR)
            status = acsmtp_fail_errno(err, errno, "cannot lock the token cache");
        else if (!wait)
            status = acsmtp_fail(err, ACSMTP_TEMPORARY, "another process refreshes the token");
        else
            status = pause_for_holder(context, pause, err);
        pause = pause < 50 ? pause * 2 : 50;
    }
    return status;
}

void cache_unlock(struct cache_slot *slot)
{
    if (slot->locked)
        (void)flock(slot->lock, LOCK_UN);
    slot->locked = 0;
}

void cache_note_failure(struct cache_slot *slot)
{
    if (slot->locked)
        (void)futimens(slot->lock, NULL);
}

/* An old time: the lock file of a new key is as young as one that was touched by a failure. */
static void note_success(const struct cache_slot *slot)
{
    const struct timespec times[2] = {{0, 0}, {0, 0}};

    (void)futimens(slot->lock, times);
}

int cache_failed_lately(struct cache_slot *slot, int seconds)
{
    struct stat info;
    int64_t age;

    if (fstatat(slot->folder, slot->lock_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
    age = (int64_t)time(NULL) - (int64_t)info.st_mtim.tv_sec;
    return age >= 0 && age < seconds;
}

/* ---- writing ---- */

int cache_add_input(struct cache_slot *slot, const char *variable, const char *file,
                    struct acsmtp_error *err)
{
    return cache_inputs_add(&slot->inputs, variable, file, err);
}

static int write_all(int fd, const struct acsmtp_secret *text)
{
    const char *next = acsmtp_secret_data(text);
    size_t left = acsmtp_secret_size(text);

    while (left > 0) {
        ssize_t done = write(fd, next, left);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return -1;
        next += done;
        left -= (size_t)done;
    }
    return 0;
}

/* Only the holder of the lock writes, so one name for the new file is enough; what a process that
 * was killed left of it is removed first. */
static int replace_entry(struct cache_slot *slot, const struct acsmtp_secret *text,
                         struct acsmtp_error *err)
{
    int problem = 0;
    int fd;

    (void)unlinkat(slot->folder, slot->new_name, 0);
    fd = openat(slot->folder, slot->new_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                0600);
    if (fd < 0)
        return acsmtp_fail_errno(err, errno, "cannot write the token cache");
    if (write_all(fd, text) != 0)
        problem = errno;
    if (close(fd) != 0 && !problem)
        problem = errno;
    if (!problem && renameat(slot->folder, slot->new_name, slot->folder, slot->entry_name) != 0)
        problem = errno;
    if (!problem) {
        note_success(slot);
        return ACSMTP_OK;
    }
    (void)unlinkat(slot->folder, slot->new_name, 0);
    return acsmtp_fail_errno(err, problem, "cannot write the token cache");
}

int cache_write_inputs(struct cache_slot *slot, const struct acsmtp_credential *credential,
                       const char *winner, const struct cache_inputs *inputs,
                       struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *text = NULL;

    if (acsmtp_credential_kind(credential) != ACSMTP_CREDENTIAL_TOKEN ||
        acsmtp_credential_expires_on(credential) <= 0)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "only tokens with an expiry are cached");
    if (!slot->locked)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "the token cache is written under its lock only");
    text = cache_entry_format(credential, winner, inputs, err);
    return text ? replace_entry(slot, text, err) : ACSMTP_SYSTEM;
}

int cache_write(struct cache_slot *slot, const struct acsmtp_credential *credential,
                const char *winner, struct acsmtp_error *err)
{
    return cache_write_inputs(slot, credential, winner, &slot->inputs, err);
}

int cache_forget(struct cache_slot *slot, struct acsmtp_error *err)
{
    if (unlinkat(slot->folder, slot->entry_name, 0) != 0 && errno != ENOENT)
        return acsmtp_fail_errno(err, errno, "cannot remove a token from the cache");
    return ACSMTP_OK;
}
