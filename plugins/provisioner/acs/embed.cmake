# SPDX-License-Identifier: MIT
# The files of export/ as strings (export_files.h). acs_export_sources(VARIABLE) sets the variable to
# the source file that holds them.
function(acs_export_sources variable)
  set(folder ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/export)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/export_files.c)
  set(text "#include \"export_files.h\"\n")
  foreach(name bicep.md bicepconfig.json main.bicep main.tf resources.bicep terraform.md variables.tf)
    file(READ ${folder}/${name} hex HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
    string(MAKE_C_IDENTIFIER "export_${name}" symbol)
    string(APPEND text "const char ${symbol}[] = {${bytes}0};\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${name})
  endforeach()
  file(CONFIGURE OUTPUT ${source} CONTENT "${text}" @ONLY)
  set(${variable} ${source} PARENT_SCOPE)
endfunction()
