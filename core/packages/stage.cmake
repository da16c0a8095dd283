# SPDX-License-Identifier: MIT
# Run by CPack when the files of every package are in a folder of their own, before they are packed:
# what belongs to a package beside the files that the build installs.
include(${ACSMTP_PACKAGES_DIR}/debug_symbols.cmake)
file(REMOVE_RECURSE ${debug_symbols})
file(GLOB groups LIST_DIRECTORIES true RELATIVE ${CPACK_TEMPORARY_DIRECTORY} ${CPACK_TEMPORARY_DIRECTORY}/*)

# The programs, libraries and plugins below a folder, relative to it.
function(elf_files folder result)
  file(GLOB_RECURSE names LIST_DIRECTORIES false RELATIVE ${folder} ${folder}/*)
  list(SORT names)
  set(found)
  foreach(name ${names})
    if(NOT IS_SYMLINK ${folder}/${name})
      file(READ ${folder}/${name} magic LIMIT 4 HEX)
      if(magic STREQUAL "7f454c46")
        list(APPEND found ${name})
      endif()
    endif()
  endforeach()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

# The libraries are where the system looks for them, and debug symbols are packages of their own.
function(strip_objects folder package)
  elf_files(${folder} names)
  foreach(name ${names})
    set(file ${folder}/${name})
    file(RPATH_REMOVE FILE ${file})
    if(CPACK_GENERATOR STREQUAL DEB)
      keep_debug_symbols(${file} ${package})
    endif()
    execute_process(COMMAND strip --strip-unneeded --remove-section=.comment --remove-section=.note ${file}
      COMMAND_ERROR_IS_FATAL ANY)
    if(CPACK_GENERATOR STREQUAL DEB)
      link_debug_symbols(${file} ${package})
    endif()
  endforeach()
endfunction()

# Nor need those be told who build against them.
function(forget_runpath folder)
  file(GLOB_RECURSE names LIST_DIRECTORIES false ${folder}/*.pc)
  foreach(name ${names})
    file(READ ${name} text)
    string(REPLACE "-Wl,-rpath,\${libdir} " "" text "${text}")
    file(WRITE ${name} "${text}")
  endforeach()
endfunction()

function(compress)
  foreach(file ${ARGN})
    execute_process(COMMAND gzip -9nf ${file} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
endfunction()

# A link to a page that is compressed is a link to the compressed page.
function(compress_manual folder)
  file(GLOB_RECURSE pages LIST_DIRECTORIES false ${folder}/usr/share/man/*)
  foreach(page ${pages})
    if(IS_SYMLINK ${page})
      file(READ_SYMLINK ${page} target)
      file(REMOVE ${page})
      file(CREATE_LINK ${target}.gz ${page}.gz SYMBOLIC)
    elseif(NOT page MATCHES "\\.gz$")
      compress(${page})
    endif()
  endforeach()
endfunction()

function(stage_group group)
  set(folder ${CPACK_TEMPORARY_DIRECTORY}/${group})
  if(group STREQUAL runtime)
    file(COPY ${ACSMTP_PACKAGES_DIR}/config.json DESTINATION ${folder}/etc/acsmtp)
    file(MAKE_DIRECTORY ${folder}/etc/acsmtp/conf.d)
  endif()
  string(TOUPPER ${group} key)
  strip_objects(${folder} ${CPACK_DEBIAN_${key}_PACKAGE_NAME})
  forget_runpath(${folder})
  compress_manual(${folder})
endfunction()

if(CPACK_GENERATOR MATCHES "^(DEB|RPM)$")
  foreach(group ${groups})
    stage_group(${group})
  endforeach()
  string(TOLOWER ${CPACK_GENERATOR} generator)
  include(${ACSMTP_PACKAGES_DIR}/stage_${generator}.cmake)
endif()

# Modes are the project's, not those of whoever checked it out; times are those of the changelog.
execute_process(COMMAND chmod -R u=rwX,go=rX ${CPACK_TEMPORARY_DIRECTORY} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND find ${CPACK_TEMPORARY_DIRECTORY} -exec touch -hd @$ENV{SOURCE_DATE_EPOCH} {} +
  COMMAND_ERROR_IS_FATAL ANY)

# The bill of materials of all packages, beside them.
if(CPACK_GENERATOR MATCHES "^(DEB|RPM)$" AND ACSMTP_PYTHON)
  foreach(group ${groups})
    string(TOUPPER ${group} key)
    list(APPEND contents ${CPACK_DEBIAN_${key}_PACKAGE_NAME}=${CPACK_TEMPORARY_DIRECTORY}/${group})
  endforeach()
  file(MAKE_DIRECTORY ${CPACK_OUTPUT_FILE_PREFIX})
  execute_process(COMMAND ${ACSMTP_PYTHON} -B ${ACSMTP_PACKAGES_DIR}/sbom.py ${CPACK_PACKAGE_VERSION}
    ${CPACK_OUTPUT_FILE_PREFIX}/acsmtp-${CPACK_PACKAGE_VERSION}.${generator}.spdx.json ${contents}
    COMMAND_ERROR_IS_FATAL ANY)
endif()
