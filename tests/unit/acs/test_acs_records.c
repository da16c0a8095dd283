/* SPDX-License-Identifier: MIT */
/*
 * Records out of a domain resource: the shape that Azure's answers really have, and everything that
 * DNS, a zone file or a terminal could not take.
 */
#include "cunit_main.h"
#include "records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As recorded from the service, but for the names: no DMARC record, DKIM names relative. */
#define RECORDED                                                                                   \
    "{\"properties\":{\"verificationStates\":{\"Domain\":{\"status\":\"Verified\",\"errorCode\":"  \
    "\"None\"},\"SPF\":{\"status\":\"VerificationFailed\",\"errorCode\":\"SPFRecordMissing\"},"    \
    "\"DKIM\":{\"status\":\"NotStarted\",\"errorCode\":\"\"},\"DKIM2\":{\"status\":\"NotStarted\"" \
    "},\"DMARC\":{\"status\":\"NotStarted\"}},\"verificationRecords\":{\"Domain\":{\"type\":"      \
    "\"TXT\",\"name\":\"acs.contoso.net\",\"value\":\"ms-domain-verification=483f2246\",\"ttl\":"  \
    "3600},\"SPF\":{\"type\":\"TXT\",\"name\":\"acs.contoso.net\",\"value\":\"v=spf1 include:"     \
    "spf.protection.outlook.com -all\",\"ttl\":3600},\"DKIM\":{\"type\":\"CNAME\",\"name\":"       \
    "\"selector1-azurecomm-prod-net._domainkey\",\"value\":\"selector1-azurecomm-prod-net._"       \
    "domainkey.azurecomm.net\",\"ttl\":3600},\"DKIM2\":{\"type\":\"CNAME\",\"name\":\"selector2-"  \
    "azurecomm-prod-net._domainkey\",\"value\":\"selector2-azurecomm-prod-net._domainkey."         \
    "azurecomm.net\",\"ttl\":3600}}}}"

