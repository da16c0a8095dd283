/* SPDX-License-Identifier: MIT */
/* acsmtp config schema. */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "program.h"

/* Print the schema. Returns EX_*. */
int config_schema(struct program *program);

#endif
