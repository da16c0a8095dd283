/* SPDX-License-Identifier: MIT */
/* The documents that the operations give back; see provision.h for the host's part of them. */
#ifndef ACS_RESULT_H
#define ACS_RESULT_H

#include "deployment.h"

#define RESULT_SCHEMA_VERSION 1

/* {"schema_version": 1}; NULL when memory fails. */
struct acsmtp_json *result_new(struct acsmtp_error *err);

/* Adds "changes" and "summary": what apply would do, or with DESTROY in the flags what destroy
 * would. After walk_look(). */
int result_add_plan(struct acsmtp_json *result, const struct deployment *deployment,
                    struct acsmtp_error *err) ACSMTP_CHECK;

/* Adds "output" and, once something can send, "profile". */
int result_add_output(struct acsmtp_json *result, const struct deployment *deployment,
                      struct acsmtp_context *context, struct acsmtp_error *err) ACSMTP_CHECK;

/* provision-output.json, without any secret's value. */
struct acsmtp_json *output_new(const struct deployment *deployment, struct acsmtp_context *context,
                               struct acsmtp_error *err);

/* A profile that sends with what was made; *profile NULL while nothing can. */
int profile_new(const struct deployment *deployment, struct acsmtp_json **profile,
                struct acsmtp_error *err) ACSMTP_CHECK;

/* Set a member to a text; NULL and "" become null. */
int result_set_text(struct acsmtp_json *object, const char *key, const char *text,
                    struct acsmtp_error *err) ACSMTP_CHECK;

#endif
