/* SPDX-License-Identifier: MIT */
/* The shape of the state and of faults; see schema_rules.h. README.md says what each means. */
#include "schema_rules.h"

#include <stddef.h>

#define STRING(name)                                                                               \
    {                                                                                              \
        .key = (name), .kind = KIND_STRING, .required = true                                       \
    }
#define OPTIONAL_STRING(name)                                                                      \
    {                                                                                              \
        .key = (name), .kind = KIND_STRING                                                         \
    }
#define CHOICE(name, list)                                                                         \
    {                                                                                              \
        .key = (name), .kind = KIND_STRING, .required = true, .values = (list)                     \
    }
#define INT(name, low, high)                                                                       \
    {                                                                                              \
        .key = (name), .kind = KIND_INT, .required = true, .minimum = (low), .maximum = (high)     \
    }
#define OPTIONAL_INT(name, low, high)                                                              \
    {                                                                                              \
        .key = (name), .kind = KIND_INT, .minimum = (low), .maximum = (high)                       \
    }
#define BOOL(name)                                                                                 \
    {                                                                                              \
        .key = (name), .kind = KIND_BOOL, .required = true                                         \
    }
#define OPTIONAL_BOOL(name)                                                                        \
    {                                                                                              \
        .key = (name), .kind = KIND_BOOL                                                           \
    }
#define MAP(name, rules)                                                                           \
    {                                                                                              \
        .key = (name), .kind = KIND_MAP, .required = true, .members = (rules)                      \
    }
#define STRINGS(name)                                                                              \
    {                                                                                              \
        .key = (name), .kind = KIND_STRINGS, .required = true                                      \
    }
#define OPTIONAL_STRINGS(name)                                                                     \
    {                                                                                              \
        .key = (name), .kind = KIND_STRINGS                                                        \
    }
#define OBJECT(name)                                                                               \
    {                                                                                              \
        .key = (name), .kind = KIND_OBJECT, .required = true                                       \
    }
#define END                                                                                        \
    {                                                                                              \
        .key = NULL                                                                                \
    }
#define SECONDS 4102444800LL /* the year 2100 */
#define DAY_MS 86400000
/* Moments of the monotonic clock, in milliseconds. */
#define OPTIONAL_MOMENT(name) OPTIONAL_INT(name, 0, INT64_MAX)

static const struct rule ANY_STRING[] = {OPTIONAL_STRING("*"), END};
static const struct rule ANY_BOOL[] = {OPTIONAL_BOOL("*"), END};

static const struct rule SECRET[] = {STRING("value"),
                                     OPTIONAL_INT("start", 0, SECONDS),
                                     OPTIONAL_INT("end", 0, SECONDS),
                                     OPTIONAL_STRING("display_name"),
                                     OPTIONAL_MOMENT("ready_ms"),
                                     END};
static const struct rule SECRETS[] = {{.key = "*", .kind = KIND_MAP, .members = SECRET}, END};
static const struct rule CREDENTIAL[] = {STRING("issuer"), STRING("subject"), STRING("audience"),
                                         END};
static const struct rule FEDERATED[] = {{.key = "*", .kind = KIND_MAP, .members = CREDENTIAL}, END};
static const struct rule PRINCIPAL[] = {OPTIONAL_INT("created", 0, SECONDS),
                                        OPTIONAL_STRING("notes"), OPTIONAL_STRINGS("tags"),
                                        OPTIONAL_MOMENT("visible_ms"), END};
/* The first three are what the emulator cannot do without; the rest is Graph's. */
#define APPLICATION_MEMBERS                                                                        \
    STRING("client_id"), BOOL("enabled"), MAP("secrets", SECRETS), OPTIONAL_STRING("object_id"),   \
        {.key = "certificates", .kind = KIND_MAP, .members = ANY_STRING},                          \
        {.key = "federated", .kind = KIND_MAP, .members = FEDERATED},                              \
        {.key = "principal", .kind = KIND_MAP, .members = PRINCIPAL},                              \
        OPTIONAL_STRING("application_id"), OPTIONAL_STRING("display_name"),                        \
        OPTIONAL_STRING("unique_name"), OPTIONAL_STRING("sign_in_audience"),                       \
        OPTIONAL_STRING("description"), OPTIONAL_STRING("notes"), OPTIONAL_STRINGS("tags"),        \
        OPTIONAL_STRINGS("owners"), OPTIONAL_STRINGS("graph_permissions"),                         \
        OPTIONAL_BOOL("public"), OPTIONAL_INT("created", 0, SECONDS), OPTIONAL_MOMENT("ready_ms"), \
        OPTIONAL_MOMENT("visible_ms"), OPTIONAL_MOMENT("principal_ready_ms")
