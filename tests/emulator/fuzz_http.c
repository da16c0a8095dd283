/* SPDX-License-Identifier: MIT */
/* Fuzzes what the emulator parses of HTTP bodies: forms, JSON of the control API against the
 * schema and into the state, base64. */
#include "form.h"
#include "schema.h"
#include "state.h"
#include "text.h"
#include "tree.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_form(const char *data, size_t size)
{
    struct form form;
    if (form_parse(&form, data, size) == 0) {
        (void)form_get(&form, "grant_type");
        (void)form_repeats(&form, "grant_type");
    }
    form_release(&form);
}

static void fuzz_json(const char *data, size_t size)
{
    char why[256];
    struct state state;
    struct json_object *json = tree_parse(data, size);
    if (json == NULL) {
        return;
    }
    (void)schema_check_fault(json, why, sizeof(why));
    char *path[] = {(char[]){"smtp"}, (char[]){"extensions"}};
    (void)state_init(&state, json, tree_dup(json), WORLD_FULL, why, sizeof(why));
    (void)state_change(&state, STATE_PATCH, path, 0, json, why, sizeof(why));
    (void)state_change(&state, STATE_PUT, path, 2, json, why, sizeof(why));
    (void)state_change(&state, STATE_REMOVE, path, 1, NULL, why, sizeof(why));
    state_release(&state);
}

static void fuzz_base64(const char *data, size_t size)
{
    struct text plain;
    struct text again;
    text_init(&plain, size);
    text_init(&again, 2 * size + 4);
    if (text_add_unbase64(&plain, data, size) == 0) {
        text_add_base64(&again, plain.data == NULL ? "" : plain.data, plain.length);
        if (again.length != size || memcmp(text_string(&again), data, size) != 0) {
            abort(); /* only one encoding of a value may pass */
        }
    }
    text_release(&plain);
    text_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);
    if (copy == NULL) {
        return 0;
    }
    memcpy(copy, data, size);
    copy[size] = '\0';
    fuzz_form(copy, size);
    fuzz_json(copy, size);
    fuzz_base64(copy, size);
    free(copy);
    return 0;
}
