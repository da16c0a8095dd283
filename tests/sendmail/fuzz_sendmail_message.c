/* SPDX-License-Identifier: MIT */
/*
 * Messages from a pipe: whatever comes in, what goes out is a message to the library, has an
 * author, a date and an id, and no field that nobody may see; its body is what was behind the
 * header.
 */
#include "input_fixture.h"
#include <acsmtp/message.h>
#include <cli/sendmail_header.h>
#include <cli/sendmail_input.h>
#include <cli/spool.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_message(int fd, int complete)
{
    static const struct {
        const char *name;
        int wanted;
    } fields[] = {{"From", 1}, {"Date", 1}, {"Message-ID", 1}, {"Bcc", 0}, {"Resent-Bcc", 0}};
    struct acsmtp_message *message = NULL;
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    if (lseek(fd, 0, SEEK_SET) != 0)
        abort();
    if (acsmtp_message_from_fd(fd, &message, &err) != ACSMTP_OK) {
        if (complete && !strstr(err.message, "NUL"))
            abort();
        return;
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        char *value = acsmtp_message_header_dup(message, fields[i].name, 0);

        if (!value != !fields[i].wanted && (complete || !fields[i].wanted))
            abort();
        free(value);
    }
    acsmtp_message_free(message);
}

static void check_body(int fd, size_t header_size, const uint8_t *data, size_t size, int whole)
{
    size_t total, body;
    char *text = fixture_content(fd, &total);

    body = total - header_size;
    if (body > size || (whole && body && memcmp(text + header_size, data + size - body, body) != 0))
        abort();
    free(text);
}

static void pass(struct sendmail_input *input, const uint8_t *data, size_t size, int complete)
{
    struct sendmail_names names = {.from = "n@example.com",
                                   .address = (char *)"n@example.com",
                                   .host = (char *)"h.example",
                                   .user = (char *)"u",
                                   .set_from = !complete};
    struct sendmail_author author = {.address = names.address};
    struct recipients recipients = {0};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int to = memfd_create("message", MFD_CLOEXEC);
    char *header = sendmail_header_dup(input->header, &names, &author, !complete, NULL);

    if (strchr(input->header, '\r') || strlen(input->header) != input->header_size)
        abort();
    if (spool_write(to, header, strlen(header), NULL) != ACSMTP_OK ||
        spool_write(to, "\n", 1, NULL) != ACSMTP_OK ||
        (input->has_body && sendmail_input_body(input, to, NULL) != ACSMTP_OK))
        abort();
    check_body(to, strlen(header) + 1, data, size, !input->end_at_dot);
    check_message(to, complete);
    (void)!sendmail_header_recipients(input->header, &names, &recipients, &err);
    recipients_release(&recipients);
    free(header);
    (void)close(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sendmail_input input;
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int fd, flags;

    if (size == 0)
        return 0;
    flags = *data++;
    size--;
    fd = fixture_input(data, size);
    sendmail_input_init(&input, fd, flags & 1);
    if (sendmail_input_header(&input, &err) == ACSMTP_OK)
        pass(&input, data, size, (flags & 2) == 0);
    sendmail_input_release(&input);
    (void)close(fd);
    return 0;
}
