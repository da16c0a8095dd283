/* SPDX-License-Identifier: MIT */
/* Known failures: what Microsoft Entra says about people who sign in, and about its own state. */
#include "hint_table.h"

#define NO_SUCH_USER                                                                               \
    "This user is not in the tenant: sign in with another account, or to the right tenant (az "    \
    "login --tenant)."
#define SEE_ACCOUNT "az account show --query '{user:user.name,tenant:tenantId}'"
#define SIGN_IN "az login --tenant TENANT_ID"
#define NOT_IN_TENANT "This user is not in the tenant: check the account and tenant."
#define SECOND_FACTOR                                                                              \
    "A second factor is asked for: sign in at a keyboard (az login), or use an application or a "  \
    "managed identity where nobody sits."
#define SET_UP_FACTOR                                                                              \
    "The user must set up a second factor first: sign in at a keyboard (az login)."
#define SIGN_IN_AGAIN "The sign-in has expired: sign in again (az login)."
#define SEE_PAGE "the page and code that were shown"
#define BEGIN_AGAIN "az login --use-device-code"
#define SEE_SIGN_IN_LOG                                                                            \
    "Sign-in logs in the Entra admin center (Conditional Access tab), by the correlation id"
#define ENTRA_BUSY "Entra is busy. Try again in a minute."
#define SEE_ENTRA "acsmtp token --trace: the reply and its Retry-After"
#define TRY_LATER "sleep 60 && acsmtp token"

static const struct hint rows[] = {
    /* ---- people ---- */
    {.code = "AADSTS50034", .cause = NO_SUCH_USER, .evidence = SEE_ACCOUNT, .command = SIGN_IN},
    {.code = "AADSTS50020", .cause = NO_SUCH_USER, .evidence = SEE_ACCOUNT, .command = SIGN_IN},
    {.code = "AADSTS51004", .cause = NOT_IN_TENANT, .evidence = SEE_ACCOUNT, .command = SIGN_IN},
    {.code = "AADSTS50014", .cause = NOT_IN_TENANT, .evidence = SEE_ACCOUNT, .command = SIGN_IN},
    {.code = "AADSTS50126",
     .cause = "The user's name or password is wrong: sign in again (az login).",
     .evidence = SEE_ACCOUNT,
     .command = SIGN_IN},
    {.code = "AADSTS50055",
     .cause = "The user's password has expired: change it and sign in again.",
     .evidence = SEE_ACCOUNT,
     .command = SIGN_IN},
    {.code = "AADSTS50056",
     .cause =
         "The user has no password to sign in with: sign in as the tenant wants it (az login).",
     .evidence = SEE_ACCOUNT,
     .command = SIGN_IN},
    {.code = "AADSTS50057",
     .cause = "The user is disabled: ask an administrator.",
     .evidence = SEE_ACCOUNT,
     .command = "az ad user update --id USER --account-enabled true"},
    {.code = "AADSTS50053",
     .cause = "The user is locked after too many attempts: wait, then sign in again.",
     .evidence = SEE_ACCOUNT,
     .command = SIGN_IN},
    {.code = "AADSTS50076", .cause = SECOND_FACTOR, .evidence = SEE_ACCOUNT, .command = SIGN_IN},
    {.code = "AADSTS50074", .cause = SECOND_FACTOR, .evidence = SEE_ACCOUNT, .command = SIGN_IN},
    {.code = "AADSTS50078", .cause = SECOND_FACTOR, .evidence = SEE_ACCOUNT, .command = SIGN_IN},
    {.code = "AADSTS50079", .cause = SET_UP_FACTOR, .evidence = SEE_ACCOUNT, .command = SIGN_IN},
    {.code = "AADSTS50072", .cause = SET_UP_FACTOR, .evidence = SEE_ACCOUNT, .command = SIGN_IN},
    {.code = "AADSTS50173",
     .cause = "The sign-in was revoked: sign in again (az login).",
     .evidence = SEE_ACCOUNT,
     .command = SIGN_IN},
    {.code = "AADSTS700082", .cause = SIGN_IN_AGAIN, .evidence = SEE_ACCOUNT, .command = SIGN_IN},
    {.code = "AADSTS70008", .cause = SIGN_IN_AGAIN, .evidence = SEE_ACCOUNT, .command = SIGN_IN},
    {.code = "AADSTS70043", .cause = SIGN_IN_AGAIN, .evidence = SEE_ACCOUNT, .command = SIGN_IN},
    {.code = "AADSTS70016",
     .cause = "The device code was not yet entered at the page that was shown: enter it and go on "
              "waiting.",
     .evidence = SEE_PAGE,
     .command = BEGIN_AGAIN},
    {.code = "AADSTS70018",
     .cause = "The device code is wrong: begin again and enter the new one.",
     .evidence = SEE_PAGE,
     .command = BEGIN_AGAIN},
    {.code = "AADSTS70019",
     .cause = "The device code was not entered in time: begin again.",
     .evidence = SEE_PAGE,
     .command = BEGIN_AGAIN},
    {.code = "AADSTS53003",
     .cause = "Conditional Access forbids this sign-in from here: ask an administrator about the "
              "policy.",
     .evidence = SEE_SIGN_IN_LOG,
     .command = SIGN_IN},
    {.code = "AADSTS530032",
     .cause = "A security policy of the tenant forbids this sign-in: ask an administrator.",
     .evidence = SEE_SIGN_IN_LOG,
     .command = SIGN_IN},
    {.code = "AADSTS53000",
     .cause = "Conditional Access wants a compliant device: ask an administrator about the policy.",
     .evidence = SEE_SIGN_IN_LOG,
     .command = SIGN_IN},
    {.code = "AADSTS50131",
     .cause = "Conditional Access forbids this sign-in: ask an administrator about the policy.",
     .evidence = SEE_SIGN_IN_LOG,
     .command = SIGN_IN},
    {.code = "AADSTS50196",
     .cause =
         "The same token was asked for too often: do not switch the token cache off in a loop.",
     .evidence = "acsmtp token -v says \"from the cache\" the second time",
     .command = "acsmtp token"},
    {.code = "AADSTS90033", .cause = ENTRA_BUSY, .evidence = SEE_ENTRA, .command = TRY_LATER},
    {.code = "AADSTS90055", .cause = ENTRA_BUSY, .evidence = SEE_ENTRA, .command = TRY_LATER},
    {.code = "AADSTS90024", .cause = ENTRA_BUSY, .evidence = SEE_ENTRA, .command = TRY_LATER},
    {.code = "AADSTS90006", .cause = ENTRA_BUSY, .evidence = SEE_ENTRA, .command = TRY_LATER},
    {.code = "AADSTS90012", .cause = ENTRA_BUSY, .evidence = SEE_ENTRA, .command = TRY_LATER},
    {.code = "AADSTS50033", .cause = ENTRA_BUSY, .evidence = SEE_ENTRA, .command = TRY_LATER},
};

const struct hint_table hint_entra_sign_in = HINT_ROWS(rows);
