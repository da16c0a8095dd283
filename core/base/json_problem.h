/* SPDX-License-Identifier: MIT */
/*
 * acsmtp_json_parse_config() for who knows the name of the file and points at the place himself.
 */
#ifndef JSON_PROBLEM_H
#define JSON_PROBLEM_H

#include <acsmtp/json.h>

struct json_problem {
    const char *what; /* static text; NULL: nothing that stands at one place */
    size_t offset;
};

struct acsmtp_json *json_parse_config(const char *text, size_t size, struct json_problem *problem,
                                      struct acsmtp_error *err);

#endif
