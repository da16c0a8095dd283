/* SPDX-License-Identifier: MIT */
/* The files of export/, each named after its file: strings that export.cmake makes of them. */
#ifndef ACS_EXPORT_FILES_H
#define ACS_EXPORT_FILES_H

extern const char export_bicep_md[];
extern const char export_bicepconfig_json[];
extern const char export_main_bicep[];
extern const char export_main_tf[];
extern const char export_resources_bicep[];
extern const char export_terraform_md[];
extern const char export_variables_tf[];

#endif
