/* SPDX-License-Identifier: MIT */
/* The shape of the state and of faults as tables; see schema.h. */
#include "schema.h"

#include "tree.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum kind { KIND_STRING, KIND_INT, KIND_BOOL, KIND_MAP, KIND_STRINGS };

struct rule {
    const char *key; /* "*" stands for any name */
    enum kind kind;
    bool required;
    const struct rule *members;
    const char *values; /* "|a|b|" when only these strings will do */
    int64_t minimum, maximum;
};

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
#define END                                                                                        \
    {                                                                                              \
        .key = NULL                                                                                \
    }
#define SECONDS 4102444800LL /* the year 2100 */

static const struct rule ANY_STRING[] = {OPTIONAL_STRING("*"), END};
static const struct rule ANY_BOOL[] = {OPTIONAL_BOOL("*"), END};

static const struct rule SECRET[] = {STRING("value"), OPTIONAL_INT("start", 0, SECONDS),
                                     OPTIONAL_INT("end", 0, SECONDS), END};
static const struct rule SECRETS[] = {{.key = "*", .kind = KIND_MAP, .members = SECRET}, END};
static const struct rule APPLICATION[] = {
    STRING("client_id"),
    STRING("object_id"),
    BOOL("enabled"),
    MAP("secrets", SECRETS),
    {.key = "certificates", .kind = KIND_MAP, .members = ANY_STRING},
    END};
static const struct rule APPLICATIONS[] = {{.key = "*", .kind = KIND_MAP, .members = APPLICATION},
                                           END};
static const struct rule IDENTITY[] = {STRING("client_id"),   STRING("object_id"),
                                       STRING("resource_id"), BOOL("system"),
                                       BOOL("assigned"),      END};
static const struct rule IDENTITIES[] = {{.key = "*", .kind = KIND_MAP, .members = IDENTITY}, END};
static const struct rule VERSION[] = {STRING("value"),
                                      BOOL("enabled"),
                                      INT("created", 0, SECONDS),
                                      OPTIONAL_INT("nbf", 0, SECONDS),
                                      OPTIONAL_INT("exp", 0, SECONDS),
                                      OPTIONAL_STRING("content_type"),
                                      END};
static const struct rule VERSIONS[] = {{.key = "*", .kind = KIND_MAP, .members = VERSION}, END};
static const struct rule VAULT_SECRET[] = {STRING("current"), MAP("versions", VERSIONS), END};
static const struct rule VAULT_SECRETS[] = {{.key = "*", .kind = KIND_MAP, .members = VAULT_SECRET},
                                            END};
static const struct rule VAULT[] = {MAP("readers", ANY_STRING), MAP("secrets", VAULT_SECRETS), END};
static const struct rule VAULTS[] = {{.key = "*", .kind = KIND_MAP, .members = VAULT}, END};
static const struct rule USERNAME[] = {STRING("client_id"), BOOL("ready"), END};
static const struct rule USERNAMES[] = {{.key = "*", .kind = KIND_MAP, .members = USERNAME}, END};
static const struct rule ENTRA[] = {INT("expires_in", 1, 86400), END};
static const struct rule IMDS[] = {CHOICE("mode", "|on|absent|slow|unreachable|"),
                                   INT("delay_ms", 0, 600000), END};
