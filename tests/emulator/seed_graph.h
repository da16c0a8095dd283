/* SPDX-License-Identifier: MIT */
/* The seed's part of Microsoft Graph. */
#ifndef EMULATOR_SEED_GRAPH_H
#define EMULATOR_SEED_GRAPH_H

#include <json-c/json.h>

/* Adds the empty bins of deleted items and the switches. */
void seed_graph(struct json_object *tree);
#endif
