/* SPDX-License-Identifier: MIT */
/*
 * What the program says: results and documents on standard output, talk on standard error. Talk is
 * "acsmtp: ..." on one line; what is known about the way out follows on a line "hint: ...". Lines
 * of several threads do not mix.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <acsmtp/driver.h>
#include <acsmtp/error.h>
#include <acsmtp/json.h>
#include <stdio.h>

#define OUTPUT_SCHEMA_VERSION 1

void talk(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));

/*
 * A text that somebody else may have chosen (the name of a file) for people to read: passed through
 * the filter of every error, and cut where it is longer than one.
 */
void output_text(FILE *out, const char *text);

/* The message of a failure and its hint, unless the last failure had the same. */
void talk_error(const struct acsmtp_error *err);

/* A sink for the context's log: warnings and errors look like talk, the rest is printed as it is.
 */
void talk_log(void *data, int level, const char *line);

/*
 * The members of a chain from the `first` on, one aligned line each, on standard error; with
 * `cause_first` the most telling failure leads, otherwise they stand in the order in which they
 * were asked.
 */
void talk_report(const struct acsmtp_report *report, size_t first, int cause_first);

/* Bytes straight to standard output, past any buffer that could keep a copy of a secret. */
int output_bytes(const void *bytes, size_t size);

/* A document on one line, written at once. 0 or EX_*. */
int output_line(const struct acsmtp_json *document);

/* A document over several lines; its text is wiped after it was written. 0 or EX_*. */
int output_json(const struct acsmtp_json *document);

/* A new document with its schema version. NULL when memory fails. */
struct acsmtp_json *output_document(struct acsmtp_error *err);

/* The same with its "type": one of the documents that follow each other, a line each. */
struct acsmtp_json *output_event(const char *type, struct acsmtp_error *err);

/* {"status", "message", "code", "server_code", "server_text", "retry_after", "hint"} of a failure.
 */
struct acsmtp_json *output_error(const struct acsmtp_error *failure, struct acsmtp_error *err);

/* [{"plugin", "status", "message", "hint", "elapsed_ms"}] of a chain's members. */
struct acsmtp_json *output_attempts(const struct acsmtp_report *report, struct acsmtp_error *err);

/* A string, or null for NULL. */
int output_set_text(struct acsmtp_json *object, const char *key, const char *text,
                    struct acsmtp_error *err);

/* The plugin that gave the credential last, even if a server refused it; or NULL. */
const char *report_winner(const struct acsmtp_report *report);

/* Flush standard output; EX_IOERR (and talk) when something did not get there, else `code`. */
int output_close(int code);

#endif
