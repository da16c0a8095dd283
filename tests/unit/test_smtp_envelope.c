/* SPDX-License-Identifier: MIT */
/* MAIL and RCPT lines, and what never becomes one. The usual cases are in tests/dialogue. */
#include "cunit_main.h"

#include "smtp/smtp_envelope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *recipients[2];
static struct acsmtp_envelope envelope;
static struct acsmtp_mail mail;
static struct smtp_capabilities everything;

static void make(const char *sender, const char *recipient)
{
    static const char offer[] = "250-mx\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
                                "250-PIPELINING\r\n250 DSN\r\n";
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    recipients[0] = recipient;
    envelope = (struct acsmtp_envelope){
        .size = sizeof envelope, .sender = sender, .recipients = recipients, .recipient_count = 1};
    mail = (struct acsmtp_mail){.size = sizeof mail, .envelope = &envelope};
    CU_ASSERT_EQUAL_FATAL(acsmtp_message_from_memory("A: b\r\n\r\n", 8, &mail.message, &err), 0);
    smtp_capabilities_parse(&everything, offer, sizeof offer - 1);
}

static int check(const char *words)
{
    struct acsmtp_reply reply = {.size = sizeof reply};
    int status = smtp_envelope_check(&everything, &mail, &reply);

    if (status != ACSMTP_OK) {
        CU_ASSERT_EQUAL(reply.delivery, ACSMTP_REFUSED);
        CU_ASSERT_EQUAL(reply.code / 100, 5);
        CU_ASSERT_PTR_NOT_NULL(strstr(reply.text, "refused by acsmtp"));
        CU_ASSERT_PTR_NOT_NULL(strstr(reply.text, words));
    }
    acsmtp_message_free(mail.message);
    mail.message = NULL;
    return status;
}

static void line_ends_and_brackets_are_refused(void)
{
    static const char *const wrong[] = {"a@b.example\r\nRCPT TO:<evil@c.example>",
                                        "a@b.example\n",
                                        "a@b.example\r",
                                        "a@b.example> SIZE=1",
                                        "<a@b.example",
                                        "a b@b.example",
                                        "a\x7f@b.example",
                                        "\"a\r\n\"@b.example"};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        make(wrong[i], "to@b.example");
        CU_ASSERT_EQUAL(check("sender"), ACSMTP_REJECTED);
        make("from@b.example", wrong[i]);
        CU_ASSERT_EQUAL(check("recipient 1"), ACSMTP_REJECTED);
    }
}

static void empty_and_endless_addresses_are_refused(void)
{
    char address[2000];

    memset(address, 'a', sizeof address - 1);
    address[sizeof address - 1] = '\0';
    make(address, "to@b.example");
    CU_ASSERT_EQUAL(check("sender"), ACSMTP_REJECTED);
    make("", "");
    CU_ASSERT_EQUAL(check("recipient 1"), ACSMTP_REJECTED);
    make("", "to@b.example");
    CU_ASSERT_EQUAL(check(""), ACSMTP_OK);
    make("", "to@b.example");
    envelope.recipient_count = 0;
    CU_ASSERT_EQUAL(check("no recipients"), ACSMTP_REJECTED);
}

static void quoted_local_parts_pass(void)
{
    struct smtp_line line;

    make("\"a b>c\"@b.example", "\"x\"@b.example");
    smtp_envelope_mail(&everything, &mail, &line);
    CU_ASSERT_EQUAL(memcmp(line.bytes, "MAIL FROM:<\"a b>c\"@b.example> SIZE=8\r\n", line.size), 0);
    CU_ASSERT_EQUAL(check(""), ACSMTP_OK);
}

static void the_longest_line_fits(void)
{
    char address[385];
    char id[101];
    struct smtp_line line;

    memset(address, '+', sizeof address - 1);
    address[sizeof address - 1] = '\0';
    memset(id, '+', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    make(address, address);
    envelope.dsn_id = id;
    envelope.dsn_return = "FULL";
    envelope.dsn_notify = "SUCCESS,FAILURE,DELAY";
    smtp_envelope_rcpt(&everything, &mail, 0, &line);
    CU_ASSERT(line.size < SMTP_LINE_MAX);
    CU_ASSERT_EQUAL(memcmp(line.bytes + line.size - 2, "\r\n", 2), 0);
    smtp_envelope_mail(&everything, &mail, &line);
    CU_ASSERT_EQUAL(memcmp(line.bytes + line.size - 2, "\r\n", 2), 0);
    CU_ASSERT_EQUAL(check(""), ACSMTP_OK);
}

static void dsn_options_are_checked(void)
{
    static const char *const notify[] = {"",       "never",         "NEVER,DELAY",  "SUCCESS,",
                                         ",DELAY", "DELAY\r\nQUIT", "SUCCESS DELAY"};

    for (size_t i = 0; i < sizeof notify / sizeof notify[0]; i++) {
        make("a@b.example", "to@b.example");
        envelope.dsn_notify = notify[i];
        CU_ASSERT_EQUAL(check("DSN"), ACSMTP_REJECTED);
    }
    make("a@b.example", "to@b.example");
    envelope.dsn_return = "FULL\r\nQUIT";
    CU_ASSERT_EQUAL(check("DSN"), ACSMTP_REJECTED);
    make("a@b.example", "to@b.example");
    envelope.dsn_id = "id\r\nQUIT";
    CU_ASSERT_EQUAL(check("DSN"), ACSMTP_REJECTED);
    make("a@b.example", "to@b.example");
    envelope.dsn_id = "";
    CU_ASSERT_EQUAL(check("DSN"), ACSMTP_REJECTED);
}

CUNIT_MAIN("smtp_envelope", T(line_ends_and_brackets_are_refused),
           T(empty_and_endless_addresses_are_refused), T(quoted_local_parts_pass),
           T(the_longest_line_fits), T(dsn_options_are_checked))