static int read_text(const char *text, const char *domain_name, struct records *records,
                     struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *domain = acsmtp_json_parse(text, strlen(text), NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(domain);
    return records_read(domain, domain_name, records, err);
}

static void a_recorded_answer_is_read(void)
{
    struct records records;

    CU_ASSERT_EQUAL_FATAL(read_text(RECORDED, "acs.contoso.net", &records, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL_FATAL(records.count, 5);
    CU_ASSERT_STRING_EQUAL(records.items[0].purpose, "Domain");
    CU_ASSERT_STRING_EQUAL(records.items[0].name, "acs.contoso.net");
    CU_ASSERT_STRING_EQUAL(records.items[0].value, "ms-domain-verification=483f2246");
    CU_ASSERT_STRING_EQUAL(records.items[0].state, "Verified");
    CU_ASSERT_STRING_EQUAL(records.items[0].problem, "");
    CU_ASSERT_STRING_EQUAL(records.items[1].problem, "SPFRecordMissing");
    CU_ASSERT_STRING_EQUAL(records.items[2].type, "CNAME");
    CU_ASSERT_STRING_EQUAL(records.items[2].name,
                           "selector1-azurecomm-prod-net._domainkey.acs.contoso.net");
    CU_ASSERT_STRING_EQUAL(records.items[3].problem, "");
    CU_ASSERT_EQUAL(records.items[3].ttl, 3600);
    CU_ASSERT_STRING_EQUAL(records.items[4].name, "_dmarc.acs.contoso.net");
    CU_ASSERT_STRING_EQUAL(records.items[4].value, "v=DMARC1; p=none");
    CU_ASSERT_STRING_EQUAL(records.items[4].state, "NotStarted");
    CU_ASSERT(records.items[4].is_advice);
    CU_ASSERT_EQUAL(records.items[0].finding, RECORD_NOT_ASKED);
    CU_ASSERT_FALSE(records_are_there(&records));
}

static void missing_members_are_left_out(void)
{
    static const char *const empty[] = {"{}", "{\"properties\":{}}", "[]",
                                        "{\"properties\":{\"verificationRecords\":null}}",
                                        "{\"properties\":{\"verificationRecords\":{\"SPF\":[]}}}"};
    struct records records;

    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        CU_ASSERT_EQUAL(read_text(empty[i], "contoso.net", &records, NULL), ACSMTP_OK);
        CU_ASSERT_EQUAL(records.count, 1); /* the advice */
    }
}

/* One record of the given members. */
static int read_one(const char *purpose, const char *members, struct records *records,
                    struct acsmtp_error *err)
{
    char text[2048];

    (void)snprintf(text, sizeof text, "{\"properties\":{\"verificationRecords\":{\"%s\":{%s}}}}",
                   purpose, members);
    return read_text(text, "contoso.net", records, err);
}

static void names_are_completed(void)
{
    static const char *const names[][2] = {{"@", "contoso.net"},
                                           {"contoso.net", "contoso.net"},
                                           {"Contoso.NET.", "Contoso.NET"},
                                           {"a.contoso.net", "a.contoso.net"},
                                           {"_x.a", "_x.a.contoso.net"},
                                           {"notcontoso.net", "notcontoso.net.contoso.net"}};
    struct records records;
    char members[256];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(members, sizeof members, "\"type\":\"txt\",\"name\":\"%s\",\"value\":\"x\"",
                       names[i][0]);
        CU_ASSERT_EQUAL_FATAL(read_one("Domain", members, &records, NULL), ACSMTP_OK);
        CU_ASSERT_STRING_EQUAL(records.items[0].name, names[i][1]);
        CU_ASSERT_STRING_EQUAL(records.items[0].type, "TXT");
        CU_ASSERT_EQUAL(records.items[0].ttl, 3600);
    }
}

static void a_dmarc_record_of_azure_replaces_the_advice(void)
{
    struct records records;

    CU_ASSERT_EQUAL_FATAL(read_one("DMARC",
                                   "\"type\":\"TXT\",\"name\":\"_dmarc\",\"value\":\"v=DMARC1; "
                                   "p=quarantine\",\"ttl\":\"60\"",
                                   &records, NULL),
                          ACSMTP_OK);
    CU_ASSERT_EQUAL_FATAL(records.count, 1);
    CU_ASSERT_FALSE(records.items[0].is_advice);
    CU_ASSERT_STRING_EQUAL(records.items[0].value, "v=DMARC1; p=quarantine");
    CU_ASSERT_EQUAL(records.items[0].ttl, 60);
}

static void what_dns_cannot_hold_is_refused(void)
{
    static const char *const bad[] = {
        "\"name\":\"a\",\"value\":\"x\"",
        "\"type\":\"MX\",\"name\":\"a\",\"value\":\"x\"",
        "\"type\":\"TXT\",\"value\":\"x\"",
        "\"type\":\"TXT\",\"name\":\"\",\"value\":\"x\"",
        "\"type\":\"TXT\",\"name\":\"a..b\",\"value\":\"x\"",
        "\"type\":\"TXT\",\"name\":\"-a\",\"value\":\"x\"",
        "\"type\":\"TXT\",\"name\":\"a-\",\"value\":\"x\"",
        "\"type\":\"TXT\",\"name\":\"*\",\"value\":\"x\"",
        "\"type\":\"TXT\",\"name\":\"other.org.\",\"value\":\"x\"",
        "\"type\":\"TXT\",\"name\":\"a b\",\"value\":\"x\"",
        "\"type\":\"TXT\",\"name\":\"a\\n$INCLUDE x\",\"value\":\"x\"",
        "\"type\":\"TXT\",\"name\":\"b\\u00fccher\",\"value\":\"x\"",
        "\"type\":\"TXT\",\"name\":\"a\",\"value\":\"\"",
        "\"type\":\"TXT\",\"name\":\"a\"",
        "\"type\":\"TXT\",\"name\":\"a\",\"value\":7",
        "\"type\":\"TXT\",\"name\":\"a\",\"value\":\"x\\ny IN A 192.0.2.1\"",
        "\"type\":\"TXT\",\"name\":\"a\",\"value\":\"\\u001b[31m\"",
        "\"type\":\"TXT\",\"name\":\"a\",\"value\":\"\\u009b31m\"",
        "\"type\":\"CNAME\",\"name\":\"a\",\"value\":\"a b\"",
        "\"type\":\"CNAME\",\"name\":\"a\",\"value\":\".\"",
        "\"type\":\"CNAME\",\"name\":\"a\",\"value\":\"x.org..\"",
        "\"type\":\"TXT\",\"name\":\"a\",\"value\":\"x\",\"ttl\":-1",
        "\"type\":\"TXT\",\"name\":\"a\",\"value\":\"x\",\"ttl\":2147483648",
        "\"type\":\"TXT\",\"name\":\"a\",\"value\":\"x\",\"ttl\":\"soon\"",
    };
    struct records records;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct acsmtp_error err = ACSMTP_ERROR_INIT;
        int status = read_one("Domain", bad[i], &records, &err);

        if (status != ACSMTP_PROTOCOL || !strstr(err.message, "Domain record of contoso.net"))
            printf("\n  %s: %s\n", bad[i], err.message);
        CU_ASSERT_EQUAL(status, ACSMTP_PROTOCOL);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "Domain record of contoso.net"));
        CU_ASSERT_EQUAL(records.count, 0);
    }
}

