/* SPDX-License-Identifier: MIT */
/* Role assignments, which decide about everything in the emulated subscription. */
#include "arm_types.h"
#include "directory.h"
#include "scaled_clock.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ASSIGNMENTS "Microsoft.Authorization/roleAssignments"
#define DEFINITIONS "Microsoft.Authorization/roleDefinitions"

static struct json_object *assignments_of(const struct arm_call *call)
{
    return tree_get(call->tree, "role_assignments", NULL);
}

static bool is_at(struct json_object *assignment, const char *scope)
{
    return strcasecmp(tree_string(assignment, "scope", ""), scope) == 0;
}

static struct json_object *render(const struct arm_call *call, const char *name,
                                  struct json_object *assignment)
{
    char text[RESOURCE_ID_SIZE * 2];
    const char *scope = tree_string(assignment, "scope", "");
    const char *when = tree_string(assignment, "created_on", "2026-01-01T00:00:00.0000000Z");
    struct json_object *json = json_object_new_object();
    struct json_object *properties = tree_set_object(json, "properties");
    snprintf(text, sizeof(text), "/subscriptions/%s/providers/" DEFINITIONS "/%s",
             tree_string(call->tree, "subscription_id", ""), tree_string(assignment, "role", ""));
    tree_set_string(properties, "roleDefinitionId", text);
    tree_set_string(properties, "principalId", tree_string(assignment, "principal_id", ""));
    tree_set_string(properties, "principalType", tree_string(assignment, "principal_type", ""));
    tree_set_string(properties, "scope", scope);
    json_object_object_add(properties, "condition", NULL);
    json_object_object_add(properties, "conditionVersion", NULL);
    tree_set_string(properties, "createdOn", when);
    tree_set_string(properties, "updatedOn", when);
    tree_set_string(properties, "createdBy", tree_string(assignment, "created_by", ""));
    tree_set_string(properties, "updatedBy", tree_string(assignment, "created_by", ""));
    json_object_object_add(properties, "delegatedManagedIdentityResourceId", NULL);
    const char *description = tree_string(assignment, "description", NULL);
    json_object_object_add(properties, "description",
                           description == NULL ? NULL : json_object_new_string(description));
    snprintf(text, sizeof(text), "%s/providers/" ASSIGNMENTS "/%s", scope, name);
    tree_set_string(json, "id", text);
    tree_set_string(json, "type", ASSIGNMENTS);
    tree_set_string(json, "name", name);
    return json;
}

/* Under its own scope and no other. */
static struct json_object *find(const struct arm_call *call)
{
    struct json_object *assignment = tree_find_nocase(assignments_of(call), call->path.name);
    return assignment != NULL && is_at(assignment, call->path.scope) ? assignment : NULL;
}

static void get_assignment(struct arm_call *call)
{
    struct json_object *assignment = find(call);
    if (assignment == NULL) {
        arm_error(call, 404, "RoleAssignmentNotFound", "The role assignment '%s' is not found.",
                  call->path.name);
    } else {
        http_reply_json(call->reply, 200, render(call, call->path.name, assignment));
    }
}

static void remove_assignment(struct arm_call *call)
{
    struct json_object *assignment = find(call);
    if (assignment == NULL) {
        arm_empty(call, 204);
        return;
    }
    http_reply_json(call->reply, 200, render(call, call->path.name, assignment));
    struct json_object *map = assignments_of(call);
    for (struct lh_entry *each = tree_first(map); each != NULL; each = each->next) {
        if (tree_value(each) == assignment) {
            json_object_object_del(map, tree_key(each));
            break;
        }
    }
    call->changed = true;
}

struct wish {
    const struct role *role;
    const char *principal;
    const char *type; /* NULL when the caller did not say */
};

