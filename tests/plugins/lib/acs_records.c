/* SPDX-License-Identifier: MIT */
/*
 * The records of the provisioner acs without Azure: a domain resource on standard input, its
 * records on standard output.
 *
 *	acs_records DOMAIN table|zone|json [--merge SPF] [--look-up [--server SERVER]] [--timeout
 *MS]
 *
 * The exit status is the acsmtp status, with its message on standard error. SIGTERM cancels.
 */
#include "records.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    const char *domain, *format, *merge, *server;
    int look_up;
    long timeout;
};

static struct acsmtp_context *context;

static void cancel(int number)
{
    (void)number;
    acsmtp_context_cancel(context);
}

static int read_options(struct options *options, int argc, char **argv)
{
    *options = (struct options){.timeout = -1};
    if (argc < 3)
        return 0;
    options->domain = argv[1];
    options->format = argv[2];
    for (int i = 3; i < argc; i++) {
        int has_value = i + 1 < argc;

        if (strcmp(argv[i], "--look-up") == 0)
            options->look_up = 1;
        else if (strcmp(argv[i], "--merge") == 0 && has_value)
            options->merge = argv[++i];
        else if (strcmp(argv[i], "--server") == 0 && has_value)
            options->server = argv[++i];
        else if (strcmp(argv[i], "--timeout") == 0 && has_value)
            options->timeout = strtol(argv[++i], NULL, 10);
        else
            return 0;
    }
    return 1;
}

static struct acsmtp_json *read_domain(struct acsmtp_error *err)
{
    static char text[1 << 20];

    return acsmtp_json_parse(text, fread(text, 1, sizeof text, stdin), err);
}

static char *format(const struct records *records, const char *name, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;

    if (strcmp(name, "table") == 0)
        return records_format_table(records, err);
    if (strcmp(name, "zone") == 0)
        return records_format_zone(records, err);
    json = records_format_json(records, err);
    return json ? acsmtp_json_format(json) : NULL;
}

static int run(const struct options *options, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *domain = read_domain(err);
    struct records records;
    int status = domain ? records_read(domain, options->domain, &records, err) : err->status;
    char *text;

    if (status == ACSMTP_OK && options->merge)
        status = records_merge_spf(&records, options->merge, err);
    if (status == ACSMTP_OK && options->look_up) {
        acsmtp_context_set_timeout(context, options->timeout);
        status = records_look_up(&records, context, options->server, err);
    }
    if (status != ACSMTP_OK)
        return status;
    text = format(&records, options->format, err);
    if (text)
        (void)fputs(text, stdout);
    free(text);
    return text ? ACSMTP_OK : ACSMTP_SYSTEM;
}

int main(int argc, char **argv)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct options options;
    int status;

    if (!read_options(&options, argc, argv) || acsmtp_context_new(&context, &err) != ACSMTP_OK)
        return 64;
    (void)signal(SIGTERM, cancel);
    status = run(&options, &err);
    if (status != ACSMTP_OK)
        (void)fprintf(stderr, "%s: %s\n", acsmtp_status_name(status), err.message);
    acsmtp_context_free(context);
    return status;
}
