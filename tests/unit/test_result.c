/* SPDX-License-Identifier: MIT */
/*
 * Results: what holds for a recipient, and the one status of the whole.
 */
#include "cunit_main.h"
#include <acsmtp/message.h>
#include <acsmtp/secret.h>
#include <stdint.h>
#include <string.h>

static struct acsmtp_reply reply(int delivery, int code, const char *enhanced, const char *text)
{
    struct acsmtp_reply made = {.size = sizeof made, .delivery = delivery, .code = code};

    memcpy(made.enhanced, enhanced, strlen(enhanced) + 1);
    memcpy(made.text, text, strlen(text) + 1);
    return made;
}

static const struct acsmtp_reply *accepted(void)
{
    static struct acsmtp_reply made;

    made = reply(ACSMTP_ACCEPTED, 250, "2.0.0", "queued");
    return &made;
}

static void at_first_nothing_was_tried(void)
{
    struct acsmtp_result *result = acsmtp_result_new(2, NULL);

    CU_ASSERT_EQUAL(acsmtp_result_recipients(result), 2);
    CU_ASSERT_EQUAL(acsmtp_result_message(result)->delivery, ACSMTP_NOT_TRIED);
    CU_ASSERT_EQUAL(acsmtp_result_recipient(result, 1)->delivery, ACSMTP_NOT_TRIED);
    CU_ASSERT_PTR_NULL(acsmtp_result_recipient(result, 2));
    CU_ASSERT_EQUAL(acsmtp_result_status(result, NULL), ACSMTP_TEMPORARY);
    acsmtp_result_free(result);
    acsmtp_result_free(NULL);
}

static void a_recipient_shares_the_fate_of_the_message(void)
{
    struct acsmtp_result *result = acsmtp_result_new(3, NULL);
    struct acsmtp_reply rcpt = reply(ACSMTP_ACCEPTED, 250, "2.1.5", "ok");
    struct acsmtp_reply no = reply(ACSMTP_REFUSED, 550, "5.1.1", "no such user");
    struct acsmtp_reply data = reply(ACSMTP_DEFERRED, 450, "4.5.127", "too many");

    acsmtp_result_set_recipient(result, 0, &rcpt);
    acsmtp_result_set_recipient(result, 1, &no);
    acsmtp_result_set_recipient(result, 3, &no);
    acsmtp_result_set_message(result, &data);
    CU_ASSERT_EQUAL(acsmtp_result_recipient(result, 0)->code, 450);
    CU_ASSERT_EQUAL(acsmtp_result_recipient(result, 1)->code, 550);
    CU_ASSERT_EQUAL(acsmtp_result_recipient(result, 2)->code, 450);
    CU_ASSERT_STRING_EQUAL(acsmtp_result_message(result)->enhanced, "4.5.127");
    acsmtp_result_clear(result);
    CU_ASSERT_EQUAL(acsmtp_result_recipient(result, 1)->delivery, ACSMTP_NOT_TRIED);
    CU_ASSERT_EQUAL(acsmtp_result_recipient(result, 1)->code, 0);
    acsmtp_result_free(result);
}

