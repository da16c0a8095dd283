/* SPDX-License-Identifier: MIT */
/*
 * What a provisioner in another process is asked and tells: what is written is read again, what is
 * cut short anywhere is not, and nothing comes in that a terminal or a file should not get.
 */
#include "cunit_main.h"
#include "isolate/isolate_call.h"
#include "isolate/wire_plugin.h"
#include "isolate/wire_provision.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static struct acsmtp_secret *payload;
static struct wire_writer writer;

static void begin(void)
{
    acsmtp_secret_free(payload);
    payload = acsmtp_secret_new(NULL, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(payload);
    writer = (struct wire_writer){.out = payload};
}

static void end(void)
{
    acsmtp_secret_free(payload);
    payload = NULL;
}

/* A reader over the first `size` bytes. */
static struct wire_reader cut(size_t size)
{
    struct wire_reader reader = wire_read(payload);

    reader.left = size;
    return reader;
}

/* ---- steps ---- */

static const char *const needs[] = {"group", "service", NULL};
static const struct acsmtp_step whole_step = {
    .size = sizeof whole_step,
    .state = ACSMTP_STEP_DONE,
    .id = "domain",
    .title = "domain contoso.test",
    .change = "create",
    .detail = "as it should be",
    .elapsed_ms = 1234,
    .needs = needs,
};

static void a_step_comes_back_whole_or_not_at_all(void)
{
    struct wire_reader reader;
    struct wire_step told;
    size_t size;

    begin();
    wire_put_step(&writer, &whole_step);
    CU_ASSERT_FALSE(writer.failed);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL_FATAL(wire_get_step(&reader, &told, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(told.step.size, sizeof told.step);
    CU_ASSERT_EQUAL(told.step.state, ACSMTP_STEP_DONE);
    CU_ASSERT_STRING_EQUAL(told.step.id, "domain");
    CU_ASSERT_STRING_EQUAL(told.step.title, "domain contoso.test");
    CU_ASSERT_STRING_EQUAL(told.step.change, "create");
    CU_ASSERT_STRING_EQUAL(told.step.detail, "as it should be");
    CU_ASSERT_EQUAL(told.step.elapsed_ms, 1234);
    CU_ASSERT_STRING_EQUAL(told.step.needs[1], "service");
    CU_ASSERT_PTR_NULL(told.step.needs[2]);
    wire_step_release(&told);
    for (size = 0; size < acsmtp_secret_size(payload); size++) {
        reader = cut(size);
        CU_ASSERT_EQUAL(wire_get_step(&reader, &told, NULL), ACSMTP_PROTOCOL);
        wire_step_release(&told);
    }
    end();
}

/* One of a plugin that was built before there were needs and times. */
static void a_shorter_step_is_read_as_far_as_it_goes(void)
{
    struct acsmtp_step shorter = whole_step;
    struct wire_reader reader;
    struct wire_step told;

    begin();
    shorter.size = offsetof(struct acsmtp_step, elapsed_ms);
    wire_put_step(&writer, &shorter);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL_FATAL(wire_get_step(&reader, &told, NULL), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(told.step.detail, "as it should be");
    CU_ASSERT_EQUAL(told.step.elapsed_ms, 0);
    CU_ASSERT_PTR_NULL(told.step.needs[0]);
    wire_step_release(&told);
    end();
}

static void a_step_becomes_printable(void)
{
    static const char *const forged[] = {"a\nb", NULL};
    const struct acsmtp_step dirty = {.size = sizeof dirty,
                                      .id = "line\nline",
                                      .title = "\x1b[2J",
                                      .change = "\xff",
                                      .detail = "a\r\nb \xc3\xbc",
                                      .elapsed_ms = INT64_MIN,
                                      .needs = forged};
    struct acsmtp_step late = dirty;
    struct wire_reader reader;
    struct wire_step told;

    begin();
    wire_put_step(&writer, &dirty);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL_FATAL(wire_get_step(&reader, &told, NULL), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(told.step.id, "line line");
    CU_ASSERT_STRING_EQUAL(told.step.title, " [2J");
    CU_ASSERT_STRING_EQUAL(told.step.change, "?");
    CU_ASSERT_STRING_EQUAL(told.step.detail, "a  b \xc3\xbc");
    CU_ASSERT_EQUAL(told.step.elapsed_ms, 0);
    CU_ASSERT_STRING_EQUAL(told.step.needs[0], "a b");
    wire_step_release(&told);
    begin();
    late.elapsed_ms = INT64_MAX;
    wire_put_step(&writer, &late);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL_FATAL(wire_get_step(&reader, &told, NULL), ACSMTP_OK);
    CU_ASSERT(told.step.elapsed_ms > 0 && told.step.elapsed_ms < INT64_MAX / 1000);
    wire_step_release(&told);
    end();
}

static void a_step_has_a_state_that_is_known_and_needs_that_can_be_counted(void)
{
    static const char *many[ISOLATE_ITEMS_MAX + 2];
    struct acsmtp_step step = whole_step;
    struct wire_reader reader;
    struct wire_step told;

    begin();
    step.state = ACSMTP_STEP_SKIPPED + 1;
    wire_put_step(&writer, &step);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL(wire_get_step(&reader, &told, NULL), ACSMTP_PROTOCOL);
    wire_step_release(&told);
    for (size_t i = 0; i < ISOLATE_ITEMS_MAX + 1; i++)
        many[i] = "x";
    begin();
    step = whole_step;
    step.needs = many;
    wire_put_step(&writer, &step);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL(wire_get_step(&reader, &told, NULL), ACSMTP_PROTOCOL);
    wire_step_release(&told);
    many[ISOLATE_ITEMS_MAX] = NULL;
    begin();
    wire_put_step(&writer, &step);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL(wire_get_step(&reader, &told, NULL), ACSMTP_OK);
    CU_ASSERT_PTR_NULL(told.step.needs[ISOLATE_ITEMS_MAX]);
    wire_step_release(&told);
    end();
}

/* ---- requests ---- */

static void what_is_asked_comes_back(void)
{
    const struct acsmtp_provision_request asked = {
        .size = sizeof asked, .flags = ACSMTP_PROVISION_PURGE, .merge = "v=spf1 -all"};
    const struct acsmtp_diagnose_request login = {
        .size = sizeof login, .sender = "a@contoso.test", .object_id = "id"};
    struct acsmtp_provision_request provision;
    struct acsmtp_diagnose_request diagnose;
    struct wire_reader reader;

    begin();
    wire_put_provision_request(&writer, &asked);
    wire_put_diagnose_request(&writer, &login);
    reader = wire_read(payload);
    wire_get_provision_request(&reader, &provision);
    wire_get_diagnose_request(&reader, &diagnose);
    CU_ASSERT(wire_done(&reader));
    CU_ASSERT_EQUAL(provision.size, sizeof provision);
    CU_ASSERT_EQUAL(provision.flags, ACSMTP_PROVISION_PURGE);
    CU_ASSERT_PTR_NULL(provision.format);
    CU_ASSERT_STRING_EQUAL(provision.merge, "v=spf1 -all");
    CU_ASSERT_EQUAL(diagnose.size, sizeof diagnose);
    CU_ASSERT_STRING_EQUAL(diagnose.sender, "a@contoso.test");
    CU_ASSERT_PTR_NULL(diagnose.username);
    CU_ASSERT_STRING_EQUAL(diagnose.object_id, "id");
    end();
}

/* ---- results ---- */

static void a_result_comes_back(void)
{
    static const char text[] = "{\"a\":[1,2.5,null,true],\"b\":{\"c\":\"\xc3\xbc\\n\"}}";
    ACSMTP_AUTO_JSON struct acsmtp_json *given = acsmtp_json_parse(text, sizeof text - 1, NULL);
    ACSMTP_AUTO_JSON struct acsmtp_json *got = NULL;
    struct wire_reader reader;
    char *again;

    begin();
    CU_ASSERT_EQUAL(wire_put_result(&writer, given, NULL), ACSMTP_OK);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL(wire_get_result(&reader, &got, NULL), ACSMTP_OK);
    again = acsmtp_json_format(got);
    CU_ASSERT_STRING_EQUAL(again, text);
    free(again);
    end();
}

static void no_result_is_no_bytes(void)
{
    struct acsmtp_json *got = NULL;
    struct wire_reader reader;

    begin();
    CU_ASSERT_EQUAL(wire_put_result(&writer, NULL, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(acsmtp_secret_size(payload), 0);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL(wire_get_result(&reader, &got, NULL), ACSMTP_OK);
    CU_ASSERT_PTR_NULL(got);
    end();
}

static void what_is_no_result_is_refused(void)
{
    static const char *const wrong[] = {"", "x", "[]", "\"text\"", "{\"a\": 1", "{} {}"};
    struct acsmtp_json *got = NULL;
    struct wire_reader reader;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        begin();
        wire_put_text(&writer, wrong[i]);
        reader = wire_read(payload);
        CU_ASSERT_EQUAL(wire_get_result(&reader, &got, NULL), ACSMTP_PROTOCOL);
        CU_ASSERT_PTR_NULL(got);
    }
    begin();
    wire_put_bytes(&writer, "{}\0{}", 6);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL(wire_get_result(&reader, &got, NULL), ACSMTP_PROTOCOL);
    end();
}

static void a_result_that_is_too_long_is_not_written(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char *text = malloc(ISOLATE_RESULT_MAX + 1U);
    ACSMTP_AUTO_JSON struct acsmtp_json *given = acsmtp_json_new_object(NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, 'x', ISOLATE_RESULT_MAX);
    text[ISOLATE_RESULT_MAX] = '\0';
    CU_ASSERT_EQUAL(acsmtp_json_set(given, "text", acsmtp_json_new_string(text, NULL), NULL),
                    ACSMTP_OK);
    begin();
    CU_ASSERT_EQUAL(wire_put_result(&writer, given, &err), ACSMTP_SYSTEM);
    CU_ASSERT_STRING_EQUAL(err.message, "its result is longer than 1048576 bytes");
    CU_ASSERT_EQUAL(acsmtp_secret_size(payload), 0);
    free(text);
    end();
}

/* ---- the descriptor ---- */

static int rotate(void *instance, struct acsmtp_context *context,
                  const struct acsmtp_provision_request *request,
                  const struct acsmtp_provision_observer *observer, struct acsmtp_json **result,
                  struct acsmtp_error *err)
{
    (void)instance;
    (void)context;
    (void)request;
    (void)observer;
    (void)result;
    (void)err;
    return ACSMTP_OK;
}

static void an_operation_is_there_when_the_plugin_has_it(void)
{
    static const struct acsmtp_provisioner_ops given = {.size = sizeof given, .rotate = rotate};
    static const struct acsmtp_plugin plugin = {
        ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_PROVISIONER),
        .name = "wire",
        .version = "1",
        .summary = "s",
        .provisioner = &given,
    };
    struct wire_description told = {0};
    struct acsmtp_provisioner_ops ops;
    struct wire_reader reader;

    begin();
    wire_put_description(&writer, &plugin);
    reader = wire_read(payload);
    CU_ASSERT_EQUAL(wire_get_description(&reader, &told, NULL), ACSMTP_OK);
    isolate_provisioner_ops(told.has, &ops);
    CU_ASSERT_PTR_NOT_NULL(ops.apply);
    CU_ASSERT_PTR_NOT_NULL(ops.rotate);
    CU_ASSERT(!ops.verify && !ops.destroy && !ops.export_as && !ops.diagnose);
    wire_description_release(&told);
    end();
}

CUNIT_MAIN("isolate wire of provisioners", T(a_step_comes_back_whole_or_not_at_all),
           T(a_shorter_step_is_read_as_far_as_it_goes), T(a_step_becomes_printable),
           T(a_step_has_a_state_that_is_known_and_needs_that_can_be_counted),
           T(what_is_asked_comes_back), T(a_result_comes_back), T(no_result_is_no_bytes),
           T(what_is_no_result_is_refused), T(a_result_that_is_too_long_is_not_written),
           T(an_operation_is_there_when_the_plugin_has_it))
