/* SPDX-License-Identifier: MIT */
/*
 * The scanner behind the line numbers. Input: a path, a line end, a text. The text may be anything;
 * when a parser accepts it, every member and element must be found, and where it really is.
 */
#include <acsmtp/json.h>
#include <driver/locate.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

/* The element that is there begins with the right letter. */
static void check_element(const char *text, size_t offset, const struct acsmtp_json *value)
{
    switch (acsmtp_json_type(value)) {
    case ACSMTP_JSON_STRING:
        must(text[offset] == '"');
        break;
    case ACSMTP_JSON_ARRAY:
        must(text[offset] == '[');
        break;
    case ACSMTP_JSON_OBJECT:
        must(text[offset] == '{');
        break;
    case ACSMTP_JSON_BOOLEAN:
        must(text[offset] == 't' || text[offset] == 'f');
        break;
    case ACSMTP_JSON_NUMBER:
        must(text[offset] == '-' || (text[offset] >= '0' && text[offset] <= '9'));
        break;
    default:
        must(text[offset] == 'n');
    }
}

/*
 * A key that has a dot in it, or ends one, makes a path that more than one place may answer to; an
 * empty one makes a path that ends in a dot, which nothing answers to.
 */
static int is_plain(const char *key)
{
    return *key && !strchr(key, '.');
}

static void check(const char *text, size_t size, const struct acsmtp_json *value, char *path)
{
    size_t end = strlen(path), offset = 0, i;
    const char *key;

    for (i = 0; (key = acsmtp_json_key(value, i)); i++) {
        if (!is_plain(key) || snprintf(path + end, PATH_SIZE - end, "%s%s", end ? "." : "", key) >=
                                  (int)(PATH_SIZE - end))
            continue;
        must(locate_path(text, size, path, &offset) && offset < size && text[offset] == '"');
        check(text, size, acsmtp_json_get(value, key), path);
    }
    for (i = 0; i < acsmtp_json_length(value); i++) {
        if (snprintf(path + end, PATH_SIZE - end, "%s%zu", end ? "." : "", i) >=
            (int)(PATH_SIZE - end))
            continue;
        must(locate_path(text, size, path, &offset) && offset < size);
        check_element(text, offset, acsmtp_json_item(value, i));
        check(text, size, acsmtp_json_item(value, i), path);
    }
    path[end] = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;
    const uint8_t *end = memchr(data, '\n', size);
    size_t path_size = end ? (size_t)(end - data) : 0, text_size = size - path_size - (end != NULL);
    /* Memory of exactly the text's size, so that a step beyond it is seen. */
    char *text = malloc(text_size ? text_size : 1);
    char path[PATH_SIZE];
    size_t offset = 0;

    memcpy(text, data + size - text_size, text_size);
    (void)snprintf(path, sizeof path, "%.*s", (int)path_size, (const char *)data);
    if (locate_path(text, text_size, path, &offset)) {
        struct locate_position at = locate_offset(text, text_size, offset);

        must(offset < text_size && at.line > 0 && at.column > 0);
    }
    /* Quadratic, and only worth it for what a fuzzer makes small. */
    if (text_size < 2000 && (json = acsmtp_json_parse_config(text, text_size, NULL))) {
        path[0] = '\0';
        check(text, text_size, json, path);
    }
    free(text);
    return 0;
}
