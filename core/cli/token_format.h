/* SPDX-License-Identifier: MIT */
/*
 * The shapes in which other programs take a token from a helper. Everything goes to standard output
 * past its buffers.
 */
#ifndef TOKEN_FORMAT_H
#define TOKEN_FORMAT_H

#include <acsmtp/driver.h>

/* What is printed. All borrowed. */
struct token_answer {
    const struct acsmtp_credential *credential;
    const char *source;   /* the plugin, or NULL */
    const char *username; /* the profile's, or NULL */
    const char *server;   /* docker: the server that was asked for, "" if none was */
    const char *variable; /* env: a name that a shell takes */
};

/* Returns EX_*. */
typedef int token_format_writer(const struct token_answer *answer);

struct token_format {
    const char *name;
    token_format_writer *write;
    /* The protocol names what it wants in a word behind the command: "get", "store", "erase". */
    int has_verbs;
};

/* NULL for an unknown name. */
const struct token_format *token_format_find(const char *name);

/* "raw, json, ...": of every format. */
#define TOKEN_FORMATS "raw|json|git|aws|k8s|docker|env"

/* Whether a shell takes it: [A-Za-z_][A-Za-z0-9_]*. */
int token_variable_valid(const char *name);

#endif
