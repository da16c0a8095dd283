/* SPDX-License-Identifier: MIT */
/*
 * Messages as streams: what one pass learns, header fields, what is left out, and where the bytes
 * may come from.
 */
#include "cunit_main.h"
#include <acsmtp/message.h>
#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct acsmtp_message *from(const char *text)
{
    struct acsmtp_message *message = NULL;
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    if (acsmtp_message_from_memory(text, strlen(text), &message, &err) != ACSMTP_OK)
        printf("\n  %s\n", err.message);
    return message;
}

/* The whole message, read `step` bytes at a time; the caller frees. */
static char *read_all(struct acsmtp_message *message, size_t step, size_t *size)
{
    char *text = malloc(1 << 21);
    size_t got;

    *size = 0;
    if (acsmtp_message_rewind(message, NULL) != ACSMTP_OK) {
        free(text);
        return NULL;
    }
    do {
        if (acsmtp_message_read(message, text + *size, step, &got, NULL) != ACSMTP_OK) {
            free(text);
            return NULL;
        }
        *size += got;
    } while (got > 0 && *size < (1 << 21) - step);
    text[*size] = '\0';
    return text;
}

static void expect(struct acsmtp_message *message, const char *want)
{
    for (size_t step = 1; step < 300; step += step < 20 ? 1 : 70) {
        size_t size;
        char *text = read_all(message, step, &size);

        CU_ASSERT_STRING_EQUAL(text, want);
        free(text);
    }
}

static void size_counts_crlf_at_every_line(void)
{
    static const struct {
        const char *text;
        int64_t size;
    } cases[] = {{"A: b\r\n\r\nc\r\n", 11}, {"A: b\n\nc\n", 11},
                 {"A: b\n\nc", 11},         {"A: b", 6},
                 {"A: b\r\rc\r", 11},       {"A: b\n\r\nc\r\r\n", 13},
                 {"A: b\r\n\r\n", 8},       {"A: b\n\n\n\r\n\n", 14},
                 {"A: b\n\n..\n.\n", 15}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct acsmtp_message *message = from(cases[i].text);

        CU_ASSERT_EQUAL(acsmtp_message_size(message), cases[i].size);
        expect(message, cases[i].text);
        acsmtp_message_free(message);
    }
    acsmtp_message_free(NULL);
}

static void flags_tell_what_the_server_must_support(void)
{
    char text[1100] = "A: b\r\n\r\n";
    struct acsmtp_message *message = from("A: b\r\n\r\nc\r\n");

    CU_ASSERT_EQUAL(acsmtp_message_flags(message), 0);
    acsmtp_message_free(message);
    message = from("A: b\r\n\r\n\xc3\xa4\r\n");
    CU_ASSERT_EQUAL(acsmtp_message_flags(message), ACSMTP_MESSAGE_8BIT);
    acsmtp_message_free(message);
    message = from("A: \xc3\xa4\r\n\r\nc\r\n");
    CU_ASSERT_EQUAL(acsmtp_message_flags(message),
                    ACSMTP_MESSAGE_8BIT | ACSMTP_MESSAGE_UTF8_HEADER);
    acsmtp_message_free(message);
    memset(text + 8, 'x', 998);
    message = from(text);
    CU_ASSERT_EQUAL(acsmtp_message_flags(message), 0);
    acsmtp_message_free(message);
    text[8 + 998] = 'x';
    message = from(text);
    CU_ASSERT_EQUAL(acsmtp_message_flags(message), ACSMTP_MESSAGE_LONG_LINE);
    acsmtp_message_free(message);
}

static void what_is_no_message_is_refused(void)
{
    static const char *const texts[] = {
        "",      "\r\n",    "\n",     "text",     "text\n",      "a b: c",
        ": c\n", " A: b\n", "A\n: b", "A\x01: b", "\xc3\xa4: b", "From me Tue Nov 3\nA: b\n"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct acsmtp_message *message = NULL;
        struct acsmtp_error err = ACSMTP_ERROR_INIT;

        CU_ASSERT_EQUAL(acsmtp_message_from_memory(texts[i], strlen(texts[i]), &message, &err),
                        ACSMTP_REJECTED);
        CU_ASSERT_PTR_NULL(message);
        CU_ASSERT_NOT_EQUAL(err.message[0], '\0');
    }
}

