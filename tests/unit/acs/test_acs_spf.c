/* SPDX-License-Identifier: MIT */
/*
 * SPF records (RFC 7208): what is one, what two become, what covers what.
 */
#include "cunit_main.h"
#include "spf.h"

#include <stdio.h>
#include <string.h>

#define AZURE "v=spf1 include:spf.protection.outlook.com -all"

/* ---- reading ---- */

static void expect_read(const char *text, int want)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct spf spf;
    int status = spf_read(&spf, text, &err);

    if (status != want)
        printf("\n  %s: %s\n", text, err.message);
    CU_ASSERT_EQUAL(status, want);
}

static void all_terms_are_known(void)
{
    struct spf spf;

    CU_ASSERT_EQUAL(
        spf_read(&spf,
                 "v=spf1  a -mx/24 a:example.com//64 mx:example.com/24//64 ?ptr ~ptr:example.com "
                 "ip4:192.0.2.0/24 ip6:2001:db8::/32 exists:%{ir}.%{v}._spf.%{d2} "
                 "include:%{d} exp=explain._spf.%{d} x-note=a%%b +ALL ",
                 NULL),
        ACSMTP_OK);
    CU_ASSERT_EQUAL_FATAL(spf.count, 13);
    CU_ASSERT_EQUAL(spf.terms[1].kind, SPF_MX);
    CU_ASSERT_EQUAL(spf.terms[1].qualifier, '-');
    CU_ASSERT_EQUAL(spf.terms[4].qualifier, '?');
    CU_ASSERT_EQUAL(spf.terms[10].kind, SPF_EXP);
    CU_ASSERT_EQUAL(spf.terms[11].kind, SPF_UNKNOWN_MODIFIER);
    CU_ASSERT_EQUAL(spf.terms[12].kind, SPF_ALL);
    CU_ASSERT_EQUAL(spf.terms[12].qualifier, '+');
    CU_ASSERT_EQUAL(spf_lookups(&spf), 8);
}

static void nonsense_is_refused(void)
{
    static const char *const bad[] = {"",
                                      "v=spf10 -all",
                                      "v=spf2.0/mfrom -all",
                                      "\"v=spf1 -all\"",
                                      " v=spf1 -all",
                                      "v=spf1\t-all",
                                      "v=spf1 -all -all",
                                      "v=spf1 all:x.org",
                                      "v=spf1 include",
                                      "v=spf1 include:",
                                      "v=spf1 include:nodots",
                                      "v=spf1 include:a..",
                                      "v=spf1 include:a.1",
                                      "v=spf1 include:a.-b",
                                      "v=spf1 include:a.b/24",
                                      "v=spf1 --all",
                                      "v=spf1 +",
                                      "v=spf1 a/33",
                                      "v=spf1 a/024",
                                      "v=spf1 a//129",
                                      "v=spf1 a:/24",
                                      "v=spf1 ip4:192.0.2",
                                      "v=spf1 ip4:192.0.2.1/33",
                                      "v=spf1 ip4:2001:db8::1",
                                      "v=spf1 ip6:192.0.2.1",
                                      "v=spf1 ip6:2001:db8::/129",
                                      "v=spf1 ip4",
                                      "v=spf1 exists:%{x}.org",
                                      "v=spf1 exists:%a.org",
                                      "v=spf1 exists:%",
                                      "v=spf1 exists:a%_",
                                      "v=spf1 ipv4:192.0.2.1",
                                      "v=spf1 redirect=a.org redirect=b.org",
                                      "v=spf1 exp=a.org exp=b.org",
                                      "v=spf1 redirect=",
                                      "v=spf1 x=\x80",
                                      "v=spf1 include:a\nb.org"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        expect_read(bad[i], ACSMTP_CONFIG);
}

static void refusals_name_the_term(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct spf spf;

    CU_ASSERT_EQUAL(spf_read(&spf, "v=spf1 mx includ:a.org -all", &err), ACSMTP_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "'includ:a.org'"));
}

