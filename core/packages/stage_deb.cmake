# SPDX-License-Identifier: MIT
# Included by stage.cmake: what Debian's policy asks for beside the files.
set(control ${CPACK_TOPLEVEL_DIRECTORY}/control) # folders of control files, one a package
set(work ${CPACK_TOPLEVEL_DIRECTORY}/shlibs)     # shaped as a source package, for dpkg's tools
file(REMOVE_RECURSE ${control} ${work})
set(library ${CPACK_DEBIAN_LIB_PACKAGE_NAME})
file(WRITE ${work}/debian/control "Source: acsmtp\n\nPackage: ${library}\nArchitecture: any\n")

# The sorted names below a folder that a pattern fits, relative to it.
function(names_below folder pattern result)
  file(GLOB_RECURSE names LIST_DIRECTORIES false RELATIVE ${folder} ${folder}/*)
  list(FILTER names INCLUDE REGEX "${pattern}")
  list(SORT names)
  set(${result} ${names} PARENT_SCOPE)
endfunction()

function(add_documents folder package)
  set(documents ${folder}/usr/share/doc/${package})
  file(COPY ${ACSMTP_PACKAGES_DIR}/copyright DESTINATION ${documents})
  configure_file(${ACSMTP_PACKAGES_DIR}/changelog ${documents}/changelog.Debian COPYONLY)
  compress(${documents}/changelog.Debian)
  foreach(kind lintian-overrides doc-base)
    set(place_of_lintian-overrides usr/share/lintian/overrides/${package})
    set(place_of_doc-base usr/share/doc-base/${package}.acsmtp)
    if(EXISTS ${ACSMTP_PACKAGES_DIR}/${package}.${kind})
      configure_file(${ACSMTP_PACKAGES_DIR}/${package}.${kind} ${folder}/${place_of_${kind}} COPYONLY)
    endif()
  endforeach()
endfunction()

# site-functions is for what the administrator installs.
function(move_zsh_completion folder)
  if(EXISTS ${folder}/usr/share/zsh/site-functions)
    file(RENAME ${folder}/usr/share/zsh/site-functions ${folder}/usr/share/zsh/vendor-completions)
  endif()
endfunction()

# What is below /etc belongs to the administrator.
function(write_conffiles folder package)
  names_below(${folder} "^etc/" names)
  if(names)
    list(TRANSFORM names PREPEND "/")
    list(JOIN names "\n" names)
    file(WRITE ${control}/${package}/conffiles "${names}\n")
  endif()
endfunction()

# Which version of the package has which symbol, and which package a library is in.
function(write_library_control folder)
  names_below(${folder} "\\.so\\.[0-9]+$" libraries)
  foreach(file ${libraries})
    cmake_path(GET file FILENAME file)
    string(REGEX MATCH "^(.*)\\.so\\.([0-9]+)$" file ${file})
    string(APPEND shlibs "${CMAKE_MATCH_1} ${CMAKE_MATCH_2} ${library} (>= ${CPACK_PACKAGE_VERSION})\n")
  endforeach()
  file(WRITE ${control}/${library}/shlibs "${shlibs}")
  configure_file(${ACSMTP_PACKAGES_DIR}/${library}.triggers ${control}/${library}/triggers COPYONLY)
  execute_process(COMMAND dpkg-gensymbols -p${library} -v${CPACK_PACKAGE_VERSION} -c1 -P${folder}
    -I${ACSMTP_PACKAGES_DIR}/${library}.symbols -O${control}/${library}/symbols
    WORKING_DIRECTORY ${work} COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
  file(COPY ${control}/${library}/shlibs ${control}/${library}/symbols
    DESTINATION ${work}/debian/${library}/DEBIAN)
endfunction()

# Adds what the programs and libraries of a package are linked with to its dependencies.
function(find_dependencies folder package field)
  elf_files(${folder} objects)
  if(objects)
    list(TRANSFORM objects PREPEND debian/${package}/)
    execute_process(COMMAND dpkg-shlibdeps -O --warnings=0 -Sdebian/${library} ${objects}
      WORKING_DIRECTORY ${work} OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX REPLACE "^shlibs:Depends=" "" found "${found}")
    if(package STREQUAL library)
      string(REGEX REPLACE "${library}[^,]*, " "" found "${found}")
    endif()
    string(REGEX REPLACE "^, |, $" "" found "${found}, ${${field}}")
    set(${field} "${found}" PARENT_SCOPE)
  endif()
endfunction()

foreach(group ${groups})
  string(TOUPPER ${group} key)
  file(MAKE_DIRECTORY ${work}/debian/${CPACK_DEBIAN_${key}_PACKAGE_NAME}/DEBIAN)
  file(CREATE_LINK ${CPACK_TEMPORARY_DIRECTORY}/${group}/usr
    ${work}/debian/${CPACK_DEBIAN_${key}_PACKAGE_NAME}/usr SYMBOLIC)
endforeach()
write_library_control(${CPACK_TEMPORARY_DIRECTORY}/lib)
foreach(group ${groups})
  string(TOUPPER ${group} key)
  set(package ${CPACK_DEBIAN_${key}_PACKAGE_NAME})
  set(folder ${CPACK_TEMPORARY_DIRECTORY}/${group})
  find_dependencies(${folder} ${package} CPACK_DEBIAN_${key}_PACKAGE_DEPENDS)
  add_documents(${folder} ${package})
  move_zsh_completion(${folder})
  write_conffiles(${folder} ${package})
  file(GLOB CPACK_DEBIAN_${key}_PACKAGE_CONTROL_EXTRA ${control}/${package}/*)
  string(REGEX MATCH "Multi-Arch: same\n" multi_arch "${CPACK_DEBIAN_${key}_PACKAGE_SECTION}\n")
  describe_debug_symbols(${package} "${multi_arch}")
endforeach()
