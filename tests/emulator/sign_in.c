/* SPDX-License-Identifier: MIT */
/* Device codes, and what both grants check first; see sign_in.h. */
#include "sign_in.h"

#include "directory.h"
#include "emulator.h"
#include "entra.h"
#include "tree.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define DEFAULT_SUFFIX "/.default"
#define GRANT_CODE "urn:ietf:params:oauth:grant-type:device_code"
#define GRANT_REFRESH "refresh_token"

enum { USER_CODE_LENGTH = 9 };

bool sign_in_refuse(struct sign_in *self, int code, const char *error, const char *text)
{
    entra_error_kind(self->request, self->reply, code, error, text, NULL);
    return false;
}

static bool begin(struct sign_in *self, struct emulator *emulator,
                  const struct http_request *request, struct http_reply *reply)
{
    *self = (struct sign_in){.emulator = emulator, .request = request, .reply = reply};
    self->tree = state_begin(&emulator->state);
    self->entra = tree_get(self->tree, "entra", NULL);
    if (self->tree == NULL) {
        reply->body.failed = true;
    }
    return self->tree != NULL;
}

static void end(struct sign_in *self, bool changed)
{
    char why[256];
    if (state_commit(&self->emulator->state, self->tree, changed, why, sizeof(why)) != 0) {
        self->reply->body.failed = true;
    }
    form_release(&self->form);
}

static bool require(struct sign_in *self, const char *name)
{
    char text[128];
    const char *value = form_get(&self->form, name);
    if (value != NULL && value[0] != '\0') {
        return true;
    }
    snprintf(text, sizeof(text), "The request body must contain the following parameter: '%s'.",
             name);
    return sign_in_refuse(self, 900144, "invalid_request", text);
}

/* A public client proves nothing: one that must may not come this way. */
static bool check_client(struct sign_in *self)
{
    self->client_id = form_get(&self->form, "client_id");
    struct json_object *application = directory_application(self->tree, self->client_id);
    if (application == NULL) {
        return sign_in_refuse(self, 700016, "unauthorized_client",
                              "Application was not found in the directory 'Emulator'.");
    }
    if (!tree_bool(application, "public", false)) {
        return sign_in_refuse(self, 7000218, "invalid_client",
                              "The request body must contain the following parameter: "
                              "'client_assertion' or 'client_secret'.");
    }
    return true;
}

bool sign_in_check(struct sign_in *self)
{
    const char *type = http_header(self->request, "Content-Type");
    if (type == NULL || strncasecmp(type, "application/x-www-form-urlencoded", 33) != 0 ||
        form_parse(&self->form, text_string(&self->request->body), self->request->body.length)) {
        return require(self, "client_id");
    }
    return require(self, "client_id") && check_client(self);
}

static bool is_reserved(const char *word, size_t length)
{
    static const char *const words[] = {"offline_access", "openid", "profile", "email"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i]) == length && strncmp(word, words[i], length) == 0) {
            return true;
        }
    }
    return false;
}

bool sign_in_check_scope(struct sign_in *self, const char *scope)
{
    size_t suffix = strlen(DEFAULT_SUFFIX);
    self->audience[0] = '\0';
    for (const char *word = scope; *word != '\0';) {
        size_t length = strcspn(word, " ");
        bool known = length == 0 || is_reserved(word, length);
        if (!known &&
            (self->audience[0] != '\0' || length <= suffix || length >= sizeof(self->audience) ||
             strncasecmp(word + length - suffix, DEFAULT_SUFFIX, suffix) != 0)) {
            return sign_in_refuse(self, 70011, "invalid_scope",
                                  "The provided value for the input parameter 'scope' is not "
                                  "valid.");
        }
        if (!known) {
            snprintf(self->audience, sizeof(self->audience), "%.*s", (int)(length - suffix), word);
        }
        word += length + (word[length] == ' ');
    }
    if (directory_resource(self->tree, self->audience) == NULL) {
        return sign_in_refuse(self, 500011, "invalid_resource",
                              "The resource principal was not found in the tenant.");
    }
    return true;
}

static void make_user_code(char code[USER_CODE_LENGTH + 1])
{
    text_random_hex(code, USER_CODE_LENGTH);
    for (char *c = code; *c != '\0'; c++) {
        *c = (char)toupper((unsigned char)*c);
    }
}

static void answer_code(struct sign_in *self)
{
    char user_code[USER_CODE_LENGTH + 1];
    char device_code[161];
    char message[256];
    int64_t expires_in = tree_int(self->entra, "code_expires_in", 900);
    int64_t interval = tree_int(self->entra, "interval", 5);
    make_user_code(user_code);
    text_random_hex(device_code, sizeof(device_code) - 1);
    struct json_object *codes = tree_get(self->tree, "device_codes", NULL);
    struct json_object *code = tree_set_object(codes, user_code);
    tree_set_string(code, "device_code", device_code);
    tree_set_string(code, "client_id", self->client_id);
    tree_set_string(code, "scope", form_get(&self->form, "scope"));
    tree_set_string(code, "status", "pending");
    tree_set_string(code, "person", "ann");
    tree_set_int(code, "expires_on", time(NULL) + expires_in);
    tree_set_int(code, "interval", interval);
    tree_set_int(code, "polled_ms", 0);

    struct json_object *json = json_object_new_object();
    tree_set_string(json, "user_code", user_code);
    tree_set_string(json, "device_code", device_code);
    tree_set_string(json, "verification_uri", "https://microsoft.com/devicelogin");
    tree_set_int(json, "expires_in", expires_in);
    tree_set_int(json, "interval", interval);
    snprintf(message, sizeof(message),
             "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and "
             "enter the code %s to authenticate.",
             user_code);
    tree_set_string(json, "message", message);
    http_reply_json(self->reply, 200, json);
}

void sign_in_device_code(struct emulator *emulator, const struct http_request *request,
                         struct http_reply *reply)
{
    struct sign_in self;
    if (!begin(&self, emulator, request, reply)) {
        return;
    }
    bool good = sign_in_check(&self) && require(&self, "scope") &&
                sign_in_check_scope(&self, form_get(&self.form, "scope"));
    if (good) {
        answer_code(&self);
    }
    end(&self, good);
}

bool sign_in_applies(const struct http_request *request)
{
    struct form form = {.count = 0};
    bool applies = false;
    if (form_parse(&form, text_string(&request->body), request->body.length) == 0) {
        const char *grant = form_get(&form, "grant_type");
        applies =
            grant != NULL && (strcmp(grant, GRANT_CODE) == 0 || strcmp(grant, GRANT_REFRESH) == 0);
    }
    form_release(&form);
    return applies;
}

void sign_in_token(struct emulator *emulator, const struct http_request *request,
                   struct http_reply *reply)
{
    struct sign_in self;
    bool changed = false;
    if (!begin(&self, emulator, request, reply)) {
        return;
    }
    if (sign_in_check(&self)) {
        bool refresh = strcmp(form_get(&self.form, "grant_type"), GRANT_REFRESH) == 0;
        const char *proof = refresh ? "refresh_token" : "device_code";
        if (require(&self, proof)) {
            changed = refresh ? sign_in_refresh(&self) : sign_in_redeem_code(&self);
        }
    }
    end(&self, changed);
}
