/* SPDX-License-Identifier: MIT */
/*
 * JSON: what is accepted can be written and read again to the same text, and no getter minds any
 * type. The first byte chooses strict text or config.
 */
#include <acsmtp/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void visit(const struct acsmtp_json *json)
{
    const char *key;
    int64_t value;

    for (size_t i = 0; i < acsmtp_json_length(json); i++)
        visit(acsmtp_json_item(json, i));
    for (size_t i = 0; (key = acsmtp_json_key(json, i)); i++) {
        (void)acsmtp_json_integer(json, key, &value);
        (void)acsmtp_json_true(json, key);
        (void)acsmtp_json_string(json, key);
        visit(acsmtp_json_get(json, key));
    }
    (void)acsmtp_json_text(json);
    (void)acsmtp_json_type(json);
}

static void round_trip(const struct acsmtp_json *json)
{
    char *text = acsmtp_json_format(json), *again;
    struct acsmtp_json *copy = acsmtp_json_parse(text, strlen(text), NULL);

    if (!copy)
        abort();
    again = acsmtp_json_format(copy);
    if (strcmp(text, again) != 0)
        abort();
    free(again);
    free(text);
    text = acsmtp_json_format_pretty(json);
    acsmtp_json_free(copy);
    copy = acsmtp_json_parse(text, strlen(text), NULL);
    if (!copy)
        abort();
    acsmtp_json_free(copy);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data + 1;
    struct acsmtp_json *json;

    if (size < 1)
        return 0;
    json = data[0] & 1 ? acsmtp_json_parse_config(text, size - 1, NULL)
                       : acsmtp_json_parse(text, size - 1, NULL);
    if (json) {
        visit(json);
        round_trip(json);
        acsmtp_secret_free(acsmtp_json_take_secret(json, "a", NULL));
    }
    acsmtp_json_free(json);
    return 0;
}
