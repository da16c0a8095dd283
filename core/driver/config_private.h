/* SPDX-License-Identifier: MIT */
/*
 * What the files of the config (config*.c, and the settings and the cloud, which read files and
 * name places too) share.
 */
#ifndef CONFIG_PRIVATE_H
#define CONFIG_PRIVATE_H

#include "config.h"
#include <acsmtp/secret.h>
#include <limits.h>
#include <stdlib.h>

#define CONFIG_FILE_MAX (1024U * 1024U)
#define CONFIG_FILES_MAX 128 /* layers: files of conf.d and the three others */
#define CONFIG_SETS_MAX 256  /* --set options */
#define CONFIG_KEY_MAX 127   /* one segment of a path given by --set */
#define CONFIG_DEPTH_MAX 32  /* segments of such a path: as deep as JSON may go */
#define CONFIG_FOLDERS_MAX 64

#define CONFIG_AUTO_FREE __attribute__((cleanup(config_auto_free)))
static inline void config_auto_free(char **text)
{
    free(*text);
}

/* ---- files (config_file.c) ---- */

/* A text file, read whole. It may hold secrets, so it lives in one. */
struct config_file {
    char *path;
    char *real; /* absolute and without links, as it was then; NULL when that is not known */
    struct acsmtp_secret *text;
    int exposed; /* its group or others may read it */
};

/*
 * Read a regular file of at most CONFIG_FILE_MAX bytes. With `optional`, OK and file->text NULL
 * when there is none. CONFIG, with the path, for anything else.
 */
int config_file_read(const char *path, int optional, struct config_file *file,
                     struct acsmtp_error *err);
void config_file_release(struct config_file *file);

/*
 * CONFIG when everybody could put another file into the place of this one (config_trust.c): a
 * folder on its real way that all can write to, or, where such a folder is sticky as /tmp is,
 * something in it that belongs neither to root nor to this user.
 */
int config_check_folders(const char *path, struct acsmtp_error *err);

/* Append all that can be read from `fd`, at most `maximum` bytes; `path` is named in messages. */
int config_read(int fd, const char *path, size_t maximum, struct acsmtp_secret *text,
                struct acsmtp_error *err);

/* The JSON object in the file. CONFIG with "FILE:LINE:COL: " when it is none. */
struct acsmtp_json *config_file_parse(const struct config_file *file, struct acsmtp_error *err);

/* `path` in the folder of `file`, unless it is absolute; for the caller to free. NULL: no memory.
 */
char *config_path_beside(const char *file, const char *path, struct acsmtp_error *err);

/* ---- layers (config_layers.c) ---- */

/* `needed`: named by the user, so it must be there. Return other than 0 ends the walk. */
typedef int (*config_layer_visitor)(void *data, const char *path, int needed);
int config_layers_visit(const struct acsmtp_driver_options *options, const char *system_folder,
                        config_layer_visitor visit, void *data);

/* ---- the document ---- */

/* What one file added to a list of the layers below it. */
struct config_addition {
    char *list;          /* "profiles.acs.credentials" */
    size_t file;         /* index among the files */
    size_t first, count; /* elements of the merged list */
};

struct config {
    struct config_file *files; /* in the order of the layers */
    size_t file_count;
    struct config_addition *additions;
    size_t addition_count;
    struct acsmtp_json *root;
    char *profile_name;
    char *sets[CONFIG_SETS_MAX]; /* paths from the root */
    size_t set_count;
    char *folders[CONFIG_FOLDERS_MAX];
    size_t folder_count;
};

/* In the flags of options: choose no profile, and apply no --set. */
#define CONFIG_NO_PROFILE (1U << 31)

/* config_load() in steps, so that tests and fuzzers bring their own text. */
struct config *config_new(struct acsmtp_error *err);
/* The file moves into the config, also on failure. */
int config_add(struct config *config, struct config_file *file, struct acsmtp_error *err);
int config_finish(struct config *config, const struct acsmtp_driver_options *options,
                  struct acsmtp_error *err);
/* config_load() with another folder for the system's layers. */
int config_load_from(const struct acsmtp_driver_options *options, const char *system_folder,
                     struct config **config, struct acsmtp_error *err);

/*
 * `base` with `over` laid on it as RFC 7396 does (objects key by key, null removes a key), a new
 * document; keys that config_appends() knows add to their lists. Relative paths of cloud
 * descriptions in `over` become paths beside `file`. NULL and `err` on failure.
 */
struct acsmtp_json *config_merge(const struct acsmtp_json *base, const struct acsmtp_json *over,
                                 const char *file, struct acsmtp_error *err);

/* ---- lists that are added to (config_append.c) ---- */

/* 1 when the key, of a profile or of the document, adds to the list of that name without the "+".
 */
int config_appends(const char *key, int in_profile);

/* A new list: the elements of `list` (or the text; NULL is none), then those of `added`. */
struct acsmtp_json *config_append(const struct acsmtp_json *list, const struct acsmtp_json *added,
                                  struct acsmtp_error *err);

/* Remember what the newest file of the config, whose document is `layer`, has added to lists. */
int config_note_additions(struct config *config, const struct acsmtp_json *layer,
                          struct acsmtp_error *err);

/* Where the file of that index would have the value that is at `path` of the merged document. */
void config_written_path(const struct config *config, size_t file, const char *path, char *written,
                         size_t capacity);

/* A key that the host itself gives a meaning. */
struct config_key {
    const char *name;
    const char *wanted; /* what its value must be */
    int is_text;        /* a text and nothing else */
};

/* The index-th key of a profile, or of those beside "profiles"; 0 beyond the last. */
int config_key(int of_profile, size_t index, struct config_key *key);

/* Keys and types of everything that is not a plugin's business. */
int config_check(const struct config *config, struct acsmtp_error *err);

/* Find out the profile's name; make the profile when there is none at all. */
int config_choose(struct config *config, const struct acsmtp_driver_options *options,
                  struct acsmtp_error *err);

/* Apply one "key=value" to the chosen profile. */
int config_set(struct config *config, const char *assignment, struct acsmtp_error *err);

/* The value at a dotted path, keys with dots in them included; NULL when there is none. */
const struct acsmtp_json *config_at(const struct acsmtp_json *json, const char *path);

/* The file that holds the value at `path`, and the offset there (may be NULL); NULL if none does.
 */
const struct config_file *config_file_of(const struct config *config, const char *path,
                                         size_t *offset);

/* The path given with --set that put the value at `path` there, without "profiles.NAME."; or NULL.
 */
const char *config_set_of(const struct config *config, const char *path);

/* As config_where(), with the column: "FILE:LINE:COL". */
void config_where_exactly(const struct config *config, const char *path, char *where,
                          size_t capacity);

/* ---- texts ---- */

/* 1 when the text holds no control character. */
int config_text_clean(const char *text);

/* "; did you mean 'x'?" in `text`, or "". */
void config_suggestion(const char *word, const char *const *candidates, size_t count, char *text,
                       size_t capacity);

/* "a, b, c": as many as fit. */
void config_join(const char *const *items, size_t count, char *text, size_t capacity);

#endif
