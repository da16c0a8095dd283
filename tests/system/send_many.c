/* SPDX-License-Identifier: MIT */
/*
 * Long work by the public headers alone: delivers COUNT small mails with one deliver(), and prints
 * what became of each (enum acsmtp_delivery). The log goes to stderr, each line with its time in
 * milliseconds. The exit status is deliver()'s.
 *
 *	send-many CONFIG CLOUD FROM COUNT
 */
#include <acsmtp/driver.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct work {
    struct acsmtp_driver *driver;
    struct acsmtp_context *context;
    struct acsmtp_mail *mails;
    size_t count;
};

static void print_line(void *data, int level, const char *line)
{
    struct timespec now;

    (void)data;
    (void)level;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    fprintf(stderr, "%lld %s\n", (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000, line);
}

static int open_all(struct work *work, char **argv, struct acsmtp_error *err)
{
    struct acsmtp_driver_options options = {.size = sizeof options,
                                            .flags = ACSMTP_DRIVER_CONFIG_ONLY,
                                            .config_file = argv[1],
                                            .cloud = argv[2]};

    if (acsmtp_driver_open(&options, &work->driver, err) != ACSMTP_OK ||
        acsmtp_context_new(&work->context, err) != ACSMTP_OK)
        return err->status;
    acsmtp_context_set_log(work->context, print_line, NULL, ACSMTP_LOG_TRACE);
    return acsmtp_driver_prepare(work->driver, work->context, err);
}

static int make_mails(struct work *work, const struct acsmtp_envelope *envelope,
                      struct acsmtp_error *err)
{
    char text[256];

    work->mails = calloc(work->count, sizeof *work->mails);
    for (size_t i = 0; work->mails && i < work->count; i++) {
        struct acsmtp_mail *mail = &work->mails[i];
        int size = snprintf(text, sizeof text, "From: <%s>\r\nSubject: %zu\r\n\r\nx\r\n",
                            envelope->sender, i);

        *mail = (struct acsmtp_mail){.size = sizeof *mail, .envelope = envelope};
        mail->result = acsmtp_result_new(1, err);
        if (!mail->result ||
            acsmtp_message_from_memory(text, (size_t)size, &mail->message, err) != ACSMTP_OK)
            return ACSMTP_SYSTEM;
    }
    return work->mails ? ACSMTP_OK : acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
}

static void release(struct work *work)
{
    for (size_t i = 0; work->mails && i < work->count; i++) {
        acsmtp_message_free(work->mails[i].message);
        acsmtp_result_free(work->mails[i].result);
    }
    free(work->mails);
    acsmtp_context_free(work->context);
    acsmtp_driver_close(work->driver);
}

int main(int argc, char **argv)
{
    static const char *const to[] = {"ann@example.com"};
    struct work work = {0};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_envelope envelope = {
        .size = sizeof envelope, .recipients = to, .recipient_count = 1};

    if (argc != 5)
        return 64;
    envelope.sender = argv[3];
    work.count = (size_t)strtoul(argv[4], NULL, 10);
    if (open_all(&work, argv, &err) != ACSMTP_OK ||
        make_mails(&work, &envelope, &err) != ACSMTP_OK ||
        acsmtp_driver_deliver(work.driver, work.context, work.mails, work.count, NULL, &err) !=
            ACSMTP_OK)
        fprintf(stderr, "failed: %s\n", err.message);
    for (size_t i = 0; work.mails && i < work.count; i++)
        printf("%d\n", (int)acsmtp_result_message(work.mails[i].result)->delivery);
    release(&work);
    return err.status;
}