static void lengths_are_bounded(void)
{
    char members[1024], name[70], value[520];
    struct records records;

    memset(name, 'n', sizeof name);
    memset(value, 'v', sizeof value);
    for (int longer = 0; longer < 2; longer++) {
        (void)snprintf(members, sizeof members,
                       "\"type\":\"TXT\",\"name\":\"%.*s\",\"value\":\"x\"", 63 + longer, name);
        CU_ASSERT_EQUAL(read_one("Domain", members, &records, NULL),
                        longer ? ACSMTP_PROTOCOL : ACSMTP_OK);
        (void)snprintf(members, sizeof members,
                       "\"type\":\"TXT\",\"name\":\"@\",\"value\":\"%.*s\"", 511 + longer, value);
        CU_ASSERT_EQUAL(read_one("Domain", members, &records, NULL),
                        longer ? ACSMTP_PROTOCOL : ACSMTP_OK);
    }
}

static void states_are_words(void)
{
    struct records records;

    CU_ASSERT_EQUAL(read_text("{\"properties\":{\"verificationStates\":{\"DMARC\":{\"status\":"
                              "\"a\\u001b[2J\"}}}}",
                              "contoso.net", &records, NULL),
                    ACSMTP_PROTOCOL);
}

static void the_domain_itself_is_checked(void)
{
    static const char *const bad[] = {"", "contoso..net", "b\xc3\xbcro.example", "a b", "x.org."};
    struct records records;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_EQUAL(read_text("{}", bad[i], &records, NULL), ACSMTP_PROTOCOL);
    CU_ASSERT_EQUAL(read_text("{}", "xn--bro-hoa.example", &records, NULL), ACSMTP_OK);
}

static void an_alias_stands_alone(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct records records;

    CU_ASSERT_EQUAL(
        read_text("{\"properties\":{\"verificationRecords\":{\"DKIM\":{\"type\":\"CNAME\",\"name\":"
                  "\"a\",\"value\":\"x.org\"},\"SPF\":{\"type\":\"TXT\",\"name\":\"A.contoso.net\","
                  "\"value\":\"v=spf1 -all\"}}}}",
                  "contoso.net", &records, &err),
        ACSMTP_PROTOCOL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "must stand alone"));
}

