/* SPDX-License-Identifier: MIT */
/* What outlives a process: slots of the store, their names, and how they are wiped. */
#include "cunit_main.h"
#include "driver/slot.h"
#include "driver/slot_private.h"
#include "plugins/fixture.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct fixture fixture;

static void start(void)
{
    fixture_folder(&fixture);
    CU_ASSERT_EQUAL_FATAL(acsmtp_context_new(&fixture.context, &fixture.err), ACSMTP_OK);
}

static struct slot *open_slot(const char *group, const char *key)
{
    const struct slot_place place = {.folder = SLOT_STORE, .group = group};
    struct slot *slot = NULL;

    CU_ASSERT_EQUAL_FATAL(slot_open(&place, key, &slot, &fixture.err), ACSMTP_OK);
    return slot;
}

static void put(struct slot *slot, const char *text)
{
    struct acsmtp_secret *secret = acsmtp_secret_new(text, strlen(text), NULL);

    CU_ASSERT_EQUAL(slot_lock(slot, fixture.context, 1, &fixture.err), ACSMTP_OK);
    CU_ASSERT_EQUAL(slot_write(slot, fixture.context, secret, &fixture.err), ACSMTP_OK);
    slot_unlock(slot);
    acsmtp_secret_free(secret);
}

/* 1 when the slot holds that text; NULL: when it holds nothing. */
static int holds(struct slot *slot, const char *text)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_secret *found = NULL;
    int status = slot_read(slot, fixture.context, &found, &err);
    int same = status == ACSMTP_OK && text && strcmp(acsmtp_secret_data(found), text) == 0;

    if (!text)
        same = status == ACSMTP_UNAVAILABLE && !found;
    acsmtp_secret_free(found);
    return same;
}

static char *path_of(const struct slot *slot, const char *ending, char path[1024])
{
    char folder[512];

    (void)snprintf(path, 1024, "%s/%s%s", fixture_path(&fixture, "acsmtp/store", folder),
                   slot->name, ending);
    return path;
}

static void what_is_written_is_read_and_replaced(void)
{
    struct slot *slot, *other;

    start();
    slot = open_slot(NULL, "a key");
    other = open_slot(NULL, "another key");
    CU_ASSERT(holds(slot, NULL));
    put(slot, "first");
    put(slot, "second");
    CU_ASSERT(holds(slot, "second"));
    CU_ASSERT(holds(other, NULL));
    slot_close(other);
    slot_close(slot);
    fixture_close(&fixture);
}

static void nothing_is_written_without_the_lock(void)
{
    struct acsmtp_secret *secret = acsmtp_secret_new("x", 1, NULL);
    struct slot *slot;

    start();
    slot = open_slot(NULL, "a key");
    CU_ASSERT_EQUAL(slot_write(slot, NULL, secret, &fixture.err), ACSMTP_SYSTEM);
    CU_ASSERT(holds(slot, NULL));
    slot_close(slot);
    acsmtp_secret_free(secret);
    fixture_close(&fixture);
}

