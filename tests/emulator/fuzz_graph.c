/* SPDX-License-Identifier: MIT */
/* Fuzzes what the emulator parses of Graph requests: key predicates, filters, moments. */
#include "odata.h"
#include "rfc3339.h"
#include "tree.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_segment(const char *text)
{
    struct odata_segment segment;
    if (odata_parse_segment(text, &segment) == 0 &&
        (segment.key[0] == '\0') != (strchr(text, '(') == NULL)) {
        abort(); /* a predicate always has a key, and nothing else has one */
    }
}

static void fuzz_filter(const char *text)
{
    static const char entity[] =
        "{\"displayName\":\"acs-smtp\",\"appId\":\"\",\"tags\":[\"a\",\"b\"],\"n\":1,\"z\":null}";
    struct odata_filter filter;
    enum odata_result result = odata_parse_filter(text, &filter);
    if (result != ODATA_GOOD) {
        return;
    }
    if (filter.count == 0) {
        abort();
    }
    struct json_object *json = tree_parse(entity, sizeof(entity) - 1);
    (void)odata_matches(&filter, json);
    json_object_put(json);
}

static void fuzz_moment(const char *text)
{
    int64_t first = 0;
    int64_t second = 0;
    char again[TEXT_TIME_SIZE];
    if (rfc3339_parse(text, &first) != 0) {
        return;
    }
    rfc3339_format(first, again);
    /* An offset may lead out of the four-digit years that can be read. */
    if (rfc3339_parse(again, &second) == 0 && first != second) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    fuzz_segment(text);
    fuzz_filter(text);
    fuzz_moment(text);
    free(text);
    return 0;
}
