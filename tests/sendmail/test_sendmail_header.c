/* SPDX-License-Identifier: MIT */
/* What becomes of header fields: left, exchanged, taken out, filled in; and whom they name. */
#include "cunit_main.h"
#include <acsmtp/json.h>
#include <cli/sendmail_header.h>
#include <cli/sendmail_phrase.h>
#include <stdlib.h>
#include <string.h>

static struct acsmtp_error err;

/* A profile that sends as news@example.com. */
static struct sendmail_names fixture(int set_from)
{
    return (struct sendmail_names){.from = "News <news@example.com>",
                                   .address = (char *)"news@example.com",
                                   .host = (char *)"host.example",
                                   .user = (char *)"www-data",
                                   .set_from = set_from};
}

static char *rewrite(const char *header, int set_from, int as_is, const char *full_name)
{
    struct sendmail_names names = fixture(set_from);
    struct sendmail_author author = {.address = names.address, .full_name = full_name};

    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    return sendmail_header_dup(header, &names, &author, as_is, &err);
}

static void expect(const char *header, int set_from, const char *want)
{
    char *got = rewrite(header, set_from, 1, NULL);

    CU_ASSERT_STRING_EQUAL(got, want);
    free(got);
}

#define COMPLETE "Date: x\nMessage-ID: <x@y>\n"

static void expect_complete(const char *header, const char *full_name, const char *want)
{
    char *got = rewrite(header, 0, 0, full_name);

    CU_ASSERT_STRING_EQUAL(got, want);
    free(got);
}

static void some_fields_do_not_go_out(void)
{
    expect("Return-Path: <a@b>\nSubject: x\nBCC : c@d,\n e@f\nBccx: y\nresent-bcc: g@h\nTo: i@j\n",
           0, "Subject: x\nBccx: y\nTo: i@j\n");
}

static void a_relay_changes_nothing_else(void)
{
    expect("From: root\nTo: ann\n", 0, "From: root\nTo: ann\n");
    expect("", 0, "");
}

static void names_are_completed(void)
{
    expect_complete(
        "From: root (Cron Daemon)\nTo: root,\n ann@a.example\n" COMPLETE, NULL,
        "From: news@example.com (Cron Daemon)\nTo: root@host.example,\n ann@a.example\n" COMPLETE);
    expect_complete("From: Ann <ann@a.example>\nX-To: root\n" COMPLETE, NULL,
                    "From: Ann <ann@a.example>\nX-To: root\n" COMPLETE);
}

static void set_from_replaces_every_author(void)
{
    expect(
        "From: Ann <ann@a.example>\nSender: bob@b.example\n", 1,
        "Reply-To: Ann <ann@a.example>\nFrom: Ann <news@example.com>\nSender: news@example.com\n");
    expect("From: Ann <ann@a.example>\nReply-To: c@d\n", 1,
           "From: Ann <news@example.com>\nReply-To: c@d\n");
    expect("From: news@example.com\n", 1, "From: news@example.com\n");
    expect("From: root (Cron Daemon)\n", 1, "From: news@example.com (Cron Daemon)\n");
}

#define NEWS " News <news@example.com>\n"

/* Whatever a stranger writes, nobody else is the author. */
static void set_from_is_not_passed_by(void)
{
    static const char *const authors[] = {
        " ceo @ bank.example",          " ceo@bank.example, mallory@x.example",
        " \"ceo\" <ceo@bank.example",   " <ceo@bank.example> x",
        " \"ceo@bank.example",          " ceo(x)@bank.example",
        " (ceo@bank.example",           " <ceo @bank.example>",
        " news@example.com, c@d.e",     " <@relay.example,:ceo@bank.example>, <",
        " ceo\n @bank.example",         " =?utf-8?q?ceo=40bank?= c@d @e",
        " ceo@bank.example\n\t(\n\t",   " ",
        " g: ceo @ bank.example, x@y;", " <>"};

    for (size_t i = 0; i < sizeof authors / sizeof authors[0]; i++) {
        char header[200];
        char *got, *from;

        (void)snprintf(header, sizeof header, "Sender:%s\nFrom:%s\nReply-To: c@d\n", authors[i],
                       authors[i]);
        got = rewrite(header, 1, 1, NULL);
        from = got ? strstr(got, "\nFrom:") : NULL;
        CU_ASSERT_PTR_NOT_NULL_FATAL(from);
        CU_ASSERT_EQUAL(strncmp(got, "Sender:" NEWS, sizeof "Sender:" NEWS - 1), 0);
        CU_ASSERT_EQUAL(strncmp(from + 1, "From:" NEWS, sizeof "From:" NEWS - 1), 0);
        free(got);
    }
}

