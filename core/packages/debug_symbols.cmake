# SPDX-License-Identifier: MIT
# Debian's packages of debug symbols, as debhelper makes them: NAME-dbgsym holds what was stripped from the
# objects of NAME, by their build ids. CPack's own way strips after the bill of materials is written.
set(debug_symbols ${CPACK_TOPLEVEL_DIRECTORY}/debug-symbols) # the content of each, by the name of its package

# keep_debug_symbols(file package): before the file is stripped. One that was built without any stays as it is.
function(keep_debug_symbols file package)
  execute_process(COMMAND readelf -SnW ${file} OUTPUT_VARIABLE facts COMMAND_ERROR_IS_FATAL ANY)
  if(NOT facts MATCHES "\\.debug_info" OR NOT facts MATCHES "Build ID: ([0-9a-f][0-9a-f])([0-9a-f]+)")
    return()
  endif()
  set(folder ${debug_symbols}/${package}/usr/lib/debug/.build-id/${CMAKE_MATCH_1})
  set(symbols ${folder}/${CMAKE_MATCH_2}.debug)
  file(MAKE_DIRECTORY ${folder})
  execute_process(COMMAND objcopy --only-keep-debug --compress-debug-sections ${file} ${symbols}
    COMMAND_ERROR_IS_FATAL ANY)
  file(CHMOD ${symbols} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ) # the program's without x
endfunction()

# link_debug_symbols(file package): after it was stripped, for debuggers that do not go by build ids.
function(link_debug_symbols file package)
  execute_process(COMMAND readelf -nW ${file} OUTPUT_VARIABLE facts COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "Build ID: (..)([0-9a-f]+)" found "${facts}")
  set(symbols ${debug_symbols}/${package}/usr/lib/debug/.build-id/${CMAKE_MATCH_1}/${CMAKE_MATCH_2}.debug)
  if(EXISTS "${symbols}")
    execute_process(COMMAND objcopy --add-gnu-debuglink=${symbols} ${file} COMMAND_ERROR_IS_FATAL ANY)
  endif()
endfunction()

# describe_debug_symbols(package multi_arch): its fields, and that its documents are those of the package.
function(describe_debug_symbols package multi_arch)
  set(root ${debug_symbols}/${package})
  if(NOT EXISTS ${root})
    return()
  endif()
  file(GLOB names RELATIVE ${root}/usr/lib/debug/.build-id ${root}/usr/lib/debug/.build-id/*/*.debug)
  list(SORT names)
  set(checksums "")
  foreach(name ${names})
    file(MD5 ${root}/usr/lib/debug/.build-id/${name} checksum)
    string(APPEND checksums "${checksum}  usr/lib/debug/.build-id/${name}\n")
  endforeach()
  file(WRITE ${root}/DEBIAN/md5sums "${checksums}")
  list(TRANSFORM names REPLACE "/|\\.debug" "")
  list(JOIN names " " identifiers)
  execute_process(COMMAND dpkg --print-architecture OUTPUT_VARIABLE architecture OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND du -sk --apparent-size ${root}/usr OUTPUT_VARIABLE size COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "^[0-9]+" size "${size}")
  set(version ${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
  file(WRITE ${root}/DEBIAN/control "Package: ${package}-dbgsym
Source: acsmtp
Version: ${version}
Auto-Built-Package: debug-symbols
Architecture: ${architecture}
Maintainer: ${CPACK_PACKAGE_CONTACT}
Installed-Size: ${size}
Depends: ${package} (= ${version})
Section: debug
Priority: optional
${multi_arch}Description: debug symbols for ${package}
Build-Ids: ${identifiers}
")
  file(MAKE_DIRECTORY ${root}/usr/share/doc)
  file(CREATE_LINK ${package} ${root}/usr/share/doc/${package}-dbgsym SYMBOLIC)
endfunction()

# pack_debug_symbols(folder): all of them, beside the packages of CPack and with checksums like theirs.
function(pack_debug_symbols folder)
  file(GLOB roots ${debug_symbols}/*)
  foreach(root ${roots})
    execute_process(COMMAND chmod -R u=rwX,go=rX ${root} COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND dpkg-deb --root-owner-group -Zxz --build ${root} ${folder}
      OUTPUT_VARIABLE said COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCH "[^/']+\\.deb" name "${said}")
    file(SHA256 ${folder}/${name} checksum)
    file(WRITE ${folder}/${name}.sha256 "${checksum}  ${name}\n")
  endforeach()
endfunction()
