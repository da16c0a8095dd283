# SPDX-License-Identifier: MIT
# What makes a mistake in a program that holds secrets harder to use, and its files the same bytes
# wherever they are built. tests/lint/lint_binaries.py looks for each of these in what was linked.
include(CheckCCompilerFlag)
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

if(CMAKE_BUILD_TYPE MATCHES "Rel" AND NOT ACSMTP_SANITIZE)
  # A level that a packager's flags or the compiler bring along is no reason for a warning.
  target_compile_options(acsmtp-flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  # The last one that fits wins: the build folder is often inside of the source folder.
  target_compile_options(acsmtp-flags INTERFACE
    -fdebug-prefix-map=${CMAKE_SOURCE_DIR}=. -fdebug-prefix-map=${CMAKE_BINARY_DIR}=build)
  # A directory's option, for tests have none of it: they find what lies beside them by __FILE__.
  add_compile_options(-fmacro-prefix-map=${CMAKE_SOURCE_DIR}=.)
endif()
