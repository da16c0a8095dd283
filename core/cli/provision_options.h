/* SPDX-License-Identifier: MIT */
/* The words of `acsmtp provision`. */
#ifndef PROVISION_OPTIONS_H
#define PROVISION_OPTIONS_H

#include "program.h"

enum provision_action {
    PROVISION_PLAN = 1,
    PROVISION_APPLY = 2,
    PROVISION_SHOW = 4,
    PROVISION_VERIFY = 8,
    PROVISION_ROTATE = 16,
    PROVISION_DESTROY = 32,
    PROVISION_EXPORT = 64
};

/* Borrowed from the command line, but for `given`. */
struct provision_options {
    int action;       /* enum provision_action */
    const char *name; /* of the action: what the driver calls the operation */
    int detailed_exitcode, yes, purge, destroy, check_dns;
    const char *output, *write_config, *write_profile, *format, *merge_spf, *directory;
    struct text_list given; /* of the provisioner's options: "name=value" */
};

/*
 * Read the words; the provisioner is loaded for its option table. Returns 0; or -1, with *code set,
 * when there is nothing more to do. To be released in either case.
 */
int provision_options_parse(struct program *program, struct provision_options *options, int argc,
                            char **argv, int *code);
void provision_options_release(struct provision_options *options);

#endif
