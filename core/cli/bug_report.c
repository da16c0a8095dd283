/* SPDX-License-Identifier: MIT */
/* A bundle for a bug report; see bug_report.h. */
#include "bug_report.h"
#include "file_save.h"
#include "output.h"
#include "plugin_list.h"
#include <acsmtp/json.h>
#include <acsmtp/secret.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

enum { TRACE_MAX = 512 * 1024 };

/* ---- the trace ---- */

static void keep_line(void *data, int level, const char *line)
{
    struct bug_report *report = data;

    if (level <= report->level)
        talk_log(NULL, level, line);
    if (!report->trace || report->is_full)
        return;
    report->is_full = ftell(report->trace) > TRACE_MAX;
    (void)fprintf(report->trace, "%s\n", report->is_full ? "(the rest is left out)" : line);
}

int bug_report_begin(struct bug_report *report, struct program *program, struct acsmtp_error *err)
{
    *report = (struct bug_report){.level = program_log_level(program)};
    report->trace = open_memstream(&report->text, &report->size);
    if (!report->trace)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    if (program->context)
        acsmtp_context_set_log(program->context, keep_line, report, ACSMTP_LOG_TRACE);
    return ACSMTP_OK;
}

void bug_report_release(struct bug_report *report)
{
    if (report->trace)
        (void)fclose(report->trace);
    free(report->text);
    *report = (struct bug_report){0};
}

static struct acsmtp_json *trace_json(struct bug_report *report, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *lines = acsmtp_json_new_array(err);
    char *next, *line;

    (void)fflush(report->trace);
    for (next = report->text; lines && (line = strsep(&next, "\n"));)
        if (*line && acsmtp_json_append(lines, acsmtp_json_new_string(line, err), err) != 0)
            return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, lines);
}

/* ---- the rest ---- */

static struct acsmtp_json *system_json(struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);
    struct utsname system;

    if (uname(&system) != 0)
        return ACSMTP_STEAL(struct acsmtp_json, object);
    if (!object || output_set_text(object, "name", system.sysname, err) != 0 ||
        output_set_text(object, "release", system.release, err) != 0 ||
        output_set_text(object, "machine", system.machine, err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

static int set_config(struct acsmtp_json *document, const struct program *program,
                      struct acsmtp_error *err)
{
    char *text = acsmtp_driver_config_dup(program->driver, err);
    int status;

    if (!text)
        return ACSMTP_SYSTEM;
    status = acsmtp_json_set(document, "config", acsmtp_json_parse(text, strlen(text), err), err);
    acsmtp_wipe(text, strlen(text));
    free(text);
    return status;
}

static int set_installation(struct acsmtp_json *document, const struct program *program,
                            struct acsmtp_error *err)
{
    struct acsmtp_error ignored = ACSMTP_ERROR_INIT;
    struct acsmtp_json *plugins;

    if (!program->driver) /* the config is what is wrong, and told among the findings */
        return ACSMTP_OK;
    if (set_config(document, program, err) != ACSMTP_OK)
        return ACSMTP_SYSTEM;
    plugins = plugin_list(program->driver, NULL, &ignored);
    return plugins ? acsmtp_json_set(document, "plugins", plugins, err) : ACSMTP_OK;
}

static struct acsmtp_json *document_of(struct bug_report *report, const struct program *program,
                                       const struct finding_list *findings,
                                       struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *document = output_document(err);

    if (!document || output_set_text(document, "acsmtp", acsmtp_version(), err) != 0 ||
        acsmtp_json_set(document, "system", system_json(err), err) != 0 ||
        set_installation(document, program, err) != ACSMTP_OK ||
        acsmtp_json_set(document, "findings", acsmtp_json_dup(findings->items, err), err) != 0 ||
        acsmtp_json_set(document, "summary", finding_list_summary(findings, err), err) != 0 ||
        acsmtp_json_set(document, "trace", trace_json(report, err), err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, document);
}

int bug_report_save(struct bug_report *report, const struct program *program,
                    const struct finding_list *findings, const char *path, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *document = document_of(report, program, findings, err);
    char *text = document ? acsmtp_json_format_pretty(document) : NULL;
    int status;

    if (!text)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    status = file_save(path, text, 0600, err);
    free(text);
    return status;
}
