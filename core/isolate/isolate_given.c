/* SPDX-License-Identifier: MIT */
/*
 * A list with one credential for each option that holds a chain: plugins have one, seldom two.
 */
#include "isolate_given.h"
#include "base/credential_private.h"
#include "driver/chain_private.h"
#include "isolate_call.h"
#include <stdlib.h>
#include <string.h>

static struct isolate_given *find(const struct isolate_given *given, const char *option)
{
    while (given && strcmp(given->option, option) != 0)
        given = given->next;
    return (struct isolate_given *)given;
}

const struct acsmtp_credential *given_same(const struct isolate_given *given, const char *option,
                                           const struct acsmtp_credential *shown)
{
    const struct isolate_given *found = find(given, option);

    if (!found || !shown || acsmtp_credential_kind(shown) == ACSMTP_CREDENTIAL_NONE ||
        !token_same(acsmtp_credential_secret(found->credential), acsmtp_credential_secret(shown)))
        return NULL;
    return found->credential;
}

int given_restore(const struct isolate_given *given, const char *option,
                  struct acsmtp_credential *shown, struct acsmtp_error *err)
{
    const struct acsmtp_credential *same = given_same(given, option, shown);

    if (!same || acsmtp_credential_kind(same) != ACSMTP_CREDENTIAL_TOKEN)
        return ACSMTP_OK;
    credential_clear(shown);
    return token_copy(same, shown, err);
}

int given_keep(struct isolate_given **given, const char *option,
               struct acsmtp_credential *credential, struct acsmtp_error *err)
{
    struct isolate_given *found = find(*given, option);

    if (!found) {
        found = calloc(1, sizeof *found);
        if (!found)
            return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        found->next = *given;
        *given = found;
        found->option = strdup(option);
        found->credential = acsmtp_credential_new(NULL);
    }
    if (!found->option || !found->credential) {
        *given = found->next;
        found->next = NULL;
        given_free(found);
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    credential_move(found->credential, credential);
    return ACSMTP_OK;
}

void given_free(struct isolate_given *given)
{
    while (given) {
        struct isolate_given *next = given->next;

        acsmtp_credential_free(given->credential);
        free(given->option);
        free(given);
        given = next;
    }
}
