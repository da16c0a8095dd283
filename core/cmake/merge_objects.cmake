# SPDX-License-Identifier: MIT
# For static builds. An archive's members share one space of names: what a shared library or a module
# hides would meet what others hide, and the first one found would silently serve both.

# acsmtp_merge_objects(output visible object...): one object file of them all (archives give what the
# others need), of whose symbols only those that match the pattern `visible` can be seen from outside. A
# target that is made from it depends on the targets of the objects, too: make(1) does not see through.
function(acsmtp_merge_objects output visible)
  separate_arguments(flags NATIVE_COMMAND "${CMAKE_C_FLAGS}")
  if(CMAKE_C_COMPILER_ID STREQUAL GNU)
    list(APPEND flags -flinker-output=nolto-rel) # names are hidden in machine code only, whoever asked for LTO
  endif()
  cmake_path(GET output FILENAME name)
  # Names with a dot in them are the compiler's own.
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_C_COMPILER} ${flags} ${ACSMTP_DEBUG_MAPS} -r -nostdlib -o ${output} ${ARGN}
    COMMAND ${CMAKE_OBJCOPY} --wildcard "--keep-global-symbol=!*.*" "--keep-global-symbol=${visible}" ${output}
    DEPENDS ${ARGN} COMMENT "Merging ${name}" COMMAND_EXPAND_LISTS VERBATIM)
  set_source_files_properties(${output} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
endfunction()
