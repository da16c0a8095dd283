/* SPDX-License-Identifier: MIT */
/* The token cache on disk: what it gives back, and what it does not believe. */
#include "cunit_main.h"
#include "driver/cache.h"
#include "driver/cache_private.h"
#include "plugins/fixture.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>

#define KEY "a key with a secret in it"

static struct fixture fixture;

static void start(void)
{
    fixture_folder(&fixture);
    CU_ASSERT_EQUAL_FATAL(acsmtp_context_new(&fixture.context, &fixture.err), ACSMTP_OK);
    fixture.credential = acsmtp_credential_new(&fixture.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fixture.credential);
}

static struct cache_slot *open_slot(void)
{
    struct cache_slot *slot = NULL;

    CU_ASSERT_EQUAL_FATAL(cache_open(NULL, KEY, &slot, &fixture.err), ACSMTP_OK);
    return slot;
}

static void fill(const char *token, int64_t life)
{
    int64_t now = (int64_t)time(NULL);

    CU_ASSERT_EQUAL(acsmtp_credential_set_token(fixture.credential,
                                                acsmtp_secret_new(token, strlen(token), NULL),
                                                now + life, now + life / 2, &fixture.err),
                    ACSMTP_OK);
}

static void put(struct cache_slot *slot, const char *token, int64_t life)
{
    fill(token, life);
    CU_ASSERT_EQUAL(cache_lock(slot, fixture.context, 1, &fixture.err), ACSMTP_OK);
    CU_ASSERT_EQUAL(cache_write(slot, fixture.credential, "imds/0", &fixture.err), ACSMTP_OK);
    cache_unlock(slot);
}

/* The token that the slot gives, "" when it gives none. */
static const char *got(struct cache_slot *slot)
{
    static char text[100000];
    struct acsmtp_credential *found = acsmtp_credential_new(NULL);
    char winner[CACHE_WINNER_MAX];

    text[0] = '\0';
    acsmtp_error_clear(&fixture.err);
    if (cache_read(slot, found, winner, sizeof winner, &fixture.err) == ACSMTP_OK)
        (void)snprintf(text, sizeof text, "%s",
                       acsmtp_secret_data(acsmtp_credential_secret(found)));
    else
        CU_ASSERT_EQUAL(fixture.err.status, ACSMTP_UNAVAILABLE);
    acsmtp_credential_free(found);
    return text;
}

/* The path of the only file with that ending. */
static const char *file_of(const char *ending, char *path)
{
    struct dirent *entry;
    char folder[512];
    DIR *stream = opendir(fixture_path(&fixture, "acsmtp/tokens", folder));

    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    path[0] = '\0';
    while ((entry = readdir(stream)))
        if (strstr(entry->d_name, ending))
            (void)snprintf(path, 1024, "%s/%s", folder, entry->d_name);
    (void)closedir(stream);
    return path;
}