static void a_nul_is_refused(void)
{
    struct acsmtp_message *message = NULL;

    CU_ASSERT_EQUAL(acsmtp_message_from_memory("A: b\0\r\n\r\n", 9, &message, NULL),
                    ACSMTP_REJECTED);
    CU_ASSERT_EQUAL(acsmtp_message_from_memory("A: b\r\n\r\n\0", 9, &message, NULL),
                    ACSMTP_REJECTED);
}

static void expect_header(const struct acsmtp_message *message, const char *name, size_t index,
                          const char *want)
{
    char *value = acsmtp_message_header_dup(message, name, index);

    if (want && value)
        CU_ASSERT_STRING_EQUAL(value, want);
    CU_ASSERT_EQUAL(value == NULL, want == NULL);
    free(value);
}

static void fields_are_found_and_unfolded(void)
{
    struct acsmtp_message *message =
        from("To: a@b,\r\n\tc@d\r\nSUBJECT :  x \r\nto:e@f\r\nEmpty:\r\nBlank: \r\n \r\n"
             "Fold:\r\n one\n two\r three\r\nTo-Do: no\r\nnonsense\r\nLast: z\r\n\r\nTo: body\r\n");

    expect_header(message, "To", 0, "a@b,\tc@d");
    expect_header(message, "tO", 1, "e@f");
    expect_header(message, "To", 2, NULL);
    expect_header(message, "Subject", 0, "x");
    expect_header(message, "Empty", 0, "");
    expect_header(message, "Blank", 0, "");
    expect_header(message, "Fold", 0, "one two three");
    expect_header(message, "To-Do", 0, "no");
    expect_header(message, "Last", 0, "z");
    expect_header(message, "Las", 0, NULL);
    expect_header(message, "", 0, NULL);
    expect_header(message, NULL, 0, NULL);
    acsmtp_message_free(message);
    message = from("To: unfinished");
    expect_header(message, "To", 0, "unfinished");
    acsmtp_message_free(message);
}

static void an_omitted_field_goes_with_its_continuations(void)
{
    struct acsmtp_message *message =
        from("bcc: a@b,\r\n\tc@d\r\n \r\nTo: x\r\nBCC : q\r\nBcc-X: stays\r\nBc: stays\r\n"
             "Bcc stays\r\nBcc:\r\nFolded: a\r\n Bcc: b\r\n\r\nBcc: body\r\n");

    acsmtp_message_omit_header(message, "Bcc");
    expect(message, "To: x\r\nBcc-X: stays\r\nBc: stays\r\nBcc stays\r\nFolded: a\r\n Bcc: b\r\n"
                    "\r\nBcc: body\r\n");
    CU_ASSERT_EQUAL(acsmtp_message_size(message), 76);
    /* Looking up still finds it: the envelope is made from it. */
    expect_header(message, "bcc", 1, "q");
    acsmtp_message_free(message);
}

