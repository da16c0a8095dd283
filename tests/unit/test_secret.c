/* SPDX-License-Identifier: MIT */
/*
 * Secrets: growth, limits, what the kernel was told about their pages, threads.
 */
#include "base/secret_private.h"
#include "cunit_main.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void a_secret_is_a_copy_with_a_nul_behind(void)
{
    char own[] = "hunter22";
    struct acsmtp_secret *secret = acsmtp_secret_new(own, 8, NULL);

    memset(own, 'x', sizeof own);
    CU_ASSERT_EQUAL(acsmtp_secret_size(secret), 8);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(secret), "hunter22");
    acsmtp_secret_free(secret);
}

static void an_empty_secret_is_fine(void)
{
    struct acsmtp_secret *secret = acsmtp_secret_new(NULL, 0, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(secret);
    CU_ASSERT_EQUAL(acsmtp_secret_size(secret), 0);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(secret), "");
    acsmtp_secret_free(secret);
    acsmtp_secret_free(NULL);
}

static void appending_grows_over_many_pages(void)
{
    struct acsmtp_secret *secret = acsmtp_secret_new("", 0, NULL);
    char piece[1000];
    int wrong = 0;

    for (int i = 0; i < 300; i++) {
        memset(piece, 'a' + i % 26, sizeof piece);
        if (acsmtp_secret_append(secret, piece, sizeof piece, NULL) != ACSMTP_OK)
            wrong++;
    }
    CU_ASSERT_EQUAL(acsmtp_secret_size(secret), 300000);
    for (size_t i = 0; i < 300000; i++)
        wrong += acsmtp_secret_data(secret)[i] != (char)('a' + (int)(i / 1000) % 26);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(acsmtp_secret_data(secret)[300000], '\0');
    acsmtp_secret_free(secret);
}

static void a_secret_can_be_appended_to_itself(void)
{
    struct acsmtp_secret *secret = acsmtp_secret_new("abc", 3, NULL);

    for (int i = 0; i < 12; i++)
        CU_ASSERT_EQUAL(acsmtp_secret_append(secret, acsmtp_secret_data(secret),
                                             acsmtp_secret_size(secret), NULL),
                        ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_secret_size(secret), 3 * 4096);
    CU_ASSERT_EQUAL(memcmp(acsmtp_secret_data(secret) + 3 * 4095, "abc", 4), 0);
    acsmtp_secret_truncate(secret, 4095);
    CU_ASSERT_EQUAL(acsmtp_secret_append_base64(secret, acsmtp_secret_data(secret), 4095, NULL),
                    ACSMTP_OK);
    CU_ASSERT_EQUAL(memcmp(acsmtp_secret_data(secret) + 4095, "YWJjYWJj", 8), 0);
    acsmtp_secret_free(secret);
}

