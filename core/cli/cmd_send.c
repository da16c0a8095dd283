/* SPDX-License-Identifier: MIT */
/*
 * acsmtp send: letters are made (finished messages, or one composed from options), addressed, and
 * handed to the driver in one piece, so that they share a connection. Nothing is sent before all of
 * them can be read and have a sender and a recipient.
 */
#include "delivery_report.h"
#include "exitcode.h"
#include "letter.h"
#include "output.h"
#include "program.h"
#include "send_options.h"
#include <acsmtp/secret.h>
#include <stdlib.h>
#include <sysexits.h>

/* Messages that are held at once: a bound for memory, and more than a server takes in a session. */
enum { SEND_BATCH = 1000 };

/* What one run of the command holds. */
struct send {
    struct program *program;
    const struct send_options *options;
    int composed;
    const char *const *names; /* of finished messages */
    size_t name_count;
    const char *from;
    struct acsmtp_report *report;
    size_t reported; /* members of the report that were shown */
    struct acsmtp_json *messages;
    int status; /* the worst so far */
};

static int read_letter(struct send *send, struct letter *letter, const char *name,
                       struct acsmtp_error *err)
{
    struct program *program = send->program;
    int status;

    if (send->composed)
        status = letter_compose(letter, program->driver, program->context, send->options, err);
    else
        status = letter_read(letter, name, err);
    if (status != ACSMTP_OK)
        return status;
    return letter_address(letter, send->options, send->from, err);
}

static void release_letters(struct letter *letters, size_t count)
{
    for (size_t i = 0; i < count; i++)
        letter_release(&letters[i]);
    free(letters);
}

/* ---- showing ---- */

static void show_report(struct send *send, int failed)
{
    size_t count = acsmtp_report_length(send->report);

    /* The only member's reason is the error itself. */
    if (send->program->verbose || (failed && count > 1 && !report_winner(send->report)))
        talk_report(send->report, send->reported, failed);
    if (send->program->verbose && acsmtp_report_transport(send->report))
        (void)fprintf(stderr, "transport: %s\n", acsmtp_report_transport(send->report));
    send->reported = count;
}

static int show_letter(struct send *send, const struct letter *letter, struct acsmtp_error *err)
{
    struct program *program = send->program;
    int titled = send->name_count > 1;

    if (program->json) {
        if (acsmtp_json_append(send->messages, delivery_json(letter, program->dry_run, err), err) !=
            0)
            return err->status;
    } else if (!program->dry_run) {
        delivery_print(letter, titled);
    }
    if (program->verbose || (program->dry_run && !program->json))
        delivery_talk_envelope(letter, program->dry_run);
    return ACSMTP_OK;
}

/* ---- delivering ---- */

/* The failure of the delivery as a whole is `err`; what each letter came to is kept in `send`. */
static void deliver(struct send *send, struct letter *letters, size_t count,
                    struct acsmtp_error *err)
{
    struct program *program = send->program;
    struct acsmtp_error shown = ACSMTP_ERROR_INIT;
    struct acsmtp_mail *mails = calloc(count, sizeof *mails);
    int failed;

    if (!mails) {
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        return;
    }
    for (size_t i = 0; i < count; i++)
        mails[i] = (struct acsmtp_mail){.size = sizeof mails[i],
                                        .envelope = &letters[i].envelope,
                                        .message = letters[i].message,
                                        .result = letters[i].result};
    failed = acsmtp_driver_deliver(program->driver, program->context, mails, count, send->report,
                                   err) != ACSMTP_OK;
    free(mails);
    show_report(send, failed);
    for (size_t i = 0; i < count; i++) {
        if (show_letter(send, &letters[i], &shown) != ACSMTP_OK)
            talk_error(&shown);
        if (!failed) {
            delivery_talk(&letters[i], send->name_count > 1);
            send->status =
                delivery_worse(send->status, acsmtp_result_status(letters[i].result, NULL));
        }
    }
}

static int send_batch(struct send *send, size_t first, size_t count, struct acsmtp_error *err)
{
    struct letter *letters = calloc(count, sizeof *letters);

    if (!letters)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    for (size_t i = 0; i < count && err->status == ACSMTP_OK; i++)
        (void)read_letter(send, &letters[i], send->names[first + i], err);
    if (err->status == ACSMTP_OK) {
        if (!first)
            program_begin(send->program);
        deliver(send, letters, count, err);
    }
    release_letters(letters, count);
    return err->status;
}