static void every_kind_of_line_end_hides_nothing(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {{"A: b\nBcc: c\n\nd\n", "A: b\n\nd\n"},
                 {"A: b\rBcc: c\r\rd\r", "A: b\r\rd\r"},
                 {"A: b\r\nBcc: c\n d\r e\r\nF: g\r\n", "A: b\r\nF: g\r\n"},
                 {"Bcc: c", ""},
                 {"Bcc", NULL},
                 {"A: b\r\nBcc", "A: b\r\nBcc"},
                 {"A: b\r\nBcc:c\r\n", "A: b\r\n"},
                 {"A: b\r\nBcc \t : c\r\n x\r\nB: d\r\n", "A: b\r\nB: d\r\n"},
                 {"A: b\r\n\nBcc: body", "A: b\r\n\nBcc: body"},
                 {"A: b\n\r\nBcc: body", "A: b\n\r\nBcc: body"},
                 {"A: b\rBcc: c\n\nBcc: body", "A: b\r\r\nBcc: body"},
                 {"A: b\r\n\r\r\nBcc: body", "A: b\r\n\r\r\nBcc: body"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct acsmtp_message *message = NULL;

        if (acsmtp_message_from_memory(cases[i].text, strlen(cases[i].text), &message, NULL)) {
            CU_ASSERT_PTR_NULL(cases[i].want);
            continue;
        }
        acsmtp_message_omit_header(message, "Bcc");
        expect(message, cases[i].want);
        acsmtp_message_free(message);
    }
}

static void blanks_before_the_colon_hide_nothing(void)
{
    char text[600] = "A: b\r\nBcc";
    struct acsmtp_message *message;

    memset(text + 9, ' ', 400);
    memcpy(text + 409, ": secret\r\nC: d\r\n", 17);
    message = from(text);
    acsmtp_message_omit_header(message, "Bcc");
    expect(message, "A: b\r\nC: d\r\n");
    acsmtp_message_free(message);
}

static void an_omitted_field_counts_no_more(void)
{
    struct acsmtp_message *message = from("A: b\r\nBcc: \xc3\xa4@b\r\n\r\nc\r\n");

    CU_ASSERT_EQUAL(acsmtp_message_flags(message), 3);
    acsmtp_message_omit_header(message, "Bcc");
    CU_ASSERT_EQUAL(acsmtp_message_flags(message), 0);
    CU_ASSERT_EQUAL(acsmtp_message_size(message), 11);
    acsmtp_message_omit_header(message, "X");
    CU_ASSERT_EQUAL(acsmtp_message_flags(message), 3);
    CU_ASSERT_EQUAL(acsmtp_message_size(message), 22);
    acsmtp_message_free(message);
}

static void reading_can_begin_again_at_any_time(void)
{
    struct acsmtp_message *message = from("A: b\r\nBcc: c\r\n\r\nbody\r\n");
    char buffer[64];
    size_t got;

    acsmtp_message_omit_header(message, "Bcc");
    for (size_t stop = 1; stop < 20; stop++) {
        CU_ASSERT_EQUAL(acsmtp_message_rewind(message, NULL), ACSMTP_OK);
        CU_ASSERT_EQUAL(acsmtp_message_read(message, buffer, stop, &got, NULL), ACSMTP_OK);
        CU_ASSERT_TRUE(got > 0 && got <= stop);
        if (stop % 2)
            acsmtp_message_close(message);
        expect(message, "A: b\r\n\r\nbody\r\n");
    }
    CU_ASSERT_EQUAL(acsmtp_message_read(message, buffer, 10, &got, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(got, 0);
    acsmtp_message_close(NULL);
    acsmtp_message_free(message);
}

static void fields_beyond_256_kib_are_not_seen(void)
{
    size_t filler = 256 * 1024, size;
    char *text = malloc(filler + 200), *all;
    struct acsmtp_message *message;

    memcpy(text, "First: 1\r\nLong: ", 16);
    memset(text + 16, 'x', filler);
    memcpy(text + 16 + filler, "\r\nBcc: far\r\n\r\nbody\r\n", 21);
    message = from(text);
    expect_header(message, "First", 0, "1");
    expect_header(message, "Long", 0, NULL);
    expect_header(message, "Bcc", 0, NULL);
    /* But what is to be left out is left out wherever it stands. */
    acsmtp_message_omit_header(message, "Bcc");
    all = read_all(message, 4096, &size);
    CU_ASSERT_PTR_NULL(strstr(all, "far"));
    CU_ASSERT_EQUAL(size, strlen(text) - 10);
    CU_ASSERT_EQUAL(acsmtp_message_size(message), (int64_t)size);
    free(all);
    free(text);
    acsmtp_message_free(message);
}

/* ---- files and descriptors ---- */

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

CUNIT_MAIN("message", T(size_counts_crlf_at_every_line), T(flags_tell_what_the_server_must_support),
           T(what_is_no_message_is_refused), T(a_nul_is_refused), T(fields_are_found_and_unfolded),
           T(an_omitted_field_goes_with_its_continuations), T(every_kind_of_line_end_hides_nothing),
           T(blanks_before_the_colon_hide_nothing), T(an_omitted_field_counts_no_more),
           T(reading_can_begin_again_at_any_time), T(fields_beyond_256_kib_are_not_seen),
           T(a_file_is_open_only_while_it_is_read), T(a_file_that_changed_is_not_sent),
           T(files_that_cannot_be_read_are_named), T(streams_of_any_size_can_be_read_again),
           T(a_regular_file_is_used_from_where_it_stands), T(bad_descriptors_are_refused),
           T(nothing_stays_in_the_temporary_folder), T(memory_does_not_grow_with_the_message))
