/* SPDX-License-Identifier: MIT */
/*
 * Where the bytes of a message may come from: files and descriptors, how long they stay open, and
 * what is kept of a stream.
 */
#include "cunit_main.h"
#include "message_fixture.h"
#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[64];

static void write_file(const char *text, size_t size)
{
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

    CU_ASSERT_EQUAL(write(fd, text, size), (ssize_t)size);
    (void)close(fd);
}

static void make_path(void)
{
    int fd;

    (void)snprintf(path, sizeof path, "/tmp/acsmtp-message-XXXXXX");
    fd = mkstemp(path);
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    (void)close(fd);
}

static int count_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void a_file_is_open_only_while_it_is_read(void)
{
    struct acsmtp_message *message = NULL;
    int before = count_descriptors();
    char buffer[4];
    size_t got;

    make_path();
    write_file("A: b\r\n\r\nc\r\n", 11);
    CU_ASSERT_EQUAL(acsmtp_message_from_path(path, &message, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(count_descriptors(), before);
    CU_ASSERT_EQUAL(acsmtp_message_rewind(message, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_message_read(message, buffer, 4, &got, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(count_descriptors(), before + 1);
    expect_header(message, "A", 0, "b");
    acsmtp_message_close(message);
    CU_ASSERT_EQUAL(count_descriptors(), before);
    expect(message, "A: b\r\n\r\nc\r\n");
    CU_ASSERT_EQUAL(count_descriptors(), before);
    expect_header(message, "A", 0, "b");
    CU_ASSERT_EQUAL(count_descriptors(), before);
    acsmtp_message_free(message);
    (void)unlink(path);
}

static void a_file_that_changed_is_not_sent(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_message *message = NULL;

    make_path();
    write_file("A: b\r\n\r\nc\r\n", 11);
    CU_ASSERT_EQUAL(acsmtp_message_from_path(path, &message, NULL), ACSMTP_OK);
    write_file("A: b\r\n\r\nnull\0\r\n", 15);
    CU_ASSERT_EQUAL(acsmtp_message_rewind(message, &err), ACSMTP_SYSTEM);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, path));
    expect_header(message, "A", 0, NULL);
    (void)unlink(path);
    acsmtp_error_clear(&err);
    CU_ASSERT_EQUAL(acsmtp_message_rewind(message, &err), ACSMTP_SYSTEM);
    acsmtp_message_free(message);
}

static void files_that_cannot_be_read_are_named(void)
{
    static const char *const paths[] = {"/nonexistent/file", "/tmp"};

    for (size_t i = 0; i < 2; i++) {
        struct acsmtp_error err = ACSMTP_ERROR_INIT;
        struct acsmtp_message *message = NULL;

        CU_ASSERT_EQUAL(acsmtp_message_from_path(paths[i], &message, &err), ACSMTP_SYSTEM);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.message, paths[i]));
    }
    make_path();
    {
        struct acsmtp_error err = ACSMTP_ERROR_INIT;
        struct acsmtp_message *message = NULL;

        CU_ASSERT_EQUAL(acsmtp_message_from_path(path, &message, &err), ACSMTP_REJECTED);
        write_file("no header\n", 10);
        CU_ASSERT_EQUAL(acsmtp_message_from_path(path, &message, NULL), ACSMTP_REJECTED);
    }
    (void)unlink(path);
}

struct stream {
    int fd;
    size_t size;
};

/* "A: b", an empty line, then numbered lines up to the size. */
static void *write_stream(void *data)
{
    struct stream *stream = data;
    char *text = malloc(stream->size + 32);
    size_t used = (size_t)snprintf(text, 32, "A: b\r\n\r\n"), at = 0;

    for (int i = 0; used < stream->size; i++)
        used += (size_t)snprintf(text + used, 32, "%d\r\n", i);
    while (at < stream->size) {
        ssize_t written = write(stream->fd, text + at, stream->size - at);

        if (written <= 0)
            break;
        at += (size_t)written;
    }
    free(text);
    (void)close(stream->fd);
    return NULL;
}

static void streams_of_any_size_can_be_read_again(void)
{
    static const size_t sizes[] = {50, 262143, 262144, 262145, 1500000};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct acsmtp_message *message = NULL;
        int ends[2], before = count_descriptors();
        struct stream stream;
        pthread_t thread;
        size_t size;

        CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
        stream = (struct stream){ends[1], sizes[i]};
        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, write_stream, &stream), 0);
        CU_ASSERT_EQUAL(acsmtp_message_from_fd(ends[0], &message, NULL), ACSMTP_OK);
        (void)pthread_join(thread, NULL);
        (void)close(ends[0]);
        for (int again = 0; again < 2; again++) {
            char *text = read_all(message, 10000, &size);

            CU_ASSERT_EQUAL(size, sizes[i]);
            CU_ASSERT_EQUAL(strncmp(text, "A: b\r\n\r\n0\r\n1\r\n", 14), 0);
            free(text);
        }
        expect_header(message, "a", 0, "b");
        acsmtp_message_free(message);
        CU_ASSERT_EQUAL(count_descriptors(), before);
    }
}

