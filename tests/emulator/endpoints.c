/* SPDX-License-Identifier: MIT */
/* Writes what clients need to find the emulator; see endpoints.h. */
#include "endpoints.h"

#include "text.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int complain(const char *what, const char *path)
{
    fprintf(stderr, "acsmtp-emulator: %s %s: %s\n", what, path, strerror(errno));
    return -1;
}

int endpoints_open(const char *directory)
{
    char path[PATH_MAX];
    struct stat status;
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
        return complain("cannot make", directory);
    }
    if (stat(directory, &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid() ||
        chmod(directory, 0700) != 0) {
        errno = errno == 0 ? EPERM : errno;
        return complain("not a folder of one's own:", directory);
    }
    snprintf(path, sizeof(path), "%s/lock", directory);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return complain("cannot open", path);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        complain("another emulator uses", directory);
        close(fd);
        return -1;
    }
    endpoints_remove(directory); /* of a run that was killed */
    return fd;
}

static int write_file(const char *directory, const char *name, const char *content)
{
    char path[PATH_MAX];
    char temporary[PATH_MAX];
    size_t length = strlen(content);
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    snprintf(temporary, sizeof(temporary), "%s/.%s.new", directory, name);
    (void)unlink(temporary);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return complain("cannot write", temporary);
    }
    bool good = write(fd, content, length) == (ssize_t)length;
    good = close(fd) == 0 && good;
    if (!good || rename(temporary, path) != 0) {
        return complain("cannot write", path);
    }
    return 0;
}

static void set_url(struct json_object *json, const char *key, const char *scheme,
                    const struct http_service *service)
{
    char url[64];
    snprintf(url, sizeof(url), "%s%u", scheme, (unsigned)service->port);
    tree_set_string(json, key, url);
}

static void set_operator(struct json_object *json, struct json_object *state)
{
    struct json_object *application = tree_get(state, "applications", "operator", NULL);
    struct json_object *target = tree_set_object(json, "operator");
    tree_set_string(target, "client_id", tree_string(application, "client_id", ""));
    tree_set_string(target, "object_id", tree_string(application, "object_id", ""));
    struct json_object *secrets = tree_get(application, "secrets", NULL);
    for (struct lh_entry *each = tree_first(secrets); each != NULL; each = each->next) {
        struct json_object *secret = tree_value(each);
        tree_set_string(target, "client_secret", tree_string(secret, "value", ""));
    }
}

/* What the platforms put into the environment of a program. */
static void set_platform(struct json_object *json, const struct emulator *emulator,
                         struct json_object *state)
{
    struct json_object *target = tree_set_object(json, "platform");
    struct json_object *switches = tree_get(state, "platform", NULL);
    set_url(target, "endpoint", "http://127.0.0.1:", &emulator->services[SERVICE_PLATFORM]);
    set_url(target, "service_fabric", "https://127.0.0.1:", &emulator->services[SERVICE_FABRIC]);
    tree_set_string(target, "thumbprint", emulator->pki.self_signed_sha1);
    tree_set_string(target, "header", tree_string(switches, "header", ""));
    tree_set_string(target, "secret", tree_string(switches, "secret", ""));
    tree_set_string(target, "arc_key_folder", emulator->arc_folder);
}

static struct json_object *describe(const struct emulator *emulator, struct json_object *state,
                                    const char *ca_file)
{
    const struct http_service *services = emulator->services;
    struct json_object *json = json_object_new_object();
    set_url(json, "authority_host", "https://localhost:", &services[SERVICE_ENTRA]);
    set_url(json, "resource_manager", "https://localhost:", &services[SERVICE_ARM]);
    set_url(json, "graph", "https://localhost:", &services[SERVICE_GRAPH]);
    set_url(json, "key_vault_domain", "vault.localhost:", &services[SERVICE_KEYVAULT]);
    set_url(json, "imds", "http://127.0.0.1:", &services[SERVICE_IMDS]);
    set_platform(json, emulator, state);
    struct json_object *smtp = tree_set_object(json, "smtp");
    tree_set_string(smtp, "host", "localhost");
    tree_set_int(smtp, "port", emulator->smtp.port);
    tree_set_string(json, "email_domain", tree_string(state, "email_domain", ""));
    set_url(json, "inbox", "http://127.0.0.1:", &services[SERVICE_INBOX]);
    tree_set_string(json, "ca_file", ca_file);
    tree_set_string(json, "tenant_id", tree_string(state, "tenant_id", ""));
    tree_set_string(json, "subscription_id", tree_string(state, "subscription_id", ""));
    set_operator(json, state);
    return json;
}

int endpoints_write(struct emulator *emulator, const char *directory)
{
    char absolute[PATH_MAX];
    struct text ca_file;
    if (realpath(directory, absolute) == NULL) {
        return complain("cannot resolve", directory);
    }
    text_init(&ca_file, PATH_MAX + 16);
    text_printf(&ca_file, "%s/ca.pem", absolute);
    struct json_object *state = state_acquire(&emulator->state);
    struct json_object *json = describe(emulator, state, text_string(&ca_file));
    state_give_back(&emulator->state, state);
    int result = write_file(directory, "ca.pem", emulator->pki.ca_pem);
    if (result == 0) {
        result = write_file(directory, "endpoints.json",
                            json_object_to_json_string_ext(
                                json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    }
    json_object_put(json);
    text_release(&ca_file);
    return result;
}

void endpoints_remove(const char *directory)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/endpoints.json", directory);
    (void)unlink(path);
}