#define DELETED_MEMBERS INT("deleted", 0, SECONDS), OPTIONAL_MOMENT("purge_ms")
static const struct rule APPLICATION[] = {APPLICATION_MEMBERS, END};
static const struct rule DELETED_APPLICATION[] = {APPLICATION_MEMBERS, DELETED_MEMBERS,
                                                  STRING("name"), END};
static const struct rule DELETED_APPLICATIONS[] = {
    {.key = "*", .kind = KIND_MAP, .members = DELETED_APPLICATION}, END};
static const struct rule DELETED_PRINCIPAL[] = {
    STRING("client_id"),
    STRING("object_id"),
    OPTIONAL_BOOL("enabled"),
    OPTIONAL_STRING("display_name"),
    OPTIONAL_STRINGS("owners"),
    {.key = "principal", .kind = KIND_MAP, .members = PRINCIPAL},
    DELETED_MEMBERS,
    END};
static const struct rule DELETED_PRINCIPALS[] = {
    {.key = "*", .kind = KIND_MAP, .members = DELETED_PRINCIPAL}, END};
static const struct rule GRAPH_SWITCHES[] = {
    INT("replication_ms", 0, DAY_MS),
    INT("principal_replication_ms", 0, DAY_MS),
    INT("secret_replication_ms", 0, DAY_MS),
    INT("read_replication_ms", 0, DAY_MS),
    CHOICE("replication_error",
           "|no-backing-object|not-local|resource-not-found|directory-object-not-found|"),
    CHOICE("missing_principal", "|AADSTS7000229|AADSTS700016|"),
    BOOL("deleted_keeps_unique_name"),
    BOOL("principal_goes_too"),
    INT("page_size", 1, 999),
    INT("password_days", 0, 36500),
    END};
static const struct rule APPLICATIONS[] = {{.key = "*", .kind = KIND_MAP, .members = APPLICATION},
                                           END};
static const struct rule IDENTITY[] = {STRING("client_id"),
                                       STRING("object_id"),
                                       STRING("resource_id"),
                                       BOOL("system"),
                                       BOOL("assigned"),
                                       OPTIONAL_MOMENT("principal_ready_ms"),
                                       END};
static const struct rule IDENTITIES[] = {{.key = "*", .kind = KIND_MAP, .members = IDENTITY}, END};
static const struct rule VERSION[] = {STRING("value"),
                                      BOOL("enabled"),
                                      INT("created", 0, SECONDS),
                                      OPTIONAL_INT("updated", 0, SECONDS),
                                      OPTIONAL_INT("nbf", 0, SECONDS),
                                      OPTIONAL_INT("exp", 0, SECONDS),
                                      OPTIONAL_STRING("content_type"),
                                      {.key = "tags", .kind = KIND_MAP, .members = ANY_STRING},
                                      END};
static const struct rule VERSIONS[] = {{.key = "*", .kind = KIND_MAP, .members = VERSION}, END};
static const struct rule VAULT_SECRET[] = {STRING("current"), MAP("versions", VERSIONS),
                                           OPTIONAL_MOMENT("ready_ms"), END};
static const struct rule VAULT_SECRETS[] = {{.key = "*", .kind = KIND_MAP, .members = VAULT_SECRET},
                                            END};
static const struct rule DELETED_SECRET[] = {STRING("current"),
                                             MAP("versions", VERSIONS),
                                             INT("deleted", 0, SECONDS),
                                             OPTIONAL_MOMENT("settled_ms"),
                                             OPTIONAL_MOMENT("purge_ms"),
                                             OPTIONAL_BOOL("purging"),
                                             END};
static const struct rule DELETED_SECRETS[] = {
    {.key = "*", .kind = KIND_MAP, .members = DELETED_SECRET}, END};
static const struct rule VAULT[] = {
    MAP("secrets", VAULT_SECRETS),
    {.key = "deleted_secrets", .kind = KIND_MAP, .members = DELETED_SECRETS},
    END};
static const struct rule VAULTS[] = {{.key = "*", .kind = KIND_MAP, .members = VAULT}, END};
static const struct rule DELETED_VAULT[] = {OBJECT("resource"),         MAP("data", VAULT),
                                            INT("deleted", 0, SECONDS), OPTIONAL_MOMENT("purge_ms"),
                                            OPTIONAL_BOOL("purging"),   END};
static const struct rule DELETED_VAULTS[] = {
    {.key = "*", .kind = KIND_MAP, .members = DELETED_VAULT}, END};
