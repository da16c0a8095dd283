/* SPDX-License-Identifier: MIT */
/*
 * Payloads between a host and an isolated plugin: what is written is read again, and what is cut
 * short anywhere is not. Messages whose bytes are in another process.
 */
#include "base/credential_private.h"
#include "base/message_private.h"
#include "base/result_private.h"
#include "cunit_main.h"
#include "driver/settings_build.h"
#include "isolate/protocol.h"
#include "isolate/wire_plugin.h"
#include "isolate/wire_value.h"
#include <stdlib.h>
#include <string.h>

/* A reader over the first `size` bytes. */
static struct wire_reader cut(const struct acsmtp_secret *payload, size_t size)
{
    struct wire_reader reader = wire_read(payload);

    reader.left = size;
    return reader;
}

/* ---- primitives ---- */

static void every_value_comes_back(void)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *payload = acsmtp_secret_new(NULL, 0, NULL);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *secret = acsmtp_secret_new("s\0t", 3, NULL);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *again = NULL;
    struct wire_writer writer = {.out = payload};
    struct wire_reader reader;

    wire_put_u32(&writer, 0xfffffffeU);
    wire_put_i64(&writer, INT64_MIN);
    wire_put_text(&writer, "text");
    wire_put_text(&writer, "");
    wire_put_text(&writer, NULL);
    wire_put_secret(&writer, secret);
    CU_ASSERT_FALSE(writer.failed);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL(wire_get_u32(&reader), 0xfffffffeU);
    CU_ASSERT_EQUAL(wire_get_i64(&reader), INT64_MIN);
    CU_ASSERT_STRING_EQUAL(wire_get_text(&reader, 4), "text");
    CU_ASSERT_STRING_EQUAL(wire_need_text(&reader, 0), "");
    CU_ASSERT_PTR_NULL(wire_get_text(&reader, 10));
    again = wire_get_secret(&reader);
    CU_ASSERT_EQUAL(acsmtp_secret_size(again), 3);
    CU_ASSERT_EQUAL(memcmp(acsmtp_secret_data(again), "s\0t", 3), 0);
    CU_ASSERT(wire_done(&reader));
}

static void what_is_not_a_text_is_refused(void)
{
    static const char *const wrong[] = {"\x05\0\0\0abcde", "\x05\0\0\0ab\0d\0", "\x05\0\0\0abc",
                                        "\xff\xff\xff\xff"};
    static const size_t sizes[] = {9, 9, 7, 4};
    size_t i;

    for (i = 0; i < 4; i++) {
        ACSMTP_AUTO_SECRET struct acsmtp_secret *payload =
            acsmtp_secret_new(wrong[i], sizes[i], NULL);
        struct wire_reader reader = wire_read(payload);

        CU_ASSERT_PTR_NULL(wire_get_text(&reader, 100));
        CU_ASSERT(reader.failed);
        CU_ASSERT_EQUAL(wire_get_u32(&reader), 0);
    }
}

static void a_payload_ends_where_a_frame_does(void)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *payload = acsmtp_secret_new(NULL, 0, NULL);
    struct wire_writer writer = {.out = payload};
    char *big = calloc(1, FRAME_MAX + 1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(big);
    wire_put_bytes(&writer, big, FRAME_MAX + 1);
    CU_ASSERT(writer.failed);
    writer.failed = 0;
    wire_put_bytes(&writer, big, FRAME_MAX);
    CU_ASSERT(writer.failed);
    free(big);
}

/* ---- structures ---- */

static void an_outcome_keeps_everything_that_an_error_tells(void)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *payload = acsmtp_secret_new(NULL, 0, NULL);
    struct wire_writer writer = {.out = payload};
    struct acsmtp_error problem = ACSMTP_ERROR_INIT, err = ACSMTP_ERROR_INIT;
    struct wire_reader reader;
    size_t size;

    (void)acsmtp_fail(&problem, ACSMTP_TEMPORARY, "try later");
    acsmtp_error_server(&problem, 429, "TooMany", "slow down");
    problem.retry_after = 7;
    wire_put_outcome(&writer, ACSMTP_TEMPORARY, &problem);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL(wire_get_outcome(&reader, &err), ACSMTP_TEMPORARY);
    CU_ASSERT(wire_done(&reader));
    CU_ASSERT_STRING_EQUAL(err.message, "try later");
    CU_ASSERT_EQUAL(err.server_code, 429);
    CU_ASSERT_STRING_EQUAL(err.code, "TooMany");
    CU_ASSERT_STRING_EQUAL(err.server_text, "slow down");
    CU_ASSERT_EQUAL(err.retry_after, 7);
    for (size = 0; size < acsmtp_secret_size(payload); size++) {
        reader = cut(payload, size);
        CU_ASSERT_EQUAL(wire_get_outcome(&reader, NULL), ACSMTP_PROTOCOL);
    }
}

