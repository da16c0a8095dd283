/* SPDX-License-Identifier: MIT */
/* Access keys of a communication service, and the question whether its name is free. */
#ifndef EMULATOR_ARM_SERVICE_KEYS_H
#define EMULATOR_ARM_SERVICE_KEYS_H

#include "arm.h"

/* {"primary", "secondary"}: what an entry's "private" holds. The caller puts it. */
struct json_object *service_keys_new(void);
arm_handler service_keys_list, service_keys_regenerate, service_check_name;
#endif