static void overwrite(const char *text)
{
    char path[1024];
    FILE *file = fopen(file_of(".json", path), "we");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT(fputs(text, file) >= 0);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

/* ---- what goes in comes out ---- */

static void a_token_comes_back_with_its_times_and_winner(void)
{
    struct acsmtp_credential *found = acsmtp_credential_new(NULL);
    struct cache_slot *slot;
    char winner[CACHE_WINNER_MAX];

    start();
    slot = open_slot();
    put(slot, "tok\"en\\with/odd'signs{}", 3600);
    CU_ASSERT_EQUAL(cache_read(slot, found, winner, sizeof winner, &fixture.err), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(acsmtp_credential_secret(found)),
                           "tok\"en\\with/odd'signs{}");
    CU_ASSERT_EQUAL(acsmtp_credential_expires_on(found),
                    acsmtp_credential_expires_on(fixture.credential));
    CU_ASSERT_EQUAL(acsmtp_credential_refresh_on(found),
                    acsmtp_credential_refresh_on(fixture.credential));
    CU_ASSERT_STRING_EQUAL(winner, "imds/0");
    acsmtp_credential_free(found);
    cache_close(slot);
    fixture_close(&fixture);
}

static void an_empty_cache_has_no_usable_entry(void)
{
    struct cache_slot *slot;

    start();
    slot = open_slot();
    CU_ASSERT_STRING_EQUAL(got(slot), "");
    CU_ASSERT_EQUAL(cache_forget(slot, NULL, &fixture.err), ACSMTP_OK);
    cache_close(slot);
    fixture_close(&fixture);
}

static void the_largest_token_fits(void)
{
    static char token[65536 + 1];
    struct cache_slot *slot;

    memset(token, '\\', sizeof token - 1);
    start();
    slot = open_slot();
    put(slot, token, 3600);
    CU_ASSERT_STRING_EQUAL(got(slot), token);
    cache_close(slot);
    fixture_close(&fixture);
}

static void folders_and_files_are_the_users_alone_and_hold_no_key(void)
{
    static const char *const parts[] = {"acsmtp", "acsmtp/tokens"};
    struct cache_slot *slot;
    struct stat info;
    char path[1024];
    size_t i;

    start();
    (void)umask(0);
    slot = open_slot();
    put(slot, "token", 3600);
    for (i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(stat(fixture_path(&fixture, parts[i], path), &info), 0);
        CU_ASSERT_EQUAL(info.st_mode & 07777, 0700);
    }
    CU_ASSERT_EQUAL(stat(file_of(".json", path), &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & 07777, 0600);
    CU_ASSERT_EQUAL(stat(file_of(".lock", path), &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & 07777, 0600);
    CU_ASSERT_STRING_EQUAL(file_of(".new", path), "");
    CU_ASSERT_STRING_EQUAL(file_of("secret", path), "");
    (void)umask(022);
    cache_close(slot);
    fixture_close(&fixture);
}

static void passwords_are_never_written(void)
{
    struct cache_slot *slot;

    start();
    slot = open_slot();
    CU_ASSERT_EQUAL(acsmtp_credential_set_password(fixture.credential, "user",
                                                   acsmtp_secret_new("pw", 2, NULL), &fixture.err),
                    ACSMTP_OK);
    CU_ASSERT_EQUAL(cache_lock(slot, fixture.context, 1, &fixture.err), ACSMTP_OK);
    CU_ASSERT_NOT_EQUAL(cache_write(slot, fixture.credential, "imds/0", &fixture.err), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(got(slot), "");
    cache_close(slot);
    fixture_close(&fixture);
}

/* ---- what is not believed ---- */

static void an_expired_token_is_no_entry(void)
{
    struct cache_slot *slot;

    start();
    slot = open_slot();
    put(slot, "token", 3600);
    fill("token", -1);
    CU_ASSERT_EQUAL(cache_lock(slot, fixture.context, 1, &fixture.err), ACSMTP_OK);
    CU_ASSERT_EQUAL(cache_write(slot, fixture.credential, "imds/0", &fixture.err), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(got(slot), "");
    cache_close(slot);
    fixture_close(&fixture);
}

static void a_file_that_others_can_read_is_no_entry(void)
{
    struct cache_slot *slot;
    char path[1024];

    start();
    slot = open_slot();
    put(slot, "token", 3600);
    CU_ASSERT_EQUAL(chmod(file_of(".json", path), 0640), 0);
    CU_ASSERT_STRING_EQUAL(got(slot), "");
    CU_ASSERT_EQUAL(chmod(path, 0600), 0);
    CU_ASSERT_STRING_EQUAL(got(slot), "token");
    cache_close(slot);
    fixture_close(&fixture);
}

static void a_link_is_not_followed(void)
{
    struct cache_slot *slot;
    char path[1024];
    char moved[1024];

    start();
    slot = open_slot();
    put(slot, "token", 3600);
    CU_ASSERT_EQUAL(rename(file_of(".json", path), fixture_path(&fixture, "moved", moved)), 0);
    CU_ASSERT_EQUAL(symlink(moved, path), 0);
    CU_ASSERT_STRING_EQUAL(got(slot), "");
    cache_close(slot);
    fixture_close(&fixture);
}

static void a_fifo_does_not_block(void)
{
    struct cache_slot *slot;
    char path[1024];

    start();
    slot = open_slot();
    put(slot, "token", 3600);
    CU_ASSERT_EQUAL(unlink(file_of(".json", path)), 0);
    CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
    CU_ASSERT_STRING_EQUAL(got(slot), "");
    cache_close(slot);
    fixture_close(&fixture);
}

#define FIRST "{\"schema_version\":1,\"expires_on\":99999999999,\"refresh_on\":1,"
#define REST "\"winner\":\"imds/0\",\"salt\":\"\",\"inputs\":[],"
#define LAST "\"token\":\"t\"}"
#define SALTED FIRST "\"winner\":\"a\",\"salt\":\"00112233445566778899aabbccddeeff\",\"inputs\":"

static void malformed_entries_are_no_entries(void)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "null",
        "\"token\"",
        "{}",
        FIRST REST "}",
        FIRST REST "\"token\":5}",
        FIRST REST "\"token\":\"\"}",
        FIRST REST "\"token\":\"a b\"}",
        FIRST REST "\"token\":\"a\\nb\"}",
        FIRST REST "\"token\":\"a\\u0000b\"}",
        FIRST LAST,
        "{\"schema_version\":2,\"expires_on\":99999999999,\"refresh_on\":1," REST LAST,
        "{\"schema_version\":1,\"expires_on\":\"soon\",\"refresh_on\":1," REST LAST,
        "{\"schema_version\":1,\"expires_on\":99999999999,\"refresh_on\":-1," REST LAST,
        "{\"schema_version\":1,\"expires_on\":9,\"refresh_on\":10," REST LAST,
        FIRST "\"winner\":\"..; rm\",\"salt\":\"\",\"inputs\":[]," LAST,
        FIRST "\"winner\":\"a\",\"salt\":\"\",\"inputs\":{}," LAST,
        FIRST "\"winner\":\"a\",\"salt\":\"xyz\",\"inputs\":[{}]," LAST,
        SALTED "[{\"variable\":\"A\"}]," LAST,
        SALTED "[{\"variable\":\"A\",\"digest\":\"00\"}]," LAST,
        SALTED "[{\"variable\":\"A\",\"file\":\"/b\",\"digest\":\"\"}]," LAST,
        SALTED "[{\"file\":\"relative\",\"device\":1,\"inode\":1,\"size\":1,\"mtime_ns\":1}]," LAST,
        SALTED "[{\"file\":\"/a\",\"device\":1,\"inode\":1,\"size\":1}]," LAST,
        SALTED "[7]," LAST,
    };
    struct cache_slot *slot;
    size_t i;

    start();
    slot = open_slot();
    put(slot, "token", 3600);
    overwrite(FIRST REST LAST);
    CU_ASSERT_STRING_EQUAL(got(slot), "t");
    overwrite(SALTED "[]," LAST);
    CU_ASSERT_STRING_EQUAL(got(slot), "t");
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        overwrite(texts[i]);
        if (*got(slot))
            printf("\n  taken: %s\n", texts[i]);
        CU_ASSERT_STRING_EQUAL(got(slot), "");
    }
    cache_close(slot);
    fixture_close(&fixture);
}

static void an_entry_of_impossible_size_is_not_read(void)
{
    struct cache_slot *slot;
    char path[1024];

    start();
    slot = open_slot();
    put(slot, "token", 3600);
    CU_ASSERT_EQUAL(truncate(file_of(".json", path), (off_t)CACHE_ENTRY_MAX + 1), 0);
    CU_ASSERT_STRING_EQUAL(got(slot), "");
    CU_ASSERT_PTR_NOT_NULL(strstr(fixture.err.message, "impossible size"));
    cache_close(slot);
    fixture_close(&fixture);
}

/* ---- inputs ---- */

static void an_entry_is_void_when_a_variable_changed(void)
{
    struct cache_slot *slot;
    char path[1024];
    char text[4096] = "";
    FILE *file;

    start();
    slot = open_slot();
    (void)setenv("CACHE_TEST_A", "canary-value", 1);
    (void)unsetenv("CACHE_TEST_B");
    CU_ASSERT_EQUAL(cache_add_input(slot, "CACHE_TEST_A", NULL, &fixture.err), ACSMTP_OK);
    CU_ASSERT_EQUAL(cache_add_input(slot, "CACHE_TEST_B", NULL, &fixture.err), ACSMTP_OK);
    put(slot, "token", 3600);
    CU_ASSERT_STRING_EQUAL(got(slot), "token");
    (void)setenv("CACHE_TEST_A", "other", 1);
    CU_ASSERT_STRING_EQUAL(got(slot), "");
    (void)setenv("CACHE_TEST_A", "canary-value", 1);
    CU_ASSERT_STRING_EQUAL(got(slot), "token");
    (void)setenv("CACHE_TEST_B", "", 1);
    CU_ASSERT_STRING_EQUAL(got(slot), "");
    (void)unsetenv("CACHE_TEST_B");
    file = fopen(file_of(".json", path), "re");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT(fread(text, 1, sizeof text - 1, file) > 0);
    (void)fclose(file);
    CU_ASSERT_PTR_NULL(strstr(text, "canary-value"));
    cache_close(slot);
    fixture_close(&fixture);
}

static void an_entry_is_void_when_a_file_changed_came_or_went(void)
{
    struct cache_slot *slot;
    char path[512];
    char absent[512];

    start();
    slot = open_slot();
    fixture_write(&fixture, "input", "one");
    (void)fixture_path(&fixture, "input", path);
    (void)fixture_path(&fixture, "absent", absent);
    CU_ASSERT_EQUAL(cache_add_input(slot, NULL, path, &fixture.err), ACSMTP_OK);
    CU_ASSERT_EQUAL(cache_add_input(slot, NULL, absent, &fixture.err), ACSMTP_OK);
    put(slot, "token", 3600);
    CU_ASSERT_STRING_EQUAL(got(slot), "token");
    fixture_write(&fixture, "absent", "now");
    CU_ASSERT_STRING_EQUAL(got(slot), "");
    CU_ASSERT_EQUAL(unlink(absent), 0);
    CU_ASSERT_STRING_EQUAL(got(slot), "token");
    fixture_write(&fixture, "input", "two");
    CU_ASSERT_STRING_EQUAL(got(slot), "");
    cache_close(slot);
    fixture_close(&fixture);
}

/* ---- the lock ---- */

static void a_lock_that_is_held_is_told_at_once_or_waited_for_until_the_deadline(void)
{
    struct cache_slot *first;
    struct cache_slot *second;

    start();
    first = open_slot();
    second = open_slot();
    CU_ASSERT_EQUAL(cache_lock(first, fixture.context, 1, &fixture.err), ACSMTP_OK);
    CU_ASSERT_EQUAL(cache_lock(second, fixture.context, 0, &fixture.err), ACSMTP_TEMPORARY);
    acsmtp_error_clear(&fixture.err);
    acsmtp_context_set_timeout(fixture.context, 120);
    CU_ASSERT_EQUAL(cache_lock(second, fixture.context, 1, &fixture.err), ACSMTP_TEMPORARY);
    fixture_says(&fixture.err, "another process is asking for the same token: ");
    acsmtp_error_clear(&fixture.err);
    cache_close(first);
    CU_ASSERT_EQUAL(cache_lock(second, fixture.context, 0, &fixture.err), ACSMTP_OK);
    cache_close(second);
    fixture_close(&fixture);
}

static void a_process_that_dies_gives_the_lock_back(void)
{
    struct cache_slot *slot;
    int status = 0;
    pid_t child;

    start();
    child = fork();
    if (child == 0) {
        struct cache_slot *mine = NULL;

        _exit(cache_open(NULL, KEY, &mine, NULL) || cache_lock(mine, fixture.context, 1, NULL));
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(status, 0);
    slot = open_slot();
    CU_ASSERT_EQUAL(cache_lock(slot, fixture.context, 0, &fixture.err), ACSMTP_OK);
    cache_close(slot);
    fixture_close(&fixture);
}

static void what_a_killed_writer_left_is_no_obstacle(void)
{
    struct cache_slot *slot;
    char path[1024];
    char *dot;

    start();
    slot = open_slot();
    put(slot, "token", 3600);
    dot = strrchr((char *)(size_t)file_of(".json", path), '.');
    memcpy(dot, ".new", 5);
    CU_ASSERT_EQUAL(symlink("/nonexistent/x", path), 0);
    put(slot, "second", 3600);
    CU_ASSERT_STRING_EQUAL(got(slot), "second");
    cache_close(slot);
    fixture_close(&fixture);
}

static void a_failure_is_remembered_until_the_next_success(void)
{
    struct cache_slot *slot;

    start();
    slot = open_slot();
    put(slot, "token", 3600);
    CU_ASSERT_FALSE(cache_failed_lately(slot, 30));
    CU_ASSERT_EQUAL(cache_lock(slot, fixture.context, 1, &fixture.err), ACSMTP_OK);
    cache_note_failure(slot);
    CU_ASSERT(cache_failed_lately(slot, 30));
    CU_ASSERT_EQUAL(cache_write(slot, fixture.credential, "imds/0", &fixture.err), ACSMTP_OK);
    CU_ASSERT_FALSE(cache_failed_lately(slot, 30));
    cache_close(slot);
    fixture_close(&fixture);
}

/* ---- no folder ---- */

static void without_a_usable_folder_there_is_no_cache(void)
{
    struct cache_slot *slot = NULL;
    char path[512];

    start();
    (void)setenv("XDG_CACHE_HOME", "relative/is/ignored", 1);
    (void)unsetenv("HOME");
    CU_ASSERT_EQUAL(cache_open(NULL, KEY, &slot, &fixture.err), ACSMTP_UNAVAILABLE);
    acsmtp_error_clear(&fixture.err);
    fixture_write(&fixture, "file", "");
    (void)setenv("XDG_CACHE_HOME", fixture_path(&fixture, "file", path), 1);
    CU_ASSERT_EQUAL(cache_open(NULL, KEY, &slot, &fixture.err), ACSMTP_UNAVAILABLE);
    acsmtp_error_clear(&fixture.err);
    (void)setenv("XDG_CACHE_HOME", "/proc/self", 1);
    CU_ASSERT_EQUAL(cache_open(NULL, KEY, &slot, &fixture.err), ACSMTP_UNAVAILABLE);
    (void)setenv("HOME", fixture.folder, 1);
    (void)unsetenv("XDG_CACHE_HOME");
    acsmtp_error_clear(&fixture.err);
    CU_ASSERT_EQUAL(cache_open(NULL, KEY, &slot, &fixture.err), ACSMTP_OK);
    CU_ASSERT_EQUAL(access(fixture_path(&fixture, ".cache/acsmtp/tokens", path), F_OK), 0);
    cache_close(slot);
    CU_ASSERT_EQUAL(symlink("/tmp", fixture_path(&fixture, "acsmtp", path)), 0);
    (void)setenv("XDG_CACHE_HOME", fixture.folder, 1);
    CU_ASSERT_EQUAL(cache_open(NULL, KEY, &slot, &fixture.err), ACSMTP_UNAVAILABLE);
    fixture_close(&fixture);
}

CUNIT_MAIN("cache", T(a_token_comes_back_with_its_times_and_winner),
           T(an_empty_cache_has_no_usable_entry), T(the_largest_token_fits),
           T(folders_and_files_are_the_users_alone_and_hold_no_key), T(passwords_are_never_written),
           T(an_expired_token_is_no_entry), T(a_file_that_others_can_read_is_no_entry),
           T(a_link_is_not_followed), T(a_fifo_does_not_block), T(malformed_entries_are_no_entries),
           T(an_entry_of_impossible_size_is_not_read), T(an_entry_is_void_when_a_variable_changed),
           T(an_entry_is_void_when_a_file_changed_came_or_went),
           T(a_lock_that_is_held_is_told_at_once_or_waited_for_until_the_deadline),
           T(a_process_that_dies_gives_the_lock_back), T(what_a_killed_writer_left_is_no_obstacle),
           T(a_failure_is_remembered_until_the_next_success),
           T(without_a_usable_folder_there_is_no_cache))
