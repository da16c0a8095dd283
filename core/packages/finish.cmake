# SPDX-License-Identifier: MIT
# Run by CPack when the packages are made; those of debug symbols follow here. A .deb is an archive of three
# members, whose modes CPack leaves to the umask of whoever runs it. They are made 0644, as dpkg-deb has them.
set(header 60)      # bytes in front of each member
set(size_field 48)  # where its size is in them, ten digits and blanks
set(mode_field 40)  # and its mode, eight

function(set_member_modes package)
  set(at 8) # behind "!<arch>"
  foreach(member debian-binary control data)
    math(EXPR seek "${at} + ${mode_field}")
    execute_process(COMMAND printf "100644  " COMMAND dd of=${package} bs=1 seek=${seek} conv=notrunc status=none
      COMMAND_ERROR_IS_FATAL ANY)
    math(EXPR from "${at} + ${size_field}")
    file(READ ${package} size OFFSET ${from} LIMIT 10)
    string(STRIP "${size}" size)
    math(EXPR at "${at} + ${header} + ${size} + ${size} % 2")
  endforeach()
  file(SIZE ${package} size)
  if(NOT at EQUAL size)
    message(FATAL_ERROR "${package} is not an archive of three members")
  endif()
endfunction()

foreach(package ${CPACK_PACKAGE_FILES})
  if(package MATCHES "\\.deb$")
    set_member_modes(${package})
  endif()
endforeach()

include(${ACSMTP_PACKAGES_DIR}/debug_symbols.cmake)
if(CPACK_GENERATOR STREQUAL DEB)
  pack_debug_symbols(${CPACK_OUTPUT_FILE_PREFIX})
endif()