static const struct rule SMTP[] = {STRINGS("extensions"),
                                   STRINGS("mechanisms"),
                                   BOOL("lower_case"),
                                   CHOICE("certificate", "|good|other-ca|wrong-name|expired|"),
                                   CHOICE("xoauth2_refusal", "|direct|challenge|"),
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
static const struct rule STATE[] = {STRING("tenant_id"),
                                    STRING("subscription_id"),
                                    STRING("email_domain"),
                                    STRING("communication_service"),
                                    MAP("applications", APPLICATIONS),
                                    MAP("identities", IDENTITIES),
                                    MAP("resources", ANY_BOOL),
                                    MAP("vaults", VAULTS),
                                    MAP("communication_roles", ANY_STRING),
                                    MAP("smtp_usernames", USERNAMES),
                                    MAP("senders", ANY_BOOL),
                                    MAP("entra", ENTRA),
                                    MAP("imds", IMDS),
                                    MAP("smtp", SMTP),
                                    END};

static const struct rule FAULT[] = {
    CHOICE("service", "|entra|imds|keyvault|arm|graph|smtp|"),
    {.key = "step",
     .kind = KIND_STRING,
     .values =
         "|connect|ehlo|starttls|tls|auth|credentials|mail|rcpt|data|body|dot|rset|noop|quit|"},
    CHOICE("action", "|drop|delay|reply|garbage|status|truncate|huge|html|expires_in|"),
    OPTIONAL_STRING("reply"),
    OPTIONAL_STRING("match"),
    OPTIONAL_STRING("body"),
    OPTIONAL_INT("delay_ms", 0, 600000),
    OPTIONAL_INT("status", 100, 599),
    OPTIONAL_INT("retry_after", 0, 86400),
    OPTIONAL_INT("seconds", 0, 86400),
    OPTIONAL_INT("skip", 0, 1000000),
    OPTIONAL_INT("count", 1, 1000000),
    OPTIONAL_BOOL("store"),
    END};

static bool complain(char *why, size_t size, const char *path, const char *problem)
{
    snprintf(why, size, "%s: %s", path[0] == '\0' ? "(top)" : path, problem);
    return false;
}

static bool check_int(const struct rule *rule, struct json_object *value, const char *path,
                      char *why, size_t size)
{
    int64_t number = json_object_get_int64(value);
    if (number < rule->minimum || number > rule->maximum) {
        char problem[96];
        snprintf(problem, sizeof(problem), "must lie between %lld and %lld",
                 (long long)rule->minimum, (long long)rule->maximum);
        return complain(why, size, path, problem);
    }
    return true;
}

static bool check_string(const struct rule *rule, struct json_object *value, const char *path,
                         char *why, size_t size)
{
    const char *string = json_object_get_string(value);
    if (strlen(string) != (size_t)json_object_get_string_len(value)) {
        return complain(why, size, path, "must not hold a NUL");
    }
    if (rule->values != NULL) {
        char wanted[64];
        snprintf(wanted, sizeof(wanted), "|%s|", string);
        if (strstr(rule->values, wanted) == NULL) {
            char problem[192];
            snprintf(problem, sizeof(problem), "must be one of %s", rule->values);
            return complain(why, size, path, problem);
        }
    }
    return true;
}

static bool check_strings(struct json_object *array, const char *path, char *why, size_t size)
{
    static const struct rule item = {.kind = KIND_STRING};
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        struct json_object *value = json_object_array_get_idx(array, i);
        if (!json_object_is_type(value, json_type_string)) {
            return complain(why, size, path, "must hold strings only");
        }
        if (!check_string(&item, value, path, why, size)) {
            return false;
        }
    }
    return true;
}

static bool check_map(const struct rule *rules, struct json_object *map, const char *path,
                      char *why, size_t size);

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the tables above */
static bool check_value(const struct rule *rule, struct json_object *value, const char *path,
                        char *why, size_t size)
{
    static const struct {
        enum json_type type;
        const char *problem;
    } expected[] = {
        [KIND_STRING] = {json_type_string, "must be a string"},
        [KIND_INT] = {json_type_int, "must be an integer"},
        [KIND_BOOL] = {json_type_boolean, "must be true or false"},
        [KIND_MAP] = {json_type_object, "must be an object"},
        [KIND_STRINGS] = {json_type_array, "must be an array of strings"},
    };
    if (!json_object_is_type(value, expected[rule->kind].type)) {
        return complain(why, size, path, expected[rule->kind].problem);
    }
    switch (rule->kind) {
    case KIND_STRING:
        return check_string(rule, value, path, why, size);
    case KIND_INT:
        return check_int(rule, value, path, why, size);
    case KIND_MAP:
        return check_map(rule->members, value, path, why, size);
    case KIND_STRINGS:
        return check_strings(value, path, why, size);
    default:
        return true;
    }
}

static const struct rule *find_rule(const struct rule *rules, const char *key)
{
    for (; rules->key != NULL; rules++) {
        if (strcmp(rules->key, "*") == 0 || strcmp(rules->key, key) == 0) {
            return rules;
        }
    }
    return NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool check_map(const struct rule *rules, struct json_object *map, const char *path,
                      char *why, size_t size)
{
    char below[256];
    for (struct lh_entry *each = tree_first(map); each != NULL; each = each->next) {
        const char *key = tree_key(each);
        struct json_object *value = tree_value(each);
        const struct rule *rule = find_rule(rules, key);
        snprintf(below, sizeof(below), "%s/%s", path, key);
        if (rule == NULL) {
            return complain(why, size, below, "unknown member");
        }
        if (!check_value(rule, value, below, why, size)) {
            return false;
        }
    }
    for (; rules->key != NULL; rules++) {
        if (rules->required && !json_object_object_get_ex(map, rules->key, NULL)) {
            snprintf(below, sizeof(below), "%s/%s", path, rules->key);
            return complain(why, size, below, "missing");
        }
    }
    return true;
}

bool schema_check_state(struct json_object *tree, char *why, size_t size)
{
    static const struct rule root = {.kind = KIND_MAP, .members = STATE};
    return check_value(&root, tree, "", why, size);
}

bool schema_check_fault(struct json_object *fault, char *why, size_t size)
{
    static const struct rule root = {.kind = KIND_MAP, .members = FAULT};
    return check_value(&root, fault, "", why, size);
}
