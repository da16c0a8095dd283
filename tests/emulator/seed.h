/* SPDX-License-Identifier: MIT */
/* The world the emulator starts with; README.md describes it. */
#ifndef EMULATOR_SEED_H
#define EMULATOR_SEED_H

#include <json-c/json.h>

struct seed_addresses {
    const char *resource_manager; /* "https://localhost:PORT", also an audience */
    const char *graph;
    const char *key_vault; /* "https://vault.localhost:PORT" */
};

/* A new tree with fresh random ids and secrets; the caller puts it. */
struct json_object *seed_new(const struct seed_addresses *addresses);
/* The same tenant with nothing in its subscription but an owner; the caller puts it. */
struct json_object *seed_empty(struct json_object *full);
#endif
