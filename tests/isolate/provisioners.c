/* SPDX-License-Identifier: MIT */
/*
 * A program that embeds the driver, and whose provisioner is isolated:
 *	isolate-provisioners CONFIG
 * Threads share a driver, and what describes the plugin outlives it.
 */
#include <acsmtp/driver.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define THREADS 4
#define DRIVERS 3

static struct acsmtp_driver *driver;
static const struct acsmtp_plugin *described[THREADS];

static int fail(const struct acsmtp_error *err)
{
    (void)fprintf(stderr, "%s\n", err->message);
    return 1;
}

static int plan(struct acsmtp_context *context, const struct acsmtp_plugin **plugin,
                struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *result = NULL;
    int status = acsmtp_driver_prepare(driver, context, err);

    if (status == ACSMTP_OK)
        status = acsmtp_driver_provisioner(driver, plugin, err);
    if (status == ACSMTP_OK)
        status =
            acsmtp_driver_provision(driver, context, "plan", NULL, NULL, 0, NULL, &result, err);
    if (status == ACSMTP_OK && !acsmtp_json_string(result, "text"))
        status = acsmtp_fail(err, ACSMTP_SYSTEM, "a plan without a text");
    return status;
}

static void *run(void *place)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_context *context = NULL;
    int status = acsmtp_context_new(&context, &err);

    if (status == ACSMTP_OK)
        status = plan(context, place, &err);
    if (status != ACSMTP_OK)
        (void)fail(&err);
    acsmtp_context_free(context);
    return NULL;
}

static int use(const char *config)
{
    const struct acsmtp_driver_options options = {
        .size = sizeof options, .flags = ACSMTP_DRIVER_CONFIG_ONLY, .config_file = config};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    pthread_t threads[THREADS];

    if (acsmtp_driver_open(&options, &driver, &err) != ACSMTP_OK)
        return fail(&err);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, run, &described[i]) != 0)
            return 1;
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    acsmtp_driver_close(driver);
    return 0;
}

int main(int argc, char **argv)
{
    const struct acsmtp_plugin *first = NULL;

    if (argc != 2)
        return 64;
    for (int i = 0; i < DRIVERS; i++) {
        if (use(argv[1]) != 0)
            return 1;
        if (!first)
            first = described[0];
        for (int j = 0; j < THREADS; j++)
            if (!first || described[j] != first)
                return 2;
    }
    for (unsigned i = 0; i < first->option_count; i++)
        (void)printf("%s: %s\n", first->options[i].name, first->options[i].summary);
    return 0;
}