static void all_accepted_is_ok(void)
{
    struct acsmtp_result *result = acsmtp_result_new(2, NULL);
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    acsmtp_result_set_message(result, accepted());
    CU_ASSERT_EQUAL(acsmtp_result_status(result, &err), ACSMTP_OK);
    CU_ASSERT_EQUAL(err.status, ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(err.message, "");
    acsmtp_result_free(result);
}

static void refusals_for_good_are_rejected(void)
{
    struct acsmtp_result *result = acsmtp_result_new(3, NULL);
    struct acsmtp_reply a = reply(ACSMTP_REFUSED, 550, "5.1.1", "no such user");
    struct acsmtp_reply b = reply(ACSMTP_REFUSED, 553, "", "bad name");
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    acsmtp_result_set_message(result, accepted());
    acsmtp_result_set_recipient(result, 1, &a);
    acsmtp_result_set_recipient(result, 2, &b);
    CU_ASSERT_EQUAL(acsmtp_result_status(result, &err), ACSMTP_REJECTED);
    CU_ASSERT_STRING_EQUAL(err.message, "2 of 3 recipients: refused: 550 5.1.1 no such user");
    CU_ASSERT_EQUAL(err.server_code, 550);
    CU_ASSERT_STRING_EQUAL(err.code, "5.1.1");
    CU_ASSERT_STRING_EQUAL(err.server_text, "no such user");
    acsmtp_result_free(result);
}

static void anything_that_may_be_tried_again_is_temporary(void)
{
    static const int deliveries[] = {ACSMTP_NOT_TRIED, ACSMTP_DEFERRED, ACSMTP_UNKNOWN};

    for (size_t i = 0; i < 3; i++) {
        struct acsmtp_result *result = acsmtp_result_new(2, NULL);
        struct acsmtp_reply refused = reply(ACSMTP_REFUSED, 550, "5.1.1", "no such user");
        struct acsmtp_reply message = reply(deliveries[i], 0, "", "");
        struct acsmtp_error err = ACSMTP_ERROR_INIT;

        acsmtp_result_set_recipient(result, 0, &refused);
        acsmtp_result_set_message(result, &message);
        CU_ASSERT_EQUAL(acsmtp_result_status(result, &err), ACSMTP_TEMPORARY);
        CU_ASSERT_EQUAL(strncmp(err.message, "2 of 2 recipients: ", 19), 0);
        CU_ASSERT_EQUAL(strstr(err.message, "duplicate") != NULL, i == 2);
        acsmtp_result_free(result);
    }
}

static void texts_are_printable_and_redacted(void)
{
    struct acsmtp_secret *secret = acsmtp_secret_new("hunter22", 8, NULL);
    struct acsmtp_result *result = acsmtp_result_new(1, NULL);
    struct acsmtp_reply made = reply(ACSMTP_REFUSED, 535, "5.7\n", "a\r\n\033[2J hunter22");

    acsmtp_result_set_message(result, &made);
    CU_ASSERT_STRING_EQUAL(acsmtp_result_message(result)->enhanced, "5.7 ");
    CU_ASSERT_STRING_EQUAL(acsmtp_result_message(result)->text, "a   [2J <secret>");
    memset(made.text, 'x', sizeof made.text);
    memset(made.enhanced, 'y', sizeof made.enhanced);
    acsmtp_result_set_message(result, &made);
    CU_ASSERT_EQUAL(strlen(acsmtp_result_message(result)->text), sizeof made.text - 1);
    CU_ASSERT_EQUAL(strlen(acsmtp_result_message(result)->enhanced), sizeof made.enhanced - 1);
    acsmtp_result_free(result);
    acsmtp_secret_free(secret);
}

static void a_shorter_reply_is_completed(void)
{
    struct acsmtp_result *result = acsmtp_result_new(1, NULL);
    struct acsmtp_reply made = reply(ACSMTP_REFUSED, 550, "5.1.1", "not part of it");

    made.size = offsetof(struct acsmtp_reply, enhanced);
    acsmtp_result_set_recipient(result, 0, &made);
    CU_ASSERT_EQUAL(acsmtp_result_recipient(result, 0)->code, 550);
    CU_ASSERT_STRING_EQUAL(acsmtp_result_recipient(result, 0)->text, "");
    CU_ASSERT_EQUAL(acsmtp_result_recipient(result, 0)->size, sizeof made);
    acsmtp_result_free(result);
}

static void absurd_numbers_are_refused(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    CU_ASSERT_PTR_NULL(acsmtp_result_new(SIZE_MAX, &err));
    CU_ASSERT_EQUAL(err.status, ACSMTP_SYSTEM);
}

static void texts_hold_no_terminal_controls(void)
{
    struct acsmtp_result *result = acsmtp_result_new(1, NULL);
    struct acsmtp_reply no = reply(ACSMTP_REFUSED, 550, "5.1.1",
                                   "a\xc2\x9b"
                                   "2J\xff");

    acsmtp_result_set_message(result, &no);
    CU_ASSERT_STRING_EQUAL(acsmtp_result_message(result)->text, "a  2J?");
    acsmtp_result_free(result);
}

CUNIT_MAIN("result", T(at_first_nothing_was_tried), T(a_recipient_shares_the_fate_of_the_message),
           T(all_accepted_is_ok), T(refusals_for_good_are_rejected),
           T(anything_that_may_be_tried_again_is_temporary), T(texts_are_printable_and_redacted),
           T(a_shorter_reply_is_completed), T(absurd_numbers_are_refused),
           T(texts_hold_no_terminal_controls))
