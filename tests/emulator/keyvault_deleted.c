/* SPDX-License-Identifier: MIT */
/* Deletion of secrets, which takes a while, and what becomes of the deleted: recovered, purged, or
 * gone when the vault's retention is over. Each of the three states that a deleted secret goes
 * through refuses its name to a new secret. */
#include "keyvault.h"
#include "scaled_clock.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_MS (24LL * 3600 * 1000)

static void conflict(struct keyvault_call *call, const char *inner, const char *what)
{
    char message[512];
    snprintf(message, sizeof(message), "Secret %.127s is currently %s", call->name, what);
    keyvault_error(call, 409, "Conflict", inner, message);
}

/* UNVERIFIED words */
static void being_deleted(struct keyvault_call *call)
{
    conflict(call, "ObjectIsBeingDeleted",
             "being deleted and cannot be re-created, recovered or purged; retry later.");
}

static bool is_settled(const struct keyvault_call *call, struct json_object *deleted)
{
    return tree_int(deleted, "settled_ms", 0) <= call->now;
}

/* A deleted secret that is being purged has a moment for it, and cannot be reached any more. */
static bool is_being_purged(struct json_object *deleted)
{
    return tree_bool(deleted, "purging", false);
}

/* One whose retention is over, or that is purged, leaves its place to a new one. */
static void forget_expired(struct keyvault_call *call)
{
    struct json_object *map = tree_get(call->vault, "deleted_secrets", NULL);
    struct lh_entry *each = tree_first(map);
    while (each != NULL) {
        struct lh_entry *next = each->next;
        if (tree_int(tree_value(each), "purge_ms", INT64_MAX) <= call->now) {
            json_object_object_del(map, tree_key(each));
        }
        each = next;
    }
}

bool keyvault_name_is_free(struct keyvault_call *call)
{
    forget_expired(call);
    struct json_object *deleted = keyvault_deleted_secret(call);
    struct json_object *present =
        tree_find_nocase(tree_get(call->vault, "secrets", NULL), call->name);
    if (deleted != NULL && (!is_settled(call, deleted) || is_being_purged(deleted))) {
        being_deleted(call);
        return false;
    }
    if (deleted != NULL) {
        conflict(call, "ObjectIsDeletedButRecoverable",
                 "in a deleted but recoverable state, and its name cannot be reused; in this "
                 "state, the secret can only be recovered or purged.");
        return false;
    }
    if (tree_int(present, "ready_ms", 0) > call->now) {
        /* UNVERIFIED code and words */
        conflict(call, "ObjectIsBeingRecovered", "being recovered; retry later.");
        return false;
    }
    return true;
}

static struct json_object *graveyard(struct keyvault_call *call)
{
    struct json_object *deleted = tree_get(call->vault, "deleted_secrets", NULL);
    return deleted != NULL ? deleted : tree_set_object(call->vault, "deleted_secrets");
}

/* From one map to another under its own spelling, which is borrowed; drops what stood there. */
static void move(struct json_object *from, struct json_object *to, struct json_object *secret)
{
    char name[KEYVAULT_NAME_MAXIMUM + 1] = "";
    for (struct lh_entry *each = tree_first(from); each != NULL; each = each->next) {
        struct json_object *value = tree_value(each);
        if (value == secret) {
            snprintf(name, sizeof(name), "%s", tree_key(each));
        }
    }
    json_object_object_add(to, name, tree_dup(secret));
    json_object_object_del(from, name);
}

void keyvault_delete(struct keyvault_call *call)
{
    struct json_object *secret = keyvault_secret(call);
    if (secret == NULL) {
        keyvault_not_found(call, call->name);
        return;
    }
    json_object_object_del(secret, "ready_ms"); /* of an earlier recovery */
    tree_set_int(secret, "deleted", time(NULL));
    tree_set_int(secret, "settled_ms",
                 scaled_clock_after(call->state, keyvault_switch(call, "deletion_ms")));
    tree_set_int(secret, "purge_ms",
                 scaled_clock_after(call->state, keyvault_retention_days(call) * DAY_MS));
    http_reply_json(
        call->reply, 200,
        keyvault_deleted_item(call, call->name, tree_string(secret, "current", ""), secret));
    move(tree_get(call->vault, "secrets", NULL), graveyard(call), secret);
    call->changed = true;
}

/* The deleted secret that can be worked on; NULL when the reply is a 404 or 409 already. */
static struct json_object *find(struct keyvault_call *call)
{
    char message[256];
    struct json_object *deleted = keyvault_deleted_secret(call);
    bool writes = strcmp(call->request->method, "GET") != 0;
    if (deleted != NULL && !is_settled(call, deleted) && writes) {
        being_deleted(call);
        return NULL;
    }
    if (deleted == NULL || !is_settled(call, deleted) || is_being_purged(deleted)) {
        /* UNVERIFIED words */
        snprintf(message, sizeof(message), "Deleted Secret not found: %.127s", call->name);
        keyvault_error(call, 404, "SecretNotFound", NULL, message);
        return NULL;
    }
    return deleted;
}

void keyvault_get_deleted(struct keyvault_call *call)
{
    struct json_object *deleted = find(call);
    if (deleted != NULL) {
        http_reply_json(
            call->reply, 200,
            keyvault_deleted_item(call, call->name, tree_string(deleted, "current", ""), deleted));
    }
}

void keyvault_purge(struct keyvault_call *call)
{
    struct json_object *deleted = find(call);
    if (deleted == NULL) {
        return;
    }
    if (keyvault_is_protected(call)) {
        /* UNVERIFIED code and words */
        keyvault_error(call, 403, "Forbidden", "ForbiddenByPolicy",
                       "Operation \"purge\" is not allowed because purge protection is enabled "
                       "for this vault.");
        return;
    }
    tree_set_bool(deleted, "purging", true);
    tree_set_int(deleted, "purge_ms",
                 scaled_clock_after(call->state, keyvault_switch(call, "purge_ms")));
    call->reply->status = 204;
    call->changed = true;
}

void keyvault_recover(struct keyvault_call *call)
{
    struct json_object *deleted = find(call);
    if (deleted == NULL) {
        return;
    }
    const char *id = tree_string(deleted, "current", "");
    http_reply_json(call->reply, 200,
                    keyvault_item(call, call->name, id, tree_get(deleted, "versions", id, NULL)));
    json_object_object_del(deleted, "deleted");
    json_object_object_del(deleted, "settled_ms");
    json_object_object_del(deleted, "purge_ms");
    tree_set_int(deleted, "ready_ms",
                 scaled_clock_after(call->state, keyvault_switch(call, "recovery_ms")));
    move(graveyard(call), tree_get(call->vault, "secrets", NULL), deleted);
    call->changed = true;
}