static struct acsmtp_credential *some_token(void)
{
    struct acsmtp_credential *made = acsmtp_credential_new(NULL);

    CU_ASSERT_EQUAL(
        acsmtp_credential_set_token(made, acsmtp_secret_new("abc", 3, NULL), 1000, 500, NULL),
        ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_credential_depends_on(made, "/run/token", NULL), ACSMTP_OK);
    return made;
}

static void a_credential_comes_back_whole_or_not_at_all(void)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *payload = acsmtp_secret_new(NULL, 0, NULL);
    struct wire_writer writer = {.out = payload};
    struct acsmtp_credential *token = some_token(), *again = acsmtp_credential_new(NULL);
    struct wire_reader reader;
    size_t size;

    wire_put_credential(&writer, token);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL(wire_get_credential(&reader, again, NULL), ACSMTP_OK);
    CU_ASSERT(wire_done(&reader));
    CU_ASSERT_EQUAL(acsmtp_credential_kind(again), ACSMTP_CREDENTIAL_TOKEN);
    CU_ASSERT_STRING_EQUAL(acsmtp_secret_data(acsmtp_credential_secret(again)), "abc");
    CU_ASSERT_EQUAL(acsmtp_credential_expires_on(again), 1000);
    CU_ASSERT_EQUAL(acsmtp_credential_refresh_on(again), 500);
    CU_ASSERT_STRING_EQUAL(credential_dependency(again, 0), "/run/token");
    for (size = 0; size < acsmtp_secret_size(payload); size++) {
        credential_clear(again);
        reader = cut(payload, size);
        CU_ASSERT(wire_get_credential(&reader, again, NULL) != ACSMTP_OK || !wire_done(&reader));
    }
    acsmtp_credential_free(token);
    acsmtp_credential_free(again);
}

/* What a plugin of the own process could not set, one of another cannot either. */
static void the_setters_judge_what_is_read(void)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *payload = acsmtp_secret_new(NULL, 0, NULL);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *bad = acsmtp_secret_new("a\nb", 3, NULL);
    struct wire_writer writer = {.out = payload};
    struct acsmtp_credential *made = acsmtp_credential_new(NULL);
    struct wire_reader reader;

    wire_put_u32(&writer, ACSMTP_CREDENTIAL_TOKEN);
    wire_put_secret(&writer, bad);
    wire_put_text(&writer, NULL);
    wire_put_i64(&writer, 0);
    wire_put_i64(&writer, 0);
    wire_put_u32(&writer, 0);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL(wire_get_credential(&reader, made, NULL), ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(acsmtp_credential_kind(made), ACSMTP_CREDENTIAL_NONE);
    acsmtp_credential_free(made);
}

static const char *const allowed[] = {"a", "b", NULL};
static const struct acsmtp_option options[] = {
    {.name = "text", .type = ACSMTP_STRING, .values = allowed, .summary = "one"},
    {.name = "number", .type = ACSMTP_INTEGER, .minimum = 1, .maximum = 9, .summary = "two"},
    {.name = "secret", .type = ACSMTP_STRING, .flags = ACSMTP_SECRET, .summary = "three"},
};
static const struct acsmtp_credential_ops ops = {.size = sizeof ops};
static const struct acsmtp_plugin plugin = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .name = "wire",
    .version = "2.1",
    .summary = "A plugin",
    ACSMTP_PLUGIN_OPTIONS(options),
    .credential = &ops,
};

static void a_descriptor_comes_back(void)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *payload = acsmtp_secret_new(NULL, 0, NULL);
    struct wire_writer writer = {.out = payload};
    struct wire_description told;
    struct wire_reader reader;
    size_t size;

    wire_put_description(&writer, &plugin);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL_FATAL(wire_get_description(&reader, &told, NULL), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(told.version, "2.1");
    CU_ASSERT_EQUAL(told.has, 0);
    CU_ASSERT_EQUAL(told.option_count, 3);
    CU_ASSERT_STRING_EQUAL(told.options[0].values[1], "b");
    CU_ASSERT_PTR_NULL(told.options[0].values[2]);
    CU_ASSERT_PTR_NULL(told.options[1].values);
    CU_ASSERT_EQUAL(told.options[1].maximum, 9);
    CU_ASSERT_EQUAL(told.options[2].flags, ACSMTP_SECRET);
    wire_description_release(&told);
    for (size = 0; size < acsmtp_secret_size(payload); size++) {
        reader = cut(payload, size);
        CU_ASSERT_EQUAL(wire_get_description(&reader, &told, NULL), ACSMTP_PROTOCOL);
        wire_description_release(&told);
    }
}

