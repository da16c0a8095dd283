# SPDX-License-Identifier: MIT
# Which plugins are built, and which of them into the program itself.

# acsmtp_select_plugins(modules preloaded known...): sets `modules` and `preloaded` in the caller to the
# names of `known` that ACSMTP_PLUGINS and ACSMTP_STATIC_PLUGINS choose.
function(acsmtp_select_plugins modules preloaded)
  acsmtp_expand_selection(outside ACSMTP_PLUGINS all ${ARGN})
  acsmtp_expand_selection(inside ACSMTP_STATIC_PLUGINS none ${ARGN})
  if(BUILD_SHARED_LIBS)
    list(REMOVE_ITEM outside ${inside})
  else()
    # A module would need a second, shared libacsmtp: what is chosen is in the program.
    list(APPEND inside ${outside})
    list(REMOVE_DUPLICATES inside)
    set(outside "")
  endif()
  set(${modules} "${outside}" PARENT_SCOPE)
  set(${preloaded} "${inside}" PARENT_SCOPE)
endfunction()

# The names that the list `variable` means: "all" and "none" are all and none, an empty one is `default`.
# A name that is not known ends the configuration.
function(acsmtp_expand_selection names variable default)
  set(selection "${${variable}}")
  if(selection STREQUAL "")
    set(selection ${default})
  endif()
  if(selection STREQUAL "all")
    set(selection ${ARGN})
  elseif(selection STREQUAL "none")
    set(selection "")
  endif()
  set(unknown ${selection})
  list(REMOVE_ITEM unknown ${ARGN})
  if(unknown)
    list(JOIN unknown "', '" unknown)
    list(JOIN ARGN " " known)
    message(FATAL_ERROR
      "${variable}: there is no plugin '${unknown}'; it takes all, none, or a ;-list of\n  ${known}")
  endif()
  list(REMOVE_DUPLICATES selection)
  set(${names} "${selection}" PARENT_SCOPE)
endfunction()

# What has become of the choice. A plugin that was asked for by name and cannot be built is an error.
function(acsmtp_report_plugins)
  foreach(group MODULES PRELOADED LEFT_OUT)
    get_property(names GLOBAL PROPERTY ACSMTP_PLUGINS_${group})
    set(${group} "${names}")
    list(JOIN names " " text_${group})
  endforeach()
  message(STATUS "Plugins as modules: ${text_MODULES}")
  message(STATUS "Plugins inside the program: ${text_PRELOADED}")
  foreach(name ${LEFT_OUT})
    if(name IN_LIST ACSMTP_PLUGINS OR name IN_LIST ACSMTP_STATIC_PLUGINS)
      message(FATAL_ERROR "The plugin '${name}' was asked for, but a library that it needs is missing; see above")
    endif()
  endforeach()
endfunction()
