/* SPDX-License-Identifier: MIT */
/*
 * What a cached token depended on: when any of it changed, somebody wants another identity.
 */
#include "cache_private.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

/* ---- how things are now ---- */

static void look_at_variable(const char *salt, const char *name, char digest[DIGEST_HEX])
{
    const char *value = getenv(name);

    digest[0] = '\0';
    if (value)
        digest_hex(salt, value, strlen(value), digest);
}

static void look_at_file(const char *path, int64_t identity[4])
{
    struct stat info;

    memset(identity, 0, 4 * sizeof identity[0]);
    if (stat(path, &info) != 0)
        return;
    identity[0] = (int64_t)info.st_dev;
    identity[1] = (int64_t)info.st_ino;
    identity[2] = (int64_t)info.st_size;
    identity[3] = (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
}

static int input_fresh(const char *salt, const struct cache_input *input)
{
    char digest[DIGEST_HEX];
    int64_t identity[4];

    if (input->variable) {
        look_at_variable(salt, input->variable, digest);
        return strcmp(digest, input->digest) == 0;
    }
    look_at_file(input->file, identity);
    return memcmp(identity, input->identity, sizeof identity) == 0;
}

int cache_inputs_fresh(const struct cache_inputs *inputs)
{
    size_t i;

    for (i = 0; i < inputs->count; i++)
        if (!input_fresh(inputs->salt, &inputs->items[i]))
            return 0;
    return 1;
}

/* ---- the list ---- */

void cache_inputs_release(struct cache_inputs *inputs)
{
    size_t i;

    for (i = 0; i < inputs->count; i++) {
        free(inputs->items[i].variable);
        free(inputs->items[i].file);
    }
    free(inputs->items);
    memset(inputs, 0, sizeof *inputs);
}

void cache_inputs_move(struct cache_inputs *to, struct cache_inputs *from)
{
    cache_inputs_release(to);
    *to = *from;
    memset(from, 0, sizeof *from);
}

static int equal(const char *left, const char *right)
{
    return left == right || (left && right && strcmp(left, right) == 0);
}

static int make_salt(char salt[33], struct acsmtp_error *err)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[16];
    size_t i;

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return acsmtp_fail_errno(err, errno, "no random numbers");
    for (i = 0; i < sizeof bytes; i++) {
        salt[2 * i] = digits[bytes[i] >> 4];
        salt[2 * i + 1] = digits[bytes[i] & 15];
    }
    salt[32] = '\0';
    return ACSMTP_OK;
}

/* An empty input at the end of the list, NULL when that fails; the texts are copied. */
static struct cache_input *append(struct cache_inputs *inputs, const char *variable,
                                  const char *file, struct acsmtp_error *err)
{
    struct cache_input made = {0};
    struct cache_input *grown = NULL;

    if (inputs->count < CACHE_INPUTS_MAX)
        grown = realloc(inputs->items, (inputs->count + 1) * sizeof *grown);
    if (grown) {
        inputs->items = grown;
        made.variable = variable ? strdup(variable) : NULL;
        made.file = file ? strdup(file) : NULL;
    }
    if (!grown || (variable && !made.variable) || (file && !made.file)) {
        free(made.variable);
        free(made.file);
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "too many inputs to watch, or out of memory");
        return NULL;
    }
    grown[inputs->count] = made;
    return &grown[inputs->count++];
}

int cache_inputs_add(struct cache_inputs *inputs, const char *variable, const char *file,
                     struct acsmtp_error *err)
{
    struct cache_input *input;
    size_t i;

    for (i = 0; i < inputs->count; i++)
        if (equal(inputs->items[i].variable, variable) && equal(inputs->items[i].file, file))
            return ACSMTP_OK;
    if (!inputs->salt[0] && make_salt(inputs->salt, err) != ACSMTP_OK)
        return ACSMTP_SYSTEM;
    input = append(inputs, variable, file, err);
    if (!input)
        return ACSMTP_SYSTEM;
    if (variable)
        look_at_variable(inputs->salt, variable, input->digest);
    else
        look_at_file(file, input->identity);
    return ACSMTP_OK;
}