static void answers_go_to_the_author_only(void)
{
    /* His address ends as the profile's does. */
    expect("From: my-news@example.com\n", 1,
           "Reply-To: my-news@example.com\nFrom: news@example.com\n");
    expect("From: \"news@example.com\" <ann@a.example>\n", 1,
           "Reply-To: \"news@example.com\" <ann@a.example>\n"
           "From: \"news@example.com\" <news@example.com>\n");
    /* One, however many authors are claimed; and none that no server can read. */
    expect("From: a@b.c\nFrom: d@e.f\n", 1,
           "Reply-To: a@b.c\nFrom: news@example.com\nFrom: news@example.com\n");
    expect("From: a@b.c, \"d\n", 1, "From:" NEWS);
}

static void what_is_missing_is_filled_in(void)
{
    char *got = rewrite("Subject: x\n", 0, 0, NULL), *again = rewrite("Subject: x\n", 0, 0, NULL);

    CU_ASSERT_PTR_NOT_NULL(strstr(got, "Subject: x\nFrom: News <news@example.com>\nDate: "));
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "\nMessage-ID: <"));
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "@example.com>\n"));
    CU_ASSERT_STRING_NOT_EQUAL(strstr(got, "Message-ID"), strstr(again, "Message-ID"));
    free(got);
    free(again);
    expect_complete(COMPLETE, "Cron Daemon", COMPLETE "From: Cron Daemon <news@example.com>\n");
    expect_complete(COMPLETE, "a.b \"c\"", COMPLETE "From: \"a.b \\\"c\\\"\" <news@example.com>\n");
}

/* ---- phrases ---- */

static void expect_phrase(const char *name, const char *want)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    sendmail_phrase_write(out, name);
    (void)fclose(out);
    CU_ASSERT_STRING_EQUAL(text, want);
    free(text);
}

static void names_beyond_ascii_are_encoded(void)
{
    char name[201];

    expect_phrase("J\xc3\xb6rg (x)", "=?utf-8?Q?J=C3=B6rg_=28x=29?=");
    for (size_t i = 0; i < 200; i += 2)
        memcpy(name + i, "\xc3\xa4", 3);
    expect_phrase("", "");
    {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);

        sendmail_phrase_write(out, name);
        (void)fclose(out);
        for (const char *line = text; line; line = strchr(line, '\n')) {
            line += *line == '\n' ? 2 : 0;
            CU_ASSERT_TRUE(strcspn(line, "\n") <= 75);
            CU_ASSERT_EQUAL(strncmp(line, "=?utf-8?Q?=C3=A4", 16), 0);
        }
        free(text);
    }
    CU_ASSERT_FALSE(sendmail_phrase_allowed("a\nBcc: b"));
    CU_ASSERT_TRUE(sendmail_phrase_allowed("\xc3\xa4 b"));
}

/* ---- recipients ---- */

static int recipients_of(const char *header, struct sendmail_names *names, struct recipients *found)
{
    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    return sendmail_header_recipients(header, names, found, &err);
}

static void to_cc_and_bcc_name_recipients(void)
{
    struct sendmail_names names = fixture(0);
    struct recipients found = {0};

    CU_ASSERT_EQUAL(
        recipients_of("To: a@b.c\nSubject: x@y.z\ncc: Q: d@e.f, A@B.c;\nBcc:\n g@h.i\nBcc: \n",
                      &names, &found),
        ACSMTP_OK);
    CU_ASSERT_EQUAL_FATAL(found.count, 4);
    CU_ASSERT_STRING_EQUAL(found.items[0], "a@b.c");
    CU_ASSERT_STRING_EQUAL(found.items[3], "g@h.i");
    recipients_release(&found);
}

