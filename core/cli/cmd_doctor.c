/* SPDX-License-Identifier: MIT */
/*
 * acsmtp doctor: the whole way of a mail, looked at from the config to the provider's rules. What
 * is looked at, and what of it is bad, is the library's and the plugins' business; here it is
 * shown.
 */
#include "bug_report.h"
#include "exitcode.h"
#include "file_save.h"
#include "finding_list.h"
#include "output.h"
#include "program.h"
#include <acsmtp/json.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

struct doctor_options {
    const char *report;
};

static const struct option_row doctor_rows[] = {
    {"report", 0, OPTION_TEXT, "FILE", offsetof(struct doctor_options, report),
     "also write a bundle for a bug report: versions, config\nwithout secrets, findings, trace"},
};

static const struct option_help doctor_help = {
    .command = "acsmtp doctor",
    .synopsis = "acsmtp doctor [--report FILE]",
    .description =
        "Look at the whole way of a mail, and stop nowhere: config, plugins, DNS, TCP (the port\n"
        "of the config, 587, 25), TLS certificate, what the server offers, every source of\n"
        "credentials, what the token says, the login, and at the provider: the user name and the\n"
        "application it is bound to, role, sender, domain; last the clock. No mail is sent.",
    .epilog =
        "Each line is ok, BAD with a hint, warn (works, but watch it), or - (could not be looked\n"
        "at, or does not apply: the line says why). For what the provider has it needs a\n"
        "subscription (\"provision\" in the config, or AZURE_SUBSCRIPTION_ID) and an identity "
        "that\n"
        "may read there.\n"
        "\n"
        "Exit codes: 0 nothing is bad, else those of a delivery that fails for the worst finding:\n"
        "69, 70, 71, 75 temporary, 76 protocol, 77 identity refused, 78 config.",
};

/* ---- the config ---- */

struct layer_text {
    char text[600];
    size_t used;
};

static void add_layer(void *data, const char *path, int exists)
{
    struct layer_text *layers = data;

    if (exists && layers->used < sizeof layers->text)
        layers->used +=
            (size_t)snprintf(layers->text + layers->used, sizeof layers->text - layers->used,
                             "%s%s", layers->used ? ", " : "", path);
}

static void tell_config(const struct program *program, const struct acsmtp_finding_sink *sink)
{
    struct acsmtp_driver_options options = program_driver_options(program);
    const char *name = acsmtp_driver_profile_name(program->driver);
    struct acsmtp_finding finding = {.check = "config", .subject = name, .elapsed_ms = -1};
    struct layer_text layers = {.used = 0};

    acsmtp_driver_layers(&options, add_layer, &layers);
    if (!layers.used)
        finding.grade = ACSMTP_GRADE_UNKNOWN;
    acsmtp_tell(sink, &finding, "%s", layers.used ? layers.text : "no file was read");
}

/* A config that cannot be read leaves nothing to look at but itself. */
static void tell_no_config(const struct acsmtp_finding_sink *sink, struct acsmtp_error *err)
{
    const char *hint = acsmtp_hint(err);
    const struct acsmtp_finding finding = {
        .grade = ACSMTP_GRADE_BAD, .check = "config", .hint = hint, .error = err, .elapsed_ms = -1};

    acsmtp_tell(sink, &finding, "%s", err->message);
}

/* ---- what comes of it ---- */

static int print_document(struct finding_list *list)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *document = output_document(&err);

    if (!document ||
        acsmtp_json_set(document, "summary", finding_list_summary(list, &err), &err) != 0 ||
        acsmtp_json_set(document, "findings", acsmtp_json_dup(list->items, &err), &err) != 0) {
        talk_error(&err);
        return EX_OSERR;
    }
    return output_json(document);
}

static int tell_all(const struct program *program, struct finding_list *list)
{
    if (!list->items) {
        talk_error(&list->err);
        return EX_OSERR;
    }
    if (program->json)
        return print_document(list);
    finding_list_print_summary(list);
    return EX_OK;
}

static int save(struct program *program, struct bug_report *report, const struct finding_list *list,
                const char *path)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    if (!path || !list->items)
        return EX_OK;
    if (bug_report_save(report, program, list, path, &err) != ACSMTP_OK) {
        talk_error(&err);
        return exitcode_of_error(&err);
    }
    (void)fprintf(stderr,
                  "acsmtp: the report is in %s; it holds no secrets, but names, addresses "
                  "and ids\n",
                  path);
    return EX_OK;
}

/* ---- the command ---- */

static int examine(struct program *program, const struct doctor_options *options,
                   struct finding_list *list, struct bug_report *report)
{
    const struct acsmtp_finding_sink sink = {
        .size = sizeof sink, .data = list, .tell = finding_list_add};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int opened = program_open(program, &err) == ACSMTP_OK;
    int code;

    if (options->report && bug_report_begin(report, program, &err) != ACSMTP_OK)
        return program_fail(program, &err);
    if (opened) {
        tell_config(program, &sink);
        program_begin(program);
        if (acsmtp_driver_diagnose(program->driver, program->context, &sink, &err) != ACSMTP_OK)
            return program_fail(program, &err);
    } else {
        tell_no_config(&sink, &err);
    }
    code = tell_all(program, list);
    if (code == EX_OK)
        code = save(program, report, list, options->report);
    return code == EX_OK ? exitcode_of(list->worst) : code;
}

int cmd_doctor(struct program *program, int argc, char **argv)
{
    struct doctor_options options = {0};
    struct option_set set = {.rows = doctor_rows,
                             .count = sizeof doctor_rows / sizeof doctor_rows[0],
                             .target = &options,
                             .title = "Options"};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct bug_report report = {0};
    struct finding_list list;
    int code;
    int first = program_parse(program, &doctor_help, &set, argc, argv, &code);

    if (first < 0)
        return code;
    if (first < argc)
        return options_usage(&doctor_help, "unexpected argument '%s'", argv[first]);
    if (options.report && file_save_check(options.report, &err) != ACSMTP_OK)
        return program_fail(program, &err);
    if (finding_list_open(&list, !program->json) != ACSMTP_OK)
        return program_fail(program, &list.err);
    code = examine(program, &options, &list, &report);
    finding_list_release(&list);
    bug_report_release(&report);
    return code;
}
