/* SPDX-License-Identifier: MIT */
/*
 * Known failures: what Microsoft Entra says about applications, their secrets, certificates and
 * scopes. Numbers are hints for people only: Entra may change them.
 */
#include "hint_table.h"

#define NEW_SECRET "az ad app credential reset --id CLIENT_ID --append"
#define CHECK_CONFIG "acsmtp config check"
#define ADD_CERTIFICATE "az ad app credential reset --id CLIENT_ID --cert @FILE --append"
#define SEE_APPLICATION "az ad app show --id CLIENT_ID --query '{id:appId,name:displayName}'"
#define ADD_PRINCIPAL "az ad sp create --id CLIENT_ID"
#define NO_APPLICATION "The application is not known in this tenant: check client_id and tenant_id."
#define SEE_CLOUD "az account show --query '{tenant:tenantId,cloud:environmentName}'"
#define OTHER_CLOUD "acsmtp token --cloud usgov"
#define SEE_CONFIG "acsmtp config show"
#define SEE_TENANT "az account show --query tenantId"
#define SEE_SCOPE "acsmtp config show: scope of the profile"
#define ASK_FOR_ACS "acsmtp token --scope https://communication.azure.com/.default"
#define BAD_SCOPE                                                                                  \
    "The scope is malformed: one resource, ending in /.default, without blanks: "                  \
    "https://communication.azure.com/.default."
#define NO_PARAMETER                                                                               \
    "A parameter of the request was missing: an option that the source needs is empty."
#define SEE_CHAIN "acsmtp chain explain"
#define SEE_PERMISSIONS "az ad app permission list --id CLIENT_ID"
#define GIVE_CONSENT "az ad app permission admin-consent --id CLIENT_ID"
#define NO_CONSENT "An administrator must consent to the application first."
#define BAD_CLOCK "The signed assertion is not valid at this time: check this machine's clock."
#define SEE_CLOCK "date -u; acsmtp doctor compares it with the Date header of the services"
#define SET_CLOCK "timedatectl set-ntp true"
#define BAD_ASSERTION                                                                              \
    "The signed assertion is invalid: check the clock, and that the certificate is the "           \
    "application's."
#define SEE_FEDERATION "az ad app federated-credential list --id CLIENT_ID"
#define ADD_FEDERATION "az ad app federated-credential create --id CLIENT_ID --parameters @FILE"

