/* SPDX-License-Identifier: MIT */
/* ACSMTP_PLUGIN() with a module name that the build gives. */
#ifndef NAMES_H
#define NAMES_H

#include <acsmtp/plugin.h>

#define TEST_PLUGIN_NAMED(module) ACSMTP_PLUGIN(module)
#define TEST_PLUGIN TEST_PLUGIN_NAMED(PLUGIN_MODULE)

#endif
