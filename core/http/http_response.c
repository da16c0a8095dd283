/* SPDX-License-Identifier: MIT */
/* Reading a reply: the getters of struct acsmtp_http_response. */
#include "http_private.h"

#include <stdlib.h>
#include <time.h>

void acsmtp_http_response_free(struct acsmtp_http_response *response)
{
    if (!response)
        return;
    http_headers_release(&response->headers);
    acsmtp_secret_free(response->body);
    free(response);
}

int acsmtp_http_status(const struct acsmtp_http_response *response)
{
    return response->status;
}

const struct acsmtp_secret *acsmtp_http_body(const struct acsmtp_http_response *response)
{
    return response->body;
}

const char *acsmtp_http_header(const struct acsmtp_http_response *response, const char *name,
                               size_t index)
{
    return http_headers_find(&response->headers, name, index);
}

int32_t acsmtp_http_retry_after(const struct acsmtp_http_response *response)
{
    return http_headers_retry_after(&response->headers, (int64_t)time(NULL));
}

int64_t acsmtp_http_clock_skew(const struct acsmtp_http_response *response)
{
    return http_headers_clock_skew(&response->headers);
}
