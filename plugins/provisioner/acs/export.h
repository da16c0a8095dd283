/* SPDX-License-Identifier: MIT */
/*
 * The same deployment in another tool's language. Pure.
 *
 * The programs are the same for every deployment: the files in export/, built into the plugin. What
 * differs from one to the next stands in a file of parameters, which is JSON in both languages, so
 * that no name can be anything but a name to the tool that reads it.
 */
#ifndef ACS_EXPORT_H
#define ACS_EXPORT_H

#include "parameters.h"

#include <acsmtp/json.h>

/*
 * {"main.bicep": "...", "resources.bicep", "bicepconfig.json", "main.parameters.json",
 * "README.md"}. NULL and `err` when memory fails. Holds no secret: who runs it makes them.
 */
struct acsmtp_json *export_bicep(const struct parameters *parameters, struct acsmtp_error *err);

/*
 * {"main.tf": "...", "variables.tf", "terraform.tfvars.json", "README.md"}: azurerm and azuread,
 * azapi where azurerm has no resource.
 */
struct acsmtp_json *export_terraform(const struct parameters *parameters, struct acsmtp_error *err);

#endif
