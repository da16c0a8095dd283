# SPDX-License-Identifier: MIT
# Run by CPack when the files of every package are in a folder of their own, before they are packed:
# what belongs to a package beside the files that the build installs.
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

# The libraries are where the system looks for them.
function(remove_run_paths folder)
  elf_files(${folder} names)
  foreach(name ${names})
    file(RPATH_REMOVE FILE ${folder}/${name})
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

if(EXISTS ${CPACK_TEMPORARY_DIRECTORY}/runtime)
  file(COPY ${ACSMTP_PACKAGES_DIR}/config.json DESTINATION ${CPACK_TEMPORARY_DIRECTORY}/runtime/etc/acsmtp)
  file(MAKE_DIRECTORY ${CPACK_TEMPORARY_DIRECTORY}/runtime/etc/acsmtp/conf.d)
endif()
foreach(group ${groups})
  set(folder ${CPACK_TEMPORARY_DIRECTORY}/${group})
  remove_run_paths(${folder})
  compress_manual(${folder})
endforeach()

if(CPACK_GENERATOR STREQUAL "DEB")
  include(${ACSMTP_PACKAGES_DIR}/stage_deb.cmake)
elseif(CPACK_GENERATOR STREQUAL "RPM")
  include(${ACSMTP_PACKAGES_DIR}/stage_rpm.cmake)
endif()

# Modes are the project's, not those of whoever checked it out; times are those of the changelog.
execute_process(COMMAND chmod -R u=rwX,go=rX ${CPACK_TEMPORARY_DIRECTORY} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND find ${CPACK_TEMPORARY_DIRECTORY} -exec touch -hd @$ENV{SOURCE_DATE_EPOCH} {} +
  COMMAND_ERROR_IS_FATAL ANY)
