# SPDX-License-Identifier: MIT
# What CPack is told besides the packages themselves.

get_cmake_property(components COMPONENTS)
foreach(component ${components})
  if(DEFINED ACSMTP_PACKAGE_OF_${component})
    list(APPEND CPACK_COMPONENTS_ALL ${component})
  else()
    message(WARNING "The install component '${component}' is in no package: core/packages/CMakeLists.txt")
  endif()
endforeach()

set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PACKAGE_NAME acsmtp)
set(CPACK_PACKAGE_VENDOR "acsmtp contributors")
set(CPACK_PACKAGE_CONTACT "${ACSMTP_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_OUTPUT_FILE_PREFIX ${CMAKE_BINARY_DIR}/packages)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PACKAGE_SOURCE acsmtp)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${ACSMTP_PACKAGE_RELEASE})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_MAIN_COMPONENT runtime)
set(CPACK_RPM_PACKAGE_LICENSE MIT)
set(CPACK_RPM_PACKAGE_RELEASE ${ACSMTP_PACKAGE_RELEASE})
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_PACKAGE_RELOCATABLE OFF)
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /etc /usr/sbin /usr/share/man /usr/share/licenses
  /usr/${CMAKE_INSTALL_LIBDIR}/pkgconfig /usr/${CMAKE_INSTALL_LIBDIR}/cmake)
foreach(section RANGE 1 8)
  list(APPEND CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr/share/man/man${section})
endforeach()
set(CPACK_RPM_RUNTIME_USER_FILELIST "%config(noreplace) /etc/acsmtp/config.json")
set(CPACK_RPM_SPEC_MORE_DEFINE [[
%define _buildhost localhost
%define use_source_date_epoch_as_buildtime 1
%define clamp_mtime_to_source_date_epoch 1]])

set(CPACK_SOURCE_GENERATOR TGZ)
set(CPACK_SOURCE_PACKAGE_FILE_NAME acsmtp-${PROJECT_VERSION})
string(REGEX REPLACE "([][+.*^$()|?\\\\])" "\\\\\\1" here "${CMAKE_SOURCE_DIR}")
set(CPACK_SOURCE_IGNORE_FILES "^${here}/\\.git(/|$)" "^${here}/build" "/__pycache__/" "\\.pyc$")

# project.cmake is read when CPack starts, stage.cmake when everything is in its folder, finish.cmake at last.
list(JOIN CPACK_COMPONENTS_ALL " " ACSMTP_COMPONENTS)
configure_file(project.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/project.cmake @ONLY)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_BINARY_DIR}/project.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_SOURCE_DIR}/stage.cmake)
set(CPACK_POST_BUILD_SCRIPTS ${CMAKE_CURRENT_SOURCE_DIR}/finish.cmake)
