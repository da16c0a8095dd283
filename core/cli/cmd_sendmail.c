/* SPDX-License-Identifier: MIT */
/*
 * acsmtp sendmail, and the program under the names sendmail, mailq and newaliases: the message on
 * standard input is read to its end, then addressed, then delivered as `acsmtp send` does. Success
 * is silent. Failures are one line on standard error and an exit code that MTAs know (sysexits.h).
 */
#include "delivery_report.h"
#include "exitcode.h"
#include "letter.h"
#include "output.h"
#include "sendmail.h"
#include "sendmail_header.h"
#include "sendmail_input.h"
#include "sendmail_names.h"
#include "sendmail_phrase.h"
#include "spool.h"
#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { RECIPIENTS_MAX = 1000 }; /* of one message; submission servers take fewer */

struct sendmail {
    struct program *program;
    struct sendmail_options options;
    struct sendmail_input input;
    struct sendmail_names names;
    struct letter letter;
    struct acsmtp_report *report;
};

/* ---- the message ---- */

/* -F; else the calling user's (what stands before the first comma of getpwuid(3)'s), unless the
 * profile's "from" has a name of its own. */
static char *full_name_dup(const struct sendmail *sendmail)
{
    const char *from = sendmail->names.from;
    const struct passwd *entry;
    char *name;

    if (sendmail->options.full_name)
        return strdup(sendmail->options.full_name);
    if (from && strchr(from, '<'))
        return NULL;
    entry = getpwuid(getuid());
    name =
        entry && entry->pw_gecos ? strndup(entry->pw_gecos, strcspn(entry->pw_gecos, ",")) : NULL;
    if (name && (!*name || !sendmail_phrase_allowed(name))) {
        free(name);
        return NULL;
    }
    return name;
}

/* A notification has no envelope sender, but somebody writes it. */
static char *header_dup(struct sendmail *sendmail, struct acsmtp_error *err)
{
    const char *given = sendmail->letter.sender;
    char *address = *given ? strdup(given) : sendmail_names_sender(&sendmail->names, NULL, err);
    char *full_name = full_name_dup(sendmail);
    struct sendmail_author author = {.address = address, .full_name = full_name};
    char *header = NULL;

    if (address)
        header = sendmail_header_dup(sendmail->input.header, &sendmail->names, &author,
                                     sendmail->options.relay, err);
    free(full_name);
    free(address);
    return header;
}

/* Header and body, one behind the other, in a file of our own. */
static int keep_message(struct sendmail *sendmail, int fd, struct acsmtp_error *err)
{
    char *header = header_dup(sendmail, err);
    int status;

    if (!header)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = spool_write(fd, header, strlen(header), err);
    free(header);
    if (status == ACSMTP_OK)
        status = spool_write(fd, "\n", 1, err);
    if (status == ACSMTP_OK && sendmail->input.has_body)
        status = sendmail_input_body(&sendmail->input, fd, err);
    if (status == ACSMTP_OK && lseek(fd, 0, SEEK_SET) < 0)
        status = acsmtp_fail_errno(err, errno, "cannot read the message again");
    return status;
}

/* -f, else the profile's "from", else who the message says it is from, else the calling user. */
static char *sender_dup(struct sendmail *sendmail, struct acsmtp_error *err)
{
    const char *given = sendmail->options.sender;
    char *field = NULL, *sender;

    if (!given && !sendmail->names.address)
        field = sendmail_header_sender_dup(sendmail->input.header);
    sender = sendmail_names_sender(&sendmail->names, given ? given : field, err);
    free(field);
    return sender;
}

static int read_message(struct sendmail *sendmail, struct acsmtp_error *err)
{
    int fd, status;

    if (sendmail_input_header(&sendmail->input, err) != ACSMTP_OK)
        return err->status;
    sendmail->letter.sender = sender_dup(sendmail, err);
    if (!sendmail->letter.sender)
        return err->status;
    fd = spool_open(err);
    if (fd < 0)
        return err->status;
    status = keep_message(sendmail, fd, err);
    if (status == ACSMTP_OK)
        status = acsmtp_message_from_fd(fd, &sendmail->letter.message, err);
    (void)close(fd);
    return status;
}

/* ---- the envelope ---- */

static int find_recipients(struct sendmail *sendmail, const char *const *arguments, size_t count,
                           struct acsmtp_error *err)
{
    struct recipients *recipients = &sendmail->letter.recipients;

    for (size_t i = 0; i < count; i++)
        if (sendmail_names_recipients(&sendmail->names, arguments[i], "recipient", recipients,
                                      err) != ACSMTP_OK)
            return err->status;
    if (sendmail->options.read_recipients &&
        sendmail_header_recipients(sendmail->input.header, &sendmail->names, recipients, err) !=
            ACSMTP_OK)
        return err->status;
    if (!recipients->count)
        return acsmtp_fail(err, ACSMTP_REJECTED,
                           sendmail->options.read_recipients
                               ? "the message names no recipient in To, Cc or Bcc"
                               : "the arguments name no recipient");
    if (recipients->count > RECIPIENTS_MAX)
        return acsmtp_fail(err, ACSMTP_REJECTED, "%zu recipients; one message may have %d",
                           recipients->count, RECIPIENTS_MAX);
    return ACSMTP_OK;
}