static const struct hint rows[] = {
    /* ---- the application and its secret ---- */
    {.code = "AADSTS7000215",
     .cause = "The client secret is wrong. Use the secret's value, not its ID; look for missing "
              "characters, quotes or a line end around it; make sure it belongs to this client id.",
     .evidence =
         "az ad app credential list --id CLIENT_ID: the hint is the first characters of the value",
     .command = NEW_SECRET},
    {.code = "AADSTS7000222",
     .cause = "The client secret has expired: create a new one for the application (Certificates & "
              "secrets) and store it where the config takes it from.",
     .evidence = "az ad app credential list --id CLIENT_ID shows endDateTime",
     .command = NEW_SECRET},
    {.code = "AADSTS7000218",
     .cause = "No secret and no certificate reached Entra: the option is empty, or the application "
              "is to be a public client.",
     .evidence = "acsmtp chain explain shows which variables are set",
     .command = CHECK_CONFIG},
    {.code = "AADSTS700025",
     .cause = "The application is registered as a public client and must not send a secret: use "
              "another application, or change its platform in the portal.",
     .evidence = "az ad app show --id CLIENT_ID --query isFallbackPublicClient",
     .command = "az ad app update --id CLIENT_ID --is-fallback-public-client false"},
    {.code = "AADSTS700027",
     .cause = "Entra does not accept the certificate's signature: upload the certificate to this "
              "very application, and check that key and certificate belong together.",
     .evidence = "az ad app credential list --id CLIENT_ID --cert shows the thumbprints; openssl "
                 "x509 -in FILE -noout -fingerprint",
     .command = ADD_CERTIFICATE},
    {.code = "AADSTS700030",
     .cause = "The certificate's subject is not authorised for this application: register this "
              "certificate or its subject there.",
     .evidence = "openssl x509 -in FILE -noout -subject",
     .command = ADD_CERTIFICATE},
    {.code = "AADSTS700016",
     .cause = "The application is not known in this tenant: check client_id and tenant_id (the "
              "application's client id, not its object id).",
     .evidence = SEE_APPLICATION,
     .command = ADD_PRINCIPAL},
    {.code = "AADSTS700011",
     .cause = NO_APPLICATION,
     .evidence = SEE_APPLICATION,
     .command = ADD_PRINCIPAL},
    {.code = "AADSTS70001",
     .cause = NO_APPLICATION,
     .evidence = SEE_APPLICATION,
     .command = ADD_PRINCIPAL},
    {.code = "AADSTS7000112",
     .cause = "The application is disabled in this tenant: enable sign-in for it (Enterprise "
              "applications, Properties).",
     .evidence = "az ad sp show --id CLIENT_ID --query accountEnabled",
     .command = "az ad sp update --id CLIENT_ID --set accountEnabled=true"},
    {.code = "AADSTS90002",
     .cause = "There is no such tenant in this cloud: check tenant_id, and \"cloud\" if the tenant "
              "is in Azure Government or in China.",
     .evidence = SEE_CLOUD,
     .command = OTHER_CLOUD},
    {.code = "AADSTS90038",
     .cause = "The tenant lives in another national cloud: set \"cloud\" to usgov or china.",
     .evidence = SEE_CLOUD,
     .command = OTHER_CLOUD},
    {.code = "AADSTS900023",
     .cause =
         "tenant_id is neither an id nor a domain: copy the Directory (tenant) ID from the portal.",
     .evidence = SEE_CONFIG,
     .command = SEE_TENANT},
    {.code = "AADSTS50059",
     .cause = "The request names no tenant: set tenant_id.",
     .evidence = SEE_CONFIG,
     .command = SEE_TENANT},
    {.code = "AADSTS50128",
     .cause = "The request names no usable tenant: check tenant_id.",
     .evidence = SEE_CONFIG,
     .command = SEE_TENANT},
    /* ---- scope, consent, assertions and clocks ---- */
    {.code = "AADSTS500011",
     .cause =
         "Nobody in this tenant offers what the scope names: it should be "
         "https://communication.azure.com/.default; if it is, tenant_id is of the wrong tenant.",
     .evidence = SEE_SCOPE,
     .command = ASK_FOR_ACS},
    /* UNVERIFIED: not in the page of codes that was read */
    {.code = "AADSTS1002012",
     .cause = "For an application the scope must end in /.default: "
              "https://communication.azure.com/.default.",
     .evidence = SEE_SCOPE,
     .command = ASK_FOR_ACS},
    {.code = "AADSTS70011", .cause = BAD_SCOPE, .evidence = SEE_SCOPE, .command = ASK_FOR_ACS},
    {.code = "AADSTS28002", .cause = BAD_SCOPE, .evidence = SEE_SCOPE, .command = ASK_FOR_ACS},
    {.code = "AADSTS700022",
     .cause = "Ask for one resource at a time: one scope, ending in /.default.",
     .evidence = SEE_SCOPE,
     .command = ASK_FOR_ACS},
    {.code = "AADSTS700023",
     .cause = "The scope names no resource: it should be a URL and /.default.",
     .evidence = SEE_SCOPE,
     .command = ASK_FOR_ACS},
    {.code = "AADSTS901002",
     .cause = "A program sent \"resource\" where \"scope\" is wanted: the second endpoint (v2.0) "
              "takes scopes only.",
     .evidence = "acsmtp token --trace shows what acsmtp sends: a scope",
     .command = "acsmtp token"},
    {.code = "AADSTS900144", .cause = NO_PARAMETER, .evidence = SEE_CHAIN, .command = CHECK_CONFIG},
    {.code = "AADSTS90014", .cause = NO_PARAMETER, .evidence = SEE_CHAIN, .command = CHECK_CONFIG},
    {.code = "AADSTS50001",
     .cause = "The resource is unknown or disabled in this tenant: check scope.",
     .evidence = SEE_SCOPE,
     .command = ASK_FOR_ACS},
    {.code = "AADSTS650057",
     .cause = "The application never asked for this resource: add it under API permissions.",
     .evidence = SEE_PERMISSIONS,
     .command = GIVE_CONSENT},
    {.code = "AADSTS65001",
     .cause = NO_CONSENT,
     .evidence = SEE_PERMISSIONS,
     .command = GIVE_CONSENT},
    {.code = "AADSTS90094",
     .cause = NO_CONSENT,
     .evidence = SEE_PERMISSIONS,
     .command = GIVE_CONSENT},
    {.code = "AADSTS90008",
     .cause = NO_CONSENT,
     .evidence = SEE_PERMISSIONS,
     .command = GIVE_CONSENT},
    {.code = "AADSTS65002",
     .cause =
         "Microsoft's own applications may not ask for this resource: use an application of yours.",
     .evidence = "acsmtp token --claims: appid",
     .command = "az ad app create --display-name NAME"},
    /* UNVERIFIED, like 70021 and 700211 to 700213 */
    {.code = "AADSTS700024",
     .cause = BAD_CLOCK,
     .evidence = SEE_CLOCK,
     .command = SET_CLOCK,
     .is_clock = 1},
    {.code = "AADSTS500133",
     .cause = BAD_CLOCK,
     .evidence = SEE_CLOCK,
     .command = SET_CLOCK,
     .is_clock = 1},
    {.code = "AADSTS50012",
     .cause = BAD_ASSERTION,
     .evidence = SEE_CLOCK,
     .command = SET_CLOCK,
     .is_clock = 1},
    {.code = "AADSTS50013",
     .cause = BAD_ASSERTION,
     .evidence = SEE_CLOCK,
     .command = SET_CLOCK,
     .is_clock = 1},
    {.code = "AADSTS70021",
     .cause = "No federated credential of the application fits this token: compare issuer, subject "
              "and audience exactly, letter case included.",
     .evidence = SEE_FEDERATION,
     .command = ADD_FEDERATION},
    {.code = "AADSTS700211",
     .cause = "No federated credential of the application has this issuer: compare it exactly.",
     .evidence = SEE_FEDERATION,
     .command = ADD_FEDERATION},
    {.code = "AADSTS700212",
     .cause = "No federated credential of the application has this audience: compare it exactly.",
     .evidence = SEE_FEDERATION,
     .command = ADD_FEDERATION},
    {.code = "AADSTS700213",
     .cause = "No federated credential of the application has this subject: compare it exactly.",
     .evidence = SEE_FEDERATION,
     .command = ADD_FEDERATION},
};

const struct hint_table hint_entra_application = HINT_ROWS(rows);
