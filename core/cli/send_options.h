/* SPDX-License-Identifier: MIT */
/* The options of `acsmtp send`. */
#ifndef SEND_OPTIONS_H
#define SEND_OPTIONS_H

#include "options.h"
#include "program.h"

/* Borrowed from the command line. */
struct send_options {
    const char *from, *reply_to, *subject, *text, *html, *date, *message_id;
    struct text_list to, cc, bcc, attachments, inlines, headers;
    int read_recipients;
};

/*
 * Read the words of the command. Returns the index of the first FILE; or -1, with *code set, when
 * there is nothing more to do. To be released in either case.
 */
int send_options_parse(struct program *program, struct send_options *options, int argc, char **argv,
                       int *code);
void send_options_release(struct send_options *options);

#endif