static const struct rule KEYVAULT_SWITCHES[] = {
    INT("dns_ms", 0, DAY_MS),   INT("vault_purge_ms", 0, DAY_MS), INT("deletion_ms", 0, DAY_MS),
    INT("purge_ms", 0, DAY_MS), INT("recovery_ms", 0, DAY_MS),    END};
static const struct rule RESOURCE[] = {OBJECT("resource"),
                                       OPTIONAL_MOMENT("ready_ms"),
                                       OPTIONAL_MOMENT("gone_ms"),
                                       {.key = "failure", .kind = KIND_OBJECT},
                                       {.key = "private", .kind = KIND_OBJECT},
                                       END};
static const struct rule ARM[] = {{.key = "*", .kind = KIND_MAP, .members = RESOURCE}, END};
static const struct rule OPERATION[] = {STRING("resource_id"),
                                        STRING("started"),
                                        STRING("signing_key"),
                                        OPTIONAL_STRING("newest"),
                                        INT("headers", 0, INT64_MAX),
                                        BOOL("removal"),
                                        INT("polls", 0, INT64_MAX),
                                        INT("ready_ms", 0, INT64_MAX),
                                        OPTIONAL_STRING("outcome"),
                                        {.key = "error", .kind = KIND_OBJECT},
                                        END};
static const struct rule OPERATIONS[] = {{.key = "*", .kind = KIND_MAP, .members = OPERATION}, END};
static const struct rule ASSIGNMENT[] = {STRING("scope"),
                                         STRING("principal_id"),
                                         STRING("principal_type"),
                                         STRING("role"),
                                         INT("effective_ms", 0, INT64_MAX),
                                         OPTIONAL_STRING("created_on"),
                                         OPTIONAL_STRING("created_by"),
                                         OPTIONAL_STRING("description"),
                                         END};
static const struct rule ASSIGNMENTS[] = {{.key = "*", .kind = KIND_MAP, .members = ASSIGNMENT},
                                          END};
static const struct rule PROVIDER[] = {CHOICE("state", "|NotRegistered|Registering|Registered|"),
                                       OPTIONAL_MOMENT("ready_ms"), END};
static const struct rule PROVIDERS[] = {{.key = "*", .kind = KIND_MAP, .members = PROVIDER}, END};
static const struct rule ARM_SWITCHES[] = {
    STRINGS("locations"),
    INT("page_size", 1, 1000),
    INT("lro_polls", 0, 1000),
    INT("lro_ms", 0, DAY_MS),
    INT("lro_retry_after", -1, 3600),
    BOOL("lro_not_found_first"),
    BOOL("lro_monitor_202"),
    BOOL("lro_newest_only"),
    INT("provider_ms", 0, DAY_MS),
    INT("role_propagation_ms", 0, DAY_MS),
    INT("identity_replication_ms", 0, DAY_MS),
    INT("username_ready_ms", 0, DAY_MS),
    INT("domain_linkable_ms", 0, DAY_MS),
    INT("verification_ms", 0, DAY_MS),
    CHOICE("verification", "|Verified|VerificationFailed|VerificationInProgress|"),
    INT("sender_quota", 0, 1000),
    CHOICE("principal_check", "|trusting|strict|"),
    CHOICE("username_equals_name", "|refuse|accept|"),
    CHOICE("username_domain", "|refuse|accept|"),
    CHOICE("nonempty_delete", "|refuse|accept|"),
    CHOICE("linked_delete", "|refuse|accept|"),
    END};
static const struct rule ENTRA[] = {INT("expires_in", 1, 86400),
                                    INT("code_expires_in", 1, 86400),
                                    INT("interval", 1, 60),
                                    INT("refresh_expires_in", 1, SECONDS),
                                    BOOL("refresh_once"),
                                    CHOICE("conditional_access", "|off|mfa|claims|"),
                                    END};
static const struct rule PERSON[] = {STRING("object_id"), STRING("user_name"), END};
static const struct rule PEOPLE[] = {{.key = "*", .kind = KIND_MAP, .members = PERSON}, END};
static const struct rule DEVICE_CODE[] = {STRING("device_code"),
                                          STRING("client_id"),
                                          STRING("scope"),
                                          CHOICE("status", "|pending|approved|declined|used|"),
                                          STRING("person"),
                                          INT("expires_on", 0, SECONDS),
                                          INT("interval", 0, 3600),
                                          INT("polled_ms", 0, INT64_MAX),
                                          END};
static const struct rule DEVICE_CODES[] = {{.key = "*", .kind = KIND_MAP, .members = DEVICE_CODE},
                                           END};
