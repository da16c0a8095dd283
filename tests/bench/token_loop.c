/* SPDX-License-Identifier: MIT */
/*
 * How long a token takes that the driver has in memory: prints microseconds for each of many.
 *
 *	bench-token-loop CONFIG CLOUD
 */
#include <acsmtp/driver.h>
#include <stdio.h>
#include <time.h>

#define ROUNDS 200000

static int64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int loop(struct acsmtp_driver *driver, struct acsmtp_context *context,
                struct acsmtp_error *err)
{
    const struct acsmtp_credential_request request = {.size = sizeof request};
    struct acsmtp_credential *token = acsmtp_credential_new(err);
    int status = token ? acsmtp_driver_credential(driver, context, &request, token, NULL, err)
                       : ACSMTP_SYSTEM;
    int64_t start = now_ns();

    for (int i = 0; status == ACSMTP_OK && i < ROUNDS; i++)
        status = acsmtp_driver_credential(driver, context, &request, token, NULL, err);
    printf("%.3f\n", (double)(now_ns() - start) / 1000 / ROUNDS);
    acsmtp_credential_free(token);
    return status;
}

int main(int argc, char **argv)
{
    struct acsmtp_driver_options options = {.size = sizeof options};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_driver *driver = NULL;
    struct acsmtp_context *context = NULL;

    if (argc != 3)
        return 64;
    options.config_file = argv[1];
    options.cloud = argv[2];
    if (acsmtp_driver_open(&options, &driver, &err) != ACSMTP_OK ||
        acsmtp_context_new(&context, &err) != ACSMTP_OK ||
        acsmtp_driver_prepare(driver, context, &err) != ACSMTP_OK ||
        loop(driver, context, &err) != ACSMTP_OK)
        fprintf(stderr, "%s\n", err.message);
    acsmtp_context_free(context);
    acsmtp_driver_close(driver);
    return err.status;
}
