/* SPDX-License-Identifier: MIT */
/* Carries out the ordered failures of HTTP services. */
#ifndef EMULATOR_HTTP_FAULT_H
#define EMULATOR_HTTP_FAULT_H

#include "faults.h"
#include "http.h"

struct MHD_Response;

/* The reply of a fault that answers (status, garbage, html, huge, truncate need no more). */
void http_fault_fill(const struct http_service *service, const struct fault *fault,
                     struct http_reply *reply);
/* The Date of a server whose clock is not this machine's. */
void http_fault_date(const struct fault *fault, struct http_reply *reply);
/* A response that promises more than it sends, or sends more than anybody should take. NULL for
 * the faults that need neither. */
struct MHD_Response *http_fault_response(const struct fault *fault, const struct http_reply *reply);
#endif