static const struct rule REFRESH_TOKEN[] = {STRING("client_id"), STRING("person"),
                                            CHOICE("status", "|good|used|revoked|inactive|"),
                                            INT("expires_on", 0, SECONDS), END};
static const struct rule REFRESH_TOKENS[] = {
    {.key = "*", .kind = KIND_MAP, .members = REFRESH_TOKEN}, END};
static const struct rule IMDS[] = {CHOICE("mode", "|on|absent|slow|unreachable|updating|"),
                                   INT("delay_ms", 0, 600000), OPTIONAL_MOMENT("updated_ms"), END};
static const struct rule KEYVAULT[] = {INT("claims_not_before", 0, SECONDS), END};
static const struct rule PLATFORM[] = {
    STRING("header"), STRING("secret"),
    CHOICE("arc_challenge", "|good|missing|large|elsewhere|outside|ending|two-equals|"),
    BOOL("arc_selects"), END};
static const struct rule SMTP[] = {STRINGS("extensions"),
                                   STRINGS("mechanisms"),
                                   BOOL("lower_case"),
                                   CHOICE("certificate", "|good|other-ca|wrong-name|expired|"),
                                   CHOICE("xoauth2_refusal", "|direct|challenge|"),
                                   INT("claims_not_before", 0, SECONDS),
                                   CHOICE("token_expiry", "|ignore|close|drop|refuse|"),
                                   CHOICE("bare_newline", "|refuse|accept|"),
                                   CHOICE("sender_phase", "|mail|data|"),
                                   STRING("sender_reply"),
                                   CHOICE("rate_phase", "|mail|data|"),
                                   INT("per_minute", 0, 100000),
                                   INT("per_hour", 0, 1000000),
                                   INT("max_recipients", 1, 1000),
                                   INT("max_size", 1024, 64 << 20),
                                   INT("max_connections", 1, 1000),
                                   INT("max_failures", 1, 100),
                                   INT("idle_timeout_ms", 10, 600000),
                                   END};
const struct rule SCHEMA_STATE[] = {STRING("tenant_id"),
                                    STRING("subscription_id"),
                                    STRING("email_domain"),
                                    MAP("applications", APPLICATIONS),
                                    MAP("deleted_applications", DELETED_APPLICATIONS),
                                    MAP("deleted_principals", DELETED_PRINCIPALS),
                                    MAP("graph_switches", GRAPH_SWITCHES),
                                    MAP("identities", IDENTITIES),
                                    MAP("resources", ANY_BOOL),
                                    MAP("vaults", VAULTS),
                                    MAP("deleted_vaults", DELETED_VAULTS),
                                    MAP("keyvault_switches", KEYVAULT_SWITCHES),
                                    INT("time_scale", 1, 1000000000),
                                    MAP("arm", ARM),
                                    MAP("arm_operations", OPERATIONS),
                                    MAP("arm_switches", ARM_SWITCHES),
                                    MAP("providers", PROVIDERS),
                                    MAP("role_assignments", ASSIGNMENTS),
                                    MAP("taken_names", ANY_BOOL),
                                    MAP("entra", ENTRA),
                                    MAP("people", PEOPLE),
                                    MAP("device_codes", DEVICE_CODES),
                                    MAP("refresh_tokens", REFRESH_TOKENS),
                                    MAP("imds", IMDS),
                                    MAP("platform", PLATFORM),
                                    MAP("keyvault", KEYVAULT),
                                    MAP("smtp", SMTP),
                                    END};

const struct rule SCHEMA_FAULT[] = {
    CHOICE("service", "|entra|imds|platform|keyvault|arm|graph|smtp|"),
    {.key = "step",
     .kind = KIND_STRING,
     .values =
         "|connect|ehlo|starttls|tls|auth|credentials|mail|rcpt|data|body|dot|rset|noop|quit|"},
    CHOICE("action", "|drop|delay|reply|garbage|status|truncate|huge|html|expires_in|"
                     "drop_after|error|clock|operation|"),
    OPTIONAL_STRING("reply"),
    OPTIONAL_STRING("match"),
    OPTIONAL_STRING("method"),
    OPTIONAL_STRING("code"),
    {.key = "outcome", .kind = KIND_STRING, .values = "|Failed|Canceled|"},
    OPTIONAL_STRING("body"),
    OPTIONAL_INT("delay_ms", 0, 600000),
    OPTIONAL_INT("status", 100, 599),
    OPTIONAL_INT("retry_after", 0, 86400),
    OPTIONAL_INT("seconds", -86400, 86400),
    OPTIONAL_INT("skip", 0, 1000000),
    OPTIONAL_INT("count", 1, 1000000),
    OPTIONAL_BOOL("store"),
    END};
