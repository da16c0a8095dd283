/* SPDX-License-Identifier: MIT */
/* The grants of people: a device code's, asked for again and again until somebody has signed in,
 * and a refresh token's. */
#include "emulator.h"
#include "entra.h"
#include "sign_in.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHALLENGE "{\"access_token\":{\"capolids\":{\"essential\":true,\"values\":[\"emulated\"]}}}"

enum { REFRESH_TOKEN_LENGTH = 256, SLOWER = 5 };

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the reply ---- */

/* A new refresh token; the ones before stay good, as Entra documents, unless the switch says that
 * each is good once. */
static const char *add_refresh_token(struct sign_in *self, const char *person)
{
    char name[REFRESH_TOKEN_LENGTH + 3] = "1.";
    text_random_hex(name + 2, REFRESH_TOKEN_LENGTH);
    struct json_object *tokens = tree_get(self->tree, "refresh_tokens", NULL);
    struct json_object *token = tree_set_object(tokens, name);
    tree_set_string(token, "client_id", self->client_id);
    tree_set_string(token, "person", person);
    tree_set_string(token, "status", "good");
    tree_set_int(token, "expires_on",
                 time(NULL) + tree_int(self->entra, "refresh_expires_in", 3600));
    struct lh_entry *each = tree_first(tokens);
    while (tree_value(each) != token) {
        each = each->next;
    }
    return tree_key(each);
}

static bool answer(struct sign_in *self, const char *person, const char *scope)
{
    struct json_object *who = tree_get(self->tree, "people", person, NULL);
    int64_t configured = tree_int(self->entra, "expires_in", 3599);
    int64_t lifetime = faults_take_lifetime(&self->emulator->faults, "entra", configured);
    struct token_claims claims = {
        .tenant = tree_string(self->tree, "tenant_id", ""),
        .audience = self->audience,
        .client_id = self->client_id,
        .object_id = tree_string(who, "object_id", ""),
        .user_name = tree_string(who, "user_name", ""),
        .expires_in = lifetime,
    };
    char *token = tokens_issue(&self->emulator->tokens, &claims);
    if (token == NULL) {
        self->reply->body.failed = true;
        return false;
    }
    struct json_object *json = json_object_new_object();
    tree_set_string(json, "token_type", "Bearer");
    tree_set_string(json, "scope", scope);
    tree_set_int(json, "expires_in", lifetime);
    tree_set_int(json, "ext_expires_in", lifetime);
    tree_set_string(json, "access_token", token);
    free(token);
    if (strstr(scope, "offline_access") != NULL) {
        tree_set_string(json, "refresh_token", add_refresh_token(self, person));
    }
    http_reply_header(self->reply, "Cache-Control", "no-store, no-cache");
    http_reply_json(self->reply, 200, json);
    return true;
}

/* What a policy of the tenant may ask beyond the sign-in. */
static bool check_policy(struct sign_in *self)
{
    const char *policy = tree_string(self->entra, "conditional_access", "off");
    const char *claims = form_get(&self->form, "claims");
    bool answered = claims != NULL && strstr(claims, "emulated") != NULL;
    if (strcmp(policy, "off") == 0 || (strcmp(policy, "claims") == 0 && answered)) {
        return true;
    }
    entra_error_kind(self->request, self->reply, 50076, "interaction_required",
                     "Due to a configuration change made by your administrator, or because you "
                     "moved to a new location, you must use multi-factor authentication to access "
                     "the resource.",
                     strcmp(policy, "claims") == 0 ? CHALLENGE : NULL);
    return false;
}

/* ---- device codes ---- */

static struct json_object *find_code(struct sign_in *self)
{
    const char *sent = form_get(&self->form, "device_code");
    struct json_object *codes = tree_get(self->tree, "device_codes", NULL);
    for (struct lh_entry *each = tree_first(codes); each != NULL; each = each->next) {
        struct json_object *code = tree_value(each);
        if (strcmp(tree_string(code, "device_code", ""), sent) == 0 &&
            strcmp(tree_string(code, "client_id", ""), self->client_id) == 0) {
            return code;
        }
    }
    return NULL;
}

