/* SPDX-License-Identifier: MIT */
/* Process-wide start of libcurl. */
#ifndef HTTP_CURL_GLOBAL_H
#define HTTP_CURL_GLOBAL_H

#include <acsmtp/error.h>

/* Once for the process, from any thread. */
int http_curl_init(struct acsmtp_error *err) ACSMTP_CHECK;

#endif
