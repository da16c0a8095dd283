/* SPDX-License-Identifier: MIT */
/* The Azure Arc agent: 401 with the name of a file that it has just written, then a token for
 * whoever shows what is in it. The switch "arc_challenge" makes it name files that no client should
 * read. */
#include "platform.h"

#include "text.h"
#include "tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_LENGTH = 64, PATH_SIZE = PATH_MAX + 300 };

static void refuse(const struct platform_call *call, unsigned status, const char *code,
                   const char *message)
{
    struct json_object *json = json_object_new_object();
    tree_set_string(json, "error", code);
    tree_set_string(json, "error_description", message);
    platform_refuse(call, message);
    http_reply_json(call->reply, status, json);
}

static bool write_key(const char *path, size_t length)
{
    char key[KEY_LENGTH + 1];
    text_random_hex(key, KEY_LENGTH);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0;
    for (size_t written = 0; good && written < length; written += KEY_LENGTH) {
        good = write(fd, key, KEY_LENGTH) == KEY_LENGTH;
    }
    return fd >= 0 && close(fd) == 0 && good;
}

/* What an agent that cannot be trusted would do, or the real one. */
static void challenge(const struct platform_call *call)
{
    const char *mode = tree_string(call->switches, "arc_challenge", "good");
    const char *folder = call->emulator->arc_folder;
    char name[TEXT_UUID_SIZE];
    char path[PATH_SIZE];
    text_uuid(name);
    (void)mkdir(folder, 0700);
    snprintf(path, sizeof(path), "%s/%s.key", folder, name);
    if (strcmp(mode, "missing") != 0 &&
        !write_key(path, strcmp(mode, "large") == 0 ? 8192 : KEY_LENGTH)) {
        refuse(call, 500, "unknown", "the key cannot be written");
        return;
    }
    if (strcmp(mode, "elsewhere") == 0) {
        snprintf(path, sizeof(path), "/etc/passwd");
    } else if (strcmp(mode, "outside") == 0) {
        snprintf(path, sizeof(path), "%s/../%s.key", folder, name);
    } else if (strcmp(mode, "ending") == 0) {
        snprintf(path, sizeof(path), "%s/%s.txt", folder, name);
    }
    http_reply_header(call->reply, "WWW-Authenticate", "Basic realm=%s%s", path,
                      strcmp(mode, "two-equals") == 0 ? "=x" : "");
    refuse(call, 401, "unauthorized_client", "The challenge must be answered");
}

static bool file_holds(const char *path, const char *shown)
{
    char content[KEY_LENGTH + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t got = fd < 0 ? -1 : read(fd, content, KEY_LENGTH);
    if (fd >= 0) {
        close(fd);
    }
    content[got > 0 ? got : 0] = '\0';
    return got == KEY_LENGTH && text_secret_equal(content, shown);
}

/* Each key is good once. */
static bool is_answered(const char *folder, const char *shown)
{
    DIR *listing = opendir(folder);
    const struct dirent *entry = NULL;
    bool found = false;
    while (listing != NULL && !found && (entry = readdir(listing)) != NULL) {
        char path[PATH_SIZE];
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        found = file_holds(path, shown) && unlink(path) == 0;
    }
    if (listing != NULL) {
        closedir(listing);
    }
    return found;
}

/* Newer agents know user-assigned identities and say which one they gave. */
static void answer(const struct platform_call *call)
{
    static const struct identity_selector newer[] = {
        {"client_id", SELECT_CLIENT_ID},
        {"object_id", SELECT_OBJECT_ID},
        {"msi_res_id", SELECT_RESOURCE_ID},
        {NULL, SELECT_SYSTEM},
    };
    static const struct identity_selector older[] = {{NULL, SELECT_SYSTEM}};
    bool is_new = tree_bool(call->switches, "arc_selects", true);
    struct json_object *json = platform_token(call, is_new ? newer : older, refuse);
    if (json == NULL) {
        return;
    }
    json_object_object_del(json, "client_id");
    for (const struct identity_selector *each = newer; is_new && each->parameter != NULL; each++) {
        const char *value = form_get(call->parameters, each->parameter);
        if (value != NULL) {
            tree_set_string(json, each->parameter, value);
        }
    }
    http_reply_json(call->reply, 200, json);
}

void platform_arc(const struct platform_call *call)
{
    const char *metadata = http_header(call->request, "Metadata");
    const char *authorization = http_header(call->request, "Authorization");
    const char *version = form_get(call->parameters, "api-version");
    if (metadata == NULL || strcmp(metadata, "true") != 0) {
        refuse(call, 400, "bad_request_102", "Required metadata header not specified");
    } else if (version == NULL ||
               (strcmp(version, "2020-06-01") != 0 && strcmp(version, "2019-11-01") != 0)) {
        refuse(call, 400, "invalid_request", "The api-version is missing or not supported");
    } else if (authorization == NULL) {
        challenge(call);
    } else if (!text_has_prefix(authorization, "Basic ") ||
               !is_answered(call->emulator->arc_folder, authorization + strlen("Basic "))) {
        refuse(call, 401, "unauthorized_client", "The answer to the challenge is wrong");
    } else {
        answer(call);
    }
}