static void the_maximum_is_kept(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char *bytes = calloc(1, ACSMTP_SECRET_MAX + 1);
    struct acsmtp_secret *secret = acsmtp_secret_new(bytes, ACSMTP_SECRET_MAX, &err);

    CU_ASSERT_PTR_NOT_NULL_FATAL(secret);
    CU_ASSERT_EQUAL(acsmtp_secret_append(secret, "x", 1, &err), ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(acsmtp_secret_append(secret, "x", SIZE_MAX, NULL), ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(acsmtp_secret_append_base64(secret, "x", 1, NULL), ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(acsmtp_secret_append_base64(secret, "x", SIZE_MAX, NULL), ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(acsmtp_secret_size(secret), ACSMTP_SECRET_MAX);
    acsmtp_secret_free(secret);
    acsmtp_error_clear(&err);
    CU_ASSERT_PTR_NULL(acsmtp_secret_new(bytes, ACSMTP_SECRET_MAX + 1, &err));
    CU_ASSERT_EQUAL(err.status, ACSMTP_PROTOCOL);
    free(bytes);
}

static void truncating_wipes_the_rest(void)
{
    struct acsmtp_secret *secret = acsmtp_secret_new("0123456789", 10, NULL);

    acsmtp_secret_truncate(secret, 20);
    CU_ASSERT_EQUAL(acsmtp_secret_size(secret), 10);
    acsmtp_secret_truncate(secret, 4);
    CU_ASSERT_EQUAL(acsmtp_secret_size(secret), 4);
    /* The page is still ours: what was cut is zero. */
    CU_ASSERT_EQUAL(memcmp(acsmtp_secret_data(secret), "0123\0\0\0\0\0\0\0", 11), 0);
    CU_ASSERT_EQUAL(acsmtp_secret_append(secret, "x", 1, NULL), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(secret), "0123x");
    acsmtp_secret_truncate(secret, 0);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(secret), "");
    acsmtp_secret_free(secret);
}

static void reserved_room_counts_when_committed(void)
{
    struct acsmtp_secret *secret = acsmtp_secret_new("ab", 2, NULL);
    char *room = secret_reserve(secret, 10000, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(room);
    memset(room, 'c', 10000);
    CU_ASSERT_EQUAL(acsmtp_secret_size(secret), 2);
    secret_commit(secret, 10000);
    CU_ASSERT_EQUAL(acsmtp_secret_size(secret), 10002);
    CU_ASSERT_EQUAL(strspn(acsmtp_secret_data(secret) + 2, "c"), 10000);
    acsmtp_secret_free(secret);
}

static void base64_is_padded(void)
{
    static const struct {
        const char *in, *out;
    } cases[] = {{"", ""},
                 {"f", "Zg=="},
                 {"fo", "Zm8="},
                 {"foo", "Zm9v"},
                 {"foob", "Zm9vYg=="},
                 {"fooba", "Zm9vYmE="},
                 {"foobar", "Zm9vYmFy"},
                 {"\xff\xfe\xfd", "//79"},
                 {"\xfb\xef", "++8="}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct acsmtp_secret *out = acsmtp_secret_new("x", 1, NULL);

        CU_ASSERT_EQUAL(acsmtp_secret_append_base64(out, cases[i].in, strlen(cases[i].in), NULL),
                        ACSMTP_OK);
        CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(out) + 1, cases[i].out);
        acsmtp_secret_free(out);
    }
}

/* RFC 4954 and the vendors' documents give this one. */
static void base64_of_the_published_xoauth2_vector(void)
{
    static const char in[] = "user=someuser@example.com\001auth=Bearer "
                             "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\001\001";
    struct acsmtp_secret *out = acsmtp_secret_new(NULL, 0, NULL);

    CU_ASSERT_EQUAL(acsmtp_secret_append_base64(out, in, sizeof in - 1, NULL), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(out),
                           "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbV"
                           "RjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==");
    acsmtp_secret_free(out);
}

/* Sanitizers intercept mlock() and do nothing. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MLOCK_WORKS 0
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MLOCK_WORKS 0
#endif
#ifndef MLOCK_WORKS
#define MLOCK_WORKS 1
#endif

/* 1 if the mapping that holds `address` has this two-letter flag, -1 if it is not found. */
static int has_flag(const void *address, const char *flag)
{
    FILE *maps = fopen("/proc/self/smaps", "re");
    char line[1024];
    int inside = 0, found = -1;

    while (maps && fgets(line, sizeof line, maps)) {
        uintptr_t start, end;

        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &end) == 2)
            inside = (uintptr_t)address >= start && (uintptr_t)address < end;
        else if (inside && strncmp(line, "VmFlags:", 8) == 0)
            found = strstr(line, flag) != NULL;
    }
    if (maps)
        (void)fclose(maps);
    return found;
}

static void pages_are_left_out_of_core_files_and_locked(void)
{
    struct acsmtp_secret *secret = acsmtp_secret_new("correct horse", 13, NULL);
    struct rlimit limit;

    (void)getrlimit(RLIMIT_MEMLOCK, &limit);
    CU_ASSERT_EQUAL(has_flag(acsmtp_secret_data(secret), " dd"), 1);
    if (limit.rlim_cur >= 65536 && MLOCK_WORKS)
        CU_ASSERT_EQUAL(has_flag(acsmtp_secret_data(secret), " lo"), 1);
    acsmtp_secret_free(secret);
}

static void without_the_right_to_lock_the_rest_still_holds(void)
{
    struct rlimit before, none;
    struct acsmtp_secret *secret;

    (void)getrlimit(RLIMIT_MEMLOCK, &before);
    none = before;
    none.rlim_cur = 0;
    (void)setrlimit(RLIMIT_MEMLOCK, &none);
    secret = acsmtp_secret_new("correct horse", 13, NULL);
    (void)setrlimit(RLIMIT_MEMLOCK, &before);
    CU_ASSERT_PTR_NOT_NULL_FATAL(secret);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(secret), "correct horse");
    CU_ASSERT_EQUAL(has_flag(acsmtp_secret_data(secret), " dd"), 1);
    acsmtp_secret_free(secret);
}

