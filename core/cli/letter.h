/* SPDX-License-Identifier: MIT */
/*
 * One mail that `acsmtp send` is about to deliver: the message, its envelope, its result.
 */
#ifndef LETTER_H
#define LETTER_H

#include "recipients.h"
#include "send_options.h"
#include <acsmtp/driver.h>
#include <acsmtp/message.h>

struct letter {
    const char *name; /* the file, "-" for standard input, NULL when it was composed */
    struct acsmtp_message *message;
    struct acsmtp_result *result;
    char *sender;
    struct recipients recipients;
    struct acsmtp_envelope envelope;
};

/* Read a finished message from a file, or from standard input when `name` is "-". */
int letter_read(struct letter *letter, const char *name, struct acsmtp_error *err) ACSMTP_CHECK;

/* Make the message from the options with the profile's composer. */
int letter_compose(struct letter *letter, struct acsmtp_driver *driver,
                   struct acsmtp_context *context, const struct send_options *options,
                   struct acsmtp_error *err) ACSMTP_CHECK;

/* Whether the options ask for a message to be composed. */
int letter_is_composed(const struct send_options *options);

/*
 * Find out who it is from and to; make the envelope and an empty result. `from` is the profile's,
 * or NULL. From now on Bcc is left out of the message.
 */
int letter_address(struct letter *letter, const struct send_options *options, const char *from,
                   struct acsmtp_error *err) ACSMTP_CHECK;

/* The envelope of the sender and recipients that the letter has, and an empty result. */
int letter_enclose(struct letter *letter, struct acsmtp_error *err) ACSMTP_CHECK;

void letter_release(struct letter *letter);

/* "name: " when there is one to tell apart. */
const char *letter_title(const struct letter *letter);

#endif
