/* SPDX-License-Identifier: MIT */
/*
 * Inside the token cache: what an entry depended on (cache_inputs.c), its text (cache_entry.c), and
 * what a chain needs beyond cache.h.
 */
#ifndef CACHE_PRIVATE_H
#define CACHE_PRIVATE_H

#include "cache.h"
#include "digest.h"
#include <acsmtp/json.h>
#include <sys/types.h>

#define CACHE_ENTRY_MAX SLOT_TEXT_MAX /* a token of 64 KiB, twice as long when all escaped */
#define CACHE_INPUTS_MAX 256
#define CACHE_WINNER_MAX 96

/* A variable with the digest of its value, or a file with its identity. Absent is a state, too. */
struct cache_input {
    char *variable;
    char *file;
    char digest[DIGEST_HEX]; /* "" when the variable is not set */
    int64_t identity[4];     /* device, inode, size, mtime in ns; all 0 when there is no file */
};

struct cache_inputs {
    char salt[33]; /* random: equal values have different digests in different entries */
    size_t count;
    struct cache_input *items;
};

/* Note how the variable or the file is now; once is enough. */
int cache_inputs_add(struct cache_inputs *inputs, const char *variable, const char *file,
                     struct acsmtp_error *err);
/* Whether all of them are still as they were noted. */
int cache_inputs_fresh(const struct cache_inputs *inputs);
void cache_inputs_release(struct cache_inputs *inputs);
void cache_inputs_move(struct cache_inputs *to, struct cache_inputs *from);

/* Members "salt" and "inputs" of an entry, written and read. */
int cache_inputs_format(const struct cache_inputs *inputs, struct acsmtp_json *object,
                        struct acsmtp_error *err);
int cache_inputs_parse(const struct acsmtp_json *object, struct cache_inputs *inputs,
                       struct acsmtp_error *err);

/* The text of an entry; NULL and `err` on failure. */
struct acsmtp_secret *cache_entry_format(const struct acsmtp_credential *credential,
                                         const char *winner, const struct cache_inputs *inputs,
                                         struct acsmtp_error *err);
/* PROTOCOL when the text is no entry. Nothing is judged here: neither age nor inputs. */
int cache_entry_parse(const char *text, size_t size, struct acsmtp_credential *out, char *winner,
                      size_t capacity, struct cache_inputs *inputs, struct acsmtp_error *err);

/* As cache_read() and cache_write(), with the inputs in the caller's hand. `inputs` is empty before
 * reading. */
int cache_read_inputs(struct cache_slot *slot, struct acsmtp_context *context,
                      struct acsmtp_credential *out, char *winner, size_t capacity,
                      struct cache_inputs *inputs, struct acsmtp_error *err);
int cache_write_inputs(struct cache_slot *slot, struct acsmtp_context *context,
                       const struct acsmtp_credential *credential, const char *winner,
                       const struct cache_inputs *inputs, struct acsmtp_error *err);

/* The age of the lock file tells other processes that a refresh was tried in vain. */
void cache_note_failure(struct cache_slot *slot);
int cache_failed_lately(struct cache_slot *slot, int seconds);

#endif
