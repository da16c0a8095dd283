/* SPDX-License-Identifier: MIT */
/* Checks JSON against the tables of schema_tables.c; see schema.h. */
#include "schema.h"

#include "schema_rules.h"
#include "tree.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

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
        [KIND_OBJECT] = {json_type_object, "must be an object"},
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
    static const struct rule root = {.kind = KIND_MAP, .members = SCHEMA_STATE};
    return check_value(&root, tree, "", why, size);
}

bool schema_check_fault(struct json_object *fault, char *why, size_t size)
{
    static const struct rule root = {.kind = KIND_MAP, .members = SCHEMA_FAULT};
    return check_value(&root, fault, "", why, size);
}