/* More than a batch: none is sent before the last of them was looked at. */
static int check_all(struct send *send, struct acsmtp_error *err)
{
    for (size_t i = 0; i < send->name_count && err->status == ACSMTP_OK; i++) {
        struct letter letter = {0};

        (void)read_letter(send, &letter, send->names[i], err);
        letter_release(&letter);
    }
    return err->status;
}

static int send_all(struct send *send, struct acsmtp_error *err)
{
    if (send->name_count > SEND_BATCH && check_all(send, err) != ACSMTP_OK)
        return err->status;
    for (size_t first = 0; first < send->name_count; first += SEND_BATCH) {
        size_t left = send->name_count - first;

        if (send_batch(send, first, left < SEND_BATCH ? left : SEND_BATCH, err) != ACSMTP_OK)
            return err->status;
    }
    return ACSMTP_OK;
}

/* ---- the document ---- */

/* What the server refused in the end has not won. */
static struct acsmtp_json *credential_json(const struct send *send,
                                           const struct acsmtp_error *failure,
                                           struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);
    const char *winner = failure->status == ACSMTP_DENIED ? NULL : report_winner(send->report);

    if (!object || output_set_text(object, "winner", winner, err) != 0 ||
        acsmtp_json_set(object, "attempts", output_attempts(send->report, err), err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

static int print_document(struct send *send, const struct acsmtp_error *failure)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *document = output_document(&err);
    const char *profile = acsmtp_driver_profile_name(send->program->driver);

    if (!document || output_set_text(document, "profile", profile, &err) != 0 ||
        acsmtp_json_set(document, "dry_run", acsmtp_json_new_boolean(send->program->dry_run, &err),
                        &err) != 0 ||
        acsmtp_json_set(document, "credential", credential_json(send, failure, &err), &err) != 0 ||
        output_set_text(document, "transport", acsmtp_report_transport(send->report), &err) != 0 ||
        acsmtp_json_set(document, "messages", ACSMTP_STEAL(struct acsmtp_json, send->messages),
                        &err) != 0 ||
        (failure->status != ACSMTP_OK &&
         acsmtp_json_set(document, "error", output_error(failure, &err), &err) != 0)) {
        talk_error(&err);
        return EX_OSERR;
    }
    return output_json(document);
}

static int finish(struct send *send, const struct acsmtp_error *err)
{
    int code = err->status ? exitcode_of_error(err) : exitcode_of(send->status);
    int written;

    if (err->status)
        program_talk_failure(send->program, err);
    if (!send->program->json)
        return code;
    written = print_document(send, err);
    return code ? code : written;
}

/* ---- the command ---- */

static int prepare_dry_run(struct program *program, struct acsmtp_error *err)
{
    if (!program->dry_run)
        return ACSMTP_OK;
    if (acsmtp_driver_check(program->driver, err) != ACSMTP_OK)
        return err->status;
    return acsmtp_driver_set_dry_run(program->driver, program->json ? "/dev/null" : "/dev/stdout",
                                     err);
}

static int send_run(struct program *program, const struct send_options *options,
                    const char *const *names, size_t name_count)
{
    static const char *const standard_input[] = {"-"};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct send send = {.program = program,
                        .options = options,
                        .names = standard_input,
                        .name_count = 1,
                        .composed = letter_is_composed(options)};
    int code;

    if (name_count) {
        send.names = names;
        send.name_count = name_count;
    }
    if (program_open(program, &err) != ACSMTP_OK || prepare_dry_run(program, &err) != ACSMTP_OK)
        return program_fail(program, &err);
    send.from = acsmtp_driver_profile_string(program->driver, "from");
    send.report = acsmtp_report_new(&err);
    send.messages = acsmtp_json_new_array(&err);
    if (send.report && send.messages)
        (void)send_all(&send, &err);
    code = finish(&send, &err);
    acsmtp_json_free(send.messages);
    acsmtp_report_free(send.report);
    return code;
}

int cmd_send(struct program *program, int argc, char **argv)
{
    struct send_options options = {0};
    int code;
    int first = send_options_parse(program, &options, argc, argv, &code);

    if (first >= 0)
        code =
            send_run(program, &options, (const char *const *)argv + first, (size_t)(argc - first));
    send_options_release(&options);
    return code;
}