static void resent_fields_stand_for_all(void)
{
    struct sendmail_names names = fixture(0);
    struct recipients found = {0};

    CU_ASSERT_EQUAL(recipients_of("Resent-To: a@b.c\nTo: d@e.f\n", &names, &found), ACSMTP_OK);
    CU_ASSERT_EQUAL_FATAL(found.count, 1);
    CU_ASSERT_STRING_EQUAL(found.items[0], "a@b.c");
    recipients_release(&found);
}

static void local_names_are_looked_up(void)
{
    static const char text[] =
        "{\"root\": \"ann@a.example, bob@a.example\", \"*\": \"all@a.example\"}";
    ACSMTP_AUTO_JSON struct acsmtp_json *aliases = acsmtp_json_parse(text, sizeof text - 1, NULL);
    struct sendmail_names names = fixture(0);
    struct recipients found = {0};

    names.aliases = aliases;
    CU_ASSERT_EQUAL(recipients_of("To: Root, x@y.z, www@LOCALHOST\n", &names, &found), ACSMTP_OK);
    CU_ASSERT_EQUAL_FATAL(found.count, 4);
    CU_ASSERT_STRING_EQUAL(found.items[1], "bob@a.example");
    CU_ASSERT_STRING_EQUAL(found.items[3], "all@a.example");
    recipients_release(&found);
    names.aliases = NULL;
    names.domain = "d.example";
    CU_ASSERT_EQUAL(recipients_of("To: root\n", &names, &found), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(found.items[0], "root@d.example");
    recipients_release(&found);
    names.domain = NULL;
    CU_ASSERT_EQUAL(recipients_of("Cc: root\n", &names, &found), ACSMTP_REJECTED);
    CU_ASSERT_STRING_EQUAL(err.code, "NoUser");
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "field Cc"));
    recipients_release(&found);
}

static void senders_are_completed(void)
{
    static const struct {
        const char *given, *want;
    } cases[] = {{"", ""},
                 {"<>", ""},
                 {"ann@a.example", "ann@a.example"},
                 {"Ann <ann@a.example>", "ann@a.example"},
                 {"root", "news@example.com"},
                 {NULL, "news@example.com"},
                 {"a b", NULL},
                 {"a@b\nc", NULL},
                 {"a@b.c, d@e.f", NULL}};
    struct sendmail_names names = fixture(0);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *got;

        err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
        got = sendmail_names_sender(&names, cases[i].given, &err);
        CU_ASSERT_EQUAL(got == NULL, cases[i].want == NULL);
        if (got && cases[i].want)
            CU_ASSERT_STRING_EQUAL(got, cases[i].want);
        free(got);
    }
    names = fixture(1);
    for (size_t i = 0; i < 2; i++) {
        char *got = sendmail_names_sender(
            &names, i ? "ceo @ bank.example" : "Ann <ceo(x)@bank.example>", &err);

        CU_ASSERT_STRING_EQUAL(got, "news@example.com");
        free(got);
    }
    names = fixture(0);
    names.address = NULL;
    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    {
        char *got = sendmail_names_sender(&names, NULL, &err);

        CU_ASSERT_STRING_EQUAL(got, "www-data@host.example");
        free(got);
    }
}

CUNIT_MAIN("sendmail header", T(some_fields_do_not_go_out), T(a_relay_changes_nothing_else),
           T(names_are_completed), T(set_from_replaces_every_author), T(set_from_is_not_passed_by),
           T(answers_go_to_the_author_only), T(what_is_missing_is_filled_in),
           T(names_beyond_ascii_are_encoded), T(to_cc_and_bcc_name_recipients),
           T(resent_fields_stand_for_all), T(local_names_are_looked_up), T(senders_are_completed))