static int enclose(struct sendmail *sendmail, struct acsmtp_error *err)
{
    const struct sendmail_options *options = &sendmail->options;
    struct acsmtp_envelope *envelope = &sendmail->letter.envelope;

    if (letter_enclose(&sendmail->letter, err) != ACSMTP_OK)
        return err->status;
    envelope->dsn_notify = options->notify[0] ? options->notify : NULL;
    envelope->dsn_return = options->ret;
    envelope->dsn_id = options->envid;
    return ACSMTP_OK;
}

/* ---- delivering ---- */

static int deliver(struct sendmail *sendmail, struct acsmtp_error *err)
{
    struct program *program = sendmail->program;
    struct acsmtp_mail mail = {.size = sizeof mail,
                               .envelope = &sendmail->letter.envelope,
                               .message = sendmail->letter.message,
                               .result = sendmail->letter.result};
    int status;

    sendmail->report = acsmtp_report_new(err);
    if (!sendmail->report)
        return err->status;
    program_begin(program);
    status =
        acsmtp_driver_deliver(program->driver, program->context, &mail, 1, sendmail->report, err);
    if (program->verbose) {
        talk_report(sendmail->report, 0, status != ACSMTP_OK);
        delivery_talk_envelope(&sendmail->letter, program->dry_run);
    }
    return status == ACSMTP_OK ? acsmtp_result_status(sendmail->letter.result, err) : status;
}

static int prepare_dry_run(struct program *program, struct acsmtp_error *err)
{
    if (!program->dry_run)
        return ACSMTP_OK;
    if (acsmtp_driver_check(program->driver, err) != ACSMTP_OK)
        return err->status;
    return acsmtp_driver_set_dry_run(program->driver, "/dev/stdout", err);
}

static int run(struct sendmail *sendmail, const char *const *arguments, size_t count,
               struct acsmtp_error *err)
{
    if (program_open(sendmail->program, err) != ACSMTP_OK ||
        prepare_dry_run(sendmail->program, err) != ACSMTP_OK ||
        sendmail_names_read(&sendmail->names, sendmail->program->driver, err) != ACSMTP_OK ||
        read_message(sendmail, err) != ACSMTP_OK ||
        find_recipients(sendmail, arguments, count, err) != ACSMTP_OK ||
        enclose(sendmail, err) != ACSMTP_OK)
        return err->status;
    return deliver(sendmail, err);
}

/* ---- what the caller is told ---- */

/* "5.1.1" */
static int is_enhanced(const char *code)
{
    return isdigit((unsigned char)code[0]) && code[1] == '.' && strchr(code + 2, '.') &&
           strspn(code, "0123456789.") == strlen(code);
}

/*
 * An MTA would return all mail to its senders while a secret has expired: only what was said about
 * this message or its recipients is for good. pipe(8) of Postfix reads the status code (RFC 3463)
 * that the line begins with, and believes it more than the exit code.
 */
static int tell_mta(const struct acsmtp_error *err)
{
    int code = exitcode_of_error(err);
    int final = code == EX_DATAERR || code == EX_NOUSER;
    const char *detail = code == EX_NOUSER ? "1.1" : "3.0";
    char first = final ? '5' : '4';

    if (is_enhanced(err->code) && err->code[0] == first)
        detail = err->code + 2;
    (void)fprintf(stderr, "%c.%s %s\n", first, detail, err->message);
    return final ? code : EX_TEMPFAIL;
}

static int finish(const struct sendmail *sendmail, const struct acsmtp_error *err)
{
    if (err->status == ACSMTP_OK)
        return EX_OK;
    if (sendmail->options.relay)
        return tell_mta(err);
    program_talk_failure(sendmail->program, err);
    return exitcode_of_error(err);
}

static int send_message(struct program *program, const struct sendmail_options *options,
                        const char *const *arguments, size_t count)
{
    struct sendmail *sendmail = calloc(1, sizeof *sendmail);
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int code;

    if (!sendmail) {
        talk("out of memory");
        return EX_OSERR;
    }
    sendmail->program = program;
    sendmail->options = *options;
    sendmail_input_init(&sendmail->input, STDIN_FILENO, !options->ignore_dots);
    if (run(sendmail, arguments, count, &err) != ACSMTP_OK)
        sendmail_input_drain(&sendmail->input);
    code = finish(sendmail, &err);
    acsmtp_report_free(sendmail->report);
    letter_release(&sendmail->letter);
    sendmail_names_release(&sendmail->names);
    sendmail_input_release(&sendmail->input);
    free(sendmail);
    return code;
}

int cmd_sendmail(struct program *program, int argc, char **argv)
{
    struct sendmail_options options = {.mode = SENDMAIL_DELIVER};
    int code, first;

    if (program->completing) /* its flags are other programs' to write */
        return EX_OK;
    first = sendmail_options_parse(program, &options, argc, argv, &code);
    if (first < 0)
        return code == EX_USAGE && options.relay ? EX_TEMPFAIL : code;
    if (options.mode == SENDMAIL_LIST)
        (void)puts("Mail queue is empty");
    if (options.mode != SENDMAIL_DELIVER)
        return EX_OK;
    if (first == argc && !options.read_recipients) {
        talk("sendmail: no recipient: name them, or read them from the message with -t");
        return EX_USAGE;
    }
    return send_message(program, &options, (const char *const *)argv + first,
                        (size_t)(argc - first));
}

int cmd_mailq(struct program *program, int argc, char **argv)
{
    (void)program;
    (void)argc;
    (void)argv;
    (void)puts("Mail queue is empty");
    return EX_OK;
}

int cmd_newaliases(struct program *program, int argc, char **argv)
{
    (void)program;
    (void)argc;
    (void)argv;
    return EX_OK; /* the config has them, and needs no database */
}
