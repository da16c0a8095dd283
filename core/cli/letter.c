/* SPDX-License-Identifier: MIT */
/*
 * Reading a finished message and addressing it. The envelope comes from the command line, else from
 * the message's own fields, as with `sendmail -t`; the message itself is not changed, but for Bcc,
 * which no recipient may see.
 */
#include "letter.h"
#include "exitcode.h"
#include <acsmtp/secret.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIELDS_MAX = 1000 }; /* fields of one name that are looked at */

static int no_input(const char *name, struct acsmtp_error *err)
{
    acsmtp_error_server(err, 0, EXITCODE_NO_INPUT, NULL);
    return acsmtp_fail_errno(err, errno, "cannot read '%s'", name);
}

/* What can be read only once (a pipe, a process substitution) is kept; a file is read when it is
 * its turn. */
static int read_opened(struct letter *letter, int fd, struct acsmtp_error *err)
{
    struct stat status;
    int result;

    if (fstat(fd, &status) != 0)
        return no_input(letter->name, err);
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return no_input(letter->name, err);
    }
    result = S_ISREG(status.st_mode) ? acsmtp_message_from_path(letter->name, &letter->message, err)
                                     : acsmtp_message_from_fd(fd, &letter->message, err);
    if (!strstr(err->message, letter->name))
        acsmtp_error_prefix(err, "%s", letter->name);
    return result;
}

int letter_read(struct letter *letter, const char *name, struct acsmtp_error *err)
{
    int status;
    int fd;

    letter->name = name;
    if (strcmp(name, "-") == 0) {
        status = acsmtp_message_from_fd(STDIN_FILENO, &letter->message, err);
        acsmtp_error_prefix(err, "standard input");
        return status;
    }
    fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return no_input(name, err);
    status = read_opened(letter, fd, err);
    (void)close(fd);
    return status;
}

/* ---- sender ---- */

struct addresses {
    char *first;
    size_t count;
};

static int collect_address(void *data, const char *address, struct acsmtp_error *err)
{
    struct addresses *addresses = data;

    if (addresses->count++ || (addresses->first = strdup(address)))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
}

static int sender_from_text(struct letter *letter, const char *text, const char *where,
                            struct acsmtp_error *err)
{
    struct addresses addresses = {0};
    int status = acsmtp_address_list(text, collect_address, &addresses, err);

    if (status == ACSMTP_OK && addresses.count != 1)
        status = acsmtp_fail(err, ACSMTP_REJECTED, "%zu addresses, where one sender is needed",
                             addresses.count);
    if (status != ACSMTP_OK) {
        acsmtp_error_prefix(err, "%s", where);
        free(addresses.first);
        return status;
    }
    letter->sender = addresses.first;
    return ACSMTP_OK;
}

/* Several authors: RFC 5322 section 3.6.2 then wants a Sender, who is the one that sends. */
static int sender_from_fields(struct letter *letter, struct acsmtp_error *err)
{
    char *text = acsmtp_message_header_dup(letter->message, "Sender", 0);
    const char *where = text ? "field Sender" : "field From";
    int status;

    if (!text)
        text = acsmtp_message_header_dup(letter->message, "From", 0);
    if (!text)
        return acsmtp_fail(err, ACSMTP_REJECTED,
                           "no sender: give --from, set \"from\" in the profile, or a From field");
    status = sender_from_text(letter, text, where, err);
    free(text);
    return status;
}

static int find_sender(struct letter *letter, const struct send_options *options, const char *from,
                       struct acsmtp_error *err)
{
    if (options->from && (!*options->from || strcmp(options->from, "<>") == 0)) {
        letter->sender = strdup(""); /* the null reverse-path of notifications, RFC 5321 4.5.5 */
        return letter->sender ? ACSMTP_OK : acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    }
    if (options->from)
        return sender_from_text(letter, options->from, "--from", err);
    if (from)
        return sender_from_text(letter, from, "\"from\" of the profile", err);
    return sender_from_fields(letter, err);
}

/* ---- recipients ---- */

static int add_options(struct letter *letter, const struct text_list *list, const char *where,
                       struct acsmtp_error *err)
{
    for (size_t i = 0; i < list->count; i++)
        if (recipients_add(&letter->recipients, list->items[i], where, err) != ACSMTP_OK)
            return err->status;
    return ACSMTP_OK;
}

static int add_fields(struct letter *letter, const char *name, const char *where,
                      struct acsmtp_error *err)
{
    for (size_t i = 0; i < FIELDS_MAX; i++) {
        char *text = acsmtp_message_header_dup(letter->message, name, i);
        int status;

        if (!text)
            return ACSMTP_OK;
        /* An empty field is common ("Bcc:" in a draft) and says nothing. */
        status = text[strspn(text, " \t")] ? recipients_add(&letter->recipients, text, where, err)
                                           : ACSMTP_OK;
        free(text);
        if (status != ACSMTP_OK)
            return status;
    }
    return acsmtp_fail(err, ACSMTP_REJECTED, "%s: more than %d of them", where, FIELDS_MAX);
}

static int find_recipients(struct letter *letter, const struct send_options *options,
                           struct acsmtp_error *err)
{
    if (add_options(letter, &options->to, "--to", err) != ACSMTP_OK ||
        add_options(letter, &options->cc, "--cc", err) != ACSMTP_OK ||
        add_options(letter, &options->bcc, "--bcc", err) != ACSMTP_OK)
        return err->status;
    if ((!letter->recipients.count || options->read_recipients) &&
        (add_fields(letter, "To", "field To", err) != ACSMTP_OK ||
         add_fields(letter, "Cc", "field Cc", err) != ACSMTP_OK ||
         add_fields(letter, "Bcc", "field Bcc", err) != ACSMTP_OK))
        return err->status;
    if (!letter->recipients.count)
        return acsmtp_fail(err, ACSMTP_REJECTED,
                           "no recipient: give --to, --cc or --bcc, or a To, Cc or Bcc field");
    return ACSMTP_OK;
}

int letter_enclose(struct letter *letter, struct acsmtp_error *err)
{
    letter->envelope = (struct acsmtp_envelope){
        .size = sizeof letter->envelope,
        .sender = letter->sender,
        .recipients = (const char *const *)letter->recipients.items,
        .recipient_count = letter->recipients.count,
    };
    letter->result = acsmtp_result_new(letter->recipients.count, err);
    return letter->result ? ACSMTP_OK : err->status;
}

int letter_address(struct letter *letter, const struct send_options *options, const char *from,
                   struct acsmtp_error *err)
{
    if (find_sender(letter, options, from, err) != ACSMTP_OK ||
        find_recipients(letter, options, err) != ACSMTP_OK) {
        acsmtp_error_prefix(
            err, "%s", letter->name && strcmp(letter->name, "-") != 0 ? letter->name : "message");
        return err->status;
    }
    acsmtp_message_omit_header(letter->message, "Bcc");
    return letter_enclose(letter, err);
}

void letter_release(struct letter *letter)
{
    acsmtp_message_free(letter->message);
    acsmtp_result_free(letter->result);
    recipients_release(&letter->recipients);
    free(letter->sender);
    *letter = (struct letter){0};
}

const char *letter_title(const struct letter *letter)
{
    if (!letter->name)
        return "composed message";
    return strcmp(letter->name, "-") == 0 ? "standard input" : letter->name;
}
