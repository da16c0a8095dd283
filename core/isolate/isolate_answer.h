/* SPDX-License-Identifier: MIT */
/*
 * Between the parts of what a host answers to an isolated plugin.
 */
#ifndef ISOLATE_ANSWER_H
#define ISOLATE_ANSWER_H

#include "isolate_call.h"

/* Reads a question from `in` and writes what was asked for to `out`. */
typedef int isolate_answer_function(struct isolate_call *call, struct wire_reader *in,
                                    struct wire_writer *out, struct acsmtp_error *err);

/* PROTOCOL: the plugin asked for something that there is not. */
int isolate_impossible(const char *what, struct acsmtp_error *err);

isolate_answer_function isolate_take_result;
isolate_answer_function isolate_answer_read;
isolate_answer_function isolate_answer_write;
isolate_answer_function isolate_answer_store_open;
isolate_answer_function isolate_answer_store_get;
isolate_answer_function isolate_answer_store_set;
isolate_answer_function isolate_answer_store_remove;
isolate_answer_function isolate_take_store_close;
isolate_answer_function isolate_take_step;

#endif