static bool read_wish(struct arm_call *call, struct wish *wish)
{
    if (!text_is_uuid(call->path.name)) {
        arm_error(
            call, 400, "InvalidRoleAssignmentId",
            "The role assignment ID '%s' is not valid. The role assignment ID must be a GUID.",
            call->path.name);
        return false;
    }
    const char *definition = arm_property(call, "roleDefinitionId", true);
    wish->principal = definition == NULL ? NULL : arm_property(call, "principalId", true);
    wish->type = arm_property(call, "principalType", false);
    if (wish->principal == NULL) {
        return false;
    }
    wish->role = roles_by_id(resources_name(definition));
    if (wish->role == NULL) {
        arm_error(call, 404, "RoleDefinitionDoesNotExist",
                  "The specified role definition with ID '%.100s' does not exist.",
                  resources_name(definition));
    } else if (!text_is_uuid(wish->principal)) {
        arm_error(call, 400, "InvalidPrincipalId",
                  "The Principal ID '%.100s' is not valid. Principal ID must be a GUID.",
                  wish->principal);
    } else {
        return true;
    }
    return false;
}

/* A principal that other services do not see yet is taken on trust when its type is given. The
 * switch principal_check makes Azure less trusting. UNVERIFIED: that a principal which is nowhere
 * is refused even so. */
static bool check_principal(struct arm_call *call, const struct wish *wish)
{
    const char *how =
        tree_string(tree_get(call->tree, "arm_switches", NULL), "principal_check", "trusting");
    enum directory_principal known = directory_principal(call->tree, wish->principal, call->now);
    bool trusted = wish->type != NULL && strcmp(how, "trusting") == 0;
    if (known == PRINCIPAL_UNKNOWN || (known == PRINCIPAL_REPLICATING && !trusted)) {
        arm_error(
            call, 400, "PrincipalNotFound",
            "Principal %s does not exist in the directory %s. Check that you have the correct "
            "principal ID. If you are creating this principal and then immediately assigning "
            "a role, this error might be related to a replication delay. In this case, set "
            "the role assignment principalType property to a value, such as "
            "ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype",
            wish->principal, tree_string(call->tree, "tenant_id", ""));
        return false;
    }
    if (wish->type != NULL && strcasecmp(wish->type, "ServicePrincipal") != 0) {
        arm_error(call, 400, "UnmatchedPrincipalType",
                  "The PrincipalId '%s' has type 'ServicePrincipal' , which is different from "
                  "specified PrinciaplType '%.40s'.",
                  wish->principal, wish->type);
        return false;
    }
    return true;
}

static bool is_same(struct json_object *assignment, const struct wish *wish, const char *scope)
{
    return is_at(assignment, scope) &&
           strcasecmp(tree_string(assignment, "role", ""), wish->role->id) == 0 &&
           strcasecmp(tree_string(assignment, "principal_id", ""), wish->principal) == 0;
}

/* What is there under this name, or says the same under another. */
static bool check_present(struct arm_call *call, const struct wish *wish,
                          struct json_object *present)
{
    if (present != NULL) {
        if (is_same(present, wish, call->path.scope)) {
            return true;
        }
        arm_error(call, 400, "RoleAssignmentUpdateNotPermitted",
                  "Tenant ID, application ID, principal ID, and scope are not allowed to be "
                  "updated.");
        return false;
    }
    struct json_object *map = assignments_of(call);
    for (struct lh_entry *each = tree_first(map); each != NULL; each = each->next) {
        if (is_same(tree_value(each), wish, call->path.scope)) {
            arm_error(call, 409, "RoleAssignmentExists",
                      "The role assignment already exists. The ID of the conflicting role "
                      "assignment is %.36s.",
                      tree_key(each));
            return false;
        }
    }
    return true;
}

