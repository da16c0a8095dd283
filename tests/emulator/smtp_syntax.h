/* SPDX-License-Identifier: MIT */
/* The grammar of SMTP commands, strictly after RFC 5321 and the extensions that are offered. Pure
 * functions over one command line without its CRLF. */
#ifndef EMULATOR_SMTP_SYNTAX_H
#define EMULATOR_SMTP_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SYNTAX_LOCAL_PART = 64,
    SYNTAX_DOMAIN = 255,
    SYNTAX_PATH = 256, /* with its angle brackets */
    SYNTAX_PARAMETERS = 8,
};

struct syntax_path {
    char address[SYNTAX_PATH + 1]; /* "" for <> */
    bool utf8;                     /* it holds bytes outside ASCII */
};

struct syntax_parameter {
    char keyword[16];  /* upper case */
    const char *value; /* borrowed from the line, NULL without '=' */
    size_t length;
};

struct syntax_parameters {
    struct syntax_parameter list[SYNTAX_PARAMETERS];
    size_t count;
};

/* What a MAIL or RCPT command holds after its verb and blank. */
struct syntax_envelope {
    struct syntax_path path;
    struct syntax_parameters parameters;
};

/* "FROM:" or "TO:", a path in angle brackets, parameters. false when malformed. */
bool syntax_envelope(const char *argument, const char *prefix, bool null_allowed,
                     struct syntax_envelope *envelope);
/* A domain or an address literal, as EHLO takes it. */
bool syntax_ehlo_name(const char *name);
bool syntax_is_utf8(const char *text, size_t length);
/* xtext of RFC 3461. */
bool syntax_is_xtext(const char *text, size_t length);
/* Only digits; -1 otherwise. */
int64_t syntax_number(const char *text, size_t length);
/* "NEVER" or a list of SUCCESS, FAILURE, DELAY. */
bool syntax_is_notify(const char *text, size_t length);
#endif
