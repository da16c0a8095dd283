/* SPDX-License-Identifier: MIT */
/*
 * Sends mails from several threads over one driver whose plugins are isolated:
 *	isolate-threads CONFIG CLOUD SENDER
 * The first thread that asks has ended before the others ask: processes that it started go on.
 */
#include <acsmtp/driver.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 4
#define MAILS 2 /* of each */

static struct acsmtp_driver *driver;
static const char *sender;

static int work(struct acsmtp_context *context, int sends, struct acsmtp_error *err)
{
    char text[512];
    const char *const recipients[] = {"ann@example.com"};
    struct acsmtp_envelope envelope = {
        .size = sizeof envelope, .sender = sender, .recipients = recipients, .recipient_count = 1};
    struct acsmtp_credential *credential = acsmtp_credential_new(err);
    struct acsmtp_mail mail = {.size = sizeof mail, .envelope = &envelope};
    int status = acsmtp_driver_credential(driver, context, NULL, credential, NULL, err);

    (void)snprintf(text, sizeof text, "From: %s\r\nSubject: x\r\n\r\nx\r\n", sender);
    for (int i = 0; status == ACSMTP_OK && i < sends; i++) {
        mail.result = acsmtp_result_new(1, err);
        status = acsmtp_message_from_memory(text, strlen(text), &mail.message, err);
        if (status == ACSMTP_OK)
            status = acsmtp_driver_deliver(driver, context, &mail, 1, NULL, err);
        if (status == ACSMTP_OK)
            status = acsmtp_result_status(mail.result, err);
        acsmtp_message_free(mail.message);
        acsmtp_result_free(mail.result);
        mail.message = NULL;
    }
    acsmtp_credential_free(credential);
    return status;
}

static void *run(void *sends)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_context *context = NULL;
    int status = acsmtp_context_new(&context, &err);

    if (status == ACSMTP_OK)
        status = acsmtp_driver_prepare(driver, context, &err);
    if (status == ACSMTP_OK)
        status = work(context, *(int *)sends, &err);
    if (status != ACSMTP_OK)
        (void)fprintf(stderr, "%s\n", err.message);
    acsmtp_context_free(context);
    return NULL;
}

int main(int argc, char **argv)
{
    struct acsmtp_driver_options options = {.size = sizeof options,
                                            .flags = ACSMTP_DRIVER_NO_CACHE};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    pthread_t threads[THREADS];
    int none = 0, mails = MAILS;

    if (argc != 4)
        return 64;
    options.config_file = argv[1];
    options.cloud = argv[2];
    sender = argv[3];
    if (acsmtp_driver_open(&options, &driver, &err) != ACSMTP_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    if (pthread_create(&threads[0], NULL, run, &none) != 0 || pthread_join(threads[0], NULL) != 0)
        return 1;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, run, &mails) != 0)
            return 1;
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    acsmtp_driver_close(driver);
    return 0;
}
