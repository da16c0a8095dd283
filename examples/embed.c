/* SPDX-License-Identifier: MIT */
/*
 * A token for any service, from whatever identity this machine has: a profile of the config, or
 * without any config the default chain (managed identity, az, the AZURE_* variables, ...).
 *
 *	cc -o embed embed.c $(pkg-config --cflags --libs acsmtp)
 *	./embed https://vault.azure.net/.default [PROFILE]
 */
#include <acsmtp/driver.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct acsmtp_driver_options options = {.size = sizeof options,
                                            .flags = ACSMTP_DRIVER_DEFAULT_CHAIN,
                                            .profile = argc > 2 ? argv[2] : NULL};
    struct acsmtp_credential_request request = {.size = sizeof request,
                                                .scope = argc > 1 ? argv[1] : NULL};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_driver *driver = NULL;
    struct acsmtp_context *context = NULL;
    struct acsmtp_credential *token = acsmtp_credential_new(&err);

    if (token && acsmtp_driver_open(&options, &driver, &err) == ACSMTP_OK &&
        acsmtp_context_new(&context, &err) == ACSMTP_OK &&
        acsmtp_driver_prepare(driver, context, &err) == ACSMTP_OK &&
        acsmtp_driver_credential(driver, context, &request, token, NULL, &err) == ACSMTP_OK)
        printf("%s\n", acsmtp_secret_data(acsmtp_credential_secret(token)));
    else
        fprintf(stderr, "embed: %s\n", err.message);
    acsmtp_credential_free(token);
    acsmtp_context_free(context);
    acsmtp_driver_close(driver);
    return err.status;
}
