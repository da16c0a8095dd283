/* SPDX-License-Identifier: MIT */
/*
 * A profile put into a config's text. Input: the profile's name, a line end, the text. Whatever
 * comes out has the profile, and every byte of what was there in its order.
 */
#include <acsmtp/driver.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static int is_within(const char *part, const char *whole)
{
    for (; *part && *whole; whole++)
        part += *part == *whole;
    return *part == '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char profile_text[] = "{\"from\": \"a\\\"b\", \"transports\": [\"file\", {}]}";
    ACSMTP_AUTO_JSON struct acsmtp_json *profile =
        acsmtp_json_parse(profile_text, sizeof profile_text - 1, NULL);
    const uint8_t *end = memchr(data, '\n', size);
    size_t name_size = end ? (size_t)(end - data) : 0, text_size = size - name_size - (end != NULL);
    char *text = malloc(text_size + 1);
    char name[200];
    char *made, *again;

    must(profile && text);
    memcpy(text, data + size - text_size, text_size);
    text[text_size] = '\0';
    (void)snprintf(name, sizeof name, "%.*s", (int)name_size, (const char *)data);
    made = acsmtp_config_insert(text, name, profile, NULL);
    if (made) {
        ACSMTP_AUTO_JSON struct acsmtp_json *root =
            acsmtp_json_parse_config(made, strlen(made), NULL);
        const struct acsmtp_json *there = acsmtp_json_get(acsmtp_json_get(root, "profiles"), name);

        must(acsmtp_json_type(there) == ACSMTP_JSON_OBJECT);
        must(is_within(text, made));
        again = acsmtp_config_insert(made, name, profile, NULL);
        must(again && strcmp(made, again) == 0);
        free(again);
    }
    free(made);
    free(text);
    return 0;
}