static void a_duplicate_is_independent(void)
{
    struct acsmtp_secret *a = acsmtp_secret_new("one\0two", 7, NULL);
    struct acsmtp_secret *b = acsmtp_secret_dup(a, NULL);

    acsmtp_secret_truncate(a, 0);
    CU_ASSERT_EQUAL(acsmtp_secret_size(b), 7);
    CU_ASSERT_EQUAL(memcmp(acsmtp_secret_data(b), "one\0two", 8), 0);
    acsmtp_secret_free(a);
    acsmtp_secret_free(b);
}

static void wiping_leaves_zeroes(void)
{
    char bytes[16];

    memset(bytes, 'x', sizeof bytes);
    acsmtp_wipe(bytes, 15);
    CU_ASSERT_EQUAL(bytes[0], 0);
    CU_ASSERT_EQUAL(bytes[14], 0);
    CU_ASSERT_EQUAL(bytes[15], 'x');
    acsmtp_wipe(NULL, 0);
}

static void *come_and_go(void *data)
{
    char *name = data, text[64];

    for (int i = 0; i < 300; i++) {
        struct acsmtp_secret *secret = acsmtp_secret_new(name, strlen(name), NULL);

        for (int j = 0; j < 10; j++)
            (void)!acsmtp_secret_append(
                secret, text, 1 + (size_t)snprintf(text, sizeof text, "%s %d.%d", name, i, j),
                NULL);
        acsmtp_secret_truncate(secret, strlen(name));
        (void)snprintf(text, sizeof text, "a %s b", name);
        acsmtp_redact(text, sizeof text);
        if (strcmp(text, "a <secret> b") != 0)
            return data;
        acsmtp_secret_free(secret);
    }
    return NULL;
}

static void threads_do_not_disturb_each_other(void)
{
    static char names[4][16] = {"alpha-alpha", "beta-beta", "gamma-gamma", "delta-delta"};
    pthread_t threads[4];
    void *failed;

    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, come_and_go, names[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        (void)pthread_join(threads[i], &failed);
        CU_ASSERT_PTR_NULL(failed);
    }
}

static void a_child_does_not_inherit_secrets(void)
{
    struct acsmtp_secret *secret = acsmtp_secret_new("hunter22", 8, NULL);
    int how = -1;
    pid_t child = fork();

    if (child == 0)
        _exit(memcmp(acsmtp_secret_data(secret), "\0\0\0\0\0\0\0", 8) == 0 ? 0 : 1);
    CU_ASSERT_EQUAL(waitpid(child, &how, 0), child);
    CU_ASSERT_EQUAL(how, 0);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(secret), "hunter22");
    acsmtp_secret_free(secret);
}

CUNIT_MAIN("secret", T(a_secret_is_a_copy_with_a_nul_behind), T(an_empty_secret_is_fine),
           T(appending_grows_over_many_pages), T(a_secret_can_be_appended_to_itself),
           T(the_maximum_is_kept), T(truncating_wipes_the_rest),
           T(reserved_room_counts_when_committed), T(base64_is_padded),
           T(base64_of_the_published_xoauth2_vector),
           T(pages_are_left_out_of_core_files_and_locked),
           T(without_the_right_to_lock_the_rest_still_holds), T(a_duplicate_is_independent),
           T(wiping_leaves_zeroes), T(threads_do_not_disturb_each_other),
           T(a_child_does_not_inherit_secrets))