static struct json_object *add_assignment(struct arm_call *call, const struct wish *wish)
{
    char name[ARM_NAME_SIZE];
    char now[TEXT_TIME_SIZE];
    snprintf(name, sizeof(name), "%s", call->path.name);
    text_iso_now(now);
    int64_t wait = tree_int(tree_get(call->tree, "arm_switches", NULL), "role_propagation_ms", 0);
    struct json_object *assignment = tree_set_object(assignments_of(call), name);
    tree_set_string(assignment, "scope", call->path.scope);
    tree_set_string(assignment, "principal_id", wish->principal);
    tree_set_string(assignment, "principal_type", "ServicePrincipal");
    tree_set_string(assignment, "role", wish->role->id);
    tree_set_int(assignment, "effective_ms", scaled_clock_after(call->tree, wait));
    tree_set_string(assignment, "created_on", now);
    tree_set_string(assignment, "created_by", call->object_id);
    const char *description = arm_property(call, "description", false);
    if (description != NULL) {
        tree_set_string(assignment, "description", description);
    }
    call->changed = true;
    return assignment;
}

/* The scope must be there. UNVERIFIED which error a missing resource gets. */
static bool check_scope(struct arm_call *call)
{
    const char *scope = call->path.scope;
    if (strchr(scope + 1, '/') == NULL || strcasestr(scope, "/resourceGroups/") == NULL ||
        resources_find(call->tree, scope, call->now) != NULL) {
        return true;
    }
    arm_error(call, 404, "ResourceNotFound", "The Resource '%s' was not found.", scope);
    return false;
}

static void put_assignment(struct arm_call *call)
{
    struct wish wish;
    struct json_object *present = tree_find_nocase(assignments_of(call), call->path.name);
    if (!check_scope(call) || !read_wish(call, &wish) || !check_present(call, &wish, present) ||
        !check_principal(call, &wish)) {
        return;
    }
    bool existed = present != NULL;
    if (!existed) {
        present = add_assignment(call, &wish);
    }
    struct json_object *json = render(call, call->path.name, present);
    /* As in the specification's example: without the subscription before it. */
    char definition[128];
    snprintf(definition, sizeof(definition), "/providers/" DEFINITIONS "/%s", wish.role->id);
    tree_set_string(tree_get(json, "properties", NULL), "roleDefinitionId", definition);
    http_reply_json(call->reply, existed ? 200 : 201, json);
}

static void list_assignments(struct arm_call *call)
{
    static const char *const known[] = {"atScope", "principalId", "assignedTo", NULL};
    struct arm_filter filter;
    if (!arm_read_filter(call, known, &filter)) {
        return;
    }
    const char *principal = arm_filter_value(&filter, "principalId");
    principal = principal == NULL ? arm_filter_value(&filter, "assignedTo") : principal;
    bool at_scope = arm_filter_value(&filter, "atScope") != NULL;
    struct json_object *array = json_object_new_array();
    struct json_object *map = assignments_of(call);
    for (struct lh_entry *each = tree_first(map); each != NULL; each = each->next) {
        struct json_object *assignment = tree_value(each);
        const char *scope = tree_string(assignment, "scope", "");
        bool above = directory_is_within(call->path.scope, scope);
        bool below = directory_is_within(scope, call->path.scope);
        if ((above || (below && !at_scope)) &&
            (principal == NULL ||
             strcasecmp(tree_string(assignment, "principal_id", ""), principal) == 0)) {
            json_object_array_add(array, render(call, tree_key(each), assignment));
        }
    }
    arm_reply_list(call, array);
}

static const char *const VERSIONS[] = {
    "2015-07-01",         "2018-01-01-preview", "2018-09-01-preview", "2020-04-01-preview",
    "2020-08-01-preview", "2020-10-01-preview", "2022-04-01",         NULL};

const struct arm_type ARM_ASSIGNMENT_TYPES[] = {
    {.name = ASSIGNMENTS,
     .versions = VERSIONS,
     .flags = ARM_EXTENSION,
     .get = get_assignment,
     .put = put_assignment,
     .remove = remove_assignment,
     .list = list_assignments},
    {.name = NULL},
};
