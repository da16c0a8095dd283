# SPDX-License-Identifier: MIT
# Included by stage.cmake: what an RPM wants beside the files.
foreach(group ${groups})
  string(TOUPPER ${group} key)
  file(COPY ${ACSMTP_SOURCE_DIR}/LICENSE.txt
    DESTINATION ${CPACK_TEMPORARY_DIRECTORY}/${group}/usr/share/licenses/${CPACK_RPM_${key}_PACKAGE_NAME})
endforeach()
