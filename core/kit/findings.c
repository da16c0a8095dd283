/* SPDX-License-Identifier: MIT */
/* Findings of diagnose(), see findings.h. */
#include "findings.h"
#include "canary.h"
#include "verdict.h"
#include <ctype.h>
#include <string.h>

static void check_text(const char *what, const char *text)
{
    const char *found = text ? canary_find(text, strlen(text)) : NULL;

    if (found)
        (void)verdict_fail(RULE_FINDING, "%s stands in the %s of a finding of diagnose()", found,
                           what);
    for (; text && *text; text++)
        if (iscntrl((unsigned char)*text)) {
            (void)verdict_fail(RULE_FINDING, "the %s of a finding of diagnose() is not one line",
                               what);
            return;
        }
}

void findings_tell(void *data, const struct acsmtp_finding *finding)
{
    (void)data;
    if (!finding->check || !finding->check[0])
        (void)verdict_fail(RULE_FINDING, "a finding of diagnose() does not say what was checked");
    check_text("check", finding->check);
    check_text("subject", finding->subject);
    check_text("detail", finding->detail);
    check_text("hint", finding->hint);
}
