# SPDX-License-Identifier: MIT
# acsmtp_embed(VARIABLE HEADER PREFIX FOLDER FILE...): sets VARIABLE to a source file that holds the
# files of FOLDER as strings; HEADER declares them, each as PREFIX_ and the file's name as an identifier.
function(acsmtp_embed variable header prefix folder)
  cmake_path(GET header STEM stem)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${stem}.c)
  set(text "#include \"${header}\"\n")
  foreach(name ${ARGN})
    file(READ ${folder}/${name} hex HEX)
    string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${hex}")
    string(MAKE_C_IDENTIFIER "${prefix}_${name}" symbol)
    string(APPEND text "const char ${symbol}[] = {${bytes}0};\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${name})
  endforeach()
  file(CONFIGURE OUTPUT ${source} CONTENT "${text}" @ONLY)
  set(${variable} ${source} PARENT_SCOPE)
endfunction()