/* Whoever asks before the interval has passed is told to slow down (RFC 8628 section 3.5).
 * UNVERIFIED whether Entra does, and with which number. */
static bool is_too_soon(struct json_object *code)
{
    int64_t now = monotonic_ms();
    int64_t interval = tree_int(code, "interval", 5);
    int64_t polled = tree_int(code, "polled_ms", 0);
    bool soon = polled > 0 && now - polled < interval * 1000 - 50;
    tree_set_int(code, "polled_ms", now);
    if (soon) {
        tree_set_int(code, "interval", interval + SLOWER);
    }
    return soon;
}

/* Whether the state has changed, as for the two grants. */
static bool wait_for_person(struct sign_in *self, struct json_object *code)
{
    if (is_too_soon(code)) {
        sign_in_refuse(self, 70016, "slow_down", "The client polls too fast.");
    } else {
        sign_in_refuse(self, 70016, "authorization_pending",
                       "OAuth 2.0 device flow error. Authorization is pending. Continue polling.");
    }
    return true;
}

bool sign_in_redeem_code(struct sign_in *self)
{
    struct json_object *code = find_code(self);
    const char *status = tree_string(code, "status", "");
    if (code == NULL || strcmp(status, "used") == 0) {
        return sign_in_refuse(self, 70018, "bad_verification_code",
                              "Invalid verification code due to User typing in wrong user code for "
                              "device code flow.");
    }
    if (tree_int(code, "expires_on", 0) <= time(NULL)) {
        return sign_in_refuse(self, 70019, "expired_token", "Verification code expired.");
    }
    if (strcmp(status, "declined") == 0) {
        /* UNVERIFIED number. */
        return sign_in_refuse(self, 65004, "authorization_declined",
                              "User declined to consent to access the app.");
    }
    if (strcmp(status, "approved") != 0) {
        return wait_for_person(self, code);
    }
    const char *scope = tree_string(code, "scope", "");
    if (!sign_in_check_scope(self, scope) || !check_policy(self)) {
        return false;
    }
    tree_set_string(code, "status", "used");
    return answer(self, tree_string(code, "person", ""), scope);
}

/* ---- refresh tokens ---- */

static bool check_refresh_token(struct sign_in *self, struct json_object *token)
{
    const char *status = tree_string(token, "status", "");
    if (token == NULL || strcmp(tree_string(token, "client_id", ""), self->client_id) != 0 ||
        strcmp(status, "used") == 0) {
        return sign_in_refuse(self, 70000, "invalid_grant",
                              "The provided value for the input parameter 'refresh_token' or "
                              "'assertion' is not valid.");
    }
    if (strcmp(status, "revoked") == 0) {
        return sign_in_refuse(self, 50173, "invalid_grant",
                              "The provided grant has expired due to it being revoked, a fresh "
                              "auth token is needed. The user might have changed or reset their "
                              "password.");
    }
    if (strcmp(status, "inactive") == 0) {
        return sign_in_refuse(self, 700082, "invalid_grant",
                              "The refresh token has expired due to inactivity.");
    }
    if (tree_int(token, "expires_on", 0) <= time(NULL)) {
        return sign_in_refuse(self, 70008, "invalid_grant",
                              "The provided authorization code or refresh token has expired due to "
                              "inactivity. Send a new interactive authorization request for this "
                              "user and resource.");
    }
    return true;
}

bool sign_in_refresh(struct sign_in *self)
{
    const char *sent = form_get(&self->form, "refresh_token");
    const char *asked = form_get(&self->form, "scope");
    const char *scope = asked == NULL ? "" : asked;
    struct json_object *token = tree_get(self->tree, "refresh_tokens", sent, NULL);
    if (!check_refresh_token(self, token) || !sign_in_check_scope(self, scope) ||
        !check_policy(self)) {
        return false;
    }
    if (tree_bool(self->entra, "refresh_once", false)) {
        tree_set_string(token, "status", "used");
    }
    return answer(self, tree_string(token, "person", ""), scope);
}