static void spf_is_merged(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct records records;

    CU_ASSERT_EQUAL_FATAL(read_text(RECORDED, "acs.contoso.net", &records, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(records_merge_spf(&records, "v=spf1 mx ~all", NULL), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(records.items[1].value,
                           "v=spf1 mx include:spf.protection.outlook.com ~all");
    CU_ASSERT_PTR_NOT_NULL(records.items[1].note);
    CU_ASSERT_EQUAL(records_merge_spf(&records, "v=spf1 mx -all", NULL), ACSMTP_OK);
    CU_ASSERT_PTR_NULL(records.items[1].note);
    CU_ASSERT_EQUAL_FATAL(read_text("{}", "contoso.net", &records, NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(records_merge_spf(&records, "v=spf1 mx -all", &err), ACSMTP_CONFIG);
}

static void all_but_advice_must_be_there(void)
{
    struct records records;

    CU_ASSERT_EQUAL_FATAL(read_text(RECORDED, "acs.contoso.net", &records, NULL), ACSMTP_OK);
    for (size_t i = 0; i + 1 < records.count; i++)
        records.items[i].finding = RECORD_FOUND;
    records.items[4].finding = RECORD_NO_NAME;
    CU_ASSERT(records_are_there(&records));
    records.items[2].finding = RECORD_DIFFERENT;
    CU_ASSERT_FALSE(records_are_there(&records));
}

/* ---- formats ---- */

static void the_table_is_aligned(void)
{
    struct records records;
    const char *line, *end;
    char *table;
    size_t column;

    CU_ASSERT_EQUAL_FATAL(read_text(RECORDED, "acs.contoso.net", &records, NULL), ACSMTP_OK);
    records.items[0].finding = RECORD_FOUND;
    table = records_format_table(&records, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(table);
    column = strcspn(table, "V");
    CU_ASSERT_EQUAL_FATAL(strncmp(table + column, "VALUE\n", 6), 0);
    for (line = strchr(table, '\n') + 1; *line; line = end + 1) {
        end = strchr(line, '\n');
        if (*line != ' ')
            CU_ASSERT((size_t)(end - line) > column && line[column - 1] == ' ' &&
                      line[column] != ' ');
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(table, "Azure says: SPFRecordMissing"));
    CU_ASSERT_PTR_NOT_NULL(strstr(table, "(advice)"));
    free(table);
}

static void zone_texts_are_quoted_and_split(void)
{
    struct records records = {.count = 1};
    struct record *record = &records.items[0];
    char *zone;

    *record = (struct record){
        .purpose = "Domain", .type = "TXT", .name = "a.org", .value = "a\"b\\c;d", .ttl = 60};
    zone = records_format_zone(&records, NULL);
    CU_ASSERT_STRING_EQUAL(zone, "; Domain\na.org.\t60\tIN\tTXT\t\"a\\\"b\\\\c;d\"\n");
    free(zone);
    memset(record->value, 'v', 511);
    zone = records_format_zone(&records, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(strchr(zone, '"'));
    CU_ASSERT_EQUAL(strspn(strchr(zone, '"') + 1, "v"), 255);
    CU_ASSERT_PTR_NOT_NULL(strstr(zone, "vv\" \"vv"));
    CU_ASSERT_PTR_NOT_NULL(strstr(zone, "\" \"v\"\n"));
    free(zone);
}

static void one_set_has_one_ttl(void)
{
    struct records records = {.count = 2};
    char *zone;

    records.items[0] = (struct record){
        .purpose = "Domain", .type = "TXT", .name = "a.org", .value = "x", .ttl = 3600};
    records.items[1] = (struct record){
        .purpose = "SPF", .type = "TXT", .name = "A.org", .value = "v=spf1 -all", .ttl = 60};
    zone = records_format_zone(&records, NULL);
    CU_ASSERT_PTR_NULL(strstr(zone, "3600"));
    free(zone);
}

static void json_leaves_out_what_is_not_known(void)
{
    struct records records;

    CU_ASSERT_EQUAL_FATAL(read_text(RECORDED, "acs.contoso.net", &records, NULL), ACSMTP_OK);
    records.items[0].finding = RECORD_NO_NAME;
    {
        ACSMTP_AUTO_JSON struct acsmtp_json *json = records_format_json(&records, NULL);

        CU_ASSERT_EQUAL(acsmtp_json_length(json), 5);
        CU_ASSERT_STRING_EQUAL(acsmtp_json_string(acsmtp_json_item(json, 0), "dns"),
                               "no such name");
        CU_ASSERT_PTR_NULL(acsmtp_json_get(acsmtp_json_item(json, 0), "problem"));
        CU_ASSERT_PTR_NULL(acsmtp_json_get(acsmtp_json_item(json, 1), "dns"));
        CU_ASSERT(acsmtp_json_true(acsmtp_json_item(json, 4), "advice"));
    }
}

CUNIT_MAIN("acs_records", T(a_recorded_answer_is_read), T(missing_members_are_left_out),
           T(names_are_completed), T(a_dmarc_record_of_azure_replaces_the_advice),
           T(what_dns_cannot_hold_is_refused), T(lengths_are_bounded), T(states_are_words),
           T(the_domain_itself_is_checked), T(an_alias_stands_alone), T(spf_is_merged),
           T(all_but_advice_must_be_there), T(the_table_is_aligned),
           T(zone_texts_are_quoted_and_split), T(one_set_has_one_ttl),
           T(json_leaves_out_what_is_not_known))
