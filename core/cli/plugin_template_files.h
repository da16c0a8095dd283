/* SPDX-License-Identifier: MIT */
/* The files of core/kit/template/, each named after its file: strings that embed.cmake makes. */
#ifndef PLUGIN_TEMPLATE_FILES_H
#define PLUGIN_TEMPLATE_FILES_H

extern const char template_common_CMakeLists_txt_in[];
extern const char template_common_README_md_in[];
extern const char template_common_gitignore_in[];
extern const char template_common_harness_py_in[];
extern const char template_common_server_py_in[];
extern const char template_composer_README_md_in[];
extern const char template_composer_plugin_c_in[];
extern const char template_composer_test_py_in[];
extern const char template_credential_README_md_in[];
extern const char template_credential_plugin_c_in[];
extern const char template_credential_test_py_in[];
extern const char template_keyring_README_md_in[];
extern const char template_keyring_plugin_c_in[];
extern const char template_keyring_test_py_in[];
extern const char template_provisioner_README_md_in[];
extern const char template_provisioner_plugin_c_in[];
extern const char template_provisioner_test_py_in[];
extern const char template_transport_README_md_in[];
extern const char template_transport_plugin_c_in[];
extern const char template_transport_test_py_in[];

#endif