static void settings_of_another_table_are_refused(void)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *payload = acsmtp_secret_new(NULL, 0, NULL);
    struct wire_writer writer = {.out = payload};
    struct acsmtp_settings *made = NULL;
    struct wire_reader reader;

    wire_put_text(&writer, "credential wire");
    wire_put_u32(&writer, 2);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL(wire_get_settings(&reader, &plugin, &made, NULL), ACSMTP_PROTOCOL);
    CU_ASSERT_PTR_NULL(made);
}

/* ---- messages and results elsewhere ---- */

static const char text[] =
    "From: a@example.com\r\nBcc: b@example.com\r\nSubject: x\r\n\r\n\xc3\xbc\r\n";

static int read_there(void *data, int64_t offset, void *buffer, size_t capacity, size_t *got,
                      struct acsmtp_error *err)
{
    /* A few bytes at a time, as a slow host might. */
    return message_read_source(data, offset, buffer, capacity < 5 ? capacity : 5, got, err);
}

static size_t read_all(struct acsmtp_message *message, char *bytes, size_t capacity)
{
    size_t used = 0, got = 1;

    CU_ASSERT_EQUAL(acsmtp_message_rewind(message, NULL), ACSMTP_OK);
    while (got > 0 && used < capacity) {
        if (acsmtp_message_read(message, bytes + used, capacity - used, &got, NULL) != ACSMTP_OK)
            break;
        used += got;
    }
    return used;
}

static void a_message_elsewhere_reads_the_same(void)
{
    struct acsmtp_message *here = NULL, *there = NULL;
    struct message_summary summary;
    struct message_reader reader = {.read = read_there};
    char first[256], second[256];
    size_t size;
    char *subject;

    CU_ASSERT_EQUAL_FATAL(acsmtp_message_from_memory(text, sizeof text - 1, &here, NULL),
                          ACSMTP_OK);
    acsmtp_message_omit_header(here, "Bcc");
    message_summarize(here, &summary);
    reader.data = here;
    CU_ASSERT_EQUAL_FATAL(message_from_reader(&summary, &reader, &there, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_message_size(there), acsmtp_message_size(here));
    CU_ASSERT_EQUAL(acsmtp_message_flags(there), ACSMTP_MESSAGE_8BIT);
    size = read_all(here, first, sizeof first);
    CU_ASSERT_EQUAL(read_all(there, second, sizeof second), size);
    CU_ASSERT_EQUAL(memcmp(first, second, size), 0);
    CU_ASSERT_PTR_NULL(memmem(second, size, "Bcc", 3));
    subject = acsmtp_message_header_dup(there, "subject", 0);
    CU_ASSERT_STRING_EQUAL(subject, "x");
    free(subject);
    acsmtp_message_free(there);
    acsmtp_message_free(here);
}

static void note_index(void *data, size_t index, const struct acsmtp_reply *reply)
{
    CU_ASSERT_EQUAL(reply->code, 250);
    *(size_t *)data = index;
}

static void results_are_seen_as_they_come(void)
{
    struct acsmtp_result *result = acsmtp_result_new(2, NULL);
    struct acsmtp_reply reply = {
        .size = sizeof reply, .delivery = ACSMTP_ACCEPTED, .code = 250, .text = "ok"};
    size_t seen = 99;

    result_watch(result, note_index, &seen);
    acsmtp_result_set_recipient(result, 2, &reply);
    CU_ASSERT_EQUAL(seen, 99);
    acsmtp_result_set_recipient(result, 1, &reply);
    CU_ASSERT_EQUAL(seen, 1);
    acsmtp_result_set_message(result, &reply);
    CU_ASSERT_EQUAL(seen, RESULT_MESSAGE);
    acsmtp_result_free(result);
}

CUNIT_MAIN("isolate wire", T(every_value_comes_back), T(what_is_not_a_text_is_refused),
           T(a_payload_ends_where_a_frame_does), T(an_outcome_keeps_everything_that_an_error_tells),
           T(a_credential_comes_back_whole_or_not_at_all), T(the_setters_judge_what_is_read),
           T(a_descriptor_comes_back), T(settings_of_another_table_are_refused),
           T(a_message_elsewhere_reads_the_same), T(results_are_seen_as_they_come))