static void a_regular_file_is_used_from_where_it_stands(void)
{
    struct acsmtp_message *message = NULL;
    char rest[4];
    int fd;

    make_path();
    write_file("junk\nA: b\r\n\r\nc\r\n", 16);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    CU_ASSERT_EQUAL(lseek(fd, 5, SEEK_SET), 5);
    CU_ASSERT_EQUAL(acsmtp_message_from_fd(fd, &message, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(read(fd, rest, sizeof rest), 0);
    (void)close(fd);
    (void)unlink(path);
    CU_ASSERT_EQUAL(acsmtp_message_size(message), 11);
    expect(message, "A: b\r\n\r\nc\r\n");
    acsmtp_message_free(message);
}

static void bad_descriptors_are_refused(void)
{
    struct acsmtp_message *message = NULL;
    int ends[2];

    CU_ASSERT_EQUAL(acsmtp_message_from_fd(-1, &message, NULL), ACSMTP_SYSTEM);
    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    CU_ASSERT_EQUAL(acsmtp_message_from_fd(ends[1], &message, NULL), ACSMTP_SYSTEM);
    (void)close(ends[1]);
    CU_ASSERT_EQUAL(acsmtp_message_from_fd(ends[0], &message, NULL), ACSMTP_REJECTED);
    (void)close(ends[0]);
}

static void nothing_stays_in_the_temporary_folder(void)
{
    char folder[] = "/tmp/acsmtp-spool-XXXXXX";
    struct acsmtp_message *message = NULL;
    struct stream stream;
    struct dirent *entry;
    pthread_t thread;
    int ends[2], found = 0;
    DIR *dir;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    (void)setenv("TMPDIR", folder, 1);
    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    stream = (struct stream){ends[1], 400000};
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, write_stream, &stream), 0);
    CU_ASSERT_EQUAL(acsmtp_message_from_fd(ends[0], &message, NULL), ACSMTP_OK);
    (void)pthread_join(thread, NULL);
    (void)close(ends[0]);
    dir = opendir(folder);
    while ((entry = readdir(dir)))
        found += entry->d_name[0] != '.';
    (void)closedir(dir);
    CU_ASSERT_EQUAL(found, 0);
    (void)unsetenv("TMPDIR");
    (void)rmdir(folder);
    acsmtp_message_free(message);
}

static void memory_does_not_grow_with_the_message(void)
{
    struct acsmtp_message *message = NULL;
    struct mallinfo2 before, after;
    char buffer[4096];
    size_t got, size = 0;
    int fd;

    make_path();
    write_file("A: b\r\nBcc: c\r\n\r\n", 16);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    CU_ASSERT_EQUAL(pwrite(fd, "\n", 1, 16), 1);
    for (int i = 0; i < 2000; i++) {
        memset(buffer, 'x', sizeof buffer);
        buffer[100] = '\n';
        CU_ASSERT_EQUAL(pwrite(fd, buffer, sizeof buffer, 17 + i * 4096), 4096);
    }
    (void)close(fd);
    before = mallinfo2();
    CU_ASSERT_EQUAL(acsmtp_message_from_path(path, &message, NULL), ACSMTP_OK);
    acsmtp_message_omit_header(message, "Bcc");
    CU_ASSERT_EQUAL(acsmtp_message_rewind(message, NULL), ACSMTP_OK);
    do {
        CU_ASSERT_EQUAL(acsmtp_message_read(message, buffer, sizeof buffer, &got, NULL), 0);
        size += got;
    } while (got > 0);
    after = mallinfo2();
    CU_ASSERT_EQUAL(size, 17 - 8 + 2000 * 4096);
    CU_ASSERT_TRUE(after.uordblks < before.uordblks + 16384);
    acsmtp_message_free(message);
    (void)unlink(path);
}

CUNIT_MAIN("message_file", T(a_file_is_open_only_while_it_is_read),
           T(a_file_that_changed_is_not_sent), T(files_that_cannot_be_read_are_named),
           T(streams_of_any_size_can_be_read_again), T(a_regular_file_is_used_from_where_it_stands),
           T(bad_descriptors_are_refused), T(nothing_stays_in_the_temporary_folder),
           T(memory_does_not_grow_with_the_message))
