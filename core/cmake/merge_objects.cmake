# SPDX-License-Identifier: MIT
# For static builds. An archive's members share one space of names: what a shared library or a module
# hides would meet what others hide, and the first one found would silently serve both.

include(CheckCSourceCompiles)

# acsmtp_merge_flags(flags): what merges objects into one, machine code whatever they hold: of LTO's own
# format no names can be hidden. A compiler that cannot do it ends the configuration.
function(acsmtp_merge_flags result)
  separate_arguments(flags NATIVE_COMMAND "${CMAKE_C_FLAGS}")
  if(CMAKE_INTERPROCEDURAL_OPTIMIZATION)
    list(APPEND flags ${CMAKE_C_COMPILE_OPTIONS_IPO})
    list(JOIN CMAKE_C_COMPILE_OPTIONS_IPO " " CMAKE_REQUIRED_FLAGS)
  endif()
  if(CMAKE_C_COMPILER_ID STREQUAL GNU)
    list(APPEND flags -flinker-output=nolto-rel)
  endif()
  string(REGEX MATCH "-fuse-ld=[^ ]+" linker "${CMAKE_EXE_LINKER_FLAGS}")
  list(APPEND flags ${linker} -r -nostdlib)
  set(CMAKE_POSITION_INDEPENDENT_CODE OFF) # -pie and -r contradict each other
  set(CMAKE_REQUIRED_LINK_OPTIONS ${flags})
  set(CMAKE_REQUIRED_QUIET ON)
  string(SHA1 key "${flags}")
  check_c_source_compiles("int main(void) { return 0; }" ACSMTP_CAN_MERGE_${key})
  if(NOT ACSMTP_CAN_MERGE_${key})
    list(JOIN flags " " flags)
    message(FATAL_ERROR "Archives, and plugins inside the program, are made of merged objects, which fails here: "
      "${CMAKE_C_COMPILER} ${flags}. clang with -flto needs LLVMgold.so for it, or -fuse-ld=lld in "
      "CMAKE_EXE_LINKER_FLAGS; without -flto nothing is missing")
  endif()
  set(${result} ${flags} PARENT_SCOPE)
endfunction()

# acsmtp_merge_objects(output visible object...): one object file of them all (archives give what the
# others need), of whose symbols only those that match the pattern `visible` can be seen from outside. A
# target that is made from it depends on the targets of the objects, too: make(1) does not see through.
function(acsmtp_merge_objects output visible)
  acsmtp_merge_flags(flags)
  cmake_path(GET output FILENAME name)
  # Names with a dot in them are the compiler's own; with -fexceptions one is common to all that is linked.
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_C_COMPILER} ${flags} ${ACSMTP_DEBUG_MAPS} -o ${output} ${ARGN}
    COMMAND ${CMAKE_OBJCOPY} --wildcard "--keep-global-symbol=!${visible}.*" "--keep-global-symbol=${visible}"
      "--keep-global-symbol=DW.ref.*" ${output}
    DEPENDS ${ARGN} COMMENT "Merging ${name}" COMMAND_EXPAND_LISTS VERBATIM)
  set_source_files_properties(${output} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
endfunction()
