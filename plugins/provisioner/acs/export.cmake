# SPDX-License-Identifier: MIT
# acs_export_sources(VARIABLE): sets the variable to the source file that export_files.h declares.
include(${CMAKE_SOURCE_DIR}/core/cmake/embed.cmake)
function(acs_export_sources variable)
  acsmtp_embed(source export_files.h export ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/export
    bicep.md bicepconfig.json main.bicep main.tf resources.bicep terraform.md variables.tf)
  set(${variable} ${source} PARENT_SCOPE)
endfunction()
