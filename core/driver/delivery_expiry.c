/* SPDX-License-Identifier: MIT */
/*
 * A session that outlives its token. UNVERIFIED whether ACS looks at a token again after AUTH, and
 * what it says then: a server that closes the connection leaves mails untried, which is handled
 * like any lost connection; one that goes on refuses each mail as if nobody had logged in.
 */
#include "delivery_private.h"
#include <time.h>

/* The server's clock may be ahead of this one. */
#define SKEW_SECONDS 60

static int has_ended(const struct acsmtp_credential *credential)
{
    int64_t expires_on = acsmtp_credential_expires_on(credential);

    return acsmtp_credential_kind(credential) == ACSMTP_CREDENTIAL_TOKEN && expires_on > 0 &&
           expires_on <= (int64_t)time(NULL) + SKEW_SECONDS;
}

/*
 * RFC 4954 section 6: 530 authentication required, 535 not valid, 454 not now; 421, or no reply at
 * all, ends a session. In none of these cases was the mail taken.
 */
static int may_be_about_identity(const struct acsmtp_reply *reply)
{
    static const int32_t codes[] = {530, 535, 454, 421, 0};
    size_t i;

    if (reply->delivery != ACSMTP_REFUSED && reply->delivery != ACSMTP_DEFERRED)
        return 0;
    for (i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (reply->code == codes[i])
            return 1;
    return 0;
}

size_t delivery_forgive(const struct session *session, const struct acsmtp_mail *mails,
                        size_t count)
{
    size_t forgiven = 0;
    size_t i;

    if (!has_ended(session->credential))
        return 0;
    for (i = 0; i < count; i++) {
        if (!may_be_about_identity(acsmtp_result_message(mails[i].result)))
            continue;
        acsmtp_result_clear(mails[i].result);
        forgiven++;
    }
    return forgiven;
}
