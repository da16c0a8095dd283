# SPDX-License-Identifier: MIT
# What makes a mistake in a program that holds secrets harder to use, and its files the same bytes
# wherever they are built. tests/lint/lint_binaries.py looks for each of these in what was linked.
include(CheckCCompilerFlag)
include(CheckCSourceCompiles)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C) # else only the compiler is told, not the linker

target_compile_options(acsmtp-flags INTERFACE -fstack-protector-strong -fno-strict-overflow)
foreach(flag -fstack-clash-protection -fcf-protection) # not on every processor
  string(MAKE_C_IDENTIFIER "ACSMTP_HAS${flag}" known)
  check_c_compiler_flag("-Werror ${flag}" ${known})
  if(${known})
    target_compile_options(acsmtp-flags INTERFACE ${flag})
  endif()
endforeach()
target_link_options(acsmtp-flags INTERFACE
  -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,separate-code -Wl,--as-needed)

# Where a function of libc is called with a buffer whose size is known, its checked form is: if anything
# is optimized, and at the level that a packager's flags or the compiler bring along, else at the highest.
function(acsmtp_fortify)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  string(SHA1 flags "${type} ${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${type}}")
  set(CMAKE_TRY_COMPILE_CONFIGURATION "${CMAKE_BUILD_TYPE}")
  set(CMAKE_REQUIRED_FLAGS -Werror) # libc warns of a level that it does not know
  set(CMAKE_REQUIRED_QUIET ON)
  foreach(level 3 2)
    check_c_source_compiles("
      #if defined _FORTIFY_SOURCE || !defined __OPTIMIZE__
      #error nothing to add
      #endif
      #define _FORTIFY_SOURCE ${level}
      #include <string.h>
      int main(void) { return 0; }" ACSMTP_FORTIFY_${level}_${flags})
    if(ACSMTP_FORTIFY_${level}_${flags})
      target_compile_options(acsmtp-flags INTERFACE -D_FORTIFY_SOURCE=${level})
      return()
    endif()
  endforeach()
endfunction()

set(ACSMTP_DEBUG_MAPS "") # for whatever makes machine code: with LTO, that is the linker
if(NOT ACSMTP_SANITIZE)
  acsmtp_fortify()
  if(NOT CMAKE_BUILD_TYPE STREQUAL Debug)
    # The last one that fits wins: the build folder is often inside of the source folder.
    set(ACSMTP_DEBUG_MAPS -fdebug-prefix-map=${CMAKE_SOURCE_DIR}=. -fdebug-prefix-map=${CMAKE_BINARY_DIR}=build)
    target_compile_options(acsmtp-flags INTERFACE ${ACSMTP_DEBUG_MAPS})
    target_link_options(acsmtp-flags INTERFACE ${ACSMTP_DEBUG_MAPS})
    # A directory's option, for tests have none of it: they find what lies beside them by __FILE__.
    add_compile_options(-fmacro-prefix-map=${CMAKE_SOURCE_DIR}=.)
  endif()
endif()
