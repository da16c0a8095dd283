/* SPDX-License-Identifier: MIT */
/* Every source of credentials for itself, then the chain as a delivery asks it. */
#include "diagnose_private.h"
#include <stdio.h>
#include <string.h>

struct tally {
    const struct diagnosis *diagnosis;
    int answered; /* a member of the profile's chain has given a credential */
};

static void make_subject(const struct acsmtp_chain_member *member, char *text, size_t capacity)
{
    (void)snprintf(text, capacity, "%*s%s", 2 * (int)member->depth, "", member->plugin);
}

/* What a delivery would never meet is not bad: a member behind one that answers, or inside one that
 * found its way all the same. */
static int grade_of(const struct tally *tally, const struct acsmtp_chain_member *member)
{
    if (member->status == ACSMTP_OK)
        return ACSMTP_GRADE_GOOD;
    if (member->status == ACSMTP_UNAVAILABLE)
        return ACSMTP_GRADE_UNKNOWN;
    return tally->answered || member->depth > 0 ? ACSMTP_GRADE_WARNING : ACSMTP_GRADE_BAD;
}

static int tell_member(void *data, const struct acsmtp_chain_member *member)
{
    struct tally *tally = data;
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char subject[160];
    struct acsmtp_finding finding = {.grade = grade_of(tally, member),
                                     .check = "credential",
                                     .subject = subject,
                                     .hint = member->hint,
                                     .elapsed_ms = member->elapsed_ms};

    make_subject(member, subject, sizeof subject);
    if (member->status != ACSMTP_OK) {
        (void)acsmtp_fail(&err, member->status, "%s", member->reason);
        finding.error = &err;
    } else if (member->depth == 0) {
        tally->answered = 1;
    }
    acsmtp_tell(tally->diagnosis->sink, &finding, "%s", member->reason);
    return 0;
}

int diagnose_chain(const struct diagnosis *diagnosis, struct acsmtp_credential *credential)
{
    struct tally tally = {.diagnosis = diagnosis};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_credential_request fresh = *diagnosis->request;
    const struct acsmtp_finding finding = {.check = "chain", .elapsed_ms = -1};
    int status;

    fresh.flags |= ACSMTP_REQUEST_REFRESH;
    status = chain_explain(diagnosis->chain, diagnosis->context, &fresh, tell_member, &tally, &err);
    if (status == ACSMTP_OK)
        status = chain_acquire(diagnosis->chain, diagnosis->context, diagnosis->request, credential,
                               NULL, &err);
    if (status != ACSMTP_OK) {
        acsmtp_tell_error(diagnosis->sink, "chain", NULL, &err);
        return 0;
    }
    acsmtp_tell(
        diagnosis->sink, &finding, "%s gives a %s", chain_name_of(diagnosis->chain, credential),
        acsmtp_credential_kind(credential) == ACSMTP_CREDENTIAL_TOKEN ? "token" : "password");
    return 1;
}