/* ---- as JSON ---- */

static const char *const identity_keys[4] = {"device", "inode", "size", "mtime_ns"};

static int format_input(const struct cache_input *input, struct acsmtp_json *object,
                        struct acsmtp_error *err)
{
    int status;
    size_t i;

    if (input->variable) {
        status =
            acsmtp_json_set(object, "variable", acsmtp_json_new_string(input->variable, err), err);
        if (status == ACSMTP_OK)
            status =
                acsmtp_json_set(object, "digest", acsmtp_json_new_string(input->digest, err), err);
        return status;
    }
    status = acsmtp_json_set(object, "file", acsmtp_json_new_string(input->file, err), err);
    for (i = 0; i < 4 && status == ACSMTP_OK; i++)
        status = acsmtp_json_set(object, identity_keys[i],
                                 acsmtp_json_new_integer(input->identity[i], err), err);
    return status;
}

int cache_inputs_format(const struct cache_inputs *inputs, struct acsmtp_json *object,
                        struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *list = acsmtp_json_new_array(err);
    int status = list ? ACSMTP_OK : ACSMTP_SYSTEM;
    size_t i;

    for (i = 0; i < inputs->count && status == ACSMTP_OK; i++) {
        ACSMTP_AUTO_JSON struct acsmtp_json *item = acsmtp_json_new_object(err);

        status = item ? format_input(&inputs->items[i], item, err) : ACSMTP_SYSTEM;
        if (status == ACSMTP_OK)
            status = acsmtp_json_append(list, ACSMTP_STEAL(struct acsmtp_json, item), err);
    }
    if (status == ACSMTP_OK)
        status = acsmtp_json_set(object, "salt", acsmtp_json_new_string(inputs->salt, err), err);
    if (status == ACSMTP_OK)
        status = acsmtp_json_set(object, "inputs", ACSMTP_STEAL(struct acsmtp_json, list), err);
    return status;
}

static int malformed(struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "the cache entry is malformed");
}

static int hex_text(const char *text, size_t length)
{
    return text && strlen(text) == length && strspn(text, "0123456789abcdef") == length;
}

static int parse_identity(const struct acsmtp_json *item, int64_t identity[4],
                          struct acsmtp_error *err)
{
    size_t i;

    for (i = 0; i < 4; i++)
        if (!acsmtp_json_integer(item, identity_keys[i], &identity[i]))
            return malformed(err);
    return ACSMTP_OK;
}

static int parse_input(const struct acsmtp_json *item, struct cache_inputs *inputs,
                       struct acsmtp_error *err)
{
    const char *variable = acsmtp_json_string(item, "variable");
    const char *file = acsmtp_json_string(item, "file");
    const char *digest = acsmtp_json_string(item, "digest");
    struct cache_input *input;

    if ((variable != NULL) == (file != NULL) || (file && file[0] != '/'))
        return malformed(err);
    if (variable && !hex_text(digest, DIGEST_HEX - 1) && !hex_text(digest, 0))
        return malformed(err);
    input = append(inputs, variable, file, err);
    if (!input)
        return ACSMTP_SYSTEM;
    if (file)
        return parse_identity(item, input->identity, err);
    (void)snprintf(input->digest, sizeof input->digest, "%s", digest);
    return ACSMTP_OK;
}

int cache_inputs_parse(const struct acsmtp_json *object, struct cache_inputs *inputs,
                       struct acsmtp_error *err)
{
    const struct acsmtp_json *list = acsmtp_json_get(object, "inputs");
    const char *salt = acsmtp_json_string(object, "salt");
    size_t count = acsmtp_json_length(list);
    int status = ACSMTP_OK;
    size_t i;

    if (acsmtp_json_type(list) != ACSMTP_JSON_ARRAY || !salt || (count > 0 && !hex_text(salt, 32)))
        return malformed(err);
    if (count > 0)
        memcpy(inputs->salt, salt, sizeof inputs->salt);
    for (i = 0; i < count && status == ACSMTP_OK; i++)
        status = parse_input(acsmtp_json_item(list, i), inputs, err);
    return status;
}
