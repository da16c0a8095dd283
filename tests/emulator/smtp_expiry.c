/* SPDX-License-Identifier: MIT */
/* What becomes of a session whose token ends while it lasts. Documents about ACS do not say whether
 * it looks at the token again: the switch token_expiry has the answers. */
#include "smtp_session.h"

#include "tree.h"

#include <string.h>
#include <time.h>

bool smtp_token_ended(struct smtp_session *session)
{
    const char *answer = tree_string(session->settings, "token_expiry", "ignore");
    int64_t end = session->login.token_end;
    if (end == 0 || end > (int64_t)time(NULL) || strcmp(answer, "ignore") == 0) {
        return false;
    }
    if (strcmp(answer, "close") == 0) {
        /* UNVERIFIED reply */
        smtp_refuse(session, "the session's token has ended",
                    "421 4.7.0 Authentication has expired, closing transmission channel");
        session->closing = true;
    } else if (strcmp(answer, "drop") == 0) {
        counters_refuse(&session->emulator->counters, "smtp", "the session's token has ended");
        session->closing = true;
    } else {
        /* UNVERIFIED reply: Exchange Online's to a session that is not authenticated. */
        smtp_refuse(session, "the session's token has ended",
                    "530 5.7.57 Client not authenticated to send mail");
    }
    return true;
}