static void two_slots_of_one_key_exclude_each_other(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct slot *one, *other;

    start();
    one = open_slot(NULL, "a key");
    other = open_slot(NULL, "a key");
    CU_ASSERT_EQUAL(slot_lock(one, fixture.context, 1, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(slot_lock(other, fixture.context, 0, &err), ACSMTP_TEMPORARY);
    acsmtp_context_set_timeout(fixture.context, 100);
    acsmtp_error_clear(&err);
    CU_ASSERT_EQUAL(slot_lock(other, fixture.context, 1, &err), ACSMTP_TEMPORARY);
    slot_close(one);
    acsmtp_context_set_timeout(fixture.context, 2000);
    CU_ASSERT_EQUAL(slot_lock(other, fixture.context, 1, NULL), ACSMTP_OK);
    slot_close(other);
    fixture_close(&fixture);
}

static void removing_tells_whether_there_was_something(void)
{
    struct slot *slot;

    start();
    slot = open_slot(NULL, "a key");
    put(slot, "a secret");
    CU_ASSERT_EQUAL(slot_remove(slot, NULL, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(slot_remove(slot, NULL, NULL), ACSMTP_UNAVAILABLE);
    CU_ASSERT(holds(slot, NULL));
    slot_close(slot);
    fixture_close(&fixture);
}

static void a_file_that_others_can_read_is_not_believed(void)
{
    struct slot *slot;
    char path[1024];

    start();
    slot = open_slot(NULL, "a key");
    put(slot, "a secret");
    CU_ASSERT_EQUAL(chmod(path_of(slot, SLOT_ENTRY, path), 0604), 0);
    CU_ASSERT(holds(slot, NULL));
    CU_ASSERT_EQUAL(chmod(path, 0600), 0);
    CU_ASSERT(holds(slot, "a secret"));
    slot_close(slot);
    fixture_close(&fixture);
}

/* ---- wiping ---- */

struct seen {
    size_t count;
    char last[SLOT_NAME_MAX];
};

static int see(void *data, const char *name)
{
    struct seen *seen = data;

    seen->count++;
    (void)snprintf(seen->last, sizeof seen->last, "%s", name);
    return ACSMTP_OK;
}

static struct seen visit(const char *group)
{
    struct seen seen = {0};

    CU_ASSERT_EQUAL(slot_visit(SLOT_STORE, group, see, &seen, &fixture.err), ACSMTP_OK);
    return seen;
}

static void names_are_found_by_their_group(void)
{
    struct slot *slots[3];
    struct seen seen;
    char path[1024];
    int fd;

    start();
    slots[0] = open_slot("0123456789abcdef", "a key");
    slots[1] = open_slot("fedcba9876543210", "a key");
    slots[2] = open_slot(NULL, "a key");
    for (size_t i = 0; i < 3; i++)
        put(slots[i], "a secret");
    CU_ASSERT_EQUAL(visit(NULL).count, 3);
    seen = visit("0123456789abcdef");
    CU_ASSERT_EQUAL(seen.count, 1);
    CU_ASSERT_STRING_EQUAL(seen.last, slots[0]->name);
    CU_ASSERT_EQUAL(visit("0123").count, 0);
    /* What others put there is none of ours. */
    fd = open(fixture_path(&fixture, "acsmtp/store/Not-Ours.lock", path),
              O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CU_ASSERT(fd >= 0);
    (void)close(fd);
    CU_ASSERT_EQUAL(visit(NULL).count, 3);
    for (size_t i = 0; i < 3; i++)
        slot_close(slots[i]);
    fixture_close(&fixture);
}

static void wiping_leaves_zeros_and_the_lock(void)
{
    char path[1024], buffer[64] = "";
    size_t removed = 0;
    struct slot *slot;
    int fd;

    start();
    slot = open_slot(NULL, "a key");
    put(slot, "a secret");
    fd = open(path_of(slot, SLOT_ENTRY, path), O_RDONLY | O_CLOEXEC);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(slot_wipe(SLOT_STORE, slot->name, &fixture.err, &removed), ACSMTP_OK);
    CU_ASSERT_EQUAL(removed, 1);
    CU_ASSERT_EQUAL(read(fd, buffer, sizeof buffer), 8);
    CU_ASSERT_EQUAL(memcmp(buffer, "\0\0\0\0\0\0\0\0", 8), 0);
    CU_ASSERT_EQUAL(access(path, F_OK), -1);
    CU_ASSERT_EQUAL(access(path_of(slot, SLOT_LOCK, path), F_OK), 0);
    CU_ASSERT_EQUAL(slot_wipe(SLOT_STORE, slot->name, &fixture.err, &removed), ACSMTP_OK);
    CU_ASSERT_EQUAL(removed, 1);
    (void)close(fd);
    slot_close(slot);
    fixture_close(&fixture);
}

static void wiping_follows_no_link(void)
{
    char path[1024], precious[512], buffer[16] = "";
    size_t removed = 0;
    struct slot *slot;
    FILE *file;

    start();
    slot = open_slot(NULL, "a key");
    put(slot, "a secret");
    file = fopen(fixture_path(&fixture, "precious", precious), "we");
    CU_ASSERT_FATAL(file && fputs("precious", file) >= 0 && fclose(file) == 0);
    CU_ASSERT_EQUAL(unlink(path_of(slot, SLOT_ENTRY, path)), 0);
    /* A hard link is as good as a symbolic one for whoever wants another file overwritten. */
    CU_ASSERT_EQUAL(link(precious, path), 0);
    CU_ASSERT_EQUAL(slot_wipe(SLOT_STORE, slot->name, &fixture.err, &removed), ACSMTP_OK);
    CU_ASSERT_EQUAL(removed, 1);
    file = fopen(precious, "re");
    CU_ASSERT_FATAL(file != NULL);
    CU_ASSERT_PTR_NOT_NULL(fgets(buffer, sizeof buffer, file));
    CU_ASSERT_STRING_EQUAL(buffer, "precious");
    (void)fclose(file);
    slot_close(slot);
    fixture_close(&fixture);
}

CUNIT_MAIN("slot", T(what_is_written_is_read_and_replaced), T(nothing_is_written_without_the_lock),
           T(two_slots_of_one_key_exclude_each_other),
           T(removing_tells_whether_there_was_something),
           T(a_file_that_others_can_read_is_not_believed), T(names_are_found_by_their_group),
           T(wiping_leaves_zeros_and_the_lock), T(wiping_follows_no_link))
