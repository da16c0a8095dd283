# SPDX-License-Identifier: MIT
# One description of a package for both kinds of package.

# Fills paragraphs, which empty lines part, into lines of 76 characters.
function(acsmtp_fill text result)
  string(REPLACE "\n\n" " \n\n " text "${text}")
  string(REGEX REPLACE "([^\n ])\n([^\n ])" "\\1 \\2" text "${text}")
  string(REPLACE " " ";" words "${text}")
  set(lines "")
  set(line "")
  foreach(word IN LISTS words)
    string(LENGTH "${line} ${word}" length)
    if(word STREQUAL "\n\n")
      string(APPEND lines "${line}\n\n")
      set(line "")
    elseif(line STREQUAL "")
      set(line "${word}")
    elseif(length GREATER 76)
      string(APPEND lines "${line}\n")
      set(line "${word}")
    else()
      string(APPEND line " ${word}")
    endif()
  endforeach()
  set(${result} "${lines}${line}" PARENT_SCOPE)
endfunction()

# acsmtp_package(component package SUMMARY line TEXT paragraphs SECTION section [MULTI_ARCH same|foreign]
#   [ARCHITECTURE all] [EXACTLY package...] [DEPENDS package...] [RECOMMENDS package...] [SUGGESTS package...]
#   [PROVIDES name...] [CONFLICTS name...] [REPLACES name...])
# EXACTLY: of this very version. What the linker knows of is found by itself.
macro(acsmtp_package component package)
  cmake_parse_arguments(arg "" "SUMMARY;TEXT;SECTION;MULTI_ARCH;ARCHITECTURE"
    "EXACTLY;DEPENDS;RECOMMENDS;SUGGESTS;PROVIDES;CONFLICTS;REPLACES" ${ARGN})
  string(TOUPPER ${component} key)
  set(ACSMTP_PACKAGE_OF_${component} ${package})
  acsmtp_fill("${arg_TEXT}" arg_TEXT)

  set(CPACK_DEBIAN_${key}_PACKAGE_NAME ${package})
  set(CPACK_DEBIAN_${key}_DESCRIPTION "${arg_SUMMARY}\n${arg_TEXT}")
  set(CPACK_DEBIAN_${key}_PACKAGE_SECTION ${arg_SECTION})
  if(arg_MULTI_ARCH) # a field that CPack 3.25 does not know: it goes below one that it knows
    string(APPEND CPACK_DEBIAN_${key}_PACKAGE_SECTION "\nMulti-Arch: ${arg_MULTI_ARCH}")
  endif()
  if(arg_ARCHITECTURE)
    set(CPACK_DEBIAN_${key}_PACKAGE_ARCHITECTURE ${arg_ARCHITECTURE})
    set(CPACK_RPM_${key}_PACKAGE_ARCHITECTURE noarch)
  endif()
  set(depends ${arg_EXACTLY})
  list(TRANSFORM depends APPEND " (= ${PROJECT_VERSION}-${ACSMTP_PACKAGE_RELEASE})")
  set(arg_DEPENDS ${depends} ${arg_DEPENDS})
  foreach(field DEPENDS RECOMMENDS SUGGESTS PROVIDES CONFLICTS REPLACES)
    list(JOIN arg_${field} ", " CPACK_DEBIAN_${key}_PACKAGE_${field})
  endforeach()

  # The other distributions say devel, and MTA.
  string(REGEX REPLACE "-dev$" "-devel" CPACK_RPM_${key}_PACKAGE_NAME ${package})
  set(CPACK_RPM_${key}_PACKAGE_SUMMARY "${arg_SUMMARY}")
  set(CPACK_RPM_${key}_PACKAGE_DESCRIPTION "${arg_TEXT}")
  set(CPACK_RPM_${key}_PACKAGE_GROUP "Applications/Internet\nPackager: ${ACSMTP_PACKAGE_CONTACT}")
  foreach(field "DEPENDS Requires" "RECOMMENDS Recommends" "SUGGESTS Suggests" "PROVIDES Provides"
      "CONFLICTS Conflicts")
    separate_arguments(field)
    list(POP_BACK field word)
    string(REGEX REPLACE "[()]" "" value "${CPACK_DEBIAN_${key}_PACKAGE_${field}}")
    string(REGEX REPLACE "-dev( |,|$)" "-devel\\1" value "${value}")
    string(REPLACE "mail-transport-agent" "MTA" value "${value}")
    if(value) # CPack 3.25 knows not all of them
      string(APPEND CPACK_RPM_${key}_PACKAGE_GROUP "\n${word}: ${value}")
    endif()
  endforeach()
endmacro()

# What a plugin links that the libraries of acsmtp do not bring along anyway.
function(acsmtp_plugin_own_libraries plugin result)
  get_target_property(libraries plugin-${plugin} LINK_LIBRARIES)
  list(FILTER libraries INCLUDE REGEX "^PkgConfig::")
  list(REMOVE_ITEM libraries PkgConfig::CURL PkgConfig::OPENSSL PkgConfig::CRYPTO PkgConfig::JSONC PkgConfig::JWT)
  set(${result} ${libraries} PARENT_SCOPE)
endfunction()

# The sentence by which a plugin introduces itself, and the first paragraph of its README.
function(acsmtp_plugin_description plugin summary text)
  get_target_property(folder plugin-${plugin} SOURCE_DIR)
  file(STRINGS ${folder}/${plugin}.c line REGEX "^    \\.summary = ")
  string(REGEX REPLACE "^.* = \"(.*)\\.\",$" "\\1" line "${line}")
  set(line "acsmtp: ${line}")
  string(LENGTH "${line}" length)
  if(length GREATER 79)
    string(REGEX REPLACE " \\([^)]*\\)" "" line "${line}")
  endif()
  set(${summary} "${line}" PARENT_SCOPE)
  file(READ ${folder}/README.md readme)
  string(REGEX REPLACE "^# [^\n]*\n\n" "" readme "${readme}")
  string(FIND "${readme}" "\n\n" end)
  string(SUBSTRING "${readme}" 0 ${end} readme)
  string(REGEX REPLACE "\\[([^]]*)\\]\\([^)]*\\)" "\\1" readme "${readme}")
  string(REPLACE "`" "" readme "${readme}")
  string(REPLACE ";" "," readme "${readme}") # which would part a list
  set(${text} "${readme}" PARENT_SCOPE)
endfunction()

# A plugin that has a library of its own is a package of its own; all others are in acsmtp-plugins.
macro(acsmtp_package_plugins)
  get_property(plugins GLOBAL PROPERTY ACSMTP_BUILT_PLUGINS)
  foreach(plugin ${plugins})
    acsmtp_plugin_own_libraries(${plugin} libraries)
    if(libraries OR ACSMTP_PACKAGE_PER_PLUGIN)
      acsmtp_plugin_description(${plugin} summary text)
      acsmtp_package(plugin-${plugin} acsmtp-plugin-${plugin} SECTION mail MULTI_ARCH same
        SUMMARY "${summary}" TEXT "${text}")
    else()
      string(TOUPPER plugin-${plugin} key)
      set(CPACK_COMPONENT_${key}_GROUP plugins)
      set(ACSMTP_PACKAGE_OF_plugin-${plugin} acsmtp-plugins)
    endif()
  endforeach()
endmacro()