static void redirect_counts_without_all_only(void)
{
    struct spf spf;

    CU_ASSERT_EQUAL(spf_read(&spf, "v=spf1 mx redirect=a.org", NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(spf_lookups(&spf), 2);
    CU_ASSERT_EQUAL(spf_read(&spf, "v=spf1 mx redirect=a.org -all", NULL), ACSMTP_OK);
    CU_ASSERT_EQUAL(spf_lookups(&spf), 1);
}

/* ---- merging ---- */

static void expect_merged(const char *existing, const char *want)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char merged[512] = AZURE;

    if (spf_merge(existing, merged, merged, sizeof merged, &err) != ACSMTP_OK)
        printf("\n  %s: %s\n", existing, err.message);
    CU_ASSERT_STRING_EQUAL(merged, want);
}

static void terms_keep_order_and_qualifiers(void)
{
    expect_merged("v=spf1 mx ?a:x.org ip4:192.0.2.1 ~all",
                  "v=spf1 mx ?a:x.org ip4:192.0.2.1 include:spf.protection.outlook.com ~all");
    expect_merged("V=SPF1 -all", "v=spf1 include:spf.protection.outlook.com -all");
}

static void nothing_is_included_twice(void)
{
    expect_merged("v=spf1 include:SPF.protection.Outlook.com mx -all",
                  "v=spf1 include:SPF.protection.Outlook.com mx -all");
    expect_merged("v=spf1 +include:spf.protection.outlook.com ~all",
                  "v=spf1 +include:spf.protection.outlook.com ~all");
    expect_merged("v=spf1 mx include:a.org mx include:a.org -all",
                  "v=spf1 mx include:a.org include:spf.protection.outlook.com -all");
}

static void redirect_and_other_modifiers_stay(void)
{
    expect_merged("v=spf1 redirect=_spf.x.org",
                  "v=spf1 redirect=_spf.x.org include:spf.protection.outlook.com");
    expect_merged("v=spf1 mx -all exp=why.x.org",
                  "v=spf1 mx exp=why.x.org include:spf.protection.outlook.com -all");
}

static void a_record_without_all_gets_azures(void)
{
    expect_merged("v=spf1 mx", "v=spf1 mx include:spf.protection.outlook.com -all");
    expect_merged("v=spf1", "v=spf1 include:spf.protection.outlook.com -all");
}

static void expect_refused(const char *existing, const char *word)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char merged[512] = AZURE;

    CU_ASSERT_EQUAL(spf_merge(existing, merged, merged, sizeof merged, &err), ACSMTP_CONFIG);
    if (!strstr(err.message, word))
        printf("\n  %s: %s\n", existing, err.message);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, word));
    CU_ASSERT_STRING_EQUAL(merged, AZURE);
}

static void what_cannot_be_merged_is_refused(void)
{
    expect_refused("v=spf1 -all mx", "behind its 'all'");
    expect_refused("v=spf1 -include:spf.protection.outlook.com -all", "change it there");
    expect_refused("google-site-verification=x", "v=spf1");
    expect_refused("v=spf1 include:a.org include:b.org include:c.org include:d.org include:e.org "
                   "a mx ptr exists:f.org include:g.org -all",
                   "11 look-ups");
}

static void what_is_too_long_is_refused(void)
{
    char existing[512] = "v=spf1";
    size_t used = strlen(existing);

    for (int i = 0; i < 28; i++)
        used += (size_t)snprintf(existing + used, sizeof existing - used, " ip4:198.51.1%02d.1", i);
    expect_refused(existing, "longer than the 511");
}

static void azures_own_record_is_checked_too(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char merged[512];

    CU_ASSERT_EQUAL(spf_merge("v=spf1 mx -all", "nonsense", merged, sizeof merged, &err),
                    ACSMTP_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "Azure"));
}

/* ---- comparing ---- */

static void a_record_covers_another(void)
{
    CU_ASSERT(spf_covers(AZURE, AZURE));
    CU_ASSERT(spf_covers("v=spf1 mx Include:SPF.Protection.Outlook.com ~all", AZURE));
    CU_ASSERT_FALSE(spf_covers("v=spf1 mx -all", AZURE));
    CU_ASSERT_FALSE(spf_covers("v=spf1 ?include:spf.protection.outlook.com -all", AZURE));
    CU_ASSERT_FALSE(spf_covers("v=spf1 -all include:spf.protection.outlook.com", AZURE));
    CU_ASSERT_FALSE(spf_covers("v=spf1 include:spf.protection.outlook.com.evil.org -all", AZURE));
    CU_ASSERT_FALSE(spf_covers("v=spf1 include:spf.protection.outlook.com nonsense", AZURE));
}

static void the_policy_is_that_of_all(void)
{
    CU_ASSERT_EQUAL(spf_policy(AZURE), '-');
    CU_ASSERT_EQUAL(spf_policy("v=spf1 ~all"), '~');
    CU_ASSERT_EQUAL(spf_policy("v=spf1 all"), '+');
    CU_ASSERT_EQUAL(spf_policy("v=spf1 mx"), 0);
    CU_ASSERT_EQUAL(spf_policy("nonsense"), 0);
}

CUNIT_MAIN("acs_spf", T(all_terms_are_known), T(nonsense_is_refused), T(refusals_name_the_term),
           T(redirect_counts_without_all_only), T(terms_keep_order_and_qualifiers),
           T(nothing_is_included_twice), T(redirect_and_other_modifiers_stay),
           T(a_record_without_all_gets_azures), T(what_cannot_be_merged_is_refused),
           T(what_is_too_long_is_refused), T(azures_own_record_is_checked_too),
           T(a_record_covers_another), T(the_policy_is_that_of_all))
