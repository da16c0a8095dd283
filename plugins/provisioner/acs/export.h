/* SPDX-License-Identifier: MIT */
/* The same deployment in another tool's language. Pure. */
#ifndef ACS_EXPORT_H
#define ACS_EXPORT_H

#include "parameters.h"

#include <acsmtp/json.h>

/* {"main.bicep": "…", …}. NULL when memory fails. Holds no secret: the tools make their own. */
struct acsmtp_json *export_bicep(const struct parameters *parameters, struct acsmtp_error *err);

/* {"main.tf": "…", …}: azurerm and azuread, azapi where azurerm has no resource. */
struct acsmtp_json *export_terraform(const struct parameters *parameters, struct acsmtp_error *err);

#endif
